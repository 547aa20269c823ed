//! `cast`, the same numbers as another kind.

use crate::{
    op::*,
    tensor::{Kind, Type},
};

pub struct Cast {
    from: Kind,
    to: Kind,
}

impl Op for Cast {
    const CARD: Card = Card {
        name: "cast",
        sign: None,
        doc: "Makes floats, ints or truths of a tensor; a fraction is cut off, and all but 0 is true.",
        inputs: &[Edge::either("x", "any tensor")],
        attributes: &[Attribute {
            name: "to",
            kind: AttributeKind::Choice(&["float", "int", "bool"]),
            default: None,
            doc: "the kind of the output",
        }],
        forward: "y = x, cut to a whole number for an int; x != 0 for a bool",
        backward: &[("x", "upstream from float to float, else none")],
        kinks: Some("from float to int at every whole number, and to bool at 0, where the output jumps"),
        elsewhere: Elsewhere {
            torch: "x.to(torch.float64 if to == 'float' else torch.int64 if to == 'int' else torch.bool)",
            jax: "x.astype(jnp.float64 if to == 'float' else jnp.int64 if to == 'int' else jnp.bool_)",
            onnx: "Cast",
        },
        samples: &[
            Sample { call: "cast([1.5, -1.5, 0.0], to = \"int\")", output: "[1, -1, 0]" },
            Sample { call: "cast([1.5, 0.0], to = \"bool\")", output: "[true, false]" },
            Sample { call: "cast([true, false], to = \"float\")", output: "[1.0, 0.0]" },
            Sample { call: "cast([0.5, 1.5], to = \"float\")", output: "[0.5, 1.5]" },
        ],
        refusals: &[Refusal {
            call: "cast([1, 2], to = \"double\")",
            message: "must be one of \"float\", \"int\", \"bool\"",
        }],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let from = call.kind(0);
        let to = Kind::of(call.choice("to")).unwrap_or(Kind::Float);
        let range = match (from, to) {
            (Kind::Bool, Kind::Int) => Some((0, 1)),
            (Kind::Int, Kind::Int) => call.inputs[0].range,
            _ => None,
        };
        Ok(Bound { op: Self { from, to }, output: Type { kind: to, shape: call.shape(0).clone() }, range })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let truth = |holds: bool| if holds { F::one() } else { F::zero() };
        match y {
            Output::Int(y) if self.from == Kind::Int => y.copy_from_slice(x.int(0)),
            Output::Int(y) => y.iter_mut().zip(x.float(0)).for_each(|(y, x)| *y = x.to_f64() as i64),
            Output::Float(y) => match (self.from, self.to) {
                (Kind::Int, Kind::Bool) => {
                    y.iter_mut().zip(x.int(0)).for_each(|(y, &x)| *y = truth(x != 0));
                }
                (Kind::Int, _) => y.iter_mut().zip(x.int(0)).for_each(|(y, &x)| *y = F::from_f64(x as f64)),
                (_, Kind::Bool) => {
                    y.iter_mut().zip(x.float(0)).for_each(|(y, &x)| *y = truth(x != F::zero()));
                }
                _ => y.copy_from_slice(x.float(0)),
            },
        }
    }

    fn backward<F: Float>(
        &self,
        _input: usize,
        _x: &Inputs<F>,
        _y: &[F],
        upstream: &[F],
        gradient: &mut [F],
    ) {
        gradient.iter_mut().zip(upstream).for_each(|(gradient, &up)| *gradient += up);
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        if self.from != Kind::Float || self.to == Kind::Float {
            return;
        }
        for &x in x.float(0) {
            let jump = if self.to == Kind::Bool { F::zero() } else { F::from_f64(x.to_f64().trunc()) };
            taken.take(step(jump, x == jump).wrapping_mul(4) + side_of_zero(x - jump));
        }
    }

    fn is_elementwise(&self) -> bool {
        true
    }
}
