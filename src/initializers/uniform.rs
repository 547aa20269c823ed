//! `uniform`: random numbers that are even over a range.

use super::{
    Initializer, InitializerCall, InitializerCard, Parameter, ParameterKind, World,
    random::{SEED, draw},
    refuse,
};
use crate::{
    op::Misuse,
    tensor::{Tensor, Type},
};

pub(super) struct Uniform;

impl Initializer for Uniform {
    fn card(&self) -> &'static InitializerCard {
        const {
            &InitializerCard {
                name: "uniform",
                doc: "Random numbers even over [low, high), those of NumPy's `RandomState.uniform`.",
                parameters: &[
                    Parameter {
                        name: "low",
                        kind: ParameterKind::Number,
                        default: Some("0"),
                        doc: "the least number",
                    },
                    Parameter {
                        name: "high",
                        kind: ParameterKind::Number,
                        default: Some("1"),
                        doc: "the end of the range, left out",
                    },
                    SEED,
                ],
                shaped: true,
                example: "input x: [4, 3] = uniform(-1, 1)",
            }
        }
    }

    fn ty(&self, call: &InitializerCall, _world: &mut World) -> Option<Type> {
        Some(Type::float(call.shape()))
    }

    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse> {
        let (low, high) = (call.number("low").unwrap_or(0.0), call.number("high").unwrap_or(1.0));
        if !(high - low).is_finite() {
            return Err(refuse("high", format!("the range from {low} to {high} has no finite length")));
        }
        if low > high {
            return Err(refuse("low", format!("low, {low}, lies above high, {high}")));
        }
        draw(call, world, |stream| stream.uniform(low, high))
    }
}

#[cfg(test)]
mod tests {
    use crate::initializers::{
        ParameterValue::{Int, Number},
        RandomState,
        tests::read,
    };

    #[test]
    fn ranges() {
        let mut stream = RandomState::new(0);
        let numpys: Vec<f64> = (0..6).map(|_| stream.uniform(-1.0, 2.0)).collect();
        let range = [("low", Int(-1)), ("high", Number(2.0))];
        assert_eq!(read("uniform", &range, Some(&[2, 3])).unwrap().to_floats(), numpys);
        let refused = |low, high| {
            let range = [("low", Number(low)), ("high", Number(high))];
            read("uniform", &range, Some(&[2])).unwrap_err().message
        };
        assert_eq!(refused(1.0, 0.0), "low, 1, lies above high, 0");
        assert!(refused(-1e308, 1e308).contains("no finite length"));
        assert!(refused(0.0, f64::NAN).contains("no finite length"));
    }
}
