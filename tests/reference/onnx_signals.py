"""The functions of onnx_rewrite.py for what is sampled between places, for waves and for quantised numbers."""

import copy
import math

from onnx import TensorProto as T
from onnx_nets import conv, numbers, reached, windows
from onnx_ops import scattered
from onnx_rewrite import INTS, REWRITES, Unsaid, rewrites

# Between places.


def cubic(g, t, a):
    """The cubic kernel of a distance."""
    t = g.un("abs", t)
    near = g.add(g.mul(g.mul(t, t), g.sub(g.mul(t, a + 2), a + 3)), 1.0)
    far = g.mul(g.add(g.mul(g.sub(g.mul(t, 1.0), 5.0), t), 8.0), t)
    far = g.mul(g.sub(far, 4.0), a)
    return g.where(g.cmp("less_equal", t, 1.0), near, g.where(g.cmp("less", t, 2.0), far, 0.0))


def linear(g, t):
    return g.bin("maximum", g.sub(1.0, g.un("abs", t)), 0.0)


def resize_axis(n, x, axis, size, scale, roi):
    g, m, mode = n.g, x.shape[axis], n.get("mode", "nearest")
    how, length, o = n.get("coordinate_transformation_mode", "half_pixel"), scale * m, n.g.arange(size)
    if how == "asymmetric":
        at = g.div(o, scale)
    elif how == "align_corners":
        at = g.mul(o, (m - 1) / (length - 1) if length != 1 else 0.0)
    elif how == "tf_crop_and_resize":
        start, end = roi
        if length == 1:
            at = g.full((end - start) * (m - 1) / 2 + start * (m - 1), [size])
        else:
            at = g.add(g.mul(o, (end - start) * (m - 1) / (length - 1)), start * (m - 1))
    elif how == "pytorch_half_pixel" and length == 1:
        at = g.full(-0.5, [size])
    else:
        at = g.sub(g.div(g.add(o, 0.5), scale), 0.5)
        if how == "half_pixel_symmetric":
            at = g.add(at, m / 2 * (1 - size / length))
    places = g.reshape(g.arange(m), [1, m])

    def spread(pos, weight):
        pos = g.reshape(g.un("clip", pos, min=0.0, max=float(m - 1)), [size, 1])
        return g.mul(g.f(g.cmp("equal", pos, places)), g.reshape(weight, [size, 1]))

    if mode == "nearest":
        rounding = n.get("nearest_mode", "round_prefer_floor")
        pos = {"round_prefer_floor": lambda: g.un("ceil", g.sub(at, 0.5)),
               "round_prefer_ceil": lambda: g.un("floor", g.add(at, 0.5)),
               "floor": lambda: g.un("floor", at), "ceil": lambda: g.un("ceil", at)}[rounding]()
        total = spread(pos, g.full(1.0, [size]))
    else:
        squeeze = min(scale, 1.0) if n.get("antialias", 0) else 1.0
        reach = math.ceil((1 if mode == "linear" else 2) / squeeze)
        base, pairs = g.un("floor", at), []
        for j in range(-reach, reach + 1):
            pos = g.add(base, float(j))
            t = g.mul(g.sub(pos, at), squeeze)
            weight = linear(g, t) if mode == "linear" else cubic(g, t, n.get("cubic_coeff_a", -0.75))
            if n.get("exclude_outside", 0):
                inside = g.logic("logical_and", g.cmp("greater_equal", pos, 0.0), g.cmp("less", pos, float(m)))
                weight = g.mul(weight, inside)
            pairs.append((pos, weight))
        sums = pairs[0][1]
        for _, weight in pairs[1:]:
            sums = g.add(sums, weight)
        total = None
        for pos, weight in pairs:
            part = spread(pos, g.div(weight, sums))
            total = part if total is None else g.add(total, part)
    order = [k for k in range(x.rank) if k != axis] + [axis]
    y = g.matmul(g.transpose(x, order), g.transpose(total, [1, 0]))
    if how == "tf_crop_and_resize":
        outside = g.logic("logical_or", g.cmp("less", at, 0.0), g.cmp("greater", at, float(m - 1)))
        y = g.where(outside, n.get("extrapolation_value", 0.0), y)
    return g.transpose(y, [order.index(k) for k in range(x.rank)])


