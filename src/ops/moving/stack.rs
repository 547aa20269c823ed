//! `stack`: tensors of one shape side by side, along a new axis.

use crate::{op::*, shape::Shape, tensor::Type};

pub struct Stack {
    joined: Joined,
}

impl Op for Stack {
    const CARD: Card = Card {
        name: "stack",
        sign: None,
        doc: "Puts tensors of one shape side by side along a new axis.",
        inputs: &[Edge::either("x", "the tensors, all float or all int, of one shape").or_more()],
        attributes: &[Attribute {
            name: "axis",
            kind: AttributeKind::Int,
            default: Some("0"),
            doc: "where the new axis stands in the output",
        }],
        forward: "y = the x one after another along a new axis",
        backward: &[("x", "the part of upstream where x lies in y")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.stack([*x], dim=axis)",
            jax: "jnp.stack([*x], axis=axis)",
            onnx: "",
        },
        samples: &[
            Sample { call: "stack([1.0, 2.0], [3.0, 4.0])", output: "[[1, 2], [3, 4]]" },
            Sample {
                call: "stack([[1.5, 2.0]], [[3.0, 4.0]], [[-1.0, -2.0]], axis = -1)",
                output: "[[[1.5, 3, -1], [2, 4, -2]]]",
            },
            Sample { call: "stack(1.0, 2.0)", output: "[1, 2]" },
        ],
        refusals: &[
            Refusal {
                call: "stack([1.0, 2.0], [3.0])",
                message: "shapes [2] and [1] do not stack: all must be alike",
            },
            Refusal {
                call: "stack([1.0, 2.0], [3.0, 4.0], axis = 2)",
                message: "axis 2 is outside of the output, which has 2 axes: it goes from -2 to 1",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        Joined::of_one_kind(call)?;
        let (first, kind) = (call.shape(0), call.kind(0));
        let axis = call.new_axis(call.int("axis").unwrap_or(0), first.rank() + 1, "axis")?;
        let mut joined = Joined::default();
        for (input, argument) in call.inputs.iter().enumerate() {
            if argument.ty.shape != *first {
                let shape = &argument.ty.shape;
                let message = format!("shapes {first} and {shape} do not stack: all must be alike");
                return Err(Misuse::new(Subject::Input(input), message)
                    .help("`concat` joins tensors of other lengths along an axis that they have"));
            }
            joined.push(Shape::new(&first[axis..]).size());
        }
        let (outer, inner) = first.split_at(axis);
        let shape = outer.iter().chain([&call.inputs.len()]).chain(inner).copied().collect();
        Ok(Bound { op: Self { joined }, output: Type { kind, shape }, range: Joined::range(call) })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        self.joined.forward(x, y);
    }

    fn backward<F: Float>(&self, input: usize, _x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        self.joined.backward(input, upstream, gradient);
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        self.joined.cone(x)
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        0
    }
}
