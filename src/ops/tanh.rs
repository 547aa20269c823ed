//! `tanh`, the hyperbolic tangent.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Tanh;

impl Elementwise<1> for Tanh {
    const CARD: Card = Card {
        name: "tanh",
        sign: None,
        doc: "Squeezes every element into -1 to 1 by the hyperbolic tangent.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = tanh(x)",
        backward: &[("x", "upstream * (1 - y²)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.tanh(x)", jax: "jnp.tanh(x)", onnx: "Tanh" },
        samples: &[
            Sample { call: "tanh([0, 0.5, -2])", output: "[0, 0.46211715726000974, -0.9640275800758169]" },
            Sample { call: "tanh([[-750, 750]])", output: "[[-1, 1]]" },
        ],
        refusals: &[Refusal { call: "tanh([1, 2], [3])", message: "takes 1 input" }],
    };
    const HEAVY: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x.tanh()
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        // 1 - y² by e^-2|x| alone: the difference would cancel where y is near ±1.
        let size = x.abs();
        let power = (-(size + size)).exp();
        let sum = F::one() + power;
        [upstream * (F::from_f64(4.0) * power / (sum * sum))]
    }
}
