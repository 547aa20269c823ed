//! `sort`, the elements along an axis by size.

use crate::op::*;
use std::cmp::Ordering;

#[derive(Default)]
pub struct Sort {
    descending: bool,
}

/// The attribute of ops that sort.
pub const DESCENDING: Attribute = Attribute {
    name: "descending",
    kind: AttributeKind::Flag,
    default: Some("false"),
    doc: "begin with the greatest",
};

impl OfVector for Sort {
    const CARD: Card = Card {
        name: "sort",
        sign: None,
        doc: "Sorts the elements along an axis by size, NaN as the greatest.",
        inputs: &[Edge::float("x", "any tensor but a scalar")],
        attributes: &[Groups::AXIS, DESCENDING],
        forward: "y = the elements of x from the least to the greatest",
        backward: &[("x", "upstream from the place that the element has in y")],
        kinks: Some("where elements are equal, which keep their order"),
        elsewhere: Elsewhere {
            torch: "torch.sort(x, dim=axis, descending=descending, stable=True).values",
            jax: "jnp.sort(x, axis=axis, descending=descending)",
            onnx: "",
        },
        samples: &[
            Sample { call: "sort([1.5, -2, 3, 0.5])", output: "[-2, 0.5, 1.5, 3]" },
            Sample { call: "sort([[1, 5, 3], [4, 2, 6]], axis = 0)", output: "[[1, 2, 3], [4, 5, 6]]" },
            Sample {
                call: "sort([[1, 5, 3], [4, 2, 6]], descending = true)",
                output: "[[5, 3, 1], [6, 4, 2]]",
            },
        ],
        refusals: &[Refusal { call: "sort([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" }],
    };
    const ROUNDING: fn(usize) -> Rounding = |_| Rounding::Exact;
    const KEEPS_LENGTH: bool = true;

    fn configure(self, call: &Call, _length: usize) -> Result<Self, Misuse> {
        Ok(Self { descending: call.flag("descending") })
    }

    fn forward<F: Float>(&self, x: &[F], y: &mut [F]) {
        y.iter_mut().zip(order(x, self.descending)).for_each(|(y, at)| *y = x[at]);
    }

    fn backward<F: Float>(&self, x: &[F], _y: &[F], upstream: &[F], gradient: &mut [F]) {
        upstream.iter().zip(order(x, self.descending)).for_each(|(&upstream, at)| gradient[at] += upstream);
    }

    fn branches<F: Float>(&self, x: &[F], taken: &mut Branches) {
        branches(x, self.descending, taken);
    }
}

/// The places of a vector's elements, sorted by these; equal ones keep their order.
pub fn order<F: Float>(x: &[F], descending: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = if descending { (x[b], x[a]) } else { (x[a], x[b]) };
        a.partial_cmp(&b).unwrap_or_else(|| is_nan(a).cmp(&is_nan(b)))
    });
    order
}

/// Tells which element comes next and whether it is equal to that before.
pub fn branches<F: Float>(x: &[F], descending: bool, taken: &mut Branches) {
    let order = order(x, descending);
    for (place, &at) in order.iter().enumerate() {
        let tied = place > 0 && x[order[place - 1]].partial_cmp(&x[at]) == Some(Ordering::Equal);
        taken.take(2 * at + usize::from(tied));
    }
}

#[expect(clippy::eq_op, reason = "a NaN is not itself")]
fn is_nan<F: Float>(x: F) -> bool {
    x != x
}
