//! `leaky_relu`, relu with a slope on the left.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct LeakyRelu {
    slope: f64,
}

impl Elementwise<1> for LeakyRelu {
    const CARD: Card = Card {
        name: "leaky_relu",
        sign: None,
        doc: "Passes positive elements on and makes the others smaller.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[Attribute {
            name: "slope",
            kind: AttributeKind::Float,
            default: Some("0.01"),
            doc: "what an element that is not positive is multiplied by",
        }],
        forward: "y = x where x > 0, else slope * x",
        backward: &[("x", "upstream where x > 0, else slope * upstream")],
        kinks: Some("at x = 0, where backward takes the slope on the left, `slope`"),
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.leaky_relu(x, slope)",
            jax: "jax.nn.leaky_relu(x, slope)",
            onnx: "LeakyRelu",
        },
        samples: &[
            Sample { call: "leaky_relu([[1.0, -0.5], [-2.0, 3.0]])", output: "[[1, -0.005], [-0.02, 3]]" },
            Sample { call: "leaky_relu([-4, 4], slope = 0.25)", output: "[-1, 4]" },
        ],
        refusals: &[
            Refusal { call: "leaky_relu([1, 2], [3])", message: "takes 1 input" },
            Refusal { call: "leaky_relu([1, 2], slop = 0.1)", message: "unknown attribute `slop`" },
        ],
    };

    fn configure(self, call: &Call) -> Result<Self, Misuse> {
        Ok(Self { slope: call.float("slope").unwrap_or(0.01) })
    }

    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        if x > F::zero() { x } else { F::from_f64(self.slope) * x }
    }

    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        [if x > F::zero() { upstream } else { F::from_f64(self.slope) * upstream }]
    }

    fn branch<F: Float>(&self, [x]: [F; 1]) -> usize {
        side_of_zero(x)
    }
}
