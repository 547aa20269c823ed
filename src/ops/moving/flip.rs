//! `flip`: axes turned round.

use crate::op::*;

pub struct Flip;

impl Movement for Flip {
    const CARD: Card = Card {
        name: "flip",
        sign: None,
        doc: "Turns the order of the elements round along axes.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[Attribute {
            name: "axis",
            kind: AttributeKind::Ints,
            default: Some(""),
            doc: "the axis or axes to turn round; all of them without it",
        }],
        forward: "y[…, i, …] = x[…, −1 − i, …]",
        backward: &[("x", "upstream turned round the same way")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.flip(x, (*axis,) if axis is not None else tuple(range(x.ndim)))",
            jax: "jnp.flip(x, axis=axis)",
            onnx: "",
        },
        samples: &[
            Sample { call: "flip([1.0, 2.0, 3.0])", output: "[3, 2, 1]" },
            Sample { call: "flip([[1.5, 2.5], [3.5, 4.5]], axis = 0)", output: "[[3.5, 4.5], [1.5, 2.5]]" },
            Sample { call: "flip([[1, 2], [3, 4]], axis = [0, 1])", output: "[[4, 3], [2, 1]]" },
        ],
        refusals: &[
            Refusal { call: "flip([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "flip([1, 2], axis = [0, -1])", message: "axis 0 is named twice" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let (x, turned) = (call.shape(0), call.axes()?);
        let (mut steps, mut first) = (Vec::new(), 0usize);
        for (axis, stride) in x.strides().into_iter().enumerate() {
            // Strides beside an empty axis may be absurd, and are never walked.
            if turned[axis] {
                first = x[axis].saturating_sub(1).wrapping_mul(stride).wrapping_add(first);
            }
            steps.push(if turned[axis] { (stride as isize).wrapping_neg() } else { stride as isize });
        }
        Ok(Bound::rearranged(Rearrangement::new(x, &steps, first), call, x.clone()))
    }
}
