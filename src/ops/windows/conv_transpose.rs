//! `conv_transpose`: every element times weights, added up where its window lies.

use crate::op::*;

pub struct ConvTranspose {
    /// The convolution that goes the other way: from the output here to the input.
    back: Convolution,
}

impl Op for ConvTranspose {
    const CARD: Card = Card {
        name: "conv_transpose",
        sign: None,
        doc: "Spreads every element over a window by weights and sums, what `conv` does to gradients.",
        inputs: &[
            Edge::float("x", "images [batch, channels, …] with one to three axes behind"),
            Edge::float("w", "weights [channels, output channels / groups, …] with as many axes as x"),
        ],
        attributes: &[
            Windows::STRIDE,
            Windows::PADDING,
            Attribute {
                name: "output_padding",
                kind: AttributeKind::Ints,
                default: Some("0"),
                doc: "how many elements more the output has at the end of each axis; one number, or one for each axis",
            },
            Windows::DILATION,
            Windows::GROUPS,
        ],
        forward: "y[n, o, p * stride + k * dilation − padding] = Σ w[c, o, k] * x[n, c, p]",
        backward: &[
            ("x", "Σ w[c, o, k] * upstream[n, o, …] of all taps k and output channels o"),
            ("w", "Σ x[n, c, p] * upstream[n, o, …] of all images n and places p"),
        ],
        kinks: None,
        elsewhere: Elsewhere {
            torch: "(torch.nn.functional.conv_transpose1d if x.ndim == 3 else torch.nn.functional.conv_transpose2d if x.ndim == 4 else torch.nn.functional.conv_transpose3d)(x, w, stride=stride if stride != 1 else None, padding=padding if padding != 0 else None, output_padding=output_padding if output_padding != 0 else None, groups=groups if groups != 1 else None, dilation=dilation if dilation != 1 else None)",
            jax: "jax.lax.conv_general_dilated(x, jnp.flip(w, range(2, x.ndim)).swapaxes(0, 1) if groups == 1 else jnp.reshape(jnp.swapaxes(jnp.reshape(jnp.flip(w, range(2, x.ndim)), (groups, -1) + w.shape[1:]), 1, 2), (-1, x.shape[1] // groups) + w.shape[2:]), (1,) * (x.ndim - 2), (((w.shape[2] - 1) * (*dilation, *dilation, *dilation)[0] - (*padding, *padding, *padding)[0], (w.shape[2] - 1) * (*dilation, *dilation, *dilation)[0] + ((*output_padding, *output_padding, *output_padding)[0] - (*padding, *padding, *padding)[0])), ((w.shape[3] - 1) * (*dilation, *dilation, *dilation)[1] - (*padding, *padding, *padding)[1], (w.shape[3] - 1) * (*dilation, *dilation, *dilation)[1] + ((*output_padding, *output_padding, *output_padding)[1] - (*padding, *padding, *padding)[1])), ((w.shape[4] - 1) * (*dilation, *dilation, *dilation)[2] - (*padding, *padding, *padding)[2], (w.shape[4] - 1) * (*dilation, *dilation, *dilation)[2] + ((*output_padding, *output_padding, *output_padding)[2] - (*padding, *padding, *padding)[2])))[: x.ndim - 2], lhs_dilation=None if stride == 1 else (*stride, *stride, *stride)[: x.ndim - 2], rhs_dilation=None if dilation == 1 else (*dilation, *dilation, *dilation)[: x.ndim - 2], feature_group_count=None if groups == 1 else groups)",
            onnx: "ConvTranspose",
        },
        samples: &[
            Sample { call: "conv_transpose([[[1, 2, 3]]], [[[1, 10]]])", output: "[[[1, 12, 23, 30]]]" },
            Sample {
                call: "conv_transpose([[[[1, 2], [3, 4.5]]]], [[[[1, 2], [0.5, -1]]]], stride = 2, padding = 1, output_padding = 1)",
                output: "[[[[-1, 1, -2], [6, 4.5, 9], [-3, 2.25, -4.5]]]]",
            },
            Sample {
                call: "conv_transpose([[[1, 2], [3, 4.5]]], [[[1, 2]], [[3, -1]]], stride = 2, groups = 2)",
                output: "[[[1, 2, 2, 4], [9, -3, 13.5, -4.5]]]",
            },
        ],
        refusals: &[
            Refusal {
                call: "conv_transpose([[[1, 2]]], [[[1]], [[2]]])",
                message: "x has 1 channel, and w has weights for 2",
            },
            Refusal {
                call: "conv_transpose([[[1, 2]]], [[[1]]], output_padding = 1)",
                message: "output_padding is 1 on axis 2: it must be less than the stride or the dilation, which are 1 and 1",
            },
            Refusal {
                call: "conv_transpose([[[1]]], [[[1]]], padding = 1)",
                message: "padding of 1 leaves nothing of axis 2",
            },
        ],
    };

