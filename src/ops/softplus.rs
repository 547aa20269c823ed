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
    const FORWARD_IN_BLOCKS: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        let (above, below) = halves(x);
        above + below.exp().ln_1p()
    }

    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, [x]: [&[F; B]; 1], y: &mut [F; B]) {
        // The turns of a loop overlap where it is short.
        for (y, &x) in y.iter_mut().zip(x) {
            *y = halves(x).1.exp();
        }
        for (y, &x) in y.iter_mut().zip(x) {
            *y = halves(x).0 + y.ln_1p();
        }
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        // In the far tail e⁻ˣ would overflow.
        let power = halves(x).1.exp();
        let above = if x < F::zero() { power } else { F::one() };
        [upstream * above / (F::one() + power)]
    }
}

/// ln(1 + eˣ) = above + ln(1 + e^below): for x > 0, eˣ is taken out of the logarithm, as it
/// could overflow.
#[inline(always)]
fn halves<F: Float>(x: F) -> (F, F) {
    if x < F::zero() { (F::zero(), x) } else { (x, -x) }
}
