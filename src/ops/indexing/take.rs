//! `take`: slices of a tensor by their numbers, such as rows of an embedding.

use crate::{op::*, tensor::Type};

pub struct Take {
    chosen: Indexed,
}

impl Op for Take {
    const CARD: Card = Card {
        name: "take",
        sign: None,
        doc: "Takes the slices of a tensor that indices name, such as the rows of a table.",
        inputs: &[
            Edge::either("x", "any tensor but a scalar, float or int"),
            Edge::int(
                "i",
                "indices of any shape, which stands in place of axis; a negative one counts from the end; several, one for each axis from there on, are paired",
            )
            .or_more(),
        ],
        attributes: &[Attribute {
            name: "axis",
            kind: AttributeKind::Int,
            default: Some("0"),
            doc: "the axis along which the indices count",
        }],
        forward: "y[…, j…, …] = x[…, i[j…], …]; NaN where an index turns out to be out of range",
        backward: &[("x", "upstream added up at the slices taken, 0 elsewhere")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "x[(slice(None),) * (axis % x.ndim) + i]",
            jax: "x[(slice(None),) * (axis % x.ndim) + i]",
            onnx: "",
        },
        samples: &[
            Sample {
                call: "take([[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]], [2, 0, 2])",
                output: "[[5.5, 6.5], [1.5, 2.5], [5.5, 6.5]]",
            },
            Sample {
                call: "take([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], [[0, -1]], axis = 1)",
                output: "[[[1, 3]], [[4, 6]]]",
            },
            Sample { call: "take([7.25, 8.5], 1)", output: "8.5" },
            Sample {
                call: "take([[1.5, 2.5], [3.5, 4.5], [5.5, 6.5]], [0, 2, 1], [1, 0, -1])",
                output: "[2.5, 5.5, 4.5]",
            },
        ],
        refusals: &[
            Refusal {
                call: "take([[1.0, 2.0]], [0, 1])",
                message: "index 1 is out of range: axis 0 of x goes from -1 to 0",
            },
            Refusal { call: "take([1.0, 2.0], -3)", message: "index -3 is out of range" },
            Refusal { call: "take(1.0, 0)", message: "it has no axes" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let axis = call.axis_of(0, call.int("axis").unwrap_or(0), "axis")?;
        let (chosen, shape) = Indexed::of_all(call, axis)?;
        Ok(Bound { op: Self { chosen }, output: Type { kind: call.kind(0), shape }, range: None })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        match y {
            Output::Float(y) => {
                self.chosen.choose(&self.chosen.ints(x), x.float(0), y, F::from_f64(f64::NAN))
            }
            Output::Int(y) => self.chosen.choose(&self.chosen.ints(x), x.int(0), y, i64::MIN),
        }
    }

    fn backward<F: Float>(&self, _input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        self.chosen.add_back(&self.chosen.ints(x), upstream, gradient);
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        Some(self.chosen.cone(x))
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        0
    }
}