@rewrites("Resize")
def resize(n):
    if n.opset < 11:
        raise Unsaid("Resize of opset 10")
    x = n.g.f(n.x[0])
    axes = [a % x.rank for a in n.get("axes") or range(x.rank)]
    roi = n.param(1) if n.has(1) else None
    policy = n.get("keep_aspect_ratio_policy", "stretch")
    if n.has(3) and n.x[3].shape != (0,):
        sizes = n.ints(3)
        scales = [s / x.shape[a] for s, a in zip(sizes, axes)]
        if policy != "stretch":
            scale = (min if policy == "not_larger" else max)(scales)
            scales = [scale] * len(axes)
            sizes = [int(scale * x.shape[a] + 0.5) for a in axes]
    else:
        scales = [float(s) for s in n.param(2)]
        sizes = [int(math.floor(s * x.shape[a])) for s, a in zip(scales, axes)]
    for k, (axis, size, scale) in enumerate(zip(axes, sizes, scales)):
        part = (float(roi[k]), float(roi[k + len(axes)])) if roi is not None and roi.size else None
        if size != x.shape[axis] or part or scale != 1:
            x = resize_axis(n, x, axis, size, scale, part)
    return n.g.typed(x, n.x[0].dtype)


@rewrites("GridSample")
def grid_sample(n):
    g, x, grid = n.g, n.g.f(n.x[0]), n.g.f(n.x[1])
    mode = {"bilinear": "linear", "bicubic": "cubic"}.get(n.get("mode", "linear"), n.get("mode", "linear"))
    edge, align, dims = n.get("padding_mode", "zeros"), n.get("align_corners", 0), x.rank - 2
    lead = grid.shape[:-1]
    image = g.transpose(x, [0] + list(range(2, x.rank)) + [1])
    first = g.i(g.expand(g.reshape(g.arange(x.shape[0]), [-1] + [1] * dims), lead))

    def within(v, m):
        if edge == "border":
            return g.un("clip", v, min=0.0, max=float(m - 1))
        if edge == "reflection":
            low, span = (0.0, float(m - 1)) if align else (-0.5, float(m))
            v = g.bin("mod", g.sub(v, low), 2 * span)
            return g.add(g.bin("minimum", v, g.sub(2 * span, v)), low)
        return v

    axes = []  # of every axis: places and weights
    for k in range(dims):
        m = x.shape[2 + k]
        v = g.reshape(g.part(grid, -1, dims - 1 - k, dims - k), lead)
        v = g.mul(g.add(v, 1.0), (m - 1) / 2) if align else g.sub(g.mul(g.add(v, 1.0), m / 2), 0.5)
        if mode == "nearest":
            v = g.un("round", v)
        v = within(v, m)
        if mode == "nearest":
            pairs = [(v, None)]
        else:
            base = g.un("floor", v)
            pairs = []
            for j in (0, 1) if mode == "linear" else (-1, 0, 1, 2):
                pos = g.add(base, float(j))
                t = g.sub(pos, v)
                pairs.append((pos, linear(g, t) if mode == "linear" else cubic(g, t, -0.75)))
        made = []
        for pos, weight in pairs:
            pos = within(pos, m)
            if edge == "zeros":
                inside = g.f(g.logic("logical_and", g.cmp("greater_equal", pos, 0.0), g.cmp("less", pos, float(m))))
                weight = inside if weight is None else g.mul(weight, inside)
            made.append((g.i(g.un("clip", g.un("round", pos), min=0.0, max=float(m - 1))), weight))
        axes.append(made)

    def total(chosen, weight, rest):
        if not rest:
            y = g.op("take", [image, first] + chosen, "float", lead + (x.shape[1],), axis=0)
            return y if weight is None else g.mul(y, g.reshape(weight, lead + (1,)))
        y = None
        for pos, w in rest[0]:
            both = w if weight is None else weight if w is None else g.mul(weight, w)
            part = total(chosen + [pos], both, rest[1:])
            y = part if y is None else g.add(y, part)
        return y

    y = total([], None, axes)
    return g.transpose(y, [0, y.rank - 1] + list(range(1, y.rank - 1)))


