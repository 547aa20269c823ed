//! `pad`: elements before and behind the axes.

use crate::{op::*, tensor::Kind};

pub struct Pad;

impl Movement for Pad {
    const CARD: Card = Card {
        name: "pad",
        sign: None,
        doc: "Adds elements before and behind every axis.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[
            Attribute {
                name: "widths",
                kind: AttributeKind::Ints,
                default: None,
                doc: "how many: one number for every end, [before, after] for every axis, or [before0, after0, before1, …]",
            },
            Attribute {
                name: "mode",
                kind: AttributeKind::Choice(&["constant", "edge", "reflect", "wrap"]),
                default: Some("\"constant\""),
                doc: "what they are: a constant, the last element, a mirror image without the last element, or the other end",
            },
            Attribute { name: "value", kind: AttributeKind::Float, default: Some("0"), doc: "the constant" },
        ],
        forward: "y = x, with more elements before and behind each axis",
        backward: &[("x", "upstream summed over all places where the element stands")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.pad(x, (widths,) * (2 * x.ndim) if isinstance(widths, int) else widths * x.ndim if len(widths) == 2 else widths[2:] + widths[:2] if x.ndim == 2 else widths[4:] + widths[2:4] + widths[:2] if x.ndim == 3 else widths[6:] + widths[4:6] + widths[2:4] + widths[:2] if x.ndim == 4 else ..., value=value if value != 0 else None) if mode == 'constant' else ...",
            jax: "jnp.pad(x, widths if isinstance(widths, int) or len(widths) == 2 else (widths[:2], widths[2:]) if x.ndim == 2 else (widths[:2], widths[2:4], widths[4:]) if x.ndim == 3 else (widths[:2], widths[2:4], widths[4:6], widths[6:]) if x.ndim == 4 else ..., mode=mode if mode != 'constant' else None, constant_values=value if value != 0 else None)",
            onnx: "Pad",
        },
        samples: &[
            Sample { call: "pad([1.0, 2.0], widths = 1)", output: "[0, 1, 2, 0]" },
            Sample {
                call: "pad([1.0, 2.0, 3.0], widths = [2, 1], mode = \"reflect\")",
                output: "[3, 2, 1, 2, 3, 2]",
            },
            Sample {
                call: "pad([[1.5, 2.5]], widths = [1, 0, 0, 1], value = -1)",
                output: "[[-1, -1, -1], [1.5, 2.5, -1]]",
            },
            Sample {
                call: "pad([1.0, 2.0], widths = [3, 1], mode = \"edge\")",
                output: "[1, 1, 1, 1, 2, 2]",
            },
            Sample { call: "pad([1, 2, 3], widths = [1, 2], mode = \"wrap\")", output: "[3, 1, 2, 3, 1, 2]" },
        ],
        refusals: &[
            Refusal { call: "pad([1, 2], widths = -1)", message: "widths holds -1; nothing is cut off here" },
            Refusal { call: "pad([[1, 2]], widths = [1, 2, 3])", message: "widths has 3 numbers for 2 axes" },
            Refusal {
                call: "pad([1, 2], widths = 1, mode = \"mirror\")",
                message: "`mode` must be one of \"constant\", \"edge\", \"reflect\", \"wrap\"",
            },
            Refusal { call: "pad([], widths = 1, mode = \"edge\")", message: "axis 0 has no elements" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let (x, widths) = (call.shape(0), call.ints("widths").unwrap_or_default());
        let refuse = |name, message: String| Misuse::new(Subject::Attribute(name), message);
        if let Some(wrong) = widths.iter().find(|&&width| width < 0) {
            return Err(refuse("widths", format!("widths holds {wrong}; nothing is cut off here"))
                .help("an index takes a part: `x[1:-1]`"));
        }
        let (rank, given) = (x.rank(), widths.len());
        if given != 1 && given != 2 && given != 2 * rank {
            let axes = if rank == 1 { "1 axis".to_string() } else { format!("{rank} axes") };
            return Err(refuse("widths", format!("widths has {given} numbers for {axes}"))
                .help("give one number, [before, after], or both for every axis"));
        }
        let beyond = match call.choice("mode") {
            "edge" => Beyond::Edge,
            "reflect" => Beyond::Reflect,
            "wrap" => Beyond::Wrap,
            _ => Beyond::Constant,
        };
        let side = |axis: usize| {
            let [before, after] = [2 * axis, 2 * axis + 1].map(|end| widths[end % given] as usize);
            if x[axis] == 0 && before.max(after) > 0 && beyond != Beyond::Constant {
                let message = format!("axis {axis} has no elements, and only a constant can be added to it");
                return Err(refuse("mode", message));
            }
            let output = x[axis].checked_add(before).and_then(|length| length.checked_add(after));
            let output = output.ok_or_else(|| refuse("widths", "so many elements are too many".into()))?;
            Ok(Side { input: x[axis], before, output })
        };
        let axes = (0..rank).map(side).collect::<Result<Vec<_>, _>>()?;
        let value = call.float("value").unwrap_or(0.0);
        if call.kind(0) == Kind::Int && value as i64 as f64 != value {
            let message = format!("value is {value}, and x holds ints");
            return Err(refuse("value", message).help("give a whole number"));
        }
        let sides = Sides { axes, beyond };
        let shape = sides.shape();
        Ok(Bound::rearranged_in_part(Rearrangement::sides(sides, value), call, shape))
    }
}
