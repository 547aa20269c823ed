//! `arange`: numbers with an even step, the end left out.

use super::{Initializer, InitializerCall, InitializerCard, Parameter, ParameterKind, World, excess, refuse};
use crate::{
    limits::Limits,
    op::Misuse,
    shape::Shape,
    tensor::{Tensor, Type},
};
use ndarray::Array1;

pub(super) struct Arange;

impl Initializer for Arange {
    fn card(&self) -> &'static InitializerCard {
        &InitializerCard {
            name: "arange",
            doc: "Counts from start up to stop, which is left out; ints make ints.",
            parameters: &[
                Parameter {
                    name: "start",
                    kind: ParameterKind::Number,
                    default: Some(""),
                    doc: "the first number, 0 without it; alone it is the stop",
                },
                Parameter {
                    name: "stop",
                    kind: ParameterKind::Number,
                    default: Some(""),
                    doc: "the end, left out",
                },
                Parameter {
                    name: "step",
                    kind: ParameterKind::Number,
                    default: Some("1"),
                    doc: "the difference of neighbours, not 0",
                },
            ],
            shaped: false,
            example: "input x = arange(-3, 3, 0.5)",
        }
    }

    fn ty(&self, call: &InitializerCall, world: &mut World) -> Option<Type> {
        let count = counted(call).ok()?;
        let length = usize::try_from(count.length(world.limits).ok()?).ok()?;
        let make = if matches!(count, Count::Ints { .. }) { Type::int } else { Type::float };
        Some(make(Shape::new(&[length])))
    }

    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse> {
        let count = counted(call)?;
        let length = count.length(world.limits)?;
        match count {
            // Every number lies between start and stop, which are ints.
            Count::Ints { start, step, .. } => {
                let elements =
                    (0..i128::from(length)).map(|at| (i128::from(start) + at * i128::from(step)) as i64);
                Ok(Tensor::Int(elements.collect::<Array1<_>>().into_dyn()))
            }
            Count::Floats { start, step, .. } => {
                // The realised step, as in NumPy, to have its numbers to the bit.
                let realised = (start + step) - start;
                let elements = (0..length).map(|at| match at {
                    0 => start,
                    1 => start + step,
                    _ => start + at as f64 * realised,
                });
                Ok(Tensor::Float(elements.collect::<Array1<_>>().into_dyn()))
            }
        }
    }
}

/// What is counted through.
enum Count {
    Ints { start: i64, stop: i64, step: i64 },
    Floats { start: f64, stop: f64, step: f64 },
}

impl Count {
    /// How many numbers there are.
    fn length(&self, limits: &Limits) -> Result<u64, Misuse> {
        let length = match *self {
            Self::Ints { start, stop, step } => {
                let (first, end, by) = (i128::from(start), i128::from(stop), i128::from(step));
                let distance = if by > 0 { end - first } else { first - end };
                u64::try_from((distance.max(0) + by.abs() - 1) / by.abs()).unwrap_or(u64::MAX)
            }
            // Beyond what a u64 holds, it saturates.
            Self::Floats { start, stop, step } => ((stop - start) / step).ceil().max(0.0) as u64,
        };
        match length > limits.elements {
            true => {
                let fault = limits.exceeded("elements", length, "these are too many steps");
                Err(excess("step", fault))
            }
            false => Ok(length),
        }
    }
}

/// Reads the numbers of a call.
fn counted(call: &InitializerCall) -> Result<Count, Misuse> {
    // One number alone is the stop, as in NumPy.
    let (start, stop) = match (call.number("start"), call.number("stop")) {
        (Some(_), Some(_)) => (Some("start"), "stop"),
        (Some(_), None) => (None, "start"),
        (None, Some(_)) => (None, "stop"),
        (None, None) => return Err(refuse("stop", "arange needs to know where to stop: `arange(10)`")),
    };
    let has_step = call.number("step").is_some();
    if call.number("step") == Some(0.0) {
        return Err(refuse("step", "a step of 0 gets nowhere"));
    }
    let int = |name| call.int(name);
    let ints = (start.map_or(Some(0), int), int(stop), if has_step { int("step") } else { Some(1) });
    if let (Some(start), Some(stop), Some(step)) = ints {
        return Ok(Count::Ints { start, stop, step });
    }
    let number = |name| match call.number(name).unwrap_or_default() {
        value if value.is_finite() => Ok(value),
        value => Err(refuse(name, format!("{name} is {value}; it must be finite"))),
    };
    let start = start.map_or(Ok(0.0), number)?;
    let step = if has_step { number("step")? } else { 1.0 };
    Ok(Count::Floats { start, stop: number(stop)?, step })
}