@rewrites("TensorScatter")
def tensor_scatter(n):
    g, x, u, axis = n.g, n.x[0], n.x[1], n.get("axis", -2) % n.x[0].rank
    order = [k for k in range(x.rank) if k != axis] + [axis]
    x, u = g.transpose(g.f(x), order), g.transpose(g.f(u), order)
    count, places = u.shape[-1], x.shape[-1]
    at = g.arange(count)
    if n.has(2):
        at = g.add(g.reshape(n.x[2], [-1] + [1] * (x.rank - 1)), at)
    if n.get("mode", "linear") == "circular":
        at = g.bin("mod", at, float(places))
    hit = g.cmp("equal", g.reshape(at, list(at.shape) + [1]), g.arange(places))
    y = scattered(g, x, hit, g.reshape(u, list(u.shape) + [1]), x.rank - 1, "none")
    return g.transpose(y, [order.index(k) for k in range(x.rank)])


plain_max_pool = REWRITES["MaxPool"]


@rewrites("MaxPool")
def max_pool(n):
    """Where the places are asked for, windows are laid out side by side."""
    if not n.wants(1):
        return plain_max_pool(n)
    g, x, kernel = n.g, n.g.f(n.x[0]), list(n.get("kernel_shape"))
    if len(kernel) != 2:
        raise Unsaid("the places of what is greatest in windows along one or three axes")
    strides, dilations = numbers(n, "strides", 2), numbers(n, "dilations", 2)
    widths, beyond = windows(n, x, kernel, strides, dilations)
    widths = [(0, 0), (0, 0)] + [(a, b + c) for (a, b), c in zip(widths, beyond)]
    batch, channels, high, wide = x.shape
    index = g.reshape(g.arange(high * wide), [1, 1, high, wide])
    if n.get("storage_order", 0):
        index = g.transpose(g.reshape(g.arange(high * wide), [1, 1, wide, high]), [0, 1, 3, 2])
    index, x = g.pad(index, widths), g.pad(x, widths, value=-math.inf)
    out = reached(x, kernel, strides, dilations)
    taps, count = math.prod(kernel), math.prod(out)

    def laid(v):
        y = g.op("unfold", [v], "float", [v.shape[0], v.shape[1] * taps, count], kernel=kernel, stride=strides, dilation=dilations)
        return g.reshape(y, [v.shape[0], v.shape[1], taps, count])

    seen = laid(x)
    best = g.op("argmax", [seen], "int", [batch, channels, 1, count], axis=2, keepdims=True)
    names = g.expand(laid(index), seen.shape)
    places = g.op("gather", [names, best], "float", best.shape, axis=2)
    start = g.reshape(g.mul(g.arange(batch * channels), float(high * wide)), [batch, channels, 1, 1])
    values = g.red("max", seen, [2], True)
    shape = [batch, channels] + out
    return (g.to(g.reshape(values, shape), n.x[0].kind).of(n.x[0].dtype), g.i(g.reshape(g.add(places, start), shape)))


