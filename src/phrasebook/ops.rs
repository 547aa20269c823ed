//! Calls: ops that have another name here, ops that do not exist, attributes.

use super::{Phrase, phrase};

/// Names of what exists here under another one, with the same inputs.
pub const ALIASES: &[Phrase] = &[
    phrase(&["absolute", "fabs"], "abs"),
    phrase(&["binary_cross_entropy_with_logits", "bce_with_logits_loss", "bce_with_logits"], "sigmoid_loss"),
    phrase(
        &[
            "cross_entropy_loss",
            "softmax_cross_entropy",
            "softmax_cross_entropy_with_logits",
            "softmax_with_loss",
            "sparse_softmax_cross_entropy_with_logits",
        ],
        "softmax_loss",
    ),
    phrase(&["cross_entropy_error"], "cross_entropy"),
    phrase(&["copy", "clone"], "identity"),
    phrase(&["concatenate", "cat"], "concat"),
    phrase(&["conv1d", "conv2d", "conv3d", "convolution", "convolution2d"], "conv"),
    phrase(
        &["conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "conv2d_transpose", "deconv"],
        "conv_transpose",
    ),
    phrase(&["avg_pool1d", "avg_pool2d", "avg_pool3d", "average_pooling2d", "mean_pool"], "avg_pool"),
    phrase(&["max_pool1d", "max_pool2d", "max_pool3d", "max_pooling2d"], "max_pool"),
    phrase(&["divide", "true_divide"], "div"),
    phrase(&["dot", "mm", "bmm", "mat_mul", "gemm", "batch_matmul"], "matmul"),
    phrase(&["expit", "logistic"], "sigmoid"),
    phrase(&["col2im"], "fold"),
    phrase(&["gt"], "greater"),
    phrase(&["ge"], "greater_equal"),
    phrase(&["lt"], "less"),
    phrase(&["le"], "less_equal"),
    phrase(&["eq"], "equal"),
    phrase(&["ne"], "not_equal"),
    phrase(&["select", "ifelse", "if_else"], "where"),
    phrase(&["im2col", "extract_image_patches"], "unfold"),
    phrase(&["index_select", "embedding_lookup"], "take"),
    phrase(&["ln"], "log"),
    phrase(&["multiply", "times"], "mul"),
    phrase(&["negative", "negate"], "neg"),
    phrase(&["onehot"], "one_hot"),
    phrase(&["permute", "t"], "transpose"),
    phrase(&["plus"], "add"),
    phrase(&["power"], "pow"),
    phrase(&["ravel", "flat"], "flatten"),
    phrase(&["re_lu"], "relu"),
    phrase(&["leaky_re_lu"], "leaky_relu"),
    phrase(&["reduce_max", "amax", "nanmax"], "max"),
    phrase(&["reduce_mean", "average", "nanmean"], "mean"),
    phrase(&["reduce_min", "amin", "nanmin"], "min"),
    phrase(&["reduce_sum", "nansum"], "sum"),
    phrase(&["minus", "subtract"], "sub"),
    phrase(&["sqr"], "square"),
    phrase(&["take_along_axis", "take_along_dim", "gather_elements"], "gather"),
    phrase(&["expand_dims"], "unsqueeze"),
    phrase(&["expand"], "broadcast_to"),
    phrase(&["reverse"], "flip"),
    phrase(&["view"], "reshape"),
];

/// What does not exist as an op, and what gives the same.
pub const OPS: &[Phrase] = &[
    phrase(
        &["linear", "dense", "addmm", "fully_connected", "fc"],
        "a layer x @ W + b is `affine({x}, W, bias)`",
    ),
    phrase(&["hstack", "column_stack"], "`concat({a}, {b}, axis = 1)` joins along the second axis"),
    phrase(&["vstack", "row_stack", "append"], "`concat({a}, {b}, axis = 0)` joins along the first axis"),
    phrase(&["step", "heaviside"], "`{x} > 0` is true where {x} is above 0, and 1 in arithmetic"),
    phrase(
        &["astype", "as_type", "to", "float", "float64", "double", "as_float"],
        "`cast({x}, to = \"float\")` makes floats of ints, and `cast({x}, to = \"int\")` cuts fractions off",
    ),
    phrase(
        &["float32", "float16", "half", "bfloat16", "float_"],
        "every number is a float of 64 bits; `--dtype f32` runs in single precision",
    ),
    phrase(
        &["inner"],
        "the sum of the products is `sum({a} * {b})`, of the last axis alone `sum({a} * {b}, axis = -1)`",
    ),
    phrase(
        &["rand", "random_uniform", "random_sample", "random"],
        "random numbers are leaves: `const noise: [2, 3] = uniform(0, 1)`",
    ),
    phrase(
        &["normal", "standard_normal", "random_normal"],
        "random numbers are leaves: `const noise: [2, 3] = 1 + 0.5 * randn()` has the mean 1 and the deviation 0.5",
    ),
    phrase(
        &["maximum", "fmax"],
        "the larger of two, elementwise, is `{a} + relu({b} - {a})`; `max({x}, axis = 0)` is the largest along an axis",
    ),
    phrase(
        &["minimum", "fmin"],
        "the smaller of two, elementwise, is `{a} - relu({a} - {b})`; `min({x}, axis = 0)` is the smallest along an axis",
    ),
    phrase(&["cond", "piecewise", "masked_fill"], "a choice at each place is `where({x} > 0, {a}, {b})`"),
    phrase(
        &["clip", "clamp", "clip_by_value", "hardtanh"],
        "`{a} + relu({x} - {a}) - relu({x} - {b})` keeps {x} between {a} and {b}",
    ),
    phrase(&["relu6"], "`relu({x}) - relu({x} - 6)` keeps {x} between 0 and 6"),
    phrase(&["sign", "sgn"], "the sign of {x} is `greater({x}, 0) - greater(0, {x})`"),
    phrase(
        &["isclose", "allclose"],
        "`{a} == {b}` tells where two values are equal; what must come out is stated by `expect`",
    ),
    phrase(
        &["zeros_like"],
        "a number is stretched to the shape beside it, so 0 is mostly enough; `0 * {x}` has the shape of {x}",
    ),
    phrase(
        &["ones_like"],
        "a number is stretched to the shape beside it, so 1 is mostly enough; `0 * {x} + 1` has the shape of {x}",
    ),
    phrase(
        &["full_like", "fill_like"],
        "a number is stretched to the shape beside it; `0 * {x} + 7` has the shape of {x}",
    ),
    phrase(
        &["empty_like", "empty"],
        "there is nothing to fill in; a leaf of zeros is `const z: [2, 3] = zeros()`",
    ),
    phrase(
        &["randn_like", "rand_like", "bernoulli", "dropout"],
        "random numbers are leaves: `const noise: [2, 3] = uniform()`, and a mask of a dropout is `noise > 0.5`",
    ),
    phrase(
        &["shuffle", "permutation", "choice", "randint", "default_rng", "manual_seed"],
        "random numbers are leaves, `const noise: [2, 3] = randn()`, drawn from the file's one stream, `seed 1`",
    ),
    phrase(&["atleast_2d", "atleast_1d"], "`unsqueeze({x}, axis = 0)` adds an axis of length 1"),
    phrase(
        &["swapaxes", "moveaxis", "rollaxis"],
        "the axes are named in their new order: `transpose({x}, axes = [1, 0])`",
    ),
    phrase(
        &["broadcast", "expand_as", "broadcast_arrays"],
        "shapes are stretched as in NumPy wherever two meet; `broadcast_to([1, 2, 3], shape = [2, 3])` stretches one alone",
    ),
    phrase(
        &["split", "chunk", "array_split", "unbind", "unstack"],
        "each part is an index: `{x}[0:1, :]` and `{x}[1:2, :]`",
    ),
    phrase(&["fliplr"], "`flip({x}, axis = 1)`"),
    phrase(&["flipud"], "`flip({x}, axis = 0)`"),
    phrase(&["embedding", "lookup"], "`take({x}, t)` takes the rows of {x} that t names, the table first"),
    phrase(
        &["scatter", "index_add", "put_along_axis", "segment_sum", "bincount"],
        "`scatter_add({x}, [[0, 2], [1, 1]], [[1.0, 2.0], [3.0, 4.0]], axis = 1)` adds numbers at the places that indices name",
    ),
    phrase(
        &["tensordot", "outer", "kron"],
        "products over any axes are `einsum(A, B, equation = \"ij,jk->ik\")`; the outer product of all elements is `reshape({x}, shape = [-1, 1]) @ reshape({x}, shape = [1, -1])`",
    ),
    phrase(&["vdot"], "the sum of the products is `sum({a} * {b})`"),
    phrase(&["log10"], "`log({x}) / 2.302585092994046`, which is ln 10"),
    phrase(&["log2"], "`log({x}) / 0.6931471805599453`, which is ln 2"),
    phrase(&["log1p"], "`log(1 + {x})`"),
    phrase(&["expm1"], "`exp({x}) - 1`"),
    phrase(&["exp2"], "`2 ** {x}`"),
    phrase(&["rsqrt"], "`1 / sqrt({x})`"),
    phrase(&["cbrt"], "`{x} ** (1 / 3)`"),
    phrase(&["tan"], "`sin({x}) / cos({x})`"),
    phrase(&["sinh"], "`(exp({x}) - exp(-{x})) / 2`"),
    phrase(&["cosh"], "`(exp({x}) + exp(-{x})) / 2`"),
    phrase(&["arctanh", "atanh"], "`log((1 + {x}) / (1 - {x})) / 2`"),
    phrase(&["hypot"], "`sqrt({a} * {a} + {b} * {b})`"),
    phrase(
        &["gelu"],
        "its usual approximation is `0.5 * {x} * (1 + tanh(0.7978845608 * ({x} + 0.044715 * {x} ** 3)))`",
    ),
    phrase(&["silu", "swish"], "`{x} * sigmoid({x})`"),
    phrase(&["mish"], "`{x} * tanh(softplus({x}))`"),
    phrase(&["elu"], "`relu({x}) + exp(-relu(-{x})) - 1`"),
    phrase(&["selu"], "`1.0507009873554805 * (relu({x}) + 1.6732632423543772 * (exp(-relu(-{x})) - 1))`"),
    phrase(&["softsign"], "`{x} / (1 + abs({x}))`"),
    phrase(&["hard_sigmoid", "hardsigmoid"], "`relu({x} / 6 + 0.5) - relu({x} / 6 - 0.5)`"),
    phrase(&["prelu", "p_relu"], "`relu({x}) - 0.25 * relu(-{x})`, with a param in place of 0.25"),
    phrase(&["logsigmoid", "log_sigmoid"], "`-softplus(-{x})`"),
    phrase(
        &["logsumexp", "log_sum_exp", "reduce_logsumexp"],
        "`{x}[:, 0] - log_softmax({x})[:, 0]` is it along the last axis",
    ),
    phrase(&["var", "variance"], "`mean(square({x} - mean({x})))`"),
    phrase(&["std"], "`sqrt(mean(square({x} - mean({x}))))`"),
    phrase(&["norm", "l2_norm"], "`sqrt(sum({x} * {x}))`"),
    phrase(&["prod", "reduce_prod", "cumprod"], "a product of positive numbers is `exp(sum(log({x})))`"),
    phrase(
        &["cumsum"],
        "a running sum is a product with a triangle of ones: `{x} @ [[1, 1, 1], [0, 1, 1], [0, 0, 1]]`",
    ),
    phrase(&["trace"], "`sum(diagonal({x}))` is the sum of the diagonal"),
    phrase(
        &["diag", "diag_embed"],
        "the diagonal of a matrix is `diagonal({x})`; a row becomes one by `[1, 2] * [[1, 0], [0, 1]]`",
    ),
    phrase(&["argmin"], "`argmax(-{x})`"),
    phrase(
        &["sort", "argsort", "topk", "median", "unique", "nonzero"],
        "nothing is sorted here; the largest is `max({x})`, and its place `argmax({x})`",
    ),
    phrase(
        &["floor", "ceil", "round", "trunc", "floor_divide", "fmod", "remainder", "mod"],
        "nothing rounds here: its slope is 0; round the data before it comes in",
    ),
    phrase(
        &["mse", "mse_loss", "mean_squared_error", "l2_loss"],
        "`mean(square({a} - {b}))`; `squared_error({a}, {b})` is half the sum",
    ),
    phrase(&["l1_loss", "mae", "mean_absolute_error"], "`mean(abs({a} - {b}))`"),
    phrase(
        &["huber_loss", "smooth_l1_loss", "huber"],
        "a smooth loss that grows as the distance does is `mean(softplus({a} - {b}) + softplus({b} - {a}))`; the absolute one is `mean(abs({a} - {b}))`",
    ),
    phrase(
        &["nll_loss", "sparse_categorical_crossentropy"],
        "of scores take `softmax_loss({x}, t)`, of probabilities `cross_entropy(softmax({x}), t)`",
    ),
    phrase(
        &["categorical_crossentropy"],
        "of scores take `softmax_loss({x}, {a})`, of probabilities `cross_entropy(softmax({x}), {a})`",
    ),
    phrase(
        &["binary_cross_entropy", "binary_crossentropy", "bce_loss", "bce"],
        "of scores take `sigmoid_loss({a}, {b})`, of probabilities `-mean({b} * log({a}) + (1 - {b}) * log(1 - {a}))`",
    ),
    phrase(&["kl_div", "kl_divergence"], "`sum({a} * (log({a}) - log({b})))`"),
    phrase(&["hinge_loss", "hinge_embedding_loss"], "`mean(relu(1 - {a} * {b}))`"),
    phrase(
        &[
            "batch_norm",
            "batchnorm",
            "layer_norm",
            "layernorm",
            "instance_norm",
            "group_norm",
            "rms_norm",
            "normalize",
        ],
        "it is made of small ops: `({x} - mean({x}, axis = 0)) / sqrt(mean(square({x} - mean({x}, axis = 0)), axis = 0) + 1e-5)`",
    ),
    phrase(
        &["scaled_dot_product_attention", "attention", "multi_head_attention"],
        "it is made of small ops: `softmax(A @ B / sqrt(3)) @ A`",
    ),
    phrase(
        &["convolve", "correlate"],
        "a row of numbers is an image with one channel: `conv(reshape({x}, shape = [1, 1, -1]), [[[0.5, 0.25]]])`; the weights are not turned round",
    ),
    phrase(
        &["adaptive_avg_pool2d", "adaptive_max_pool2d", "global_average_pooling2d"],
        "a mean over whole axes is `mean({x}, axis = [0, 1])`; windows of one size are `avg_pool` and `max_pool`",
    ),
    phrase(
        &["lstm", "gru", "rnn", "map", "vmap", "while_loop", "fori_loop"],
        "a block is run along a sequence by `scan`, and one behind the other by `repeat`",
    ),
    phrase(&["sequential"], "layers are joined by arrows: `{x} -> affine(W, bias) -> relu`"),
    phrase(
        &["int", "int32", "int64", "long"],
        "whole numbers are leaves annotated so, `const labels: int[2] = [2, 0]`, or cut off: `cast({x}, to = \"int\")`",
    ),
    phrase(&["bool"], "a comparison gives true or false, `{x} != 0`, and so does `cast({x}, to = \"bool\")`"),
    phrase(
        &["stop_gradient", "detach", "no_grad"],
        "a leaf without a gradient is a `const y = 3`; a block states its own backward, `surrogate backward x = 0`",
    ),
    phrase(
        &[
            "array",
            "tensor",
            "as_tensor",
            "from_numpy",
            "variable",
            "constant",
            "parameter",
            "placeholder",
            "matrix",
        ],
        "an array is written as it is, `[[1, 2], [3, 4]]`; a param is `param y = [1, 2]`",
    ),
    phrase(
        &["list", "tuple", "range"],
        "an array is written as it is, `[0, 1, 2]`; a leaf may be `const y = arange(3)`",
    ),
    phrase(&["print", "printf", "display", "show", "log_value"], "every value is printed by itself"),
    phrase(
        &["shape", "size", "len", "numel", "ndim", "dim", "rank"],
        "an annotation names a length: `input y: [batch, 3] = ones(shape = [2, 3])`; then `{x} / batch` can use it, and `expect shape({x}) = [2, 3]` states it",
    ),
    phrase(
        &["backward", "grad", "gradient", "value_and_grad", "autograd", "jacobian"],
        "backward runs by itself, from the node that `output` names; `expect grad({x}) = 0` states a gradient",
    ),
    phrase(
        &["assert", "assert_allclose", "assert_close", "assert_equal", "testing"],
        "what must come out is stated by `expect`",
    ),
    phrase(
        &["solve", "inv", "inverse", "det", "svd", "eig", "cholesky", "qr", "pinv"],
        "there is no linear algebra beyond `A @ B`",
    ),
    phrase(
        &["load", "loadtxt", "genfromtxt", "read_csv", "open", "save", "savez"],
        "files are read by the leaves, with npy, npz, idx, csv and safetensors; `graphrun ops npz` says how",
    ),
    phrase(&["erf"], "`tanh(1.1283791671 * {x} + 0.1009 * {x} ** 3)` is near it"),
];

/// Attributes: the names here that each may stand for, of which an op has at most one.
pub const ATTRIBUTES: &[Phrase] = &[
    phrase(&["dim", "dims", "axes", "axis", "reduction_indices", "perm", "permutation"], "axis axes"),
    phrase(&["keepdim", "keep_dims", "keepdims"], "keepdims"),
    phrase(&["num_classes", "depth", "n_classes", "num_class", "nb_classes"], "classes"),
    phrase(&["negative_slope", "alpha", "leak"], "slope"),
    phrase(&["newshape", "new_shape", "target_shape", "size", "dims_out", "output_size"], "shape"),
    phrase(&["kernel_size", "kernel_shape", "pool_size", "ksize", "window", "window_shape"], "kernel"),
    phrase(&["strides", "window_strides", "subsample"], "stride"),
    phrase(&["pads"], "padding"),
    phrase(&["dilations", "dilation_rate", "rhs_dilation"], "dilation"),
    phrase(&["group", "feature_group_count"], "groups"),
    phrase(&["eps", "epsilon"], "delta"),
    phrase(&["minval", "lo", "min"], "low"),
    phrase(&["maxval", "hi", "max"], "high"),
    phrase(&["random_state", "key", "generator"], "seed"),
    phrase(&["fill_value", "fill", "constant", "constant_values"], "value"),
    phrase(&["pad_width", "paddings"], "widths"),
    phrase(&["repetitions", "multiples"], "reps"),
    phrase(&["shifts"], "shift"),
];

/// Attributes that say nothing here.
pub const LEFT_OUT: &[Phrase] = &[
    phrase(
        &["dtype", "astype"],
        "leave it out: every number is a float of 64 bits unless its leaf is annotated `int`",
    ),
    phrase(&["out", "inplace", "copy", "order"], "leave it out: every node has a value of its own"),
    phrase(
        &["device", "requires_grad", "name", "training", "use_bias", "bias", "layout"],
        "leave it out: the name stands before the `=`, and every `input` and `param` has a gradient",
    ),
    phrase(
        &["reduction", "size_average", "reduce"],
        "leave it out: a loss is averaged over the batch; `sum({x})` and `mean({x})` reduce what you compute yourself",
    ),
    phrase(
        &["ddof", "correction", "unbiased", "where", "initial"],
        "leave it out: `sum({x})` and `mean({x})` take every entry",
    ),
];
