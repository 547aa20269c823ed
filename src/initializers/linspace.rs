//! `linspace`: so many numbers from one end to the other, both kept.

use super::{Initializer, InitializerCall, InitializerCard, Parameter, ParameterKind, World, excess, refuse};
use crate::{
    op::Misuse,
    shape::Shape,
    tensor::{Tensor, Type},
};
use ndarray::Array1;

pub(super) struct Linspace;

impl Initializer for Linspace {
    fn card(&self) -> &'static InitializerCard {
        &InitializerCard {
            name: "linspace",
            doc: "Evenly spaced numbers from start to stop, both kept.",
            parameters: &[
                Parameter {
                    name: "start",
                    kind: ParameterKind::Number,
                    default: None,
                    doc: "the first number",
                },
                Parameter {
                    name: "stop",
                    kind: ParameterKind::Number,
                    default: None,
                    doc: "the last number",
                },
                Parameter {
                    name: "count",
                    kind: ParameterKind::Int,
                    default: Some("50"),
                    doc: "how many numbers, 0 or more",
                },
            ],
            shaped: false,
            example: "input x = linspace(-4, 4, 9)",
        }
    }

    fn ty(&self, call: &InitializerCall, world: &mut World) -> Option<Type> {
        let count = usize::try_from(call.int("count").unwrap_or(50)).ok()?;
        (count as u64 <= world.limits.elements).then(|| Type::float(Shape::new(&[count])))
    }

    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse> {
        let number = |name| match call.number(name).unwrap_or_default() {
            value if value.is_finite() => Ok(value),
            value => Err(refuse(name, format!("{name} is {value}; it must be finite"))),
        };
        let (start, stop) = (number("start")?, number("stop")?);
        let count = call.int("count").unwrap_or(50);
        let Ok(whole) = usize::try_from(count) else {
            return Err(refuse(
                "count",
                format!("count is {count}; it goes from 0 to {}", world.limits.elements),
            ));
        };
        if whole as u64 > world.limits.elements {
            return Err(excess(
                "count",
                world.limits.exceeded("elements", whole as u64, format!("count is {count}")),
            ));
        }
        Ok(Tensor::Float(
            (0..whole).map(|at| spaced(start, stop, at, whole)).collect::<Array1<_>>().into_dyn(),
        ))
    }
}

/// Number `at` of `count`, with NumPy's roundings.
fn spaced(start: f64, stop: f64, at: usize, count: usize) -> f64 {
    if at > 0 && at == count - 1 {
        return stop;
    }
    let (distance, gaps) = (stop - start, count.saturating_sub(1).max(1) as f64);
    match distance / gaps {
        0.0 => at as f64 / gaps * distance + start,
        step => at as f64 * step + start,
    }
}

#[cfg(test)]
mod tests {
    use crate::initializers::{
        ParameterValue::{self, Int, Number},
        tests::read,
    };

    fn linspace(start: ParameterValue, stop: ParameterValue, count: i64) -> Result<Vec<f64>, String> {
        let parameters = [("start", start), ("stop", stop), ("count", Int(count))];
        read("linspace", &parameters, None).map(|t| t.to_floats()).map_err(|misuse| misuse.message)
    }

    #[test]
    fn both_ends_are_kept() {
        let tenths = [
            0.0,
            0.1,
            0.2,
            0.30000000000000004,
            0.4,
            0.5,
            0.6000000000000001,
            0.7000000000000001,
            0.8,
            0.9,
            1.0,
        ];
        assert_eq!(linspace(Int(0), Int(1), 11).unwrap(), tenths);
        assert_eq!(linspace(Int(2), Int(-2), 3).unwrap(), [2.0, 0.0, -2.0]);
        assert_eq!(linspace(Int(7), Int(7), 2).unwrap(), [7.0, 7.0]);
        assert_eq!(linspace(Int(7), Int(9), 1).unwrap(), [7.0]);
        assert_eq!(linspace(Int(7), Int(9), 0).unwrap(), [0.0; 0]);
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(linspace(Int(0), Int(1), -1).unwrap_err().contains("count is -1"));
        assert!(linspace(Int(0), Int(1), 1001).unwrap_err().contains("the limit is 1000"));
        assert!(linspace(Int(0), Number(f64::INFINITY), 3).unwrap_err().contains("stop is inf"));
    }
}
