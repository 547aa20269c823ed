//! `max_pool`: the greatest element of every window.

use crate::op::*;
use std::cmp::Ordering;

pub struct MaxPool {
    pool: Pool,
}

impl Op for MaxPool {
    const CARD: Card = Card {
        name: "max_pool",
        sign: None,
        doc: "Takes the greatest element of every window of every channel.",
        inputs: &[Edge::float("x", "images [batch, channels, …] with one to three axes behind")],
        attributes: &[Windows::KERNEL, Pool::STRIDE, Windows::PADDING, Windows::DILATION],
        forward: "y = max x of each window; NaN where there is one; padding is never taken",
        backward: &[("x", "upstream of every window whose first greatest element it is, else 0")],
        kinks: Some(
            "where several elements of a window are greatest, of which backward gives the first the whole gradient",
        ),
        elsewhere: Elsewhere {
            torch: "(torch.nn.functional.max_pool1d if x.ndim == 3 else torch.nn.functional.max_pool2d if x.ndim == 4 else torch.nn.functional.max_pool3d)(x, kernel, stride=stride, padding=padding if padding != 0 else None, dilation=dilation if dilation != 1 else None)",
            jax: "jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1) + ((kernel,) * (x.ndim - 2) if isinstance(kernel, int) else kernel), (1, 1) + (((kernel,) * (x.ndim - 2) if isinstance(kernel, int) else kernel) if stride is None else ((stride,) * (x.ndim - 2) if isinstance(stride, int) else stride)), ((0, 0), (0, 0)) + (((padding, padding),) * (x.ndim - 2) if isinstance(padding, int) else ((padding[0], padding[0]), (padding[1], padding[1])) if x.ndim == 4 else ((padding[0], padding[0]), (padding[1], padding[1]), (padding[2], padding[2])))) if dilation == 1 else ...",
            onnx: "MaxPool",
        },
        samples: &[
            Sample {
                call: "max_pool([[[[1, 2, 5, 3], [4, 3.5, -1, 0]]]], kernel = 2)",
                output: "[[[[4, 5]]]]",
            },
            Sample {
                call: "max_pool([[[3, 1, -2, 5, 4]]], kernel = 3, stride = 2, padding = 1)",
                output: "[[[3, 5, 5]]]",
            },
            Sample {
                call: "max_pool([[[3, 1, -2, 5, 4]]], kernel = 2, stride = 1, dilation = 3)",
                output: "[[[5, 4]]]",
            },
        ],
        refusals: &[
            Refusal { call: "max_pool([1, 2, 3], kernel = 2)", message: "[batch, channels, …]" },
            Refusal {
                call: "max_pool([[[1, 2]]], kernel = 2, padding = 2)",
                message: "padding of 2 is more than half of kernel, 2",
            },
            Refusal {
                call: "max_pool([[[1, 2]]], kernel = 3)",
                message: "a window of 3 does not fit into axis 2 of x, which has 2 with its padding",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (pool, shape) = Pool::of(call, "max_pool")?;
        Ok(Bound::float(Self { pool }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        self.each(x, &mut |at, winner| {
            y[at] = winner.map_or(F::from_f64(f64::NEG_INFINITY), |winner| x.float(0)[winner.at])
        });
    }

    fn backward<F: Float>(&self, _input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        self.each(x, &mut |at, winner| {
            if let Some(winner) = winner {
                gradient[winner.at] += upstream[at];
            }
        });
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn branches<F: Float>(&self, x: &Inputs<F>, taken: &mut Branches) {
        self.each(x, &mut |_, winner| taken.take(winner.map_or(0, Winner::branch)));
    }
}

impl MaxPool {
    /// Calls `visit` with every output element and the winner of its window; spread far apart, a
    /// window's taps may all miss the image.
    fn each<F: Float>(&self, x: &Inputs<F>, visit: &mut dyn FnMut(usize, Option<Winner>)) {
        self.pool.each(&mut |at, seen| {
            let winner = seen.split_first().map(|(&first, others)| {
                Winner::among(x.float(0), first, others.iter().copied(), Ordering::Greater)
            });
            visit(at, winner);
        });
    }
}
