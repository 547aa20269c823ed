//! `randn`: normal random numbers.

use super::{
    Initializer, InitializerCall, InitializerCard, World,
    random::{SEED, draw},
};
use crate::{
    op::Misuse,
    tensor::{Tensor, Type},
};

pub(super) struct Randn;

impl Initializer for Randn {
    fn card(&self) -> &'static InitializerCard {
        const {
            &InitializerCard {
                name: "randn",
                doc: "Normal random numbers with mean 0 and variance 1, those of NumPy's `RandomState.randn`.",
                parameters: &[SEED],
                shaped: true,
                example: "param W: [784, 50] = 0.01 * randn()",
            }
        }
    }

    fn ty(&self, call: &InitializerCall, _world: &mut World) -> Option<Type> {
        Some(Type::float(call.shape()))
    }

    fn read(&self, call: &InitializerCall, world: &mut World) -> Result<Tensor, Misuse> {
        draw(call, world, |stream| stream.randn())
    }
}

#[cfg(test)]
mod tests {
    use crate::initializers::{ParameterValue::Int, RandomState, tests::read};

    #[test]
    fn the_files_stream_or_its_own() {
        let numbers = |seed: u32| {
            let mut stream = RandomState::new(seed);
            (0..4).map(|_| stream.randn()).collect::<Vec<_>>()
        };
        assert_eq!(read("randn", &[], Some(&[2, 2])).unwrap().to_floats(), numbers(0));
        let own = read("randn", &[("seed", Int(4_294_967_295))], Some(&[4])).unwrap();
        assert_eq!(own.to_floats(), numbers(u32::MAX));
        for seed in [-1, 1 << 32] {
            let refused = read("randn", &[("seed", Int(seed))], Some(&[4])).unwrap_err().message;
            assert_eq!(refused, format!("seed {seed} is outside of 0 to 4294967295"));
        }
    }
}