@rewrites("MaxUnpool")
def max_unpool(n):
    g, (x, i), kernel = n.g, n.x[:2], list(n.get("kernel_shape"))
    dims = len(kernel)
    strides, pads = numbers(n, "strides", dims), list(n.get("pads") or [0] * 2 * dims)
    shape = list(x.shape[:2]) + [(x.shape[2 + k] - 1) * strides[k] + kernel[k] - pads[k] - pads[k + dims] for k in range(dims)]
    places = math.prod(shape)
    hit = g.cmp("equal", g.reshape(g.f(i), [-1, 1]), g.arange(places))
    y = scattered(g, g.full(0.0, [places]), hit, g.reshape(x, [-1, 1]), 0, "none")
    y = g.reshape(y, shape)
    return g.pad(y, [(0, b - a) for a, b in zip(shape, n.ints(2))]) if n.has(2) else y


# Waves.


def dft(g, re, im, length, inverse):
    """Along the last axis; `im` may be nothing."""
    m = re.shape[-1]
    k, t = g.reshape(g.arange(length), [1, length]), g.reshape(g.arange(m), [m, 1])
    turn = g.mul(g.bin("mod", g.mul(t, k), float(length)), 2 * math.pi / length)
    c, s = g.un("cos", turn), g.un("sin", turn)
    if inverse:
        s = g.mul(s, -1.0)
    a, b = g.matmul(re, c), g.mul(g.matmul(re, s), -1.0)
    if im is not None:
        a, b = g.add(a, g.matmul(im, s)), g.add(b, g.matmul(im, c))
    if inverse:
        a, b = g.div(a, float(length)), g.div(b, float(length))
    return a, b


def complex_parts(g, x):
    parts = [g.reshape(g.part(x, -1, k, k + 1), x.shape[:-1]) for k in range(x.shape[-1])]
    return parts[0], parts[1] if len(parts) > 1 else None


def side_by_side(g, a, b):
    return g.concat([g.reshape(v, list(v.shape) + [1]) for v in (a, b)], -1)


