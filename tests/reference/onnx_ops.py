"""The functions of onnx_rewrite.py, one for each ONNX operator: elementwise, over axes, movement."""

import math

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx_rewrite import INTS, Unsaid, kind_of, rewrites

# Elementwise.

PLAIN = {"Acos": "acos", "Acosh": "acosh", "Asin": "asin", "Asinh": "asinh", "Atan": "atan", "Atanh": "atanh",
         "Ceil": "ceil", "Cos": "cos", "Cosh": "cosh", "Erf": "erf", "Exp": "exp", "Floor": "floor", "Log": "log",
         "Reciprocal": "reciprocal", "Relu": "relu", "Round": "round", "Sigmoid": "sigmoid", "Sin": "sin",
         "Sign": "sign", "Abs": "abs", "Neg": "neg",
         "Sinh": "sinh", "Softplus": "softplus", "Sqrt": "sqrt", "Tan": "tan", "Tanh": "tanh"}


@rewrites(*PLAIN)
def plain(n):
    return n.g.to(n.g.un(PLAIN[n.proto.op_type], n.x[0]), n.x[0].kind).of(n.x[0].dtype)


@rewrites("Identity")
def identity(n):
    return n.g.op("identity", [n.x[0]], n.x[0].kind, n.x[0].shape).of(n.x[0].dtype)


@rewrites("Add", "Sub", "Mul")
def arithmetic(n):
    a, b = n.x
    op = n.proto.op_type.lower()
    if a.kind == "int":
        return n.g.typed(n.g.op(op, [a, b], "int", n.g.shape2(a, b)), a.dtype)
    return n.g.bin(op, a, b).of(a.dtype)


@rewrites("Div")
def div(n):
    return n.g.typed(n.g.div(*n.x), n.x[0].dtype)


@rewrites("Mod")
def mod(n):
    g, (a, b) = n.g, n.x
    if n.get("fmod", 0):
        y = g.mul(g.un("sign", a), g.bin("mod", g.un("abs", a), g.un("abs", b)))
    else:
        y = g.bin("mod", a, b)
    return g.to(y, a.kind).of(a.dtype)


@rewrites("Pow")
def power(n):
    return n.g.typed(n.g.bin("pow", *n.x), n.x[0].dtype)


@rewrites("Max", "Min", "Sum", "Mean")
def variadic(n):
    op = {"Max": "maximum", "Min": "minimum", "Sum": "add", "Mean": "add"}[n.proto.op_type]
    y = n.x[0]
    for x in n.x[1:]:
        y = n.g.bin(op, y, x)
    if n.proto.op_type == "Mean":
        y = n.g.div(y, float(len(n.x)))
    return n.g.to(y, n.x[0].kind).of(n.x[0].dtype)


COMPARE = {"Equal": "equal", "Greater": "greater", "Less": "less", "GreaterOrEqual": "greater_equal",
           "LessOrEqual": "less_equal"}


@rewrites(*COMPARE)
def compare(n):
    return n.g.cmp(COMPARE[n.proto.op_type], *n.x)


@rewrites("And", "Or", "Xor", "Not")
def logic(n):
    return n.g.logic("logical_" + n.proto.op_type.lower(), *n.x)


@rewrites("Where")
def where(n):
    return n.g.where(*n.x).of(n.x[1].dtype)


@rewrites("IsNaN")
def is_nan(n):
    return n.g.cmp("not_equal", n.x[0], n.x[0])


@rewrites("IsInf")
def is_inf(n):
    x, up, down = n.x[0], n.get("detect_positive", 1), n.get("detect_negative", 1)
    if up and down:
        return n.g.cmp("equal", n.g.un("abs", x), math.inf)
    return n.g.cmp("equal", x, math.inf if up else -math.inf) if up or down else n.g.cmp("less", n.g.un("abs", x), -1.0)


@rewrites("Clip")
def clip(n):
    y = n.x[0]
    if n.has(1):
        y = n.g.bin("maximum", y, n.x[1])
    elif "min" in n.attrs:
        y = n.g.bin("maximum", y, n.get("min"))
    if n.has(2):
        y = n.g.bin("minimum", y, n.x[2])
    elif "max" in n.attrs:
        y = n.g.bin("minimum", y, n.get("max"))
    if y is n.x[0]:
        return identity(n)
    return n.g.to(y, n.x[0].kind).of(n.x[0].dtype)


