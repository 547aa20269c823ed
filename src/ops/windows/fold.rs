//! `fold`: columns of windows, added up to an image.

use crate::{op::*, shape::Shape};

pub struct Fold {
    windows: Windows,
    channels: usize,
}

impl Op for Fold {
    const CARD: Card = Card {
        name: "fold",
        sign: None,
        doc: "Adds up an image from what its windows hold, a column for each window.",
        inputs: &[Edge::float(
            "x",
            "columns [batch, channels * elements of a window, windows], as unfold gives them",
        )],
        attributes: &[
            Attribute {
                name: "shape",
                kind: AttributeKind::Ints,
                default: None,
                doc: "height and width of the image; one number where they are alike",
            },
            Windows::KERNEL,
            Windows::STRIDE,
            Windows::PADDING,
            Windows::DILATION,
        ],
        forward: "y[n, c, p * stride + k * dilation − padding] = Σ x[n, row of c and k, p]",
        backward: &[("x", "upstream at the place that the element is added to; 0 outside of the image")],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "torch.nn.functional.fold(x, shape, kernel, dilation, padding, stride)",
            jax: "jnp.reshape(jax.lax.conv_general_dilated(jnp.reshape(x, (-1, (*kernel, *kernel)[0] * (*kernel, *kernel)[1], ((*shape, *shape)[0] + 2 * (*padding, *padding)[0] - (*dilation, *dilation)[0] * ((*kernel, *kernel)[0] - 1) - 1) // (*stride, *stride)[0] + 1, ((*shape, *shape)[1] + 2 * (*padding, *padding)[1] - (*dilation, *dilation)[1] * ((*kernel, *kernel)[1] - 1) - 1) // (*stride, *stride)[1] + 1)), jnp.reshape(jnp.flip(jnp.eye((*kernel, *kernel)[0] * (*kernel, *kernel)[1], dtype=jnp.float64), 0), (1, (*kernel, *kernel)[0] * (*kernel, *kernel)[1], (*kernel, *kernel)[0], (*kernel, *kernel)[1])), (1, 1), (((*dilation, *dilation)[0] * ((*kernel, *kernel)[0] - 1) - (*padding, *padding)[0], (*shape, *shape)[0] - 1 + (*padding, *padding)[0] - ((*shape, *shape)[0] + 2 * (*padding, *padding)[0] - (*dilation, *dilation)[0] * ((*kernel, *kernel)[0] - 1) - 1) // (*stride, *stride)[0] * (*stride, *stride)[0]), ((*dilation, *dilation)[1] * ((*kernel, *kernel)[1] - 1) - (*padding, *padding)[1], (*shape, *shape)[1] - 1 + (*padding, *padding)[1] - ((*shape, *shape)[1] + 2 * (*padding, *padding)[1] - (*dilation, *dilation)[1] * ((*kernel, *kernel)[1] - 1) - 1) // (*stride, *stride)[1] * (*stride, *stride)[1])), lhs_dilation=None if stride == 1 else ((*stride, *stride)[0], (*stride, *stride)[1]), rhs_dilation=None if dilation == 1 else ((*dilation, *dilation)[0], (*dilation, *dilation)[1])), (x.shape[0], -1, (*shape, *shape)[0], (*shape, *shape)[1]))",
            onnx: "Col2Im",
        },
        samples: &[
            Sample {
                call: "fold([[[1, 2], [2, 3], [4, 5], [5, 6.5]]], shape = [2, 3], kernel = 2)",
                output: "[[[[1, 4, 3], [4, 10, 6.5]]]]",
            },
            Sample {
                call: "fold([[[9, 2], [1.5, 9], [9, 4], [3, 9]]], shape = [1, 2], kernel = [1, 2], stride = 2, padding = [0, 1])",
                output: "[[[[1.5, 2]], [[3, 4]]]]",
            },
        ],
        refusals: &[
            Refusal {
                call: "fold([[[1, 2], [3, 4]]], shape = [2, 3], kernel = 2)",
                message: "x has 2 rows, and a window of [2, 2] has 4 elements for each channel",
            },
            Refusal {
                call: "fold([[[1], [2]]], shape = [1, 3], kernel = [1, 2])",
                message: "x has 1 column, and an image of [1, 3] has 2 windows",
            },
            Refusal {
                call: "fold([1, 2], shape = 2, kernel = 1)",
                message: "fold takes [batch, rows, windows]",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let x = call.shape(0);
        let &[batch, rows, columns] = &x[..] else {
            let message = format!("x has shape {x}; fold takes [batch, rows, windows]");
            return Err(Misuse::new(Subject::Input(0), message));
        };
        let image = Windows::for_each_axis(call, "shape", 2, 1)?.unwrap_or_default();
        let kernel = Windows::for_each_axis(call, "kernel", 2, 1)?.unwrap_or_default();
        let windows = Windows::new(&Windows::along(call, &image, &kernel)?);
        let refuse = |message: String| Err(Misuse::new(Subject::Input(0), message));
        if !rows.is_multiple_of(windows.taps()) {
            let (rows, taps) = (counted(rows, "row"), windows.taps());
            return refuse(format!(
                "x has {rows}, and a window of {kernel:?} has {taps} elements for each channel"
            ));
        }
        if columns != windows.output() {
            let (columns, fit) = (counted(columns, "column"), counted(windows.output(), "window"));
            return refuse(format!("x has {columns}, and an image of {image:?} has {fit}"));
        }
        let channels = rows / windows.taps();
        Ok(Bound::float(Self { windows, channels }, Shape::new(&[batch, channels, image[0], image[1]])))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let [image, columns] = self.windows.sizes(self.channels);
        in_parts(y.float(), image, &|at, y| {
            y.fill(F::zero());
            let x = &x.float(0)[at * columns..][..columns];
            self.windows.add_columns(self.channels, x, 0..self.windows.output(), y);
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
        in_parts(gradient, columns, &|at, gradient| {
            // An image without elements may still have windows, of its padding.
            let upstream = upstream.chunks_exact(image).nth(at).unwrap_or_default();
            let mut seen = vec![F::zero(); columns];
            self.windows.columns(self.channels, upstream, 0..self.windows.output(), &mut seen);
            gradient.iter_mut().zip(&seen).for_each(|(gradient, &seen)| *gradient += seen);
        });
    }

    fn rounding(&self) -> Rounding {
        Rounding::Sums(self.windows.taps())
    }

    fn flops(&self, elements: usize, _backward: Option<usize>) -> usize {
        elements
    }
}