@rewrites("DFT")
def dft_(n):
    g, x = n.g, n.g.f(n.x[0])
    axis = n.get("axis", 1) if n.opset < 20 else int(n.param(2)) if n.has(2) else -2
    axis %= x.rank
    inverse, onesided = n.get("inverse", 0), n.get("onesided", 0)
    order = [k for k in range(x.rank - 1) if k != axis] + [axis]
    length = int(n.param(1)) if n.has(1) else x.shape[axis]
    if inverse and onesided and not n.has(1):
        length = 2 * (length - 1)
    parts = []
    for k, v in enumerate(complex_parts(g, x)):
        if v is not None:
            v = g.transpose(v, order)
            if inverse and onesided:  # the other half mirrors this one
                mirror = g.flip(g.part(v, -1, 1, length - length // 2), -1)
                v = g.concat([g.part(v, -1, 0, length // 2 + 1), g.mul(mirror, -1.0) if k else mirror], -1)
            v = g.pad(v, [(0, 0)] * (v.rank - 1) + [(0, length - v.shape[-1])])
        parts.append(v)
    a, b = dft(g, *parts, length, inverse)
    if inverse and onesided:
        y = g.reshape(a, list(a.shape) + [1])
    else:
        y = side_by_side(g, a, b)
    if onesided and not inverse:
        y = g.part(y, y.rank - 2, 0, length // 2 + 1)
    return g.transpose(y, [order.index(k) for k in range(x.rank - 1)] + [x.rank - 1])


@rewrites("STFT")
def stft(n):
    g, x, step = n.g, n.g.f(n.x[0]), int(n.param(1))
    length = int(n.param(3)) if n.has(3) else n.x[2].shape[0]
    count = (x.shape[1] - length) // step + 1
    at = g.add(g.reshape(g.mul(g.arange(count), float(step)), [count, 1]), g.arange(length))
    re, im = complex_parts(g, g.take(x, g.i(at), 1))
    if n.has(2):
        re, im = g.mul(re, n.x[2]), None if im is None else g.mul(im, n.x[2])
    y = side_by_side(g, *dft(g, re, im, length, False))
    return g.part(y, 2, 0, length // 2 + 1) if n.get("onesided", 1) else y


# Quantised numbers.


def beside(n, v, x):
    """A scale or zero point in the shape that meets x."""
    g, axis, block = n.g, n.get("axis", 1), n.get("block_size", 0)
    v = g.f(v)
    if math.prod(v.shape) == 1 and v.rank <= 1:
        return g.reshape(v, [])
    axis %= x.rank
    if block:
        shape = [m * block if k == axis else m for k, m in enumerate(v.shape)]
        v = g.op("repeat_interleave", [v], "float", shape, repeats=block, axis=axis)
        return g.part(v, axis, 0, x.shape[axis])
    return g.reshape(v, [-1 if k == axis else 1 for k in range(x.rank)])


@rewrites("DequantizeLinear")
def dequantize(n):
    g, x = n.g, n.x[0]
    y = g.sub(x, beside(n, n.x[2], x)) if n.has(2) else g.f(x)
    return g.mul(y, beside(n, n.x[1], x))


def quantized(g, y, zero, dtype, saturate=True):
    if dtype not in INTS:
        return g.rounded(y if zero is None else g.add(y, zero), dtype, saturate).of(dtype)
    bits, signed = INTS[dtype]
    low = -(2 ** (bits - 1)) if signed else 0
    y = g.un("round", y)
    y = y if zero is None else g.add(y, zero)
    return g.i(g.un("clip", y, min=float(low), max=float(low + 2**bits - 1))).of(dtype)


@rewrites("QuantizeLinear")
def quantize(n):
    g, x = n.g, n.x[0]
    dtype = n.x[2].dtype if n.has(2) else n.get("output_dtype") or T.UINT8
    zero = beside(n, n.x[2], x) if n.has(2) else None
    scale, single = n.x[1], n.x[1].dtype == T.FLOAT
    if single and not scale.leaf:
        scale = g.rounded(scale, T.FLOAT)
    y = g.div(x, beside(n, scale, x))
    # A halfway case stands or falls with the last bit of the type that ONNX divides in.
    y = g.rounded(y, T.FLOAT) if single and dtype in INTS else y
    return quantized(g, y, zero, dtype, bool(n.get("saturate", 1)))


@rewrites("QLinearMatMul")
def q_linear_matmul(n):
    g, (a, sa, za, b, sb, zb, sy, zy) = n.g, n.x
    y = g.matmul(g.sub(a, za), g.sub(b, zb))
    return quantized(g, g.mul(y, g.div(g.mul(sa, sb), sy)), zy, zy.dtype)


@rewrites("MatMulInteger")
def matmul_integer(n):
    g, a, b = n.g, n.x[0], n.x[1]
    a = g.sub(a, n.x[2]) if n.has(2) else a
    b = g.sub(b, n.x[3]) if n.has(3) else b
    return g.typed(g.matmul(a, b), T.INT32)


def conv_of(n, x, w):
    n = copy.copy(n)
    n.x = [x, w]
    return conv(n)


@rewrites("ConvInteger")
def conv_integer(n):
    g, x, w = n.g, n.g.f(n.x[0]), n.g.f(n.x[1])
    x = g.sub(x, n.x[2]) if n.has(2) else x
    w = g.sub(w, g.reshape(n.x[3], [-1] + [1] * (w.rank - 1))) if n.has(3) else w
    return g.typed(conv_of(n, x, w), T.INT32)


@rewrites("QLinearConv")
def q_linear_conv(n):
    g, (x, sx, zx, w, sw, zw, sy, zy) = n.g, n.x[:8]
    if n.has(8):
        raise Unsaid("QLinearConv with a bias")
    side = [-1] + [1] * (w.rank - 1)
    y = conv_of(n, g.sub(x, zx), g.sub(w, g.reshape(zw, side) if zw.rank else zw))
    scale = g.div(g.mul(sx, g.reshape(sw, side[1:] and [-1] + [1] * (w.rank - 2)) if sw.rank else sw), sy)
    return quantized(g, g.mul(y, scale), zy, zy.dtype)