@rewrites("LeakyRelu")
def leaky_relu(n):
    return n.g.un("leaky_relu", n.x[0], slope=float(n.get("alpha", 0.01))).of(n.x[0].dtype)


@rewrites("PRelu")
def prelu(n):
    g, x = n.g, n.x[0]
    return g.where(g.cmp("less", x, 0.0), g.mul(x, n.x[1]), x).of(x.dtype)


def elu(g, x, alpha):
    x = g.f(x)
    return g.where(g.cmp("greater", x, 0.0), x, g.mul(g.un("expm1", g.bin("minimum", x, 0.0)), alpha))


@rewrites("Elu")
def elu_(n):
    return elu(n.g, n.x[0], n.get("alpha", 1.0)).of(n.x[0].dtype)


@rewrites("Selu")
def selu(n):
    return n.g.mul(elu(n.g, n.x[0], n.get("alpha", 1.6732632423543772)), n.get("gamma", 1.0507009873554805))


@rewrites("Celu")
def celu(n):
    a = n.get("alpha", 1.0)
    return n.g.mul(elu(n.g, n.g.div(n.x[0], a), 1.0), a)


@rewrites("HardSigmoid")
def hard_sigmoid(n):
    y = n.g.add(n.g.mul(n.x[0], n.get("alpha", 0.2)), n.get("beta", 0.5))
    return n.g.un("clip", y, min=0.0, max=1.0)


@rewrites("HardSwish")
def hard_swish(n):
    return n.g.mul(n.x[0], n.g.un("clip", n.g.add(n.g.mul(n.x[0], 1 / 6), 0.5), min=0.0, max=1.0))


@rewrites("Softsign")
def softsign(n):
    return n.g.div(n.x[0], n.g.add(n.g.un("abs", n.x[0]), 1.0))


@rewrites("Mish")
def mish(n):
    return n.g.mul(n.x[0], n.g.un("tanh", n.g.un("softplus", n.x[0])))


@rewrites("Swish")
def swish(n):
    return n.g.mul(n.x[0], n.g.un("sigmoid", n.g.mul(n.x[0], n.get("alpha", 1.0))))


@rewrites("Gelu")
def gelu(n):
    g, x = n.g, n.x[0]
    if n.get("approximate", "none") == "tanh":
        cube = g.mul(g.mul(g.mul(x, x), x), 0.044715)
        inner = g.un("tanh", g.mul(g.add(x, cube), math.sqrt(2 / math.pi)))
    else:
        inner = g.un("erf", g.mul(x, math.sqrt(0.5)))
    return g.mul(g.mul(x, 0.5), g.add(inner, 1.0))


@rewrites("Shrink")
def shrink(n):
    g, x, b, l = n.g, n.x[0], n.get("bias", 0.0), n.get("lambd", 0.5)
    up, down = g.cmp("greater", x, l), g.cmp("less", x, -l)
    return g.where(up, g.sub(x, b), g.where(down, g.add(x, b), 0.0))


@rewrites("ThresholdedRelu")
def thresholded_relu(n):
    return n.g.where(n.g.cmp("greater", n.x[0], n.get("alpha", 1.0)), n.x[0], 0.0)


@rewrites("Binarizer")
def binarizer(n):
    return n.g.f(n.g.cmp("greater", n.x[0], n.get("threshold", 0.0)))


def bits(g, x, count):
    """The bits of whole numbers from 0 on, along a new last axis."""
    x = g.reshape(g.f(x), list(x.shape) + [1])
    powers = g.bin("pow", g.full(2.0, [count]), g.arange(count))
    return g.bin("mod", g.un("floor", g.div(x, powers)), 2.0), powers


def size_of(dtype):
    count, _ = INTS[dtype]
    if count == 64:
        raise Unsaid("bits of 64-bit whole numbers")
    return count


