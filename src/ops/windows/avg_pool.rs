//! `avg_pool`: the mean of every window.

use crate::op::*;

pub struct AvgPool {
    pool: Pool,
    count_include_pad: bool,
}

impl Op for AvgPool {
    const CARD: Card = Card {
        name: "avg_pool",
        sign: None,
        doc: "Takes the mean of every window of every channel.",
        inputs: &[Edge::float("x", "images [batch, channels, …] with one to three axes behind")],
        attributes: &[
            Windows::KERNEL,
            Pool::STRIDE,
            Windows::PADDING,
            Attribute {
                name: "count_include_pad",
                kind: AttributeKind::Flag,
                default: Some("true"),
                doc: "count the zeros of the padding among the elements of a window",
            },
        ],
        forward: "y = Σ x / count of each window",
        backward: &[("x", "Σ upstream / count of the windows that see the element")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "(torch.nn.functional.avg_pool1d if x.ndim == 3 else torch.nn.functional.avg_pool2d if x.ndim == 4 else torch.nn.functional.avg_pool3d)(x, kernel, stride, padding, False, count_include_pad)",
            jax: "jax.lax.reduce_window(x, 0.0, jax.lax.add, (1, 1) + ((kernel,) * (x.ndim - 2) if isinstance(kernel, int) else kernel), (1, 1) + (((kernel,) * (x.ndim - 2) if isinstance(kernel, int) else kernel) if stride is None else ((stride,) * (x.ndim - 2) if isinstance(stride, int) else stride)), ((0, 0), (0, 0)) + (((padding, padding),) * (x.ndim - 2) if isinstance(padding, int) else ((padding[0], padding[0]), (padding[1], padding[1])) if x.ndim == 4 else ((padding[0], padding[0]), (padding[1], padding[1]), (padding[2], padding[2])))) / (kernel if isinstance(kernel, int) and x.ndim == 3 else kernel * kernel if isinstance(kernel, int) and x.ndim == 4 else kernel * kernel * kernel if isinstance(kernel, int) else kernel[0] * kernel[1] if x.ndim == 4 else kernel[0] * kernel[1] * kernel[2]) if padding == 0 or count_include_pad else ...",
            onnx: "AveragePool",
        },
        samples: &[
            Sample {
                call: "avg_pool([[[[1, 2, 5, 3], [4, 3.5, -1, 0]]]], kernel = 2)",
                output: "[[[[2.625, 1.75]]]]",
            },
            Sample { call: "avg_pool([[[3, 1, -2]]], kernel = 2, padding = 1)", output: "[[[1.5, -0.5]]]" },
            Sample {
                call: "avg_pool([[[3, 1, -2]]], kernel = 2, stride = 1, padding = 1, count_include_pad = false)",
                output: "[[[3, 2, -0.5, -2]]]",
            },
        ],
        refusals: &[
            Refusal { call: "avg_pool([1, 2, 3], kernel = 2)", message: "[batch, channels, …]" },
            Refusal {
                call: "avg_pool([[[1, 2]]], kernel = 2, padding = 2)",
                message: "padding of 2 is more than half of kernel, 2",
            },
            Refusal {
                call: "avg_pool([[[1, 2]]], kernel = [1, 2])",
                message: "kernel has 2 numbers; it is one number, one for each axis",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (pool, shape) = Pool::of(call, "avg_pool")?;
        Ok(Bound::float(Self { pool, count_include_pad: call.flag("count_include_pad") }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let (x, y) = (x.float(0), y.float());
        self.pool.each(&mut |at, seen| {
            y[at] = pairwise_sum_of(seen.len(), |k| x[seen[k]]) / self.count(seen);
        });
    }

    fn backward<F: Float>(
        &self,
        _input: usize,
        _x: &Inputs<F>,
        _y: &[F],
        upstream: &[F],
        gradient: &mut [F],
    ) {
        self.pool.each(&mut |at, seen| {
            let share = upstream[at] / self.count(seen);
            seen.iter().for_each(|&to| gradient[to] += share);
        });
    }

    fn rounding(&self) -> Rounding {
        Rounding::Sums(self.pool.taps())
    }
}

impl AvgPool {
    /// What the sum of a window is divided by.
    fn count<F: Float>(&self, seen: &[usize]) -> F {
        F::from_f64(if self.count_include_pad { self.pool.taps() } else { seen.len() } as f64)
    }
}
