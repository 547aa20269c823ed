//! `clip`, the nearest number between two limits.

use crate::op::*;

#[derive(Clone, Copy, Default)]
pub struct Clip {
    min: Option<f64>,
    max: Option<f64>,
}

impl Elementwise<1> for Clip {
    const CARD: Card = Card {
        name: "clip",
        sign: None,
        doc: "Keeps every element between two limits, of which one may be left out.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[
            Attribute {
                name: "min",
                kind: AttributeKind::Float,
                default: Some(""),
                doc: "the least that may come out; anything without it",
            },
            Attribute {
                name: "max",
                kind: AttributeKind::Float,
                default: Some(""),
                doc: "the most that may come out; anything without it",
            },
        ],
        forward: "y = min where x < min; max where x > max; else x",
        backward: &[("x", "upstream between min and max, else 0")],
        kinks: Some("at x = min and x = max, where backward gives 0"),
        elsewhere: Elsewhere {
            torch: "torch.clamp(x, min=min, max=max)",
            jax: "jnp.clip(x, min=min, max=max)",
            onnx: "Clip",
        },
        samples: &[
            Sample { call: "clip([1.5, -2, 0.25], min = -1, max = 1)", output: "[1, -1, 0.25]" },
            Sample { call: "clip([[-1e6], [3]], min = 0.5)", output: "[[0.5], [3]]" },
            Sample { call: "clip([-4, 4], max = 2.5)", output: "[-4, 2.5]" },
        ],
        refusals: &[
            Refusal { call: "clip([1, 2])", message: "neither min nor max" },
            Refusal { call: "clip([1, 2], min = 3, max = 1)", message: "min is 3 and max is 1" },
        ],
    };
    const ROUNDING: Rounding = Rounding::Exact;

    fn configure(self, call: &Call) -> Result<Self, Misuse> {
        let [min, max] = ["min", "max"].map(|name| call.float(name));
        if min.is_none() && max.is_none() {
            let message = "`clip` has neither min nor max: nothing is kept between them";
            return Err(Misuse::new(Subject::Call, message).help("write one of them or both, `min = 0`"));
        }
        for (name, limit) in [("min", min), ("max", max)] {
            if limit.is_some_and(f64::is_nan) {
                return Err(Misuse::new(Subject::Attribute(name), format!("{name} is not a number")));
            }
        }
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            let message = format!("min is {min} and max is {max}: nothing lies between them");
            return Err(Misuse::new(Subject::Attribute("min"), message));
        }
        Ok(Self { min, max })
    }

    #[inline(always)]
    fn forward<F: Float>(&self, [x]: [F; 1]) -> F {
        let (min, max) = self.limits();
        let x = if x < min { min } else { x };
        if x > max { max } else { x }
    }

    #[inline(always)]
    fn backward<F: Float>(&self, [x]: [F; 1], _y: F, upstream: F) -> [F; 1] {
        let (min, max) = self.limits();
        // An infinite x, too, lies on the inner side of a limit that is left out.
        let is_between = (self.min.is_none() | (x > min)) & (self.max.is_none() | (x < max));
        [if is_between { upstream } else { F::zero() }]
    }

    fn branch<F: Float>(&self, [x]: [F; 1]) -> usize {
        // Below a limit, on it, above it, or no number.
        let side = |limit: Option<f64>| match limit.map(|limit| x.partial_cmp(&F::from_f64(limit))) {
            None => 0,
            Some(order) => order.map_or(4, |order| (order as i8 + 2) as usize),
        };
        5 * side(self.min) + side(self.max)
    }
}

impl Clip {
    /// Both limits; one that is left out is far away.
    #[inline(always)]
    fn limits<F: Float>(&self) -> (F, F) {
        let (min, max) = (self.min.unwrap_or(f64::NEG_INFINITY), self.max.unwrap_or(f64::INFINITY));
        (F::from_f64(min), F::from_f64(max))
    }
}
