//! `argmin`, where along an axis the least element stands.

use crate::{op::*, shape::Shape, tensor::Type};
use std::cmp::Ordering;

pub struct ArgMin {
    over: Reduction,
}

impl Op for ArgMin {
    const CARD: Card = Card {
        name: "argmin",
        sign: None,
        doc: "Tells where along an axis the least element stands, the first of several.",
        inputs: &[Edge::float("x", "any tensor but a scalar")],
        attributes: &[Groups::AXIS, Reduction::KEEPDIMS],
        forward: "y = the first place of min x; the first NaN where there is one",
        backward: &[],
        kinks: Some("where several elements are least: the output jumps; elsewhere it is constant"),
        elsewhere: Elsewhere {
            torch: "torch.argmin(x, dim=axis, keepdim=keepdims)",
            jax: "jnp.argmin(x, axis=axis, keepdims=keepdims)",
            onnx: "ArgMin",
        },
        samples: &[
            Sample { call: "argmin([[1, 5, 3], [4, 2, 6]])", output: "[0, 1]" },
            Sample {
                call: "argmin([[1, 5, 3], [4, 2, 6]], axis = 0, keepdims = true)",
                output: "[[0, 1, 0]]",
            },
        ],
        refusals: &[
            Refusal { call: "argmin([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "argmin([])", message: "there is no argmin of nothing" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (x, axis) = (call.shape(0), call.axis_of(0, call.int("axis").unwrap_or(-1), "axis")?);
        let along: Vec<bool> = (0..x.rank()).map(|at| at == axis).collect();
        let (over, shape): (_, Shape) = Reduction::over(x, &along, call.flag("keepdims"));
        over.refuse_nothing(call, "argmin")?;
        let range = Some((0, over.groups.size as i64 - 1));
        Ok(Bound { op: Self { over }, output: Type::int(shape), range })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let x = x.float(0);
        for (y, group) in y.int().iter_mut().zip(self.over.groups.each()) {
            *y = group.winner(x, Ordering::Less).place as i64;
        }
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
        let x = x.float(0);
        let winners = self.over.groups.each().map(|group| group.winner(x, Ordering::Less));
        winners.for_each(|winner| taken.take(winner.branch()));
    }
}
