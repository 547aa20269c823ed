//! `flatten`: a batch of anything becomes a batch of rows.

use crate::{op::*, shape::Shape};

pub struct Flatten;

impl Movement for Flatten {
    const CARD: Card = Card {
        name: "flatten",
        sign: None,
        doc: "Keeps the first axis and joins the rest into one.",
        inputs: &[Edge::either(
            "x",
            "a batch, [n, …], float or int; with fewer than two axes it stays as it is",
        )],
        attributes: &[],
        forward: "y = x in shape [n, product of the other lengths]",
        backward: &[("x", "upstream in the shape of x")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "x.flatten(1) if x.ndim > 1 else x",
            jax: "x.reshape(x.shape[0], -1) if x.ndim > 1 else x",
            onnx: "Flatten",
        },
        samples: &[
            Sample {
                call: "flatten([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]])",
                output: "[[1, 2, 3, 4], [5, 6, 7, 8]]",
            },
            Sample { call: "flatten([0.5, -1.5, 2.0])", output: "[0.5, -1.5, 2]" },
            Sample {
                call: "flatten([[[1], [2]], [[3], [4]], [[5], [6]]])",
                output: "[[1, 2], [3, 4], [5, 6]]",
            },
        ],
        refusals: &[Refusal { call: "flatten([1, 2], [3])", message: "takes 1 input" }],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let shape = match &call.shape(0)[..] {
            [n, rest @ ..] if !rest.is_empty() => Shape::new(&[*n, Shape::new(rest).size()]),
            short => Shape::new(short),
        };
        let all = Rearrangement::same(shape.size());
        Ok(Bound::rearranged(all, call, shape))
    }
}
