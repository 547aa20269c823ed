//! `broadcast_to`: a tensor stretched to a shape.

use crate::{op::*, shape::Shape};

pub struct BroadcastTo;

impl Movement for BroadcastTo {
    const CARD: Card = Card {
        name: "broadcast_to",
        sign: None,
        doc: "Stretches a tensor to a shape, as where two tensors meet.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[Attribute {
            name: "shape",
            kind: AttributeKind::Ints,
            default: None,
            doc: "the lengths of the output; axes are aligned at the end, and those of length 1 stretch",
        }],
        forward: "y = x, repeated along axes that are new or have length 1",
        backward: &[("x", "upstream summed over what was stretched")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.broadcast_to(x, (*shape,))",
            jax: "jnp.broadcast_to(x, (*shape,))",
            onnx: "Expand",
        },
        samples: &[
            Sample { call: "broadcast_to([1.0, 2.0], shape = [2, 2])", output: "[[1, 2], [1, 2]]" },
            Sample {
                call: "broadcast_to([[1.5], [2.5]], shape = [2, 3])",
                output: "[[1.5, 1.5, 1.5], [2.5, 2.5, 2.5]]",
            },
            Sample { call: "broadcast_to(7, shape = [2])", output: "[7, 7]" },
        ],
        refusals: &[
            Refusal {
                call: "broadcast_to([1, 2], shape = [3])",
                message: "shape [2] does not stretch to [3]",
            },
            Refusal { call: "broadcast_to([1, 2], shape = [])", message: "shape [2] does not stretch to []" },
            Refusal { call: "broadcast_to([1, 2], shape = [-1, 2])", message: "-1 is no length" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let (x, wanted) = (call.shape(0), call.ints("shape").unwrap_or_default());
        let refuse = |message: String| Err(Misuse::new(Subject::Attribute("shape"), message));
        if let Some(length) = wanted.iter().find(|&&length| length < 0) {
            return refuse(format!("{length} is no length: give 0 or more for every axis"));
        }
        let shape: Shape = wanted.iter().map(|&length| length as usize).collect();
        if x.broadcast(&shape).as_ref() != Some(&shape) {
            return refuse(format!("shape {x} does not stretch to {shape}"));
        }
        let strides: Vec<isize> = x.strides_in(&shape).into_iter().map(|stride| stride as isize).collect();
        let stretched = Rearrangement::new(&shape, &strides, 0);
        Ok(Bound::rearranged(stretched, call, shape))
    }
}