    fn bind(call: &Call) -> Result<Bound<Self>, Misuse> {
        let (x, w, groups) = (call.shape(0), call.shape(1), Windows::groups(call)?);
        let output = Windows::image(call, "conv_transpose")?;
        let kernel = Windows::kernel_in(call, 1)?;
        if x[1] != w[0] {
            let message = format!("x has {}, and w has weights for {}", counted(x[1], "channel"), w[0]);
            return Err(Misuse::new(Subject::Call, message)
                .help("w has shape [channels, output channels / groups, …]"));
        }
        let output_channels = in_groups(x[1], groups, "channel", 0)?;
        let more = Windows::for_each_axis(call, "output_padding", output.len(), 0)?;
        let more = more.unwrap_or_else(|| vec![0; output.len()]);
        let mut axes = Windows::asked(call, output, kernel)?;
        for (at, (axis, more)) in axes.iter_mut().zip(more).enumerate() {
            let refuse = |name, message: String| Err(Misuse::new(Subject::Attribute(name), message));
            if more >= axis.stride.max(axis.dilation) {
                let (axis_at, stride, dilation) = (at + 2, axis.stride, axis.dilation);
                return refuse(
                    "output_padding",
                    format!(
                        "output_padding is {more} on axis {axis_at}: it must be less than the stride or the dilation, \
                     which are {stride} and {dilation}"
                    ),
                );
            }
            let (elements, image) = (axis.input as i128, axis.spread(more));
            match usize::try_from(image) {
                Ok(image) if image > 0 && elements > 0 => {
                    *axis = Axis { input: image, output: axis.input, ..*axis };
                }
                Err(_) if image > 0 => return Err(Misuse::new(Subject::Call, "the output is too large")),
                _ => {
                    let (at, padding) = (at + 2, axis.padding);
                    return refuse("padding", format!("padding of {padding} leaves nothing of axis {at}"));
                }
            }
        }
        let channels = w[1].saturating_mul(groups);
        let shape = [x[0], channels].into_iter().chain(axes.iter().map(|axis| axis.input)).collect();
        let windows = Windows::new(&axes);
        let back = Convolution::new(windows, x[0], groups, w[1], output_channels);
        Ok(Bound::float(Self { back }, shape))
    }

    fn forward<F: Float>(&self, x: &Inputs<F>, y: Output<F>) {
        let y = y.float();
        y.fill(F::zero());
        self.back.add_to_image(x.float(1), x.float(0), y);
    }

    fn backward<F: Float>(&self, input: usize, x: &Inputs<F>, _y: &[F], upstream: &[F], gradient: &mut [F]) {
        match input {
            0 => self.back.apply(upstream, x.float(1), F::one(), gradient),
            _ => self.back.add_to_weights(upstream, x.float(0), gradient),
        }
    }

    fn rounding(&self) -> Rounding {
        Rounding::Products { added: Some(2) }
    }

    fn flops(&self, _elements: usize, _backward: Option<usize>) -> usize {
        self.back.flops()
    }
}
