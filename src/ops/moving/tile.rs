//! `tile`: a tensor repeated as a whole.

use crate::{op::*, shape::Shape};

pub struct Tile;

impl Movement for Tile {
    const CARD: Card = Card {
        name: "tile",
        sign: None,
        doc: "Repeats a tensor as a whole along its axes.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[Attribute {
            name: "reps",
            kind: AttributeKind::Ints,
            default: None,
            doc: "how often along each axis, the last ones where there are fewer; more of them add axes in front",
        }],
        forward: "y = x, so often behind itself along each axis",
        backward: &[("x", "upstream summed over all repetitions")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.tile(x, (*reps,))", jax: "jnp.tile(x, reps)", onnx: "Tile" },
        samples: &[
            Sample { call: "tile([1.0, 2.0], reps = 2)", output: "[1, 2, 1, 2]" },
            Sample {
                call: "tile([[1.5, 2.5]], reps = [2, 2])",
                output: "[[1.5, 2.5, 1.5, 2.5], [1.5, 2.5, 1.5, 2.5]]",
            },
            Sample { call: "tile([1, 2], reps = [2, 1])", output: "[[1, 2], [1, 2]]" },
            Sample { call: "tile([[1.0], [2.0]], reps = 2)", output: "[[1, 1], [2, 2]]" },
        ],
        refusals: &[
            Refusal {
                call: "tile([1, 2], reps = -1)",
                message: "reps holds -1; nothing is repeated less than 0 times",
            },
            Refusal { call: "tile([1, 2, 3], reps = 9223372036854775807)", message: "too large" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let (x, reps) = (call.shape(0), call.ints("reps").unwrap_or_default());
        if let Some(wrong) = reps.iter().find(|&&reps| reps < 0) {
            let message = format!("reps holds {wrong}; nothing is repeated less than 0 times");
            return Err(Misuse::new(Subject::Attribute("reps"), message));
        }
        let rank = x.rank().max(reps.len());
        let (new, once) = (rank - x.rank(), rank - reps.len());
        let lengths: Vec<usize> = std::iter::repeat_n(1, new).chain(x.iter().copied()).collect();
        let strides: Vec<usize> = std::iter::repeat_n(0, new).chain(x.strides()).collect();
        let reps: Vec<usize> =
            std::iter::repeat_n(1, once).chain(reps.iter().map(|&reps| reps as usize)).collect();
        let length = |axis: usize| lengths[axis].checked_mul(reps[axis]);
        let Some(shape) = (0..rank).map(length).collect::<Option<Shape>>() else {
            return Err(Misuse::new(Subject::Attribute("reps"), "so many repetitions are too large"));
        };
        // Each axis is walked as often as it is repeated.
        let walked: Vec<usize> = (0..rank).flat_map(|axis| [reps[axis], lengths[axis]]).collect();
        let steps: Vec<isize> = strides.iter().flat_map(|&stride| [0, stride as isize]).collect();
        Ok(Bound::rearranged(Rearrangement::new(&walked, &steps, 0), call, shape))
    }
}
