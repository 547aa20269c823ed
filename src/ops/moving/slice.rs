//! `slice`, `x[0:3, :, -1]`: NumPy's basic indexing.

use crate::{op::*, shape::Shape, syntax::Subscript};

pub struct Slice;

impl Movement for Slice {
    const CARD: Card = Card {
        name: "slice",
        sign: None,
        doc: "Takes a part of a tensor: single places, which drop their axis, and ranges with steps.",
        inputs: &[Edge::either("x", "any tensor, float or int")],
        attributes: &[Attribute {
            name: "index",
            kind: AttributeKind::Subscripts,
            default: None,
            doc: "what stands between the brackets of x[…]; axes left out are taken whole",
        }],
        forward: "y = x[index]",
        backward: &[("x", "upstream at the places taken, 0 elsewhere")],
        kinks: None,
        elsewhere: Elsewhere {
            // Its own brackets take no negative steps.
            torch: "x[index] if index.step > 0 else torch.flip(x, index.flips) if index.flips is not None else ...",
            jax: "x[index]",
            onnx: "Slice",
        },
        samples: &[
            Sample {
                call: "slice([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], index = \"0:2, -1\")",
                output: "[3, 6]",
            },
            Sample {
                call: "slice([[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]], index = \"::-2\")",
                output: "[[5.5, 6.5], [1.5, 2.5]]",
            },
            Sample { call: "slice([10, 20, 30, 40, 50], index = \"-1:0:-2\")", output: "[50, 30]" },
            Sample { call: "slice([[1, 2], [3, 4]], index = \"..., None, 1\")", output: "[[2], [4]]" },
            Sample {
                call: "slice([[0.5, 1.5], [2.5, 3.5]], index = \":, 0:99\")",
                output: "[[0.5, 1.5], [2.5, 3.5]]",
            },
        ],
        refusals: &[
            Refusal { call: "slice([1, 2, 3], index = \"..., ...\")", message: "one `...` at most" },
            Refusal { call: "slice([1, 2, 3], index = \"3\")", message: "3 is outside of axis 0" },
            Refusal {
                call: "slice([1, 2, 3], index = \"0, 0\")",
                message: "too many subscripts: 2 for shape [3]",
            },
            Refusal { call: "slice([1, 2, 3], index = \"::0\")", message: "step of 0" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Rearrangement>, Misuse> {
        let (x, subscripts) = (call.shape(0), call.subscripts("index"));
        let refuse = |message: String| Misuse::new(Subject::Attribute("index"), message);
        let takes = |subscript: &&Subscript| !matches!(subscript, Subscript::Rest | Subscript::NewAxis);
        let taken = subscripts.iter().filter(takes).count();
        if taken > x.rank() {
            return Err(refuse(format!("too many subscripts: {taken} for shape {x}")));
        }
        if subscripts.iter().filter(|subscript| matches!(subscript, Subscript::Rest)).count() > 1 {
            return Err(refuse("an index has one `...` at most".into()));
        }
        // What is left out at the end is taken whole.
        let written = subscripts
            .iter()
            .copied()
            .chain((!subscripts.contains(&Subscript::Rest)).then_some(Subscript::Rest));
        let whole = Subscript::Range { start: None, stop: None, step: None };
        let all = written.flat_map(|subscript| match subscript {
            Subscript::Rest => vec![whole; x.rank() - taken],
            subscript => vec![subscript],
        });
        let (mut lengths, mut steps, mut first) = (Vec::new(), Vec::new(), 0usize);
        let mut axes = x.strides().into_iter().enumerate();
        for subscript in all {
            if subscript == Subscript::NewAxis {
                lengths.push(1);
                steps.push(0);
                continue;
            }
            let Some((axis, stride)) = axes.next() else { break };
            let part = Taken::of(&subscript, axis, x[axis]).map_err(refuse)?;
            // Strides beside an empty axis may be absurd, and are never walked.
            first = part.start.wrapping_mul(stride).wrapping_add(first);
            if !part.drops_axis {
                lengths.push(part.length);
                steps.push(part.step.wrapping_mul(stride as isize));
            }
        }
        let shape = Shape::from(lengths);
        let taken = Rearrangement::new(&shape, &steps, first);
        Ok(Bound::rearranged_in_part(taken, call, shape))
    }
}

/// What one subscript takes of an axis.
#[derive(Debug, Default)]
struct Taken {
    start: usize,
    step: isize,
    length: usize,
    drops_axis: bool,
}

impl Taken {
    fn of(subscript: &Subscript, axis: usize, length: usize) -> Result<Self, String> {
        // In i128 nothing that an i64 can say overflows.
        let n = length as i128;
        match *subscript {
            Subscript::At(index) => {
                let at = i128::from(index);
                if (-n..n).contains(&at) {
                    return Ok(Self {
                        start: at.rem_euclid(n) as usize,
                        drops_axis: true,
                        ..Self::default()
                    });
                }
                Err(match length {
                    0 => format!("{index} is outside of axis {axis}, which has no elements"),
                    _ => format!("{index} is outside of axis {axis}: it goes from {} to {}", -n, n - 1),
                })
            }
            Subscript::Range { step: Some(0), .. } => {
                Err(format!("the range {subscript} has a step of 0 and would never end"))
            }
            // These take no axis.
            Subscript::Rest | Subscript::NewAxis => Ok(Self::default()),
            Subscript::Range { start, stop, step } => Ok(Self::of_range(n, start, stop, step.unwrap_or(1))),
        }
    }

    fn of_range(n: i128, start: Option<i64>, stop: Option<i64>, step: i64) -> Self {
        let step = i128::from(step);
        // Going backwards, a range begins at the last place and ends before the first.
        let (lowest, highest) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let (begin, end) = if step > 0 { (lowest, highest) } else { (highest, lowest) };
        let place = |given: Option<i64>, without: i128| {
            let Some(at) = given.map(i128::from) else { return without };
            (if at < 0 { at + n } else { at }).clamp(lowest, highest)
        };
        let (start, stop) = (place(start, begin), place(stop, end));
        let span = if step > 0 { stop - start } else { start - stop };
        let length = if span > 0 { (span - 1) / step.abs() + 1 } else { 0 };
        // A step is taken only between elements; alone, one may be of any size.
        match length {
            0 => Self::default(),
            1 => Self { start: start as usize, length: 1, ..Self::default() },
            _ => Self {
                start: start as usize,
                step: step as isize,
                length: length as usize,
                drops_axis: false,
            },
        }
    }
}
