//! NumPy's `RandomState`, bit for bit: MT19937, 53-bit doubles, and the polar
//! method for normal numbers, which makes two at a time and keeps the second.

use super::{InitializerCall, Parameter, ParameterKind, World, refuse};
use crate::{cancel, op::Misuse, tensor::Tensor};
use ndarray::ArrayD;
use rand_mt::Mt;

/// After so many draws it is looked whether anybody still waits for them.
const LOOK: usize = 1 << 16;

/// A stream of random numbers, equal to `numpy.random.RandomState(seed)`.
#[derive(Debug, Clone)]
pub struct RandomState {
    words: Mt,
    /// The second number of the last pair of normal ones.
    kept: Option<f64>,
}

impl RandomState {
    pub fn new(seed: u32) -> Self {
        Self { words: Mt::new(seed), kept: None }
    }

    /// Even over [0, 1), in steps of 2⁻⁵³.
    fn double(&mut self) -> f64 {
        let high = f64::from(self.words.next_u32() >> 5);
        let low = f64::from(self.words.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// Even over [low, high), as `RandomState.uniform` draws.
    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.double()
    }

    /// Normal with mean 0 and variance 1, as `RandomState.randn` draws.
    pub fn randn(&mut self) -> f64 {
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        loop {
            let a = 2.0 * self.double() - 1.0;
            let b = 2.0 * self.double() - 1.0;
            let square = a * a + b * b;
            if square < 1.0 && square != 0.0 {
                let scale = (-2.0 * square.ln() / square).sqrt();
                self.kept = Some(scale * a);
                return scale * b;
            }
        }
    }
}

/// The parameter of every random initializer.
pub(super) const SEED: Parameter = Parameter {
    name: "seed",
    kind: ParameterKind::Int,
    default: Some(""),
    doc: "a seed from 0 to 4294967295, given by name, for a stream of its own; the file's stream without it",
};

/// Draws as many numbers as the call's shape has elements, in row-major order,
/// from the file's stream or from the call's own.
pub(super) fn draw(
    call: &InitializerCall,
    world: &mut World,
    mut one: impl FnMut(&mut RandomState) -> f64,
) -> Result<Tensor, Misuse> {
    let mut own = match call.int("seed") {
        None => None,
        Some(seed) => Some(RandomState::new(
            u32::try_from(seed)
                .map_err(|_| refuse("seed", format!("seed {seed} is outside of 0 to {}", u32::MAX)))?,
        )),
    };
    let stream = own.as_mut().unwrap_or(world.random);
    // `from_shape_simple_fn` calls in row-major order.
    let mut drawn = 0usize;
    let next = || {
        if drawn.is_multiple_of(LOOK) {
            cancel::check();
        }
        drawn += 1;
        one(stream)
    };
    Ok(Tensor::Float(ArrayD::from_shape_simple_fn(&call.shape()[..], next)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn reference() -> Value {
        serde_json::from_str(include_str!("../../tests/reference/random_state.json")).unwrap()
    }

    fn floats(value: &Value) -> Vec<f64> {
        value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
    }

    /// FNV-1a over 64-bit words: one changed bit in 100 000 draws changes it.
    fn checksum(draws: impl Iterator<Item = f64>) -> String {
        let sum = draws.fold(0xcbf2_9ce4_8422_2325_u64, |sum, draw| {
            (sum ^ draw.to_bits()).wrapping_mul(0x0100_0000_01b3)
        });
        format!("{sum:016x}")
    }

    #[test]
    fn a_hundred_thousand_draws_are_numpys_to_the_bit() {
        for (seed, known) in reference()["seeds"].as_object().unwrap() {
            let seed: u32 = seed.parse().unwrap();
            let (mut normal, mut even) = (RandomState::new(seed), RandomState::new(seed));
            assert_eq!(
                checksum((0..100_000).map(|_| normal.randn())),
                known["randn_checksum"],
                "seed {seed}"
            );
            let evens = (0..100_000).map(|_| even.uniform(-1.5, 2.25));
            assert_eq!(checksum(evens), known["uniform_checksum"], "seed {seed}");
            let mut stream = RandomState::new(seed);
            let first: Vec<f64> = (0..5).map(|_| stream.randn()).collect();
            assert_eq!(first, floats(&known["randn"]), "seed {seed}");
            let mut stream = RandomState::new(seed);
            let first: Vec<f64> = (0..5).map(|_| stream.uniform(-1.5, 2.25)).collect();
            assert_eq!(first, floats(&known["uniform"]), "seed {seed}");
        }
    }

    #[test]
    fn the_kept_normal_number_outlives_uniform_draws() {
        let mut stream = RandomState::new(7);
        for step in reference()["mixed"].as_array().unwrap() {
            let values = floats(&step["values"]);
            let drawn: Vec<f64> = match step["kind"].as_str().unwrap() {
                "randn" => values.iter().map(|_| stream.randn()).collect(),
                _ => values.iter().map(|_| stream.uniform(-2.0, 3.0)).collect(),
            };
            assert_eq!(drawn, values);
        }
    }
}
