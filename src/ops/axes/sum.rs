//! `sum` over axes.

use crate::op::*;

pub struct Sum {
    over: Reduction,
}

impl Op for Sum {
    const CARD: Card = Card {
        name: "sum",
        sign: Some("Σ"),
        doc: "Sums the elements along axes, or all of them.",
        inputs: &[Edge::float("x", "any tensor")],
        attributes: &[Reduction::AXIS, Reduction::KEEPDIMS],
        forward: "y = Σ x",
        backward: &[("x", "upstream, repeated along the summed axes")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.sum(x, dim=axis if axis is not None else tuple(range(x.ndim)) if keepdims else None, keepdim=keepdims)",
            jax: "jnp.sum(x, axis=axis, keepdims=keepdims)",
            onnx: "ReduceSum",
        },
        samples: &[
            Sample { call: "sum([[1.5, 2, 3], [4, 5, 6]])", output: "21.5" },
            Sample { call: "sum([[1, 2, 3], [4, 5, 6]], axis = 0)", output: "[5, 7, 9]" },
            Sample { call: "sum([[1, 2, 3], [4, 5, 6]], axis = -1, keepdims = true)", output: "[[6], [15]]" },
        ],
        refusals: &[Refusal { call: "sum([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" }],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (over, shape) = Reduction::of(call)?;
        Ok(Bound::float(Self { over }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        self.over.sum(x.float(0), y.float());
    }

    fn backward<F: Float>(
        &self,
        _input: usize,
        _x: &Inputs<F>,
        _y: &[F],
        upstream: &[F],
        gradient: &mut [F],
    ) {
        self.over.send_back(upstream, |upstream| upstream, gradient);
    }

    fn rounding(&self) -> Rounding {
        Rounding::Sums(self.over.groups.size)
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        Some(self.over.sum_cone(x, |total| total))
    }
}
