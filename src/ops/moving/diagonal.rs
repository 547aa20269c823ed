//! `diagonal`: the diagonals of matrices.

use crate::{op::*, shape::Shape};

pub struct Diagonal;

impl Movement for Diagonal {
    const CARD: Card = Card {
        name: "diagonal",
        sign: None,
        doc: "Takes a diagonal of the matrices along the last two axes.",
        inputs: &[Edge::either("x", "matrices […, rows, columns], float or int")],
        attributes: &[Attribute {
            name: "offset",
            kind: AttributeKind::Int,
            default: Some("0"),
            doc: "how far the diagonal is to the right of the main one; negative to the left",
        }],
        forward: "y[…, i] = x[…, i, i + offset]",
        backward: &[("x", "upstream on the diagonal, 0 elsewhere")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.diagonal(x, offset, -2, -1)",
            jax: "jnp.diagonal(x, offset, -2, -1)",
            onnx: "",
        },
        samples: &[
            Sample { call: "diagonal([[1.0, 2.0], [3.0, 4.0]])", output: "[1, 4]" },
            Sample { call: "diagonal([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]], offset = 1)", output: "[2.5, 6.5]" },
            Sample {
                call: "diagonal([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], offset = -1)",
                output: "[[3], [7]]",
            },
        ],
        refusals: &[
            Refusal { call: "diagonal([1, 2])", message: "x has shape [2]; diagonal takes matrices" },
            Refusal { call: "diagonal(1)", message: "diagonal takes matrices" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let x = call.shape(0);
        let ([outer @ .., rows, columns], offset) = (&x[..], call.int("offset").unwrap_or(0)) else {
            let message = format!("x has shape {x}; diagonal takes matrices, […, rows, columns]");
            return Err(Misuse::new(Subject::Input(0), message));
        };
        let far = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        let (down, right) = if offset < 0 { (far, 0) } else { (0, far) };
        let length = rows.saturating_sub(down).min(columns.saturating_sub(right));
        let shape: Shape = outer.iter().copied().chain([length]).collect();
        let strides: Vec<isize> = x.strides().into_iter().map(|stride| stride as isize).collect();
        let (step, inner) = strides.split_last().map_or((0, &strides[..]), |(step, inner)| (*step, inner));
        let (row, outer) = inner.split_last().map_or((0, inner), |(row, outer)| (*row, outer));
        let steps: Vec<isize> = outer.iter().copied().chain([row.wrapping_add(step)]).collect();
        // Where the diagonal is empty, nothing is walked.
        let first = down.wrapping_mul(row as usize).wrapping_add(right.wrapping_mul(step as usize));
        Ok(Bound::rearranged_in_part(Rearrangement::new(&shape, &steps, first), call, shape))
    }
}
