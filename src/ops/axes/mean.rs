//! `mean` over axes.

use crate::op::*;

pub struct Mean {
    over: Reduction,
}

impl Op for Mean {
    const CARD: Card = Card {
        name: "mean",
        sign: None,
        doc: "Averages the elements along axes, or all of them.",
        inputs: &[Edge::float("x", "any tensor with elements to average")],
        attributes: &[Reduction::AXIS, Reduction::KEEPDIMS],
        forward: "y = Σ x / n, for n elements",
        backward: &[("x", "upstream / n, repeated along the averaged axes")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.mean(x, dim=axis if axis is not None else tuple(range(x.ndim)) if keepdims else None, keepdim=keepdims)",
            jax: "jnp.mean(x, axis=axis, keepdims=keepdims)",
            onnx: "ReduceMean",
        },
        samples: &[
            Sample { call: "mean([[1.5, 2, 3], [4, 5, 6]])", output: "3.5833333333333335" },
            Sample { call: "mean([[1, 2, 3], [4, 5, 6]], axis = 0)", output: "[2.5, 3.5, 4.5]" },
            Sample { call: "mean([[1, 2, 3], [4, 5, 6]], axis = -1, keepdims = true)", output: "[[2], [5]]" },
        ],
        refusals: &[
            Refusal { call: "mean([1, 2], axis = 1)", message: "axis 1 is outside of shape [2]" },
            Refusal { call: "mean([])", message: "there is no mean of nothing" },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (over, shape) = Reduction::of(call)?;
        over.refuse_nothing(call, "mean")?;
        Ok(Bound::float(Self { over }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        self.over.sum(x.float(0), y);
        let n = F::from_f64(self.over.groups.size as f64);
        y.iter_mut().for_each(|y| *y = *y / n);
    }

    fn backward<F: Float>(
        &self,
        _input: usize,
        _x: &Inputs<F>,
        _y: &[F],
        upstream: &[F],
        gradient: &mut [F],
    ) {
        let n = F::from_f64(self.over.groups.size as f64);
        self.over.send_back(upstream, |upstream| upstream / n, gradient);
    }

    fn rounding(&self) -> Rounding {
        Rounding::Sums(self.over.groups.size)
    }

    fn cone<'a>(&'a self, x: &Inputs<f64>) -> Option<Box<dyn Cone + 'a>> {
        let n = self.over.groups.size as f64;
        Some(self.over.sum_cone(x, move |total| total / n))
    }
}