#[cfg(test)]
mod tests {
    use crate::{
        initializers::{
            ParameterValue::{self, Int, Number},
            tests::read,
        },
        shape::Shape,
        tensor::Tensor,
    };

    fn arange(values: &[ParameterValue]) -> Result<Tensor, String> {
        let parameters: Vec<_> = ["start", "stop", "step"].into_iter().zip(values.iter().cloned()).collect();
        read("arange", &parameters, None).map_err(|misuse| misuse.message)
    }

    fn ints(values: &[i64]) -> Result<Tensor, String> {
        Ok(Tensor::int(&Shape::new(&[values.len()]), values.to_vec()).unwrap())
    }

    fn floats(values: &[f64]) -> Result<Tensor, String> {
        Ok(Tensor::float(&Shape::new(&[values.len()]), values.to_vec()).unwrap())
    }

    #[test]
    fn ints_stay_ints() {
        assert_eq!(arange(&[Int(4)]), ints(&[0, 1, 2, 3]));
        assert_eq!(arange(&[Int(2), Int(9), Int(3)]), ints(&[2, 5, 8]));
        assert_eq!(arange(&[Int(5), Int(0), Int(-2)]), ints(&[5, 3, 1]));
        assert_eq!(arange(&[Int(5), Int(0)]), ints(&[]));
        assert_eq!(
            arange(&[Int(i64::MIN), Int(i64::MAX), Int(i64::MAX)]),
            ints(&[i64::MIN, -1, i64::MAX - 1])
        );
        assert_eq!(read("arange", &[("stop", Int(2)), ("step", Int(1))], None).ok(), ints(&[0, 1]).ok());
    }

    #[test]
    fn floats_are_numpys() {
        assert_eq!(arange(&[Number(2.5)]), floats(&[0.0, 1.0, 2.0]));
        assert_eq!(
            arange(&[Int(0), Int(1), Number(0.1)]),
            floats(&[
                0.0,
                0.1,
                0.2,
                0.30000000000000004,
                0.4,
                0.5,
                0.6000000000000001,
                0.7000000000000001,
                0.8,
                0.9
            ])
        );
        let sevenths =
            [-3.0, -2.3, -1.5999999999999996, -0.8999999999999995, -0.1999999999999993, 0.5000000000000009];
        assert_eq!(arange(&[Int(-3), Int(1), Number(0.7)]), floats(&sevenths));
        assert_eq!(arange(&[Number(1.1), Number(1.7), Number(0.2)]), floats(&[1.1, 1.3, 1.5]));
        assert_eq!(arange(&[Number(1.1), Number(1.8), Number(0.2)]), floats(&[1.1, 1.3, 1.5, 1.7]));
        assert_eq!(arange(&[Int(1), Int(2), Number(-0.5)]), floats(&[]));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(arange(&[]).unwrap_err().contains("where to stop"));
        assert!(arange(&[Int(0), Int(1), Int(0)]).unwrap_err().contains("step of 0"));
        assert!(arange(&[Int(0), Number(f64::NAN)]).unwrap_err().contains("stop is NaN"));
        assert!(arange(&[Int(1001)]).unwrap_err().contains("the limit is 1000"));
        assert!(arange(&[Int(0), Number(1.0), Number(1e-300)]).unwrap_err().contains("the limit is 1000"));
        assert!(arange(&[Number(-1e308), Number(1e308), Int(1)]).unwrap_err().contains("the limit is 1000"));
    }
}
