//! `max` over axes.

use crate::op::*;
use std::cmp::Ordering;

pub struct Max {
    over: Reduction,
}

impl Op for Max {
    const CARD: Card = Card {
        name: "max",
        sign: None,
        doc: "Takes the greatest element along axes, or of all.",
        inputs: &[Edge::float("x", "any tensor with elements to choose from")],
        attributes: &[Reduction::AXIS, Reduction::KEEPDIMS],
        forward: "y = max x; NaN where there is one",
        backward: &[("x", "upstream at the first of the greatest elements, else 0")],
        kinks: Some(
            "where several elements are greatest, of which backward gives the first the whole gradient",
        ),
        elsewhere: Elsewhere {
            torch: "torch.max(x, dim=axis, keepdim=keepdims).values if isinstance(axis, int) else torch.max(x) if axis is None and not keepdims else torch.amax(x, dim=() if axis is None else axis, keepdim=keepdims)",
            jax: "jnp.max(x, axis=axis, keepdims=keepdims)",
            onnx: "ReduceMax",
        },
        samples: &[
            Sample { call: "max([[1.5, -2, 3], [4, 0.5, -6]])", output: "4" },
            Sample { call: "max([[1, 5, 3], [4, 2, 6]], axis = 0)", output: "[4, 5, 6]" },
            Sample { call: "max([[1, 5, 3], [4, 2, 6]], axis = -1, keepdims = true)", output: "[[5], [6]]" },
        ],
        refusals: &[
            Refusal { call: "max([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "max([])", message: "there is no max of nothing" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (over, shape) = Reduction::of(call)?;
        over.refuse_nothing(call, "max")?;
        Ok(Bound::float(Self { over }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let x = x.float(0);
        for (y, group) in y.float().iter_mut().zip(self.over.groups.each()) {
            *y = group.best(x, Ordering::Greater);
        }
    }

    fn backward<F: Float>(&self, _input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let x = x.float(0);
        for (&up, group) in upstream.iter().zip(self.over.groups.each()) {
            gradient[group.winner(x, Ordering::Greater).at] += up;
        }
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        let x = x.float(0);
        self.over.groups.each().for_each(|group| taken.take(group.winner(x, Ordering::Greater).branch()));
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        Some(self.over.winner_cone(x, Ordering::Greater))
    }
}