@rewrites("BitShift")
def bit_shift(n):
    g, (a, b) = n.g, n.x
    count, _ = INTS[a.dtype]
    b = g.f(b)
    b = g.where(g.cmp("less", b, 0.0), float(count), b)  # a shift below 0 shifts all out
    factor = g.bin("pow", g.full(2.0, []), b)
    if n.get("direction") == "RIGHT":
        return g.typed(g.un("floor", g.div(a, factor)), a.dtype)
    return g.typed(g.bin("mod", g.mul(a, factor), 2.0**count), a.dtype)


@rewrites("BitwiseAnd", "BitwiseOr", "BitwiseXor")
def bitwise(n):
    g, dtype = n.g, n.x[0].dtype
    count = size_of(dtype)
    (a, powers), (b, _) = (bits(g, g.bin("mod", x, 2.0**count), count) for x in n.x)
    c = g.logic("logical_" + n.proto.op_type[7:].lower(), a, b)
    return g.typed(g.red("sum", g.mul(c, powers), [-1], False), dtype)


@rewrites("BitwiseNot")
def bitwise_not(n):
    return n.g.typed(n.g.sub(n.g.mul(n.x[0], -1.0), 1.0), n.x[0].dtype)


@rewrites("Cast")
def cast(n):
    return n.g.cast(n.x[0], n.get("to"), bool(n.get("saturate", 1)))


@rewrites("CastLike")
def cast_like(n):
    return n.g.cast(n.x[0], n.x[1].dtype, bool(n.get("saturate", 1)))


@rewrites("BitCast")
def bit_cast(n):
    x, to = n.x[0], n.get("to")
    if x.dtype in INTS and to in INTS and INTS[x.dtype][0] == INTS[to][0]:
        return n.g.typed(x, to)
    if x.dtype == T.BOOL and to == T.UINT8:
        return n.g.i(x).of(to)
    raise Unsaid("the bits of floats")


# Constants.


@rewrites("Constant")
def constant(n):
    if "value" in n.attrs:
        t = n.get("value")
        return n.g.leaf(onnx.numpy_helper.to_array(t), t.data_type)
    for name, dtype in [("value_int", T.INT64), ("value_ints", T.INT64), ("value_float", T.FLOAT), ("value_floats", T.FLOAT)]:
        if name in n.attrs:
            return n.g.leaf(np.asarray(n.get(name)), dtype)
    raise Unsaid("strings" if "value_string" in n.attrs or "value_strings" in n.attrs else "sparse tensors")


@rewrites("ConstantOfShape")
def constant_of_shape(n):
    t = n.get("value")
    value, dtype = (onnx.numpy_helper.to_array(t).reshape(-1)[0], t.data_type) if t is not None else (0.0, T.FLOAT)
    return n.g.to(n.g.full(float(value), n.ints(0)), kind_of(dtype)).of(dtype)


@rewrites("EyeLike")
def eye_like(n):
    g, k = n.g, n.get("k", 0)
    dtype = n.get("dtype") or n.x[0].dtype
    y = g.un("tril", g.un("triu", g.full(1.0, n.x[0].shape), k=k), k=k)
    return g.to(y, kind_of(dtype)).of(dtype)


@rewrites("Range")
def range_(n):
    start, limit, delta = (n.param(k).item() for k in range(3))
    count = max(math.ceil((limit - start) / delta), 0)
    y = n.g.add(n.x[0], n.g.mul(n.g.arange(count), n.x[2]))
    return n.g.to(y, n.x[0].kind).of(n.x[0].dtype)


@rewrites("Shape")
def shape(n):
    x, g = n.x[0], n.g
    start, end = n.get("start", 0), n.get("end")
    dims = list(range(x.rank))[start:end]
    if not dims:
        return g.i(g.full(0.0, [0]))
    return g.i(g.raw(f"[{', '.join(str(length(x, k)) for k in dims)}]", "float", [len(dims)]))


def length(x, axis):
    """A leaf's annotation names its lengths; of another node they are known as its shape."""
    return f"{x.name}d{axis}" if x.leaf else float(x.shape[axis])


@rewrites("Size")
def size(n):
    x, g = n.x[0], n.g
    return g.i(g.raw(" * ".join(["1.0"] + [str(length(x, k)) for k in range(x.rank)]), "float", []))


# Over axes.


