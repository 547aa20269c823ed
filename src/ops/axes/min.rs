//! `min` over axes.

use crate::op::*;
use std::cmp::Ordering;

pub struct Min {
    over: Reduction,
}

impl Op for Min {
    const CARD: Card = Card {
        name: "min",
        sign: None,
        doc: "Takes the least element along axes, or of all.",
        inputs: &[Edge::float("x", "any tensor with elements to choose from")],
        attributes: &[Reduction::AXIS, Reduction::KEEPDIMS],
        forward: "y = min x; NaN where there is one",
        backward: &[("x", "upstream at the first of the least elements, else 0")],
        kinks: Some("where several elements are least, of which backward gives the first the whole gradient"),
        elsewhere: Elsewhere {
            torch: "torch.min(x, dim=axis, keepdim=keepdims).values if isinstance(axis, int) else torch.min(x) if axis is None and not keepdims else torch.amin(x, dim=() if axis is None else axis, keepdim=keepdims)",
            jax: "jnp.min(x, axis=axis, keepdims=keepdims)",
            onnx: "ReduceMin",
        },
        samples: &[
            Sample { call: "min([[1.5, -2, 3], [4, 0.5, -6]])", output: "-6" },
            Sample { call: "min([[1, 5, 3], [4, 2, 6]], axis = 0)", output: "[1, 2, 3]" },
            Sample { call: "min([[1, 5, 3], [4, 2, 6]], axis = -1, keepdims = true)", output: "[[1], [2]]" },
        ],
        refusals: &[
            Refusal { call: "min([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "min([])", message: "there is no min of nothing" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (over, shape) = Reduction::of(call)?;
        over.refuse_nothing(call, "min")?;
        Ok(Bound::float(Self { over }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let x = x.float(0);
        for (y, group) in y.float().iter_mut().zip(self.over.groups.each()) {
            *y = group.best(x, Ordering::Less);
        }
    }

    fn backward<F: Float>(&self, _input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let x = x.float(0);
        for (&up, group) in upstream.iter().zip(self.over.groups.each()) {
            gradient[group.winner(x, Ordering::Less).at] += up;
        }
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        let x = x.float(0);
        self.over.groups.each().for_each(|group| taken.take(group.winner(x, Ordering::Less).branch()));
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        Some(self.over.winner_cone(x, Ordering::Less))
    }
}
