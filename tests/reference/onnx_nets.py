"""The functions of onnx_rewrite.py for products, windows, norms and what trains."""

import math

import numpy as np
from onnx_rewrite import Unsaid, rewrites

# Products.


@rewrites("MatMul")
def matmul(n):
    return n.g.to(n.g.matmul(*n.x), n.x[0].kind).of(n.x[0].dtype)


@rewrites("Gemm")
def gemm(n):
    g, a, b = n.g, n.x[0], n.x[1]
    if n.get("transA", 0):
        a = g.transpose(a, [1, 0])
    if n.get("transB", 0):
        b = g.transpose(b, [1, 0])
    y = g.mul(g.matmul(a, b), n.get("alpha", 1.0))
    return g.add(y, g.mul(n.x[2], n.get("beta", 1.0))) if n.has(2) else y


@rewrites("Einsum")
def einsum(n):
    equation = n.get("equation").replace(" ", "")
    shape = np.einsum(equation, *(np.zeros(x.shape) for x in n.x)).shape
    return n.g.op("einsum", [n.g.f(x) for x in n.x], "float", shape, equation=equation).of(n.x[0].dtype)


# Windows.


def windows(n, x, kernel, strides, dilations):
    """Pads of a window op, and how far the last windows reach beyond them where ceil_mode is on."""
    dims = len(kernel)
    auto, pads = n.get("auto_pad", "NOTSET"), list(n.get("pads", [0] * 2 * dims))
    span = [(k - 1) * d + 1 for k, d in zip(kernel, dilations)]
    widths, beyond = [], []
    for k in range(dims):
        size, s = x.shape[2 + k], strides[k]
        if auto in ("SAME_UPPER", "SAME_LOWER"):
            total = max((-(-size // s) - 1) * s + span[k] - size, 0)
            small = total // 2
            widths.append((small, total - small) if auto == "SAME_UPPER" else (total - small, small))
            beyond.append(0)
            continue
        a, b = (0, 0) if auto == "VALID" else (pads[k], pads[k + dims])
        more = 0
        if n.get("ceil_mode", 0):
            count = -(-(size + a + b - span[k]) // s) + 1
            if (count - 1) * s >= size + a:
                count -= 1
            more = max((count - 1) * s + span[k] - size - a - b, 0)
        widths.append((a, b))
        beyond.append(more)
    return widths, beyond


def numbers(n, name, dims):
    return [int(v) for v in n.get(name) or [1] * dims]


def reached(x, kernel, strides, dilations):
    """The shape behind a window op without padding."""
    return [(m - (k - 1) * d - 1) // s + 1 for m, k, s, d in zip(x.shape[2:], kernel, strides, dilations)]


@rewrites("Conv")
def conv(n):
    g, x, w = n.g, n.x[0], n.x[1]
    kernel = w.shape[2:]
    strides, dilations = numbers(n, "strides", len(kernel)), numbers(n, "dilations", len(kernel))
    widths, _ = windows(n, x, kernel, strides, dilations)
    if all(a == b for a, b in widths):
        padding = [a for a, _ in widths]
        sizes = [m + 2 * a for m, a in zip(x.shape[2:], padding)]
    else:
        x, padding = g.pad(x, [(0, 0), (0, 0)] + widths), [0] * len(kernel)
        sizes = x.shape[2:]
    shape = [x.shape[0], w.shape[0]] + [(m - (k - 1) * d - 1) // s + 1 for m, k, s, d in zip(sizes, kernel, strides, dilations)]
    y = g.op("conv", [g.f(x), g.f(w)], "float", shape, stride=strides, padding=padding, dilation=dilations,
             groups=n.get("group", 1))
    return g.add(y, g.reshape(n.x[2], [-1] + [1] * len(kernel))) if n.has(2) else y


@rewrites("ConvTranspose")
def conv_transpose(n):
    g, x, w, group = n.g, n.x[0], n.x[1], n.get("group", 1)
    kernel, dims = w.shape[2:], len(w.shape) - 2
    strides, dilations = numbers(n, "strides", dims), numbers(n, "dilations", dims)
    more, auto = list(n.get("output_padding") or [0] * dims), n.get("auto_pad", "NOTSET")
    full = [(m - 1) * s + (k - 1) * d + 1 for m, k, s, d in zip(x.shape[2:], kernel, strides, dilations)]
    pads = list(n.get("pads") or [0] * 2 * dims)
    wanted = n.get("output_shape") or ([m * s for m, s in zip(x.shape[2:], strides)] if auto.startswith("SAME") else None)
    if wanted:
        for k in range(dims):
            total = full[k] + more[k] - wanted[-dims:][k]
            half = total // 2
            pads[k], pads[k + dims] = (half, total - half) if auto == "SAME_UPPER" else (total - half, half)
    y = g.op("conv_transpose", [g.f(x), g.f(w)], "float", [x.shape[0], w.shape[1] * group] + full, stride=strides,
             dilation=dilations, groups=group)
    y = g.pad(y, [(0, 0), (0, 0)] + [(-pads[k], more[k] - pads[k + dims]) for k in range(dims)])
    return g.add(y, g.reshape(n.x[2], [-1] + [1] * dims)) if n.has(2) else y


@rewrites("MaxPool")
def max_pool(n):
    if n.wants(1):
        raise Unsaid("the places of what is greatest in windows")
    g, x, kernel = n.g, n.g.f(n.x[0]), list(n.get("kernel_shape"))
    strides, dilations = numbers(n, "strides", len(kernel)), numbers(n, "dilations", len(kernel))
    widths, beyond = windows(n, x, kernel, strides, dilations)
    x = g.pad(x, [(0, 0), (0, 0)] + [(a, b + c) for (a, b), c in zip(widths, beyond)], value=-math.inf)
    shape = list(x.shape[:2]) + reached(x, kernel, strides, dilations)
    y = g.op("max_pool", [x], "float", shape, kernel=kernel, stride=strides, dilation=dilations)
    return g.to(y, n.x[0].kind).of(n.x[0].dtype)


def summed(g, x, kernel, strides, dilations):
    c = x.shape[1]
    ones = g.full(1.0, [c, 1] + kernel)
    shape = list(x.shape[:2]) + reached(x, kernel, strides, dilations)
    return g.op("conv", [x, ones], "float", shape, stride=strides, dilation=dilations, groups=c)


@rewrites("AveragePool")
def average_pool(n):
    g, x, kernel = n.g, n.g.f(n.x[0]), list(n.get("kernel_shape"))
    strides, dilations = numbers(n, "strides", len(kernel)), numbers(n, "dilations", len(kernel))
    widths, beyond = windows(n, x, kernel, strides, dilations)
    ends = [(0, 0), (0, 0)]
    ones = g.full(1.0, (1, 1) + x.shape[2:])
    ones = g.pad(ones, ends + widths, value=1.0 if n.get("count_include_pad", 0) else 0)
    ones = g.pad(ones, ends + [(0, c) for c in beyond])
    x = g.pad(x, ends + [(a, b + c) for (a, b), c in zip(widths, beyond)])
    if all(d == 1 for d in dilations):
        def mean(v):
            return g.op("avg_pool", [v], "float", list(v.shape[:2]) + reached(v, kernel, strides, dilations),
                        kernel=kernel, stride=strides)
        return g.div(mean(x), mean(ones))
    return g.div(summed(g, x, kernel, strides, dilations), summed(g, ones, kernel, strides, dilations))


@rewrites("LpPool")
def lp_pool(n):
    g, x, kernel, p = n.g, n.g.f(n.x[0]), list(n.get("kernel_shape")), n.get("p", 2)
    strides, dilations = numbers(n, "strides", len(kernel)), numbers(n, "dilations", len(kernel))
    widths, beyond = windows(n, x, kernel, strides, dilations)
    x = g.pad(x, [(0, 0), (0, 0)] + [(a, b + c) for (a, b), c in zip(widths, beyond)])
    y = summed(g, g.bin("pow", g.un("abs", x), float(p)), kernel, strides, dilations)
    return g.bin("pow", y, 1.0 / p)


@rewrites("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
def global_pool(n):
    op = {"GlobalAveragePool": "mean", "GlobalMaxPool": "max", "GlobalLpPool": "norm"}[n.proto.op_type]
    return n.g.red(op, n.x[0], range(2, n.x[0].rank), True)


@rewrites("Col2Im")
def col2im(n):
    x, image, block = n.x[0], n.ints(1), n.ints(2)
    dims = len(image)
    if dims != 2:
        raise Unsaid("fold along other than two axes")
    pads = list(n.get("pads") or [0] * 2 * dims)
    strides, dilations = numbers(n, "strides", dims), numbers(n, "dilations", dims)
    full = [image[k] + pads[k] + pads[k + dims] for k in range(dims)]
    y = n.g.op("fold", [n.g.f(x)], "float", [x.shape[0], x.shape[1] // math.prod(block)] + full, shape=full,
               kernel=block, stride=strides, dilation=dilations)
    return n.g.pad(y, [(0, 0), (0, 0)] + [(-pads[k], -pads[k + dims]) for k in range(dims)])


@rewrites("LRN")
def lrn(n):
    g, x, size = n.g, n.x[0], n.get("size")
    before = (size - 1) // 2
    padded = g.pad(g.un("square", x), [(0, 0), (before, size - 1 - before)] + [(0, 0)] * (x.rank - 2))
    total = g.part(padded, 1, 0, x.shape[1])
    for k in range(1, size):
        total = g.add(total, g.part(padded, 1, k, k + x.shape[1]))
    scale = g.add(g.mul(total, n.get("alpha", 1e-4) / size), n.get("bias", 1.0))
    return g.div(x, g.bin("pow", scale, n.get("beta", 0.75)))


# Losses.


def nll(n, x, target, weight):
    g, c, hole = n.g, x.shape[1], n.get("ignore_index")
    target = g.f(target)
    wide = [x.shape[0], 1, *x.shape[2:]]
    hit = g.cmp("equal", g.reshape(target, wide), g.reshape(g.arange(c), [1, c] + [1] * (x.rank - 2)))
    loss = g.mul(g.red("sum", g.where(hit, x, 0.0), [1], False), -1.0)
    if weight is None:
        w = g.full(1.0, target.shape)
    else:
        w = g.red("sum", g.where(hit, g.reshape(weight, [1, c] + [1] * (x.rank - 2)), 0.0), [1], False)
    if hole is not None:
        w = g.where(g.cmp("equal", target, float(hole)), 0.0, w)
    loss, axes, reduction = g.mul(loss, w), range(target.rank), n.get("reduction", "mean")
    if reduction == "none":
        return loss
    loss = g.red("sum", loss, axes, False)
    return g.div(loss, g.red("sum", w, axes, False)) if reduction == "mean" else loss


@rewrites("NegativeLogLikelihoodLoss")
def nll_loss(n):
    return nll(n, n.g.f(n.x[0]), n.x[1], n.x[2] if n.has(2) else None)


@rewrites("SoftmaxCrossEntropyLoss")
def softmax_cross_entropy(n):
    scores = n.g.un("log_softmax", n.x[0], axis=1)
    return nll(n, scores, n.x[1], n.x[2] if n.has(2) else None), scores


# Norms.


@rewrites("BatchNormalization")
def batch_normalization(n):
    g, x = n.g, n.x[0]
    side = [-1] + [1] * (x.rank - 2)
    mean, var = n.x[3], n.x[4]
    more = []
    if n.get("training_mode", 0):
        axes = [k for k in range(x.rank) if k != 1]
        m, v, momentum = g.red("mean", x, axes, False), g.red("var", x, axes, False), n.get("momentum", 0.9)
        more = [g.add(g.mul(old, momentum), g.mul(new, 1 - momentum)) for old, new in ((mean, m), (var, v))]
        mean, var = m, v
    scale, bias, mean, var = (g.reshape(v, side) for v in (n.x[1], n.x[2], mean, var))
    y = g.div(g.sub(x, mean), g.un("sqrt", g.add(var, n.get("epsilon", 1e-5))))
    return [g.add(g.mul(y, scale), bias)] + more


def normalized(g, x, axes, eps):
    mean = g.red("mean", x, axes, True)
    rstd = g.un("reciprocal", g.un("sqrt", g.add(g.red("var", x, axes, True), eps)))
    return g.mul(g.sub(x, mean), rstd), mean, rstd


@rewrites("InstanceNormalization")
def instance_normalization(n):
    g, x = n.g, n.x[0]
    y, _, _ = normalized(g, x, range(2, x.rank), n.get("epsilon", 1e-5))
    side = [-1] + [1] * (x.rank - 2)
    return g.add(g.mul(y, g.reshape(n.x[1], side)), g.reshape(n.x[2], side))


@rewrites("LayerNormalization")
def layer_normalization(n):
    g, x = n.g, n.x[0]
    y, mean, rstd = normalized(g, x, range(n.get("axis", -1) % x.rank, x.rank), n.get("epsilon", 1e-5))
    y = g.mul(y, n.x[1])
    return g.add(y, n.x[2]) if n.has(2) else y, mean, rstd


@rewrites("RMSNormalization")
def rms_normalization(n):
    g, x = n.g, n.x[0]
    axes = range(n.get("axis", -1) % x.rank, x.rank)
    square = g.red("mean", g.un("square", x), axes, True)
    return g.mul(g.div(x, g.un("sqrt", g.add(square, n.get("epsilon", 1e-5)))), n.x[1])


@rewrites("GroupNormalization")
def group_normalization(n):
    g, x, groups = n.g, n.x[0], n.get("num_groups")
    if n.opset < 21:
        raise Unsaid("the gains of groups in place of channels")
    y = g.reshape(x, [x.shape[0], groups, -1])
    y = g.reshape(normalized(g, y, [2], n.get("epsilon", 1e-5))[0], x.shape)
    side = [-1] + [1] * (x.rank - 2)
    return g.add(g.mul(y, g.reshape(n.x[1], side)), g.reshape(n.x[2], side))


def ratio_of(n, x):
    return n.x[1] if n.has(1) else n.g.full(n.get("ratio", 0.5), [])


@rewrites("Dropout")
def dropout(n):
    g, x = n.g, n.x[0]
    training = bool(n.param(2)) if n.has(2) else False
    ratio = float(n.param(1)) if n.has(1) else n.get("ratio", 0.5)
    if training and ratio:
        # The recorded outputs are drawn by NumPy's RandomState, which graphrun has too.
        kept = g.cmp("greater_equal", g.draw("uniform", n.get("seed", 0), x.shape), ratio_of(n, x))
        return g.div(g.mul(x, kept), g.sub(1.0, ratio_of(n, x))), kept
    return g.op("identity", [x], x.kind, x.shape), g.b(g.full(1.0, x.shape))


# Recurrence, written out step by step.

ACTIVATIONS = {"Sigmoid": "sigmoid", "Tanh": "tanh", "Relu": "relu"}


@rewrites("RNN", "GRU", "LSTM")
def recurrent(n):
    g, kind, m = n.g, n.proto.op_type, n.get("hidden_size")
    x, W, R = n.x[0], n.x[1], n.x[2]
    batchwise, direction = n.get("layout", 0), n.get("direction", "forward")
    if n.get("clip") or n.get("input_forget"):
        raise Unsaid("clipped states")
    if n.has(4) and set(n.ints(4)) != {x.shape[1 if batchwise else 0]}:
        raise Unsaid("sequences of several lengths")
    states = [n.x[k] if n.has(k) else None for k in (5, 6)]
    if batchwise:
        x = g.transpose(x, [1, 0, 2])
        states = [s and g.transpose(s, [1, 0, 2]) for s in states]
    gates = {"RNN": 1, "GRU": 3, "LSTM": 4}[kind]
    steps, batch, dirs = x.shape[0], x.shape[1], W.shape[0]
    default = {"RNN": ["Tanh"], "GRU": ["Sigmoid", "Tanh"], "LSTM": ["Sigmoid", "Tanh", "Tanh"]}[kind]
    names = [a.decode() if isinstance(a, bytes) else a for a in n.get("activations") or default * dirs]
    if any(a not in ACTIVATIONS for a in names):
        raise Unsaid("activations with parameters")
    lanes, lasts, cells = [], [], []
    for d in range(dirs):
        acts = [ACTIVATIONS[a] for a in names[d * len(default):(d + 1) * len(default)]]

        def pick(v, d=d):
            return g.reshape(g.part(v, 0, d, d + 1), v.shape[1:])

        w, r = g.transpose(pick(W), [1, 0]), g.transpose(pick(R), [1, 0])
        zero = g.full(0.0, [batch, m])
        h, c = (pick(s) if s is not None else zero for s in states)
        b = pick(n.x[3]) if n.has(3) else g.full(0.0, [2 * gates * m])
        wb, rb = g.part(b, 0, 0, gates * m), g.part(b, 0, gates * m, 2 * gates * m)
        peep = [g.part(pick(n.x[7]), 0, k * m, (k + 1) * m) for k in range(3)] if n.has(7) else None
        rows = [None] * steps

        def gate(v, k):
            return g.part(v, 1, k * m, (k + 1) * m)

        backward = direction == "reverse" or d == 1
        for t in reversed(range(steps)) if backward else range(steps):
            into = g.add(g.matmul(g.reshape(g.part(x, 0, t, t + 1), x.shape[1:]), w), wb)
            if kind == "RNN":
                h = g.un(acts[0], g.add(into, g.add(g.matmul(h, r), rb)))
            elif kind == "GRU":
                over = g.add(g.matmul(h, r), rb)
                z = g.un(acts[0], g.add(gate(into, 0), gate(over, 0)))
                s = g.un(acts[0], g.add(gate(into, 1), gate(over, 1)))
                if n.get("linear_before_reset", 0):
                    cand = g.mul(s, gate(over, 2))
                else:
                    cand = g.add(g.matmul(g.mul(s, h), g.part(r, 1, 2 * m, 3 * m)), g.part(rb, 0, 2 * m, 3 * m))
                new = g.un(acts[1], g.add(gate(into, 2), cand))
                h = g.add(g.mul(g.sub(1.0, z), new), g.mul(z, h))
            else:
                z = g.add(into, g.add(g.matmul(h, r), rb))
                i, o, f, k = (gate(z, j) for j in range(4))
                if peep:
                    i, f = g.add(i, g.mul(peep[0], c)), g.add(f, g.mul(peep[2], c))
                i, f, k = g.un(acts[0], i), g.un(acts[0], f), g.un(acts[1], k)
                c = g.add(g.mul(f, c), g.mul(i, k))
                o = g.un(acts[0], g.add(o, g.mul(peep[1], c)) if peep else o)
                h = g.mul(o, g.un(acts[2], c))
            rows[t] = g.reshape(h, [1, 1, batch, m])
        lanes.append(g.concat(rows, 0))
        lasts.append(g.reshape(h, [1, batch, m]))
        cells.append(g.reshape(c, [1, batch, m]))
    y, last, cell = g.concat(lanes, 1), g.concat(lasts, 0), g.concat(cells, 0)
    if batchwise:
        y, last, cell = g.transpose(y, [2, 0, 1, 3]), g.transpose(last, [1, 0, 2]), g.transpose(cell, [1, 0, 2])
    return y, last, cell


# Training.


def halves(n, parts):
    """x, gradient and states of several tensors, side by side."""
    count = (len(n.x) - 2) // parts
    return count, [[n.x[2 + k + count * p] for p in range(parts)] for k in range(count)]


@rewrites("Momentum")
def momentum(n):
    g, alpha, beta = n.g, n.get("alpha"), n.get("beta")
    R, (count, groups) = n.x[0], halves(n, 3)
    beta = g.where(g.cmp("greater", g.f(n.x[1]), 0.0), g.full(beta, n.x[1].shape), 1.0)
    xs, vs = [], []
    for x, grad, v in groups:
        grad = g.add(grad, g.mul(x, n.get("norm_coefficient")))
        v = g.add(g.mul(v, alpha), g.mul(grad, beta))
        vs.append(v)
        grad = g.add(grad, g.mul(v, alpha)) if n.get("mode") == "nesterov" else v
        xs.append(g.sub(x, g.mul(R, grad)))
    return xs + vs


@rewrites("Adagrad")
def adagrad(n):
    g, (count, groups) = n.g, halves(n, 3)
    rate = g.div(n.x[0], g.add(g.mul(n.x[1], n.get("decay_factor", 0.0)), 1.0))
    xs, hs = [], []
    for x, grad, h in groups:
        grad = g.add(grad, g.mul(x, n.get("norm_coefficient", 0.0)))
        h = g.add(h, g.un("square", grad))
        hs.append(h)
        xs.append(g.sub(x, g.div(g.mul(rate, grad), g.add(g.un("sqrt", h), n.get("epsilon", 0.0)))))
    return xs + hs


@rewrites("Adam")
def adam(n):
    g, a, b = n.g, n.get("alpha", 0.9), n.get("beta", 0.999)
    R, step, (count, groups) = n.x[0], g.f(n.x[1]), halves(n, 4)
    power = g.div(g.un("sqrt", g.sub(1.0, g.bin("pow", g.full(b, []), step))), g.sub(1.0, g.bin("pow", g.full(a, []), step)))
    R = g.where(g.cmp("greater", step, 0.0), g.mul(R, power), R)
    xs, vs, hs = [], [], []
    for x, grad, v, h in groups:
        grad = g.add(grad, g.mul(x, n.get("norm_coefficient", 0.0)))
        v = g.add(g.mul(v, a), g.mul(grad, 1 - a))
        h = g.add(g.mul(h, b), g.mul(g.un("square", grad), 1 - b))
        x = g.sub(x, g.div(g.mul(R, v), g.add(g.un("sqrt", h), n.get("epsilon", 0.0))))
        xs.append(g.mul(x, 1 - n.get("norm_coefficient_post", 0.0)))
        vs.append(v)
        hs.append(h)
    return xs + vs + hs
