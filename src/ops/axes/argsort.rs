//! `argsort`, where the elements of a sorted tensor stand in it.

use super::sort::{DESCENDING, branches, order};
use crate::{op::*, tensor::Type};

pub struct ArgSort {
    groups: Groups,
    descending: bool,
}

impl Op for ArgSort {
    const CARD: Card = Card {
        name: "argsort",
        sign: None,
        doc: "Tells for the sorted elements along an axis where each stands before it is sorted.",
        inputs: &[Edge::float("x", "any tensor but a scalar")],
        attributes: &[Groups::AXIS, DESCENDING],
        forward: "y = the places of the elements of x from the least to the greatest; of equal ones the first comes first, and NaN last",
        backward: &[],
        kinks: Some("where elements are equal: the output jumps; elsewhere it is constant"),
        elsewhere: Elsewhere {
            torch: "torch.argsort(x, dim=axis, descending=descending, stable=True)",
            jax: "jnp.argsort(x, axis=axis, descending=descending)",
            onnx: "",
        },
        samples: &[
            Sample { call: "argsort([1.5, -2, 3, 0.5])", output: "[1, 3, 0, 2]" },
            Sample { call: "argsort([[1, 5, 3], [4, 2, 6]], axis = 0)", output: "[[0, 1, 0], [1, 0, 1]]" },
            Sample { call: "argsort([2, 1, 2, 3], descending = true)", output: "[3, 0, 2, 1]" },
        ],
        refusals: &[Refusal { call: "argsort([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" }],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let groups = Groups::of(call)?;
        let range = (groups.size > 0).then_some((0, groups.size as i64 - 1));
        let op = Self { groups, descending: call.flag("descending") };
        Ok(Bound { op, output: Type::int(call.shape(0).clone()), range })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.int();
        self.each(x.float(0), |group, vector| {
            for (place, at) in order(vector, self.descending).into_iter().enumerate() {
                y[group.at(place)] = at as i64;
            }
        });
    }

    fn backward<F: Float>(
        &self,
        _input: usize,
        _x: &Inputs<F>,
        _y: &[F],
        _upstream: &[F],
        _gradient: &mut [F],
    ) {
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        self.each(x.float(0), |_, vector| branches(vector, self.descending, taken));
    }
}

impl ArgSort {
    /// Calls `visit` with the elements of each vector along the axis.
    fn each<F: Float>(&self, x: &[F], mut visit: impl FnMut(Group, &[F])) {
        for group in self.groups.each() {
            let vector: Vec<F> = group.each().map(|at| x[at]).collect();
            visit(group, &vector);
        }
    }
}
