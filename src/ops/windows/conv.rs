//! `conv`: every window of an image times weights, in one to three axes.

use crate::op::*;

pub struct Conv {
    all: Convolution,
}

impl Op for Conv {
    const CARD: Card = Card {
        name: "conv",
        sign: None,
        doc: "Multiplies every window of an image with weights and sums, the convolution of neural nets.",
        inputs: &[
            Edge::float("x", "images [batch, channels, …] with one to three axes behind"),
            Edge::float("w", "weights [output channels, channels / groups, …] with as many axes as x"),
        ],
        attributes: &[Windows::STRIDE, Windows::PADDING, Windows::DILATION, Windows::GROUPS],
        forward: "y[n, o, p] = Σ w[o, c, k] * x[n, c, p * stride + k * dilation − padding], 0 outside of x; \
                  a bias is added with + reshape(b, shape = [-1, 1, 1])",
        backward: &[
            ("x", "Σ w[o, c, k] * upstream[n, o, p] of all windows that see the element"),
            ("w", "Σ x * upstream[n, o, p] of all images n and windows p"),
        ],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "(torch.nn.functional.conv1d if x.ndim == 3 else torch.nn.functional.conv2d if x.ndim == 4 else torch.nn.functional.conv3d)(x, w, stride=stride if stride != 1 else None, padding=padding if padding != 0 else None, dilation=dilation if dilation != 1 else None, groups=groups if groups != 1 else None)",
            jax: "jax.lax.conv_general_dilated(x, w, (stride,) * (x.ndim - 2) if isinstance(stride, int) else stride, ((padding, padding),) * (x.ndim - 2) if isinstance(padding, int) else ((padding[0], padding[0]), (padding[1], padding[1])) if x.ndim == 4 else ((padding[0], padding[0]), (padding[1], padding[1]), (padding[2], padding[2])), rhs_dilation=None if dilation == 1 else ((dilation,) * (x.ndim - 2) if isinstance(dilation, int) else dilation), feature_group_count=groups if groups != 1 else None)",
            onnx: "Conv",
        },
        samples: &[
            Sample { call: "conv([[[1, 2, 3, 4]]], [[[1, 0, -1]]])", output: "[[[-2, -2]]]" },
            Sample {
                call: "conv([[[[1, 2, 3], [4, 5, 6], [7, 8, 9.5]]]], [[[[1, 0.5], [-1, 2]]]], stride = 2, padding = 1)",
                output: "[[[[2, 4], [16, 19]]]]",
            },
            Sample {
                call: "conv([[[1, 2, 3], [4, 5, 6.5]]], [[[1, 2]], [[3, -1]]], dilation = 2, groups = 2)",
                output: "[[[7], [5.5]]]",
            },
        ],
        refusals: &[
            Refusal {
                call: "conv([[1, 2]], [[1]])",
                message: "[batch, channels, …] with one to three axes behind",
            },
            Refusal {
                call: "conv([[[1, 2]]], [[[1], [2]]])",
                message: "x has 1 channel, and w has weights for 2",
            },
            Refusal {
                call: "conv([[[1, 2]]], [[[1, 2, 3]]])",
                message: "a window of 3 does not fit into axis 2 of x, which has 2 with its padding",
            },
            Refusal {
                call: "conv([[[1, 2]]], [[[1]]], stride = 0)",
                message: "stride is 0; it must be 1 or more",
            },
            Refusal {
                call: "conv([[[1, 2]]], [[[1]]], padding = [1, 1])",
                message: "padding has 2 numbers; it is one number, one for each axis",
            },
            Refusal {
                call: "conv([[[1], [2]]], [[[1]]], groups = 2)",
                message: "1 output channel does not part into 2 groups",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (x, w, groups) = (call.shape(0), call.shape(1), Windows::groups(call)?);
        let image = Windows::image(call, "conv")?;
        let kernel = Windows::kernel_in(call, 1)?;
        let needed = w[1].saturating_mul(groups);
        if x[1] != needed {
            let of_x = counted(x[1], "channel");
            let message = match groups {
                1 => format!("x has {of_x}, and w has weights for {}", w[1]),
                _ => format!("x has {of_x}, and w has weights for {} in each of {groups} groups", w[1]),
            };
            return Err(Misuse::new(Subject::Call, message)
                .help("w has shape [output channels, channels / groups, …]"));
        }
        let output_channels = in_groups(w[0], groups, "output channel", 1)?;
        let axes = Windows::along(call, image, kernel)?;
        let shape = [x[0], w[0]].into_iter().chain(axes.iter().map(|axis| axis.output)).collect();
        let windows = Windows::new(&axes);
        let all = Convolution::new(windows, x[0], groups, w[1], output_channels);
        Ok(Bound::float(Self { all }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        self.all.apply(x.float(0), x.float(1), F::zero(), y.float());
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        match input {
            0 => self.all.add_to_image(x.float(1), upstream, gradient),
            _ => self.all.add_to_weights(x.float(0), upstream, gradient),
        }
    }

    fn rounding(&self) -> Rounding {
        Rounding::Products { added: Some(2) }
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        self.all.flops()
    }
}
