//! `eye`: the identity matrix.

use super::{Initializer, InitializerCall, InitializerCard, World};
use crate::{
    op::{Misuse, Subject},
    tensor::{Tensor, Type},
};
use ndarray::Array2;

pub(super) struct Eye;

impl Initializer for Eye {
    fn card(&self) -> &'static InitializerCard {
        &InitializerCard {
            name: "eye",
            doc: "One on the diagonal of a matrix, zero elsewhere.",
            parameters: &[],
            shaped: true,
            example: "param W: [4, 4] = eye()",
        }
    }

    fn ty(&self, call: &InitializerCall, _world: &mut World) -> Option<Type> {
        (call.shape().rank() == 2).then(|| Type::float(call.shape()))
    }

    fn read(&self, call: &InitializerCall, _world: &mut World) -> Result<Tensor, Misuse> {
        let shape = call.shape();
        let &[rows, columns] = &shape[..] else {
            let message = format!("eye makes a matrix, [rows, columns]; shape {shape} is asked for");
            return Err(Misuse::new(Subject::Call, message));
        };
        let mut matrix = Array2::zeros((rows, columns));
        matrix.diag_mut().fill(1.0);
        Ok(Tensor::Float(matrix.into_dyn()))
    }
}

#[cfg(test)]
mod tests {
    use crate::initializers::tests::read;

    #[test]
    fn matrices_of_any_sides() {
        let elements = |shape: &[usize]| read("eye", &[], Some(shape)).unwrap().to_floats();
        assert_eq!(elements(&[2, 2]), [1.0, 0.0, 0.0, 1.0]);
        assert_eq!(elements(&[2, 3]), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(elements(&[3, 1]), [1.0, 0.0, 0.0]);
        assert!(read("eye", &[], Some(&[3])).unwrap_err().message.contains("shape [3] is asked for"));
    }
}