def axes_of(n, x):
    axes = n.ints(1, "axes")
    if not axes:
        return [] if n.get("noop_with_empty_axes", 0) else list(range(x.rank))
    return axes


@rewrites("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL1", "ReduceL2",
          "ReduceSumSquare", "ReduceLogSum", "ReduceLogSumExp")
def reduce(n):
    g, x, op, keep = n.g, n.x[0], n.proto.op_type[6:], n.get("keepdims", 1)
    axes, like, dtype = axes_of(n, n.x[0]), x.kind, x.dtype
    x = g.f(x)
    if op in ("Max", "Min") and any(x.shape[a] == 0 for a in axes):
        end = (0.0, 1.0) if like == "bool" else (-math.inf, math.inf)
        end = end[op == "Min"]
        first = next(a for a in axes if x.shape[a] == 0)
        x = g.pad(x, [(1, 0) if k == first % x.rank else (0, 0) for k in range(x.rank)], value=end)
    if op in ("Sum", "Mean", "Max", "Min", "Prod"):
        y = g.red(op.lower(), x, axes, keep)
    elif op == "L1":
        y = g.red("sum", g.un("abs", x), axes, keep)
    elif op == "L2":
        y = g.un("sqrt", g.red("sum", g.un("square", x), axes, keep))
    elif op == "SumSquare":
        y = g.red("sum", g.un("square", x), axes, keep)
    elif op == "LogSum":
        y = g.un("log", g.red("sum", x, axes, keep))
    else:
        y = g.red("logsumexp", x, axes, keep)
    if y is n.x[0]:
        y = g.op("identity", [y], y.kind, y.shape)
    return g.to(y, like).of(dtype)


@rewrites("ArgMax", "ArgMin")
def arg(n):
    g, x, axis, keep = n.g, g_float(n), n.get("axis", 0), n.get("keepdims", 1)
    last = n.get("select_last_index", 0)
    if last:
        x = g.flip(x, axis)
    shape = list(x.shape)
    count = shape[axis]
    shape[axis:axis + 1 or None] = [1] if keep else []
    y = g.op(n.proto.op_type.lower(), [x], "int", shape, axis=axis % x.rank, keepdims=bool(keep))
    return g.i(g.sub(float(count - 1), y)) if last else y


def g_float(n):
    return n.g.f(n.x[0])


@rewrites("CumSum", "CumProd")
def cumulate(n):
    g, x, axis = n.g, g_float(n), int(n.param(1).reshape(-1)[0])
    axis %= x.rank
    op, start = ("cumsum", 0.0) if n.proto.op_type == "CumSum" else ("cumprod", 1.0)
    if n.get("reverse", 0):
        x = g.flip(x, axis)
    if n.get("exclusive", 0):
        x = g.part(g.pad(x, [(int(k == axis), 0) for k in range(x.rank)], value=start), axis, 0, x.shape[axis])
    y = g.un(op, x, axis=axis)
    if n.get("reverse", 0):
        y = g.flip(y, axis)
    return g.to(y, n.x[0].kind).of(n.x[0].dtype)


@rewrites("Softmax", "LogSoftmax")
def softmax(n):
    op = {"Softmax": "softmax", "LogSoftmax": "log_softmax"}[n.proto.op_type]
    x = g_float(n)
    if n.opset >= 13:
        return n.g.un(op, x, axis=n.get("axis", -1) % x.rank).of(n.x[0].dtype)
    axis = n.get("axis", 1) % max(x.rank, 1)
    y = n.g.un(op, n.g.reshape(x, [math.prod(x.shape[:axis]), math.prod(x.shape[axis:])]), axis=1)
    return n.g.reshape(y, x.shape).of(n.x[0].dtype)


@rewrites("Hardmax")
def hardmax(n):
    g, x, axis = n.g, g_float(n), n.get("axis", -1 if n.opset >= 13 else 1)
    axis %= x.rank
    shape = [1 if k == axis else m for k, m in enumerate(x.shape)]
    place = g.op("argmax", [x], "int", shape, axis=axis, keepdims=True)
    places = g.reshape(g.arange(x.shape[axis]), [-1 if k == axis else 1 for k in range(x.rank)])
    return g.f(g.cmp("equal", place, places))


