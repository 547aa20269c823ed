//! `pow`, `a ** b`.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Pow;

impl Elementwise<2> for Pow {
    const CARD: Card = Card {
        name: "pow",
        sign: Some("xⁿ"),
        doc: "Raises one tensor to the power of another element by element.",
        inputs: &[
            Edge::float("a", "the base; a negative one to the power of a fraction is NaN"),
            Edge::float(
                "b",
                "the exponent; its gradient is NaN under a negative base, where no derivative exists",
            ),
        ],
        attributes: &[],
        forward: "y = a ** b",
        backward: &[
            ("a", "upstream * b * a ** (b - 1), and 0 where b = 0"),
            ("b", "upstream * y * ln(a), and 0 where a = 0 and b >= 0"),
        ],
        kinks: None,
        elsewhere: Elsewhere { torch: "a ** b", jax: "a ** b", onnx: "Pow" },
        samples: &[
            Sample { call: "pow([2, 0.5, 9], [3, -2, 0.5])", output: "[8, 4, 3]" },
            Sample { call: "pow([[1], [2]], [2, 0, -1])", output: "[[1, 1, 1], [4, 1, 0.5]]" },
            Sample { call: "pow(1.7, 2.3)", output: "3.388695291147646" },
        ],
        refusals: &[Refusal { call: "pow([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };
    const HEAVY: bool = true;
    const FORWARD_IN_BLOCKS: bool = true;
    const BACKWARD_IN_BLOCKS: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [a, b]: [F; 2]) -> F {
        a.powf(b)
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [a, b]: [F; 2], y: F, upstream: F) -> [F; 2] {
        sent_back([a, b], y, a.powf(b - F::one()), a.ln(), upstream)
    }

    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, [a, b]: [&[F; B]; 2], y: &mut [F; B]) {
        F::powf_block(a, b, y);
    }

    #[inline(always)]
    fn backward_block<F: Float, const B: usize>(
        &self,
        [a, b]: [&[F; B]; 2],
        y: &[F; B],
        upstream: &[F; B],
        gradients: &mut [[F; 2]; B],
    ) {
        let (mut less, mut power, mut ln) = ([F::zero(); B], [F::zero(); B], [F::zero(); B]);
        for at in 0..B {
            less[at] = b[at] - F::one();
        }
        F::powf_block(a, &less, &mut power);
        F::ln_block(a, &mut ln);
        for at in 0..B {
            gradients[at] = sent_back([a[at], b[at]], y[at], power[at], ln[at], upstream[at]);
        }
    }
}

/// The gradients for base and exponent by `power`, a ** (b - 1), and the logarithm of a.
#[inline(always)]
fn sent_back<F: Float>([a, b]: [F; 2], y: F, power: F, ln: F, upstream: F) -> [F; 2] {
    let zero = F::zero();
    // What is 0 stays 0 beside an infinite factor.
    let for_a = if b == zero || power == zero { zero } else { upstream * b * power };
    // 0 ** b is 0 right of b = 0, and so is its slope there.
    let is_flat = a >= zero && (y == zero || a == zero && b == zero);
    let for_b = if is_flat { zero } else { upstream * y * ln };
    [for_a, for_b]
}
