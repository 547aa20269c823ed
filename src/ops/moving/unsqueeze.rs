//! `unsqueeze`: new axes of length 1.

use crate::op::*;

pub struct Unsqueeze;

impl Movement for Unsqueeze {
    const CARD: Card = Card {
        name: "unsqueeze",
        sign: None,
        doc: "Adds axes of length 1.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[Attribute {
            name: "axis",
            kind: AttributeKind::Ints,
            default: None,
            doc: "where the new axis stands in the output, or several",
        }],
        forward: "y = x with these axes",
        backward: &[("x", "upstream in the shape of x")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.unsqueeze(x, axis) if isinstance(axis, int) else ...",
            jax: "jnp.expand_dims(x, axis)",
            onnx: "Unsqueeze",
        },
        samples: &[
            Sample { call: "unsqueeze([1.0, 2.0], axis = 0)", output: "[[1, 2]]" },
            Sample { call: "unsqueeze([1.5, 2.5], axis = -1)", output: "[[1.5], [2.5]]" },
            Sample { call: "unsqueeze([1, 2], axis = [0, 2])", output: "[[[1], [2]]]" },
        ],
        refusals: &[
            Refusal {
                call: "unsqueeze([1, 2], axis = 2)",
                message: "axis 2 is outside of the output, which has 2 axes: it goes from -2 to 1",
            },
            Refusal { call: "unsqueeze(1, axis = [0, -2])", message: "axis -2 is named twice" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let (x, named) = (call.shape(0), call.ints("axis").unwrap_or_default());
        let rank = x.rank() + named.len();
        let mut is_new = vec![false; rank];
        for &axis in named {
            let own = call.new_axis(axis, rank, "axis")?;
            if std::mem::replace(&mut is_new[own], true) {
                return Err(Misuse::new(Subject::Attribute("axis"), format!("axis {axis} is named twice")));
            }
        }
        let mut lengths = x.iter().copied();
        let length = |is_new: bool| if is_new { 1 } else { lengths.next().unwrap_or(1) };
        let shape = is_new.into_iter().map(length).collect();
        Ok(Bound::rearranged(Rearrangement::same(x.size()), call, shape))
    }
}