@rewrites("LpNormalization")
def lp_normalization(n):
    g, x, p = n.g, g_float(n), n.get("p", 2)
    norm = g.red("norm", x, [n.get("axis", -1)], True, ord=p)
    zero = g.cmp("equal", norm, 0.0)
    return g.where(zero, g.mul(x, 0.0), g.div(x, norm))


@rewrites("TopK")
def top_k(n):
    g, x, k = n.g, g_float(n), int(n.param(1).reshape(-1)[0])
    axis, largest = n.get("axis", -1) % x.rank, bool(n.get("largest", 1))
    y = g.un("sort", x, axis=axis, descending=largest)
    i = g.op("argsort", [x], "int", x.shape, axis=axis, descending=largest)
    return g.to(g.part(y, axis, 0, k), n.x[0].kind).of(n.x[0].dtype), g.part(i, axis, 0, k)


# Movement.


@rewrites("Reshape")
def reshape(n):
    shape = n.ints(1, "shape")
    if not n.get("allowzero", 0):
        shape = [n.x[0].shape[k] if m == 0 else m for k, m in enumerate(shape)]
    return moved(n, n.g.reshape(n.x[0], shape))


def moved(n, y):
    return n.g.op("identity", [y], y.kind, y.shape).of(y.dtype) if y is n.x[0] else y


@rewrites("Flatten")
def flatten(n):
    axis, x = n.get("axis", 1), n.x[0]
    axis = axis + x.rank if axis < 0 else axis
    return moved(n, n.g.reshape(x, [math.prod(x.shape[:axis]), math.prod(x.shape[axis:])]))


@rewrites("Squeeze")
def squeeze(n):
    x, axes = n.x[0], n.ints(1, "axes")
    axes = [k for k, m in enumerate(x.shape) if m == 1] if axes is None else [a % x.rank for a in axes]
    if not axes:
        return moved(n, x)
    return n.g.op("squeeze", [x], x.kind, [m for k, m in enumerate(x.shape) if k not in axes], axis=axes).of(x.dtype)


@rewrites("Unsqueeze")
def unsqueeze(n):
    x, axes = n.x[0], n.ints(1, "axes")
    shape = np.expand_dims(np.zeros(x.shape), tuple(axes)).shape
    return n.g.op("unsqueeze", [x], x.kind, shape, axis=axes).of(x.dtype)


@rewrites("Transpose")
def transpose(n):
    perm = n.get("perm") or list(range(n.x[0].rank))[::-1]
    return moved(n, n.g.transpose(n.x[0], list(perm)))


@rewrites("Expand")
def expand(n):
    return moved(n, n.g.expand(n.x[0], n.ints(1)))


@rewrites("Tile")
def tile(n):
    x, reps = n.x[0], n.ints(1)
    return n.g.op("tile", [x], x.kind, [a * b for a, b in zip(x.shape, reps)], reps=reps).of(x.dtype)


@rewrites("Concat")
def concat(n):
    return n.g.concat(n.x, n.get("axis"))


@rewrites("Slice")
def slice_(n):
    x = n.x[0]
    starts, ends = n.ints(1, "starts"), n.ints(2, "ends")
    axes, steps = n.ints(3, "axes", list(range(len(starts)))), n.ints(4, None, [1] * len(starts))
    parts = [slice(None)] * x.rank
    for a, s, e, t in zip(axes, starts, ends, steps):
        m = x.shape[a]
        if t < 0 and e < -m:
            e = None
        parts[a % x.rank] = slice(s, e, t)
    return n.g.slices(x, parts)


@rewrites("Split")
def split(n):
    x, axis, count = n.x[0], n.get("axis", 0), n.get("num_outputs") or n.outputs
    sizes = n.ints(1, "split")
    if sizes is None:
        part = math.ceil(x.shape[axis] / count)
        sizes = [min(part, x.shape[axis] - part * k) for k in range(count)]
    made, at = [], 0
    for size in sizes:
        made.append(n.g.part(x, axis, at, at + size))
        at += size
    return made


