//! `softplus`, ln(1 + eˣ): a relu without the kink.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Softplus;

impl Elementwise<1> for Softplus {
    const CARD: Card = Card {
        name: "softplus",
        sign: None,
        doc: "Passes large elements on and fades the others out smoothly to zero.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[],
        forward: "y = ln(1 + exp(x))",
        backward: &[("x", "upstream / (1 + exp(-x))")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.softplus(x, threshold=40)",
            jax: "jax.nn.softplus(x)",
            onnx: "Softplus",
        },
        samples: &[
            Sample {
                call: "softplus([0, 1, -2.5])",
                output: "[0.6931471805599453, 1.3132616875182228, 0.07888973429254963]",
            },
            Sample {
                call: "softplus([[-750, -30, 30, 750]])",
                output: "[[0, 9.357622968839737e-14, 30.000000000000092, 750]]",
            },
        ],
        refusals: &[Refusal { call: "softplus([1, 2], [3])", message: "takes 1 input" }],
    };
    const HEAVY: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        // For x > 0, eˣ is taken out of the logarithm: it could overflow.
        let (above, minus_size) = if x < F::zero() { (F::zero(), x) } else { (x, -x) };
        above + minus_size.exp().ln_1p()
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [upstream / (F::one() + (-x).exp())]
    }
}
