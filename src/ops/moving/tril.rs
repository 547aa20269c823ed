//! `tril`: the part of matrices on and below a diagonal.

use crate::op::*;

pub struct Tril;

impl Movement for Tril {
    const CARD: Card = Card {
        name: "tril",
        sign: None,
        doc: "Keeps the elements of matrices on and below a diagonal, and makes the others zero.",
        inputs: &[Edge::either("x", "matrices […, rows, columns], float or int")],
        attributes: &[Attribute {
            name: "k",
            kind: AttributeKind::Int,
            default: Some("0"),
            doc: "how far the diagonal is to the right of the main one; negative to the left",
        }],
        forward: "y[…, i, j] = x[…, i, j] where j − i ≤ k, else 0",
        backward: &[("x", "upstream where j − i ≤ k, else 0")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.tril(x, k)", jax: "jnp.tril(x, k)", onnx: "Trilu" },
        samples: &[
            Sample { call: "tril([[1.0, 2.0], [3.0, 4.0]])", output: "[[1, 0], [3, 4]]" },
            Sample {
                call: "tril([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]], k = 1)",
                output: "[[1.5, 2.5, 0], [4.5, 5.5, 6.5]]",
            },
            Sample { call: "tril([[1, 2], [3, 4]], k = -1)", output: "[[0, 0], [3, 0]]" },
        ],
        refusals: &[
            Refusal { call: "tril([1, 2])", message: "tril takes matrices" },
            Refusal { call: "tril(1)", message: "x has shape []" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let k = call.int("k").unwrap_or(0);
        let Some(triangle) = Triangle::of(call.shape(0), k, false) else {
            let message = format!("x has shape {}; tril takes matrices, […, rows, columns]", call.shape(0));
            return Err(Misuse::new(Subject::Input(0), message));
        };
        Ok(Bound::rearranged_in_part(Rearrangement::triangle(triangle), call, call.shape(0).clone()))
    }
}
