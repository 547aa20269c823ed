//! `sqrt`, the square root.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Sqrt;

impl Elementwise<1> for Sqrt {
    const CARD: Card = Card {
        name: "sqrt",
        sign: Some("√"),
        doc: "Takes the square root of every element.",
        inputs: &[Edge::float(
            "x",
            "a tensor of positive numbers; the slope at 0 is infinite and a negative number gives NaN",
        )],
        attributes: &[],
        forward: "y = √x",
        backward: &[("x", "upstream / (2 * y)")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.sqrt(x)", jax: "jnp.sqrt(x)", onnx: "Sqrt" },
        samples: &[
            Sample { call: "sqrt([4, 2, 0.25])", output: "[2, 1.4142135623730951, 0.5]" },
            Sample { call: "sqrt([[0.3, 1e6]])", output: "[[0.5477225575051661, 1000]]" },
        ],
        refusals: &[Refusal { call: "sqrt([1, 2], [3])", message: "takes 1 input" }],
    };

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        x.sqrt()
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [_x]: [F; 1], y: F, upstream: F) -> [F; 1] {
        [upstream / (F::from_f64(2.0) * y)]
    }
}
