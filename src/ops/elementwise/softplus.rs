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
        let mut power = [F::zero(); B];
        powers(x, &mut power);
        F::ln_1p_block(&power, y);
        for at in 0..B {
            y[at] = halves(x[at]).0 + y[at];
        }
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [sent_back(x, halves(x).1.exp(), upstream)]
    }

    #[inline(always)]
    fn backward_block<F: Float, const B: usize>(
        &self,
        [x]: [&[F; B]; 1],
        _y: &[F; B],
        upstream: &[F; B],
        gradients: &mut [[F; 1]; B],
    ) {
        let mut power = [F::zero(); B];
        powers(x, &mut power);
        for at in 0..B {
            gradients[at] = [sent_back(x[at], power[at], upstream[at])];
        }
    }
}

/// ln(1 + eˣ) = above + ln(1 + e^below): for x > 0, eˣ is taken out of the logarithm, as it
/// could overflow.
#[inline(always)]
fn halves<F: Float>(x: F) -> (F, F) {
    if x < F::zero() { (F::zero(), x) } else { (x, -x) }
}

/// e^below of each.
#[inline(always)]
fn powers<F: Float, const B: usize>(x: &[F; B], power: &mut [F; B]) {
    let mut below = [F::zero(); B];
    for at in 0..B {
        below[at] = halves(x[at]).1;
    }
    F::exp_block(&below, power);
}

/// The gradient by e^below, as e⁻ˣ would overflow in the far tail.
#[inline(always)]
fn sent_back<F: Float>(x: F, power: F, upstream: F) -> F {
    let above = if x < F::zero() { power } else { F::one() };
    upstream * above / (F::one() + power)
}
