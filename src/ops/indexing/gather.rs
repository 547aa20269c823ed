//! `gather`: along one axis, an element for every index.

use crate::{op::*, tensor::Type};

pub struct Gather {
    chosen: Indexed,
}

impl Op for Gather {
    const CARD: Card = Card {
        name: "gather",
        sign: None,
        doc: "Takes along an axis the elements that indices name, one index for each element of the output.",
        inputs: &[
            Edge::either("x", "any tensor but a scalar, float or int"),
            Edge::int(
                "i",
                "as many axes as x, as long as those but for axis; a negative one counts from the end",
            ),
        ],
        attributes: &[Attribute {
            name: "axis",
            kind: AttributeKind::Int,
            default: None,
            doc: "the axis along which the indices count",
        }],
        forward: "y[…, j, …] = x[…, i[…, j, …], …]; NaN where an index turns out to be out of range",
        backward: &[("x", "upstream added up at the places taken, 0 elsewhere")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.gather(x, axis, i % x.shape[axis])",
            jax: "jnp.take_along_axis(x, i, axis=axis)",
            onnx: "GatherElements",
        },
        samples: &[
            Sample {
                call: "gather([[1.5, 2.5, 3.5], [4.5, 5.5, 6.5]], [[2, 0], [1, 1]], axis = 1)",
                output: "[[3.5, 1.5], [5.5, 5.5]]",
            },
            Sample { call: "gather([[1.0, 2.0], [3.0, 4.0]], [[-1, 0]], axis = 0)", output: "[[3, 2]]" },
            Sample { call: "gather([10, 20, 30], [0, 0, 2, 0], axis = 0)", output: "[10, 10, 30, 10]" },
        ],
        refusals: &[
            Refusal {
                call: "gather([[1.0, 2.0]], [[0, 2]], axis = 1)",
                message: "index 2 is out of range: axis 1 of x goes from -2 to 1",
            },
            Refusal {
                call: "gather([[1.0, 2.0], [3.0, 4.0]], [0, 1], axis = 0)",
                message: "i has shape [2]; beside x of shape [2, 2] only axis 0 may differ",
            },
            Refusal { call: "gather([1.0, 2.0], [0], axis = 1)", message: "axis 1 is outside of shape [2]" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let axis = call.axis_of(0, call.int("axis").unwrap_or(0), "axis")?;
        let chosen = Indexed::of_each(call, axis)?;
        let output = Type { kind: call.kind(0), shape: call.shape(1).clone() };
        Ok(Bound { op: Self { chosen }, output, range: None })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        match y {
            Output::Float(y) => self.chosen.choose(x.int(1), x.float(0), y, F::from_f64(f64::NAN)),
            Output::Int(y) => self.chosen.choose(x.int(1), x.int(0), y, i64::MIN),
        }
    }

    fn backward<F: Float>(&self, _input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        self.chosen.add_back(x.int(1), upstream, gradient);
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
