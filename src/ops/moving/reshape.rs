//! `reshape`: the same elements in the same order, along other axes.

use crate::{op::*, shape::Shape};

pub struct Reshape;

impl Movement for Reshape {
    const CARD: Card = Card {
        name: "reshape",
        sign: None,
        doc: "Lays the elements, in their order, along other axes.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[Attribute {
            name: "shape",
            kind: AttributeKind::Ints,
            default: None,
            doc: "the lengths of the new axes; one of them may be -1, and is worked out from the others",
        }],
        forward: "y = x in another shape, row by row",
        backward: &[("x", "upstream in the shape of x")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.reshape(x, (*shape,))",
            jax: "jnp.reshape(x, (*shape,))",
            onnx: "Reshape",
        },
        samples: &[
            Sample {
                call: "reshape([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], shape = [3, 2])",
                output: "[[1, 2], [3, 4], [5, 6]]",
            },
            Sample { call: "reshape([[1.5], [-2.5]], shape = [-1])", output: "[1.5, -2.5]" },
            Sample { call: "reshape([1, 2, 3, 4], shape = [2, -1])", output: "[[1, 2], [3, 4]]" },
            Sample { call: "reshape([[7.25]], shape = [])", output: "7.25" },
        ],
        refusals: &[
            Refusal {
                call: "reshape([1, 2, 3], shape = [2, 2])",
                message: "3 elements do not fill shape [2, 2]",
            },
            Refusal {
                call: "reshape([1, 2, 3], shape = [2, -1])",
                message: "3 elements do not fill shape [2, -1]",
            },
            Refusal { call: "reshape([1, 2], shape = [-1, -1])", message: "-1 twice" },
            Refusal { call: "reshape([1, 2], shape = [-2])", message: "-2 is no length" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let size = call.shape(0).size();
        let shape = fill(size, call.ints("shape").unwrap_or_default())
            .map_err(|message| Misuse::new(Subject::Attribute("shape"), message))?;
        Ok(Bound::rearranged(Rearrangement::same(size), call, shape))
    }
}

/// The shape asked for, with its -1 worked out so that `size` elements fill it.
fn fill(size: usize, wanted: &[i64]) -> Result<Shape, String> {
    if let Some(length) = wanted.iter().find(|&&length| length < -1) {
        return Err(format!("{length} is no length: give 0 or more, or -1 for one axis to be worked out"));
    }
    if wanted.iter().filter(|&&length| length == -1).count() > 1 {
        return Err(format!(
            "shape {wanted:?} has -1 twice: only one axis can be worked out from the others"
        ));
    }
    // Lengths of 0 count as 1, so that no product of lengths can overflow later.
    let fits = |product: usize, &length: &i64| product.checked_mul(usize::try_from(length.max(1)).ok()?);
    if wanted.iter().try_fold(1, fits).is_none() {
        return Err(format!("shape {wanted:?} is too large"));
    }
    let given = wanted.iter().filter(|&&length| length != -1).map(|&length| length as usize);
    let product: usize = given.product();
    let open = wanted.contains(&-1);
    if open && product == 0 {
        return Err(format!("shape {wanted:?} leaves -1 open: beside a 0 any length would do"));
    }
    let fills = if open { size.is_multiple_of(product) } else { size == product };
    if !fills {
        return Err(format!("{size} elements do not fill shape {wanted:?}"));
    }
    let length = |&length: &i64| if length == -1 { size / product } else { length as usize };
    Ok(wanted.iter().map(length).collect())
}
