//! `unfold`: what every window of an image sees, as columns.

use crate::{op::*, shape::Shape};

pub struct Unfold {
    windows: Windows,
    channels: usize,
}

impl Op for Unfold {
    const CARD: Card = Card {
        name: "unfold",
        sign: None,
        doc: "Lays out what every window of an image sees, a column for each window.",
        inputs: &[Edge::float("x", "images [batch, channels, height, width]")],
        attributes: &[Windows::KERNEL, Windows::STRIDE, Windows::PADDING, Windows::DILATION],
        forward: "y[n, row of c and k, p] = x[n, c, p * stride + k * dilation − padding], 0 outside of x",
        backward: &[("x", "Σ upstream of all places where the element stands")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.unfold(x, kernel, dilation, padding, stride)",
            jax: "jnp.reshape(jax.lax.conv_general_dilated_patches(x, (kernel, kernel) if isinstance(kernel, int) else kernel, (stride, stride) if isinstance(stride, int) else stride, ((padding, padding), (padding, padding)) if isinstance(padding, int) else ((padding[0], padding[0]), (padding[1], padding[1])), rhs_dilation=None if dilation == 1 else ((dilation, dilation) if isinstance(dilation, int) else dilation)), (x.shape[0], x.shape[1] * (kernel * kernel if isinstance(kernel, int) else kernel[0] * kernel[1]), -1))",
            onnx: "",
        },
        samples: &[
            Sample {
                call: "unfold([[[[1, 2, 3], [4, 5, 6.5]]]], kernel = 2)",
                output: "[[[1, 2], [2, 3], [4, 5], [5, 6.5]]]",
            },
            Sample {
                call: "unfold([[[[1.5, 2]], [[3, 4]]]], kernel = [1, 2], stride = 2, padding = [0, 1])",
                output: "[[[0, 2], [1.5, 0], [0, 4], [3, 0]]]",
            },
        ],
        refusals: &[
            Refusal {
                call: "unfold([[[1, 2]]], kernel = 1)",
                message: "x has shape [1, 1, 2]; unfold takes [batch, channels, height, width]",
            },
            Refusal {
                call: "unfold([[[[1, 2]]]], kernel = 2)",
                message: "a window of 2 does not fit into axis 2",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let x = call.shape(0);
        let &[batch, channels, height, width] = &x[..] else {
            let message = format!("x has shape {x}; unfold takes [batch, channels, height, width]");
            return Err(Misuse::new(Subject::Input(0), message));
        };
        let kernel = Windows::for_each_axis(call, "kernel", 2, 1)?.unwrap_or_default();
        let windows = Windows::new(&Windows::along(call, &[height, width], &kernel)?);
        let rows = channels.saturating_mul(windows.taps());
        let shape = Shape::new(&[batch, rows, windows.output()]);
        Ok(Bound::float(Self { windows, channels }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let [image, columns] = self.windows.sizes(self.channels);
        in_parts(y.float(), columns, &|at, y| {
            // An image without elements may still have windows, of its padding.
            let x = x.float(0).chunks_exact(image).nth(at).unwrap_or_default();
            self.windows.columns(self.channels, x, 0..self.windows.output(), y);
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
        let [image, columns] = self.windows.sizes(self.channels);
        in_parts(gradient, image, &|at, gradient| {
            let upstream = &upstream[at * columns..][..columns];
            self.windows.add_columns(self.channels, upstream, 0..self.windows.output(), gradient);
        });
    }

    fn rounding(&self) -> Rounding {
        Rounding::Exact
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        0
    }
}
