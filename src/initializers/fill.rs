//! `zeros`, `ones` and `full`: one value everywhere.

use super::{Initializer, InitializerCall, InitializerCard, Parameter, ParameterKind, World};
use crate::{
    op::Misuse,
    tensor::{Tensor, Type},
};
use ndarray::ArrayD;

pub(super) struct Zeros;
pub(super) struct Ones;
pub(super) struct Full;

impl Initializer for Zeros {
    fn card(&self) -> &'static InitializerCard {
        &InitializerCard {
            name: "zeros",
            doc: "Zero everywhere.",
            parameters: &[],
            shaped: true,
            example: "param b: [50] = zeros()",
        }
    }

    fn ty(&self, call: &InitializerCall, _world: &mut World) -> Option<Type> {
        Some(Type::float(call.shape()))
    }

    fn read(&self, call: &InitializerCall, _world: &mut World) -> Result<Tensor, Misuse> {
        Ok(Tensor::Float(ArrayD::zeros(&call.shape()[..])))
    }
}

impl Initializer for Ones {
    fn card(&self) -> &'static InitializerCard {
        &InitializerCard {
            name: "ones",
            doc: "One everywhere.",
            parameters: &[],
            shaped: true,
            example: "param gain: [50] = ones()",
        }
    }

    fn ty(&self, call: &InitializerCall, _world: &mut World) -> Option<Type> {
        Some(Type::float(call.shape()))
    }

    fn read(&self, call: &InitializerCall, _world: &mut World) -> Result<Tensor, Misuse> {
        Ok(Tensor::Float(ArrayD::ones(&call.shape()[..])))
    }
}

impl Initializer for Full {
    fn card(&self) -> &'static InitializerCard {
        &InitializerCard {
            name: "full",
            doc: "The same number everywhere; an int makes ints.",
            parameters: &[Parameter {
                name: "value",
                kind: ParameterKind::Number,
                default: None,
                doc: "the number",
            }],
            shaped: true,
            example: "param b: [50] = full(0.1)",
        }
    }

    fn ty(&self, call: &InitializerCall, _world: &mut World) -> Option<Type> {
        let make = if call.int("value").is_some() { Type::int } else { Type::float };
        Some(make(call.shape()))
    }

    fn read(&self, call: &InitializerCall, _world: &mut World) -> Result<Tensor, Misuse> {
        let shape = call.shape();
        Ok(match call.int("value") {
            Some(value) => Tensor::Int(ArrayD::from_elem(&shape[..], value)),
            None => Tensor::Float(ArrayD::from_elem(&shape[..], call.number("value").unwrap_or_default())),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        initializers::{ParameterValue, tests::read},
        shape::Shape,
        tensor::Tensor,
    };

    #[test]
    fn fills() {
        let shape = Shape::new(&[2, 2]);
        assert_eq!(read("zeros", &[], Some(&[2, 2])).ok(), Tensor::float(&shape, vec![0.0; 4]));
        assert_eq!(read("ones", &[], Some(&[])).ok(), Tensor::float(&Shape::scalar(), vec![1.0]));
        let half = [("value", ParameterValue::Number(0.5))];
        assert_eq!(read("full", &half, Some(&[2, 2])).ok(), Tensor::float(&shape, vec![0.5; 4]));
        let three = [("value", ParameterValue::Int(3))];
        assert_eq!(read("full", &three, Some(&[2, 2])).ok(), Tensor::int(&shape, vec![3; 4]));
        assert_eq!(read("full", &three, Some(&[0])).ok(), Tensor::int(&Shape::new(&[0]), vec![]));
    }
}
