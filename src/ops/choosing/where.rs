//! `where`, one of two values at each place.

use crate::{
    op::*,
    tensor::{Kind, Type},
};

pub struct Where {
    places: Meeting<3>,
}

impl Op for Where {
    const CARD: Card = Card {
        name: "where",
        sign: None,
        doc: "Takes one tensor where a condition holds and another elsewhere.",
        inputs: &[
            Edge::bool("c", "the condition, true or false"),
            Edge::number("a", "what is taken where it holds"),
            Edge::number("b", "what is taken elsewhere"),
        ],
        attributes: &[],
        forward: "y = a where c holds, else b",
        backward: &[("a", "upstream where c holds, else 0"), ("b", "0 where c holds, else upstream")],
        kinks: None,
        elsewhere: Elsewhere { torch: "torch.where(c, a, b)", jax: "jnp.where(c, a, b)", onnx: "Where" },
        samples: &[
            Sample { call: "where([true, false, true], [1.5, 2.5, 3.5], 0.5)", output: "[1.5, 0.5, 3.5]" },
            Sample {
                call: "where([[true], [false]], [1.5, 2.5], [[-1.5, -2.5]])",
                output: "[[1.5, 2.5], [-1.5, -2.5]]",
            },
        ],
        refusals: &[
            Refusal {
                call: "where([1.5, 0], [1, 2], [3, 4])",
                message: "takes true or false for `c`, got floats",
            },
            Refusal { call: "where([true, false], [1, 2, 3], 0)", message: "do not broadcast" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (places, shape) = Meeting::of(call)?;
        let is_int = call.kind(1) == Kind::Int;
        // Which of the numbers are chosen is not known: those of one side may all be masked.
        let output = if is_int { Type::int(shape) } else { Type::float(shape) };
        Ok(Bound { op: Self { places }, output, range: None })
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let c = x.float(0);
        match y {
            Output::Float(y) => {
                let choose = |[c, a, b]: [F; 3]| if c != F::zero() { a } else { b };
                self.places.fill([c, x.float(1), x.float(2)], y, choose);
            }
            Output::Int(y) => {
                let (a, b) = (x.int(1), x.int(2));
                self.places.each(|at, [i, j, k]| y[at] = if c[i] != F::zero() { a[j] } else { b[k] });
            }
        }
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        let c = x.float(0);
        self.places.each(|at, from| {
            if (c[from[0]] != F::zero()) == (input == 1) {
                gradient[from[input]] += upstream[at];
            }
        });
    }

    fn is_elementwise(&self) -> bool {
        true
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }
}
