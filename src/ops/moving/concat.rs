//! `concat`: tensors joined along an axis.

use crate::{op::*, shape::Shape, tensor::Type};

pub struct Concat {
    joined: Joined,
}

impl Op for Concat {
    const CARD: Card = Card {
        name: "concat",
        sign: None,
        doc: "Joins tensors along one of their axes.",
        inputs: &[Edge::either(
            "x",
            "the tensors, all float or all int, alike in all lengths but that of the axis",
        )
        .or_more()],
        attributes: &[Attribute {
            name: "axis",
            kind: AttributeKind::Int,
            default: Some("0"),
            doc: "the axis along which they are joined",
        }],
        forward: "y = the x one after another along axis",
        backward: &[("x", "the part of upstream where x lies in y")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.cat([*x], dim=axis)",
            jax: "jnp.concatenate([*x], axis=axis)",
            onnx: "Concat",
        },
        samples: &[
            Sample { call: "concat([1.0, 2.0], [3.0])", output: "[1, 2, 3]" },
            Sample {
                call: "concat([[1.5], [2.5]], [[3.0, 4.0], [5.0, 6.0]], [[-1.0], [-2.0]], axis = 1)",
                output: "[[1.5, 3, 4, -1], [2.5, 5, 6, -2]]",
            },
            Sample { call: "concat([[1, 2]], [[3, 4], [5, 6]])", output: "[[1, 2], [3, 4], [5, 6]]" },
        ],
        refusals: &[
            Refusal {
                call: "concat([[1.0, 2.0]], [[3.0]])",
                message: "[1, 2] and [1, 1] do not join along axis 0",
            },
            Refusal { call: "concat(1.0, 2.0)", message: "it has no axes" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        Joined::of_one_kind(call)?;
        let (first, kind) = (call.shape(0), call.kind(0));
        let axis = call.axis_of(0, call.int("axis").unwrap_or(0), "axis")?;
        let inner = Shape::new(&first[axis + 1..]).size();
        let (mut length, mut joined) = (0usize, Joined::default());
        for (input, argument) in call.inputs.iter().enumerate() {
            let shape = &argument.ty.shape;
            let alike = (0..first.rank()).all(|k| k == axis || shape.get(k) == first.get(k));
            if shape.rank() != first.rank() || !alike {
                let message = format!("shapes {first} and {shape} do not join along axis {axis}");
                return Err(Misuse::new(Subject::Input(input), message)
                    .help("all lengths but that of the joined axis must agree"));
            }
            length = length.saturating_add(shape[axis]);
            joined.push(shape[axis].saturating_mul(inner));
        }
        let shape = first.iter().enumerate().map(|(k, &n)| if k == axis { length } else { n }).collect();
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
