//! `roll`: elements moved on along axes, the last ones to the front.

use crate::op::*;

pub struct Roll;

impl Movement for Roll {
    const CARD: Card = Card {
        name: "roll",
        sign: None,
        doc: "Moves elements on along axes, and those that leave at the end to the front.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[
            Attribute {
                name: "shift",
                kind: AttributeKind::Ints,
                default: None,
                doc: "how far; a negative one moves back; one number, or one for each axis named",
            },
            Attribute {
                name: "axis",
                kind: AttributeKind::Ints,
                default: Some(""),
                doc: "the axis or axes; without it x is moved on as if it were flat",
            },
        ],
        forward: "y[…, i, …] = x[…, i − shift, …], counted round",
        backward: &[("x", "upstream moved back")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.roll(x, shift, dims=axis)",
            jax: "jnp.roll(x, shift, axis=axis)",
            onnx: "",
        },
        samples: &[
            Sample { call: "roll([1.0, 2.0, 3.0], shift = 1)", output: "[3, 1, 2]" },
            Sample { call: "roll([[1.5, 2.5], [3.5, 4.5]], shift = 1)", output: "[[4.5, 1.5], [2.5, 3.5]]" },
            Sample {
                call: "roll([[1, 2, 3], [4, 5, 6]], shift = [1, -1], axis = [0, 1])",
                output: "[[5, 6, 4], [2, 3, 1]]",
            },
            Sample { call: "roll([[1.0, 2.0, 3.0]], shift = -1, axis = 1)", output: "[[2, 3, 1]]" },
        ],
        refusals: &[
            Refusal { call: "roll([1, 2], shift = 1, axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal {
                call: "roll([1, 2], shift = [1, 2])",
                message: "shift has 2 numbers and axis is left out",
            },
            Refusal {
                call: "roll([[1, 2]], shift = [1, 2], axis = [0, 1, 0])",
                message: "shift has 2 numbers for 3 axes",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let (x, shift) = (call.shape(0), call.ints("shift").unwrap_or_default());
        let refuse = |message: String| Err(Misuse::new(Subject::Attribute("shift"), message));
        let given = shift.len();
        let (lengths, axes) = match call.ints("axis") {
            None if given != 1 => {
                return refuse(format!("shift has {given} numbers and axis is left out: one is enough then"));
            }
            None => (vec![x.size()], vec![0]),
            Some(named) if given != 1 && given != named.len() => {
                return refuse(format!("shift has {given} numbers for {} axes", named.len()));
            }
            Some(named) => {
                let axes =
                    named.iter().map(|&axis| call.axis_of(0, axis, "axis")).collect::<Result<_, _>>()?;
                (x.to_vec(), axes)
            }
        };
        // An axis may be named several times, and is moved on by the sum.
        let mut moves = vec![0i128; lengths.len()];
        axes.iter()
            .enumerate()
            .for_each(|(at, &axis): (usize, &usize)| moves[axis] += i128::from(shift[at % given]));
        let side = |(&length, by): (&usize, i128)| {
            let before = by.rem_euclid(length.max(1) as i128) as usize;
            Side { input: length, before, output: length }
        };
        let axes = lengths.iter().zip(moves).map(side).collect();
        let moved = Rearrangement::sides(Sides { axes, beyond: Beyond::Wrap }, 0.0);
        Ok(Bound::rearranged(moved, call, x.clone()))
    }
}