@rewrites("Pad")
def pad(n):
    g, x, pads, mode = n.g, n.x[0], n.ints(1, "pads"), n.get("mode", "constant")
    axes = [a % x.rank for a in n.ints(3, None, list(range(x.rank)))]
    widths = [(0, 0)] * x.rank
    for k, a in enumerate(axes):
        widths[a] = (pads[k], pads[k + len(axes)])
    y = g.pad(x, widths, mode)
    if mode == "constant" and (n.has(2) or n.get("value")):
        inside = g.b(g.pad(g.full(1.0, x.shape), widths))
        value = g.reshape(n.x[2], []) if n.has(2) else n.get("value")
        y = g.where(inside, y, value)
    return moved(n, y).of(x.dtype)


@rewrites("Gather")
def gather(n):
    return n.g.take(n.x[0], n.g.i(n.x[1]), n.get("axis", 0))


@rewrites("ArrayFeatureExtractor")
def array_feature_extractor(n):
    return n.g.take(n.x[0], n.g.reshape(n.x[1], [-1]), -1)


@rewrites("GatherElements")
def gather_elements(n):
    x, i, axis = n.x[0], n.x[1], n.get("axis", 0) % n.x[0].rank
    parts = [slice(None) if k == axis or a == b else slice(0, b) for k, (a, b) in enumerate(zip(x.shape, i.shape))]
    if any(s != slice(None) for s in parts):
        x = n.g.slices(x, parts)
    return n.g.op("gather", [x, i], x.kind, i.shape, axis=axis).of(x.dtype)


@rewrites("GatherND")
def gather_nd(n):
    g, (x, i), b = n.g, n.x, n.get("batch_dims", 0)
    depth, lead = i.shape[-1], i.shape[:-1]
    index = [g.i(g.reshape(g.arange(x.shape[k]), [-1 if j == k else 1 for j in range(len(lead))])) for k in range(b)]
    index = [g.expand(v, lead) for v in index]
    index += [g.reshape(g.part(i, -1, k, k + 1), lead) for k in range(depth)]
    return g.op("take", [x] + index, x.kind, lead + x.shape[b + depth:]).of(x.dtype)


def scattered(g, x, hit, updates, axis, reduction):
    """`hit` tells which update falls on which place, along `axis` of both; updates meet x as `reduction` says."""
    x, updates = g.f(x), g.f(updates)
    any_ = g.cmp("greater", g.red("sum", g.f(hit), [axis], False), 0.0)
    if reduction == "none":
        return g.where(any_, g.red("sum", g.where(hit, updates, 0.0), [axis], False), x)
    op, neutral, both = {"add": ("sum", 0.0, "add"), "mul": ("prod", 1.0, "mul"), "max": ("max", -math.inf, "maximum"),
                         "min": ("min", math.inf, "minimum")}[reduction]
    return g.bin(both, x, g.red(op, g.where(hit, updates, neutral), [axis], False))


@rewrites("ScatterElements", "Scatter")
def scatter_elements(n):
    g, (x, i, u) = n.g, n.x
    axis = n.get("axis", 0) % x.rank
    i = g.f(i)
    i = g.where(g.cmp("less", i, 0.0), g.add(i, float(x.shape[axis])), i)
    order = [k for k in range(x.rank) if k != axis] + [axis]
    i, u, t = (g.transpose(v, order) for v in (i, u, g.f(x)))
    hit = g.cmp("equal", g.reshape(i, list(i.shape) + [1]), g.arange(x.shape[axis]))
    # Indices may cover a part of the other axes alone.
    more = [(0, a - b) for a, b in zip(t.shape[:-1], i.shape[:-1])]
    hit = g.pad(hit, more + [(0, 0), (0, 0)])
    u = g.pad(g.f(u), more + [(0, 0)])
    y = scattered(g, t, hit, g.reshape(u, list(u.shape) + [1]), t.rank - 1, n.get("reduction", "none"))
    return g.to(g.transpose(y, [order.index(k) for k in range(x.rank)]), x.kind).of(x.dtype)


