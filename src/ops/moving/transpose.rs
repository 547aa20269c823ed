//! `transpose`: the axes in another order.

use crate::{op::*, shape::Shape};

pub struct Transpose;

impl Movement for Transpose {
    const CARD: Card = Card {
        name: "transpose",
        sign: None,
        doc: "Puts the axes in another order: in reverse, or as told.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[Attribute {
            name: "axes",
            kind: AttributeKind::Ints,
            default: Some(""),
            doc: "for each axis of the output, the axis of x that it is; reversed without it",
        }],
        forward: "y[i, j, …] = x[…, j, i], or as axes says",
        backward: &[("x", "upstream with its axes put back")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "x.T if axes is None and x.ndim == 2 else torch.permute(x, (*axes,) if axes is not None else tuple(range(x.ndim))[::-1])",
            jax: "x.T if axes is None else jnp.transpose(x, (*axes,))",
            onnx: "Transpose",
        },
        samples: &[
            Sample {
                call: "transpose([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])",
                output: "[[1, 4], [2, 5], [3, 6]]",
            },
            Sample {
                call: "transpose([[[1.5, -2.5], [3.5, 4.5]]], axes = [1, 0, 2])",
                output: "[[[1.5, -2.5]], [[3.5, 4.5]]]",
            },
            Sample {
                call: "transpose([[[1, 2, 3], [4, 5, 6]]], axes = [0, -1, -2])",
                output: "[[[1, 4], [2, 5], [3, 6]]]",
            },
        ],
        refusals: &[
            Refusal { call: "transpose([[1, 2]], axes = [0])", message: "names 1 of the 2 axes" },
            Refusal { call: "transpose([[1, 2]], axes = [1, 1])", message: "axis 1 is named twice" },
            Refusal {
                call: "transpose([[1, 2]], axes = [0, 2])",
                message: "axis 2 is outside of shape [1, 2]",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let x = call.shape(0);
        let order = order(call)?;
        let shape: Shape = order.iter().map(|&axis| x[axis]).collect();
        let steps = x.strides();
        let steps: Vec<isize> = order.iter().map(|&axis| steps[axis] as isize).collect();
        let moved = Rearrangement::new(&shape, &steps, 0);
        Ok(Bound::rearranged(moved, call, shape))
    }
}

/// For each axis of the output, the axis of x that it is.
fn order(call: &Call) -> Result<Vec<usize>, Misuse> {
    let rank = call.shape(0).rank();
    let Some(axes) = call.ints("axes") else { return Ok((0..rank).rev().collect()) };
    let mut order = Vec::with_capacity(rank);
    for &axis in axes {
        let own = call.axis_of(0, axis, "axes")?;
        if order.contains(&own) {
            return Err(Misuse::new(Subject::Attribute("axes"), format!("axis {axis} is named twice")));
        }
        order.push(own);
    }
    if order.len() < rank {
        let message = format!("axes names {} of the {rank} axes of shape {}", order.len(), call.shape(0));
        return Err(Misuse::new(Subject::Attribute("axes"), message)
            .help(format!("name each axis once, in the new order: from 0 to {}", rank - 1)));
    }
    Ok(order)
}
