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
        elsewhere: Elsewhere { torch: "torch.pow(a, b)", jax: "jnp.power(a, b)", onnx: "Pow" },
        samples: &[
            Sample { call: "pow([2, 0.5, 9], [3, -2, 0.5])", output: "[8, 4, 3]" },
            Sample { call: "pow([[1], [2]], [2, 0, -1])", output: "[[1, 1, 1], [4, 1, 0.5]]" },
            Sample { call: "pow(1.7, 2.3)", output: "3.388695291147646" },
        ],
        refusals: &[Refusal { call: "pow([1, 2], [1, 2, 3])", message: "do not broadcast" }],
    };
    const HEAVY: bool = true;
    const FORWARD_IN_BLOCKS: bool = true;

    #[inline(always)]
    fn forward<F: Float>(&self, [a, b]: [F; 2]) -> F {
        a.powf(b)
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [a, b]: [F; 2], y: F, upstream: F) -> [F; 2] {
        let zero = F::zero();
        // What is 0 stays 0 beside an infinite factor.
        let power = a.powf(b - F::one());
        let for_a = if b == zero || power == zero { zero } else { upstream * b * power };
        // 0 ** b is 0 right of b = 0, and so is its slope there.
        let is_flat = a >= zero && (y == zero || a == zero && b == zero);
        let for_b = if is_flat { zero } else { upstream * y * a.ln() };
        [for_a, for_b]
    }

    #[inline(always)]
    fn forward_block<F: Float, const B: usize>(&self, [a, b]: [&[F; B]; 2], y: &mut [F; B]) {
        F::powf_block(a, b, y);
    }
}