@rewrites("ScatterND")
def scatter_nd(n):
    g, (x, i, u) = n.g, n.x
    depth = i.shape[-1]
    count, rest = math.prod(i.shape[:-1]), math.prod(x.shape[depth:])
    i = g.reshape(g.f(i), [count, depth])
    places, flat = math.prod(x.shape[:depth]), g.full(0.0, [count])
    for k in range(depth):
        j = g.reshape(g.part(i, 1, k, k + 1), [count])
        j = g.where(g.cmp("less", j, 0.0), g.add(j, float(x.shape[k])), j)
        flat = g.add(g.mul(flat, float(x.shape[k])), j)
    hit = g.cmp("equal", g.reshape(flat, [count, 1, 1]), g.reshape(g.arange(places), [1, places, 1]))
    hit = g.expand(hit, [count, places, rest])
    y = scattered(g, g.reshape(x, [places, rest]), hit, g.reshape(u, [count, 1, rest]), 0, n.get("reduction", "none"))
    return g.to(g.reshape(y, x.shape), x.kind).of(x.dtype)


@rewrites("OneHot")
def one_hot(n):
    g, i, depth = n.g, g_float(n), int(n.param(1).reshape(-1)[0])
    axis = n.get("axis", -1) % (i.rank + 1)
    i = g.where(g.cmp("less", i, 0.0), g.add(i, float(depth)), i)
    i = g.reshape(i, list(i.shape[:axis]) + [1] + list(i.shape[axis:]))
    places = g.reshape(g.arange(depth), [-1 if k == axis else 1 for k in range(i.rank)])
    off, on = (g.reshape(g.part(n.x[2], 0, k, k + 1), []) for k in (0, 1))
    return g.where(g.cmp("equal", i, places), on, off).of(n.x[2].dtype)


@rewrites("Trilu")
def trilu(n):
    k = int(n.param(1).reshape(-1)[0]) if n.has(1) else 0
    y = n.g.un("triu" if n.get("upper", 1) else "tril", n.x[0], k=k)
    return n.g.to(y, n.x[0].kind).of(n.x[0].dtype)


@rewrites("DepthToSpace")
def depth_to_space(n):
    g, x, s = n.g, n.x[0], n.get("blocksize")
    b, c, h, w = x.shape
    if n.get("mode", "DCR") == "DCR":
        y = g.transpose(g.reshape(x, [b, s, s, c // s**2, h, w]), [0, 3, 4, 1, 5, 2])
    else:
        y = g.transpose(g.reshape(x, [b, c // s**2, s, s, h, w]), [0, 1, 4, 2, 5, 3])
    return g.reshape(y, [b, c // s**2, h * s, w * s])


@rewrites("SpaceToDepth")
def space_to_depth(n):
    g, x, s = n.g, n.x[0], n.get("blocksize")
    b, c, h, w = x.shape
    y = g.reshape(x, [b, c, h // s, s, w // s, s])
    y = g.transpose(y, [0, 3, 5, 1, 2, 4] if n.get("mode", "DCR") == "DCR" else [0, 1, 3, 5, 2, 4])
    return g.reshape(y, [b, c * s * s, h // s, w // s])


@rewrites("ReverseSequence")
def reverse_sequence(n):
    g, x = n.g, n.x[0]
    time, batch = n.get("time_axis", 0), n.get("batch_axis", 1)
    t = g.reshape(g.arange(x.shape[time]), [-1 if k == time else 1 for k in range(x.rank)])
    m = g.reshape(g.f(n.x[1]), [-1 if k == batch else 1 for k in range(x.rank)])
    i = g.where(g.cmp("less", t, m), g.sub(g.sub(m, 1.0), t), g.add(t, g.mul(m, 0.0)))
    return g.op("gather", [x, g.expand(g.i(i), x.shape)], x.kind, x.shape, axis=time).of(x.dtype)


@rewrites("Upsample")
def upsample(n):
    y, scales = n.x[0], n.param(1) if n.has(1) else n.get("scales")
    if n.get("mode", "nearest") != "nearest" or any(s != int(s) for s in scales):
        raise Unsaid("resampling between pixels")
    for axis, s in enumerate(scales):
        if s != 1:
            shape = [m * int(s) if k == axis else m for k, m in enumerate(y.shape)]
            y = n.g.op("repeat_interleave", [y], y.kind, shape, repeats=int(s), axis=axis)
    return y
