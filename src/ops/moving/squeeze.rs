//! `squeeze`: axes of length 1 taken away.

use crate::op::*;

pub struct Squeeze;

impl Movement for Squeeze {
    const CARD: Card = Card {
        name: "squeeze",
        sign: None,
        doc: "Takes away axes of length 1.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[Attribute {
            name: "axis",
            kind: AttributeKind::Ints,
            default: Some(""),
            doc: "the axis or axes to take away; all of length 1 without it",
        }],
        forward: "y = x without these axes",
        backward: &[("x", "upstream in the shape of x")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.squeeze(x, dim=axis)",
            jax: "jnp.squeeze(x, axis=axis)",
            onnx: "Squeeze",
        },
        samples: &[
            Sample { call: "squeeze([[[1.0], [2.0]]])", output: "[1, 2]" },
            Sample { call: "squeeze([[[1.5], [2.5]]], axis = 0)", output: "[[1.5], [2.5]]" },
            Sample { call: "squeeze([[7]], axis = [0, -1])", output: "7" },
        ],
        refusals: &[
            Refusal { call: "squeeze([[1, 2]], axis = 1)", message: "axis 1 of shape [1, 2] has length 2" },
            Refusal { call: "squeeze([[1]], axis = 2)", message: "axis 2 is outside of shape [1, 1]" },
            Refusal { call: "squeeze([[1]], axis = [0, -2])", message: "axis 0 is named twice" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let x = call.shape(0);
        let named = call.ints("axis").is_some();
        let gone: Vec<bool> =
            call.axes()?.iter().zip(x.iter()).map(|(gone, &n)| *gone && (named || n == 1)).collect();
        if let Some(axis) = (0..x.rank()).find(|&axis| gone[axis] && x[axis] != 1) {
            let message =
                format!("axis {axis} of shape {x} has length {}, and only one of length 1 goes", x[axis]);
            return Err(Misuse::new(Subject::Attribute("axis"), message)
                .help("`reshape` joins axes, and an index takes one place of them"));
        }
        let shape = x.iter().zip(gone).filter(|(_, gone)| !gone).map(|(&n, _)| n).collect();
        Ok(Bound::rearranged(Rearrangement::same(x.size()), call, shape))
    }
}
