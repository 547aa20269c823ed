//! `repeat_interleave`: every element several times.

use crate::{op::*, shape::Shape};

pub struct RepeatInterleave;

impl Movement for RepeatInterleave {
    const CARD: Card = Card {
        name: "repeat_interleave",
        sign: None,
        doc: "Repeats every element, next to itself along an axis.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[
            Attribute {
                name: "repeats",
                kind: AttributeKind::Int,
                default: None,
                doc: "how often each element stands",
            },
            Attribute {
                name: "axis",
                kind: AttributeKind::Int,
                default: Some(""),
                doc: "the axis along which they stand; without it x is flattened first",
            },
        ],
        forward: "y = every element of x, so often",
        backward: &[("x", "upstream summed over the repetitions")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.repeat_interleave(x, repeats if isinstance(repeats, int) else torch.tensor(repeats), dim=axis)",
            jax: "jnp.repeat(x, repeats if isinstance(repeats, int) else jnp.array(repeats), axis=axis)",
            onnx: "",
        },
        samples: &[
            Sample { call: "repeat_interleave([1.0, 2.0], repeats = 2)", output: "[1, 1, 2, 2]" },
            Sample {
                call: "repeat_interleave([[1.5, 2.5], [3.5, 4.5]], repeats = 2, axis = 0)",
                output: "[[1.5, 2.5], [1.5, 2.5], [3.5, 4.5], [3.5, 4.5]]",
            },
            Sample { call: "repeat_interleave([[1, 2]], repeats = 2, axis = -1)", output: "[[1, 1, 2, 2]]" },
        ],
        refusals: &[
            Refusal {
                call: "repeat_interleave([1, 2], repeats = -1)",
                message: "repeats is -1; nothing is repeated less than 0 times",
            },
            Refusal {
                call: "repeat_interleave([1, 2], repeats = 2, axis = 1)",
                message: "axis 1 is outside of shape [2]",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let (x, asked) = (call.shape(0), call.int("repeats").unwrap_or(1));
        let refuse = |message: String| Misuse::new(Subject::Attribute("repeats"), message);
        let repeats = usize::try_from(asked)
            .map_err(|_| refuse(format!("repeats is {asked}; nothing is repeated less than 0 times")))?;
        let axis = call.int("axis").map(|axis| call.axis_of(0, axis, "axis")).transpose()?;
        let (outer, length, inner) = match axis {
            Some(axis) => (Shape::new(&x[..axis]), x[axis], Shape::new(&x[axis + 1..])),
            None => (Shape::scalar(), x.size(), Shape::scalar()),
        };
        let long =
            length.checked_mul(repeats).ok_or_else(|| refuse("so many repeats are too large".into()))?;
        let shape = outer.iter().chain([&long]).chain(inner.iter()).copied().collect();
        let (within, rows) = (inner.size(), outer.size().saturating_mul(length));
        let repeated = Rearrangement::new(&[rows, repeats, within], &[within as isize, 0, 1], 0);
        Ok(Bound::rearranged(repeated, call, shape))
    }
}
