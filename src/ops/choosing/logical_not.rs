//! `logical_not`, not x.

use crate::op::*;

pub struct LogicalNot;

impl Decides<1> for LogicalNot {
    const CARD: Card = Card {
        name: "logical_not",
        sign: Some("¬"),
        doc: "Tells where a tensor is false.",
        inputs: &[Edge::bool("x", "true or false")],
        attributes: &[],
        forward: "y = not x",
        backward: &[],
        kinks: None,
        elsewhere: Elsewhere { torch: "~x", jax: "~x", onnx: "Not" },
        samples: &[
            Sample { call: "logical_not([true, false])", output: "[false, true]" },
            Sample { call: "logical_not([[false, false, true]])", output: "[[true, true, false]]" },
        ],
        refusals: &[Refusal {
            call: "logical_not([1.5, 2])",
            message: "takes true or false for `x`, got floats",
        }],
    };

    fn decide([x]: [bool; 1]) -> bool {
        !x
    }
}
