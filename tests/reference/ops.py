"""Records what PyTorch computes for every op: outputs and gradients, in float64.

    python tests/reference/ops.py          writes ops.json beside this file

Each case is a call as a graph file writes it. Such a call is also a Python
expression, so the very text is evaluated here on functions of the ops' names,
each a line or two of PyTorch. Inputs come from a seeded generator, a case from
its own stream, so that a new case does not change the others.

ops.json: {"versions": {...}, "cases": [{op, call, inputs: {name: array},
upstream: array, output: array, gradients: {name: array}}]} where an array is
{"shape": [...], "data": [row-major], "kind": "float", "int" or "bool"} and the gradients
are those of sum(upstream * output); there are none where an op has none.
"""

import json
import math
import pathlib
import platform
import zlib

import numpy as np
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

true, false = True, False


def tensor(value):
    return value if isinstance(value, torch.Tensor) else torch.tensor(value, dtype=torch.float64)


# Elementwise.

neg, exp, log, sqrt = torch.neg, torch.exp, torch.log, torch.sqrt
abs, reciprocal, square, sin, cos = torch.abs, torch.reciprocal, torch.square, torch.sin, torch.cos
sigmoid, tanh, relu = torch.sigmoid, torch.tanh, torch.relu
erf, log1p, expm1, log2, tan, sinh, cosh = torch.erf, torch.log1p, torch.expm1, torch.log2, torch.tan, torch.sinh, torch.cosh
asin, acos, atan, asinh, acosh, atanh = torch.asin, torch.acos, torch.atan, torch.asinh, torch.acosh, torch.atanh
sign, floor, ceil, round = torch.sign, torch.floor, torch.ceil, torch.round


def add(a, b): return tensor(a) + tensor(b)
def sub(a, b): return tensor(a) - tensor(b)
def mul(a, b): return tensor(a) * tensor(b)
def div(a, b): return tensor(a) / tensor(b)
def pow(a, b): return torch.pow(tensor(a), tensor(b))
def less(a, b): return torch.lt(tensor(a), tensor(b))
def less_equal(a, b): return torch.le(tensor(a), tensor(b))
def greater(a, b): return torch.gt(tensor(a), tensor(b))
def greater_equal(a, b): return torch.ge(tensor(a), tensor(b))
def equal(a, b): return torch.eq(tensor(a), tensor(b))
def not_equal(a, b): return torch.ne(tensor(a), tensor(b))
def where(c, a, b): return torch.where(c, tensor(a), tensor(b))
def cast(x, to): return x.to({"float": torch.float64, "int": torch.int64, "bool": torch.bool}[to])


logical_and, logical_or, logical_xor = torch.logical_and, torch.logical_or, torch.logical_xor
logical_not = torch.logical_not
def mod(a, b): return torch.remainder(tensor(a), tensor(b))
def maximum(a, b): return torch.where(tensor(a) >= tensor(b), tensor(a), tensor(b))
def minimum(a, b): return torch.where(tensor(a) <= tensor(b), tensor(a), tensor(b))
def clip(x, min=None, max=None): return torch.clamp(x, min, max)
def leaky_relu(x, slope=0.01): return F.leaky_relu(x, slope)
def softplus(x): return torch.logaddexp(x, torch.zeros_like(x))


# Data-moving.

def identity(x): return x.clone()
def reshape(x, shape): return torch.reshape(x, tuple(shape))
def flatten(x): return x.flatten(1) if x.ndim > 1 else x.clone()
def transpose(x, axes=None): return torch.permute(x, tuple(axes or range(x.ndim)[::-1]))
def concat(*x, axis=0): return torch.cat(x, axis)


def slice(x, index):
    # PyTorch takes no negative steps: let NumPy say which elements are meant.
    places = np.arange(x.numel()).reshape(x.shape)
    return x.flatten()[torch.tensor(np.array(eval(f"places[{index}]", {"places": places})))]


def squeeze(x, axis=None): return x.squeeze() if axis is None else x.squeeze(axes_of(x, axis))
def broadcast_to(x, shape): return torch.broadcast_to(x, tuple(shape))
def stack(*x, axis=0): return torch.stack(x, axis)
def tile(x, reps): return torch.tile(x, (reps,) if isinstance(reps, int) else tuple(reps))
def repeat_interleave(x, repeats, axis=None): return torch.repeat_interleave(x, repeats, axis)
def flip(x, axis=None): return torch.flip(x, axes_of(x, axis))
def roll(x, shift, axis=None): return torch.roll(x, shift, axis)
def tril(x, k=0): return torch.tril(x, k)
def triu(x, k=0): return torch.triu(x, k)
def diagonal(x, offset=0): return torch.diagonal(x, offset, -2, -1)


def unsqueeze(x, axis):
    places = np.expand_dims(np.arange(x.numel()).reshape(x.shape), axis if isinstance(axis, int) else tuple(axis))
    return x.reshape(places.shape)


def pad(x, widths, mode="constant", value=0):
    # PyTorch's modes take some ranks only: let NumPy say which elements are meant; 0 is the constant.
    widths = [widths] if isinstance(widths, int) else widths
    ends = np.resize(widths, 2 * x.ndim).reshape(x.ndim, 2)
    places = torch.tensor(np.pad(np.arange(1, x.numel() + 1).reshape(x.shape), ends, mode))
    return torch.cat([torch.tensor([value], dtype=x.dtype), x.flatten()])[places]


# By index, of which PyTorch takes none from the end.

def from_start(i, length): return torch.where(i < 0, i + length, i)
def gather(x, i, axis): return torch.gather(x, axis, from_start(i, x.shape[axis]))
def scatter_add(x, i, src, axis): return torch.scatter_add(x, axis, from_start(i, x.shape[axis]), src)


def take(x, i, axis=0):
    rows = torch.index_select(x, axis, from_start(i, x.shape[axis]).flatten())
    return rows.reshape(x.shape[:axis % x.ndim] + i.shape + x.shape[axis % x.ndim + 1:])


def einsum(*x, equation): return torch.einsum(equation, *x)


# Windows.

def spatial(name, x): return getattr(F, f"{name}{x.ndim - 2}d")


def conv(x, w, stride=1, padding=0, dilation=1, groups=1):
    return spatial("conv", x)(x, w, None, stride, padding, dilation, groups)


def conv_transpose(x, w, stride=1, padding=0, output_padding=0, dilation=1, groups=1):
    return spatial("conv_transpose", x)(x, w, None, stride, padding, output_padding, groups, dilation)


def max_pool(x, kernel, stride=None, padding=0, dilation=1):
    return spatial("max_pool", x)(x, kernel, stride, padding, dilation)


def avg_pool(x, kernel, stride=None, padding=0, count_include_pad=true):
    return spatial("avg_pool", x)(x, kernel, stride, padding, False, count_include_pad)


def unfold(x, kernel, stride=1, padding=0, dilation=1): return F.unfold(x, kernel, dilation, padding, stride)
def fold(x, shape, kernel, stride=1, padding=0, dilation=1): return F.fold(x, shape, kernel, dilation, padding, stride)


# Reductions: `max` and `min` send the gradient to the first winner.

def axes_of(x, axis):
    return tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)


def sum(x, axis=None, keepdims=false): return torch.sum(x, axes_of(x, axis), keepdims) if x.ndim else x.clone()
def mean(x, axis=None, keepdims=false): return torch.mean(x, axes_of(x, axis), keepdims) if x.ndim else x.clone()


def extreme(x, axis, keepdims, winner):
    axes = sorted(a % x.ndim for a in axes_of(x, axis))
    kept = [a for a in range(x.ndim) if a not in axes]
    rows = x.permute(kept + axes).reshape([x.shape[a] for a in kept] + [-1])
    places = torch.tensor(winner(rows.detach().numpy(), axis=-1, keepdims=True))
    y = rows.gather(-1, places).squeeze(-1)
    return y.reshape([1 if a in axes else n for a, n in enumerate(x.shape)]) if keepdims else y


def max(x, axis=None, keepdims=false): return extreme(x, axis, keepdims, np.argmax)
def min(x, axis=None, keepdims=false): return extreme(x, axis, keepdims, np.argmin)

def logsumexp(x, axis=None, keepdims=false): return torch.logsumexp(x, axes_of(x, axis), keepdims)
def var(x, axis=None, keepdims=false, ddof=0): return torch.var(x, axes_of(x, axis), correction=ddof, keepdim=keepdims)
def std(x, axis=None, keepdims=false, ddof=0): return torch.std(x, axes_of(x, axis), correction=ddof, keepdim=keepdims)
def cumsum(x, axis=-1): return torch.cumsum(x, axis)
def cumprod(x, axis=-1): return torch.cumprod(x, axis)
def sort(x, axis=-1, descending=false): return torch.sort(x, dim=axis, descending=descending, stable=True).values


def norm(x, axis=None, keepdims=false, ord=2):
    # Of several greatest sizes, the first gets the gradient.
    if ord == inf:
        return extreme(x.abs(), axis, keepdims, np.argmax)
    return torch.linalg.vector_norm(x, ord, axes_of(x, axis), keepdims)


def prod(x, axis=None, keepdims=false):
    for a in sorted((a % x.ndim for a in axes_of(x, axis)), reverse=True):
        x = torch.prod(x, a, keepdims)
    return x


# Layers, probabilities and losses.

matmul = torch.matmul


def affine(x, W, b): return x.flatten(1) @ W + b
def softmax(x, axis=-1): return torch.softmax(x, axis)
def log_softmax(x, axis=-1): return torch.log_softmax(x, axis)


def loss_of(log_probabilities, t):
    batch = math.prod(log_probabilities.shape[:-1])
    if not t.is_floating_point():
        t = F.one_hot(t, log_probabilities.shape[-1])
    return -(t * log_probabilities).sum() / batch


def weighed_loss_of(log_probabilities, t, weight, reduction, ignore_index, label_smoothing=0):
    # Written out, as PyTorch gives the weights no gradient.
    classes = log_probabilities.shape[-1]
    weight = torch.ones(classes) if weight is None else weight
    counts = torch.ones(log_probabilities.shape[:-1])
    divisor = counts
    if not t.is_floating_point():
        counts = counts if ignore_index is None else (t != ignore_index).to(torch.float64)
        t = torch.where(counts > 0, t, 0)
        divisor, t = weight[t] * counts, F.one_hot(t, classes)
    t = t * (1 - label_smoothing) + label_smoothing / classes
    losses = -(t * weight * log_probabilities).sum(-1) * counts
    return {"mean": lambda: losses.sum() / divisor.sum(), "sum": losses.sum, "none": lambda: losses}[reduction]()


def softmax_loss(x, t, weight=None, reduction="mean", ignore_index=None, label_smoothing=0):
    if weight is None and ignore_index is None and reduction == "mean" and label_smoothing == 0:
        return loss_of(torch.log_softmax(x, -1), t)
    loss = weighed_loss_of(torch.log_softmax(x, -1), t, weight, reduction, ignore_index, label_smoothing)
    rows, labels = x.reshape(-1, x.shape[-1]), t.reshape(-1, *t.shape[x.dim() - 1:])
    ignored = {} if ignore_index is None else {"ignore_index": ignore_index}
    weight = None if weight is None else weight.detach()
    theirs = F.cross_entropy(rows, labels, weight, reduction=reduction, label_smoothing=label_smoothing, **ignored)
    assert torch.allclose(loss, theirs.reshape(loss.shape), rtol=1e-13, equal_nan=True)
    return loss


def cross_entropy(y, t, weight=None, delta=0, reduction="mean", ignore_index=None):
    if weight is None and ignore_index is None and reduction == "mean":
        return loss_of(torch.log(y + delta), t)
    return weighed_loss_of(torch.log(y + delta), t, weight, reduction, ignore_index)


def squared_error(y, t, reduction="sum"): return 0.5 * F.mse_loss(y, t, reduction=reduction) if reduction != "sum" else 0.5 * ((y - t) ** 2).sum()
def huber_loss(y, t, delta=1, reduction="mean"): return F.huber_loss(y, t, delta=delta, reduction=reduction)
def sigmoid_loss(x, t, reduction="mean"): return F.binary_cross_entropy_with_logits(x, t.to(x.dtype), reduction=reduction)


# Labels.

def argmax(x, axis=-1, keepdims=false): return torch.argmax(x, axis, keepdims)
def argmin(x, axis=-1, keepdims=false): return torch.argmin(x, axis, keepdims)
def argsort(x, axis=-1, descending=false): return torch.argsort(x, dim=axis, descending=descending, stable=True)
def one_hot(labels, classes): return F.one_hot(labels, classes).to(torch.float64)


def accuracy(y, t):
    labels = t.argmax(-1) if t.is_floating_point() else t
    return (y.argmax(-1) == labels).to(torch.float64).mean()


# What inputs a case asks for, by the way it names them.

def normal(*shape): return lambda random: random.normal(size=shape)
def uniform(low, high, *shape): return lambda random: random.uniform(low, high, size=shape)
def truths(*shape): return lambda random: random.integers(0, 2, size=shape) == 1


def labels(below, *shape): return lambda random: random.integers(below, size=shape)
def exactly(value): return lambda random: np.array(value)


def probabilities(*shape):
    def draw(random):
        odds = random.uniform(0.1, 1, size=shape)
        return odds / odds.sum(-1, keepdims=True)
    return draw


def hot(classes, *shape): return lambda random: np.eye(classes)[random.integers(classes, size=shape)]


inf, nan = math.inf, math.nan

CASES = [
    # Two inputs: equal shapes, a scalar, rows, columns, both stretched, nothing.
    *[
        (f"{op}(a, b)", {"a": normal(*a), "b": normal(*b)})
        for op in ["add", "sub", "mul", "div"]
        for a, b in [((), ()), ((2, 3), (2, 3)), ((3, 4), ()), ((4,), (3, 4)), ((2, 3, 1), (1, 4)), ((0, 3), (3,))]
    ],
    *[
        ("pow(a, b)", {"a": uniform(0.2, 3, *a), "b": normal(*b)})
        for a, b in [((), ()), ((2, 3), (2, 3)), ((3, 4), ()), ((), (4,)), ((2, 3, 1), (1, 4))]
    ],
    ("mul(x, x)", {"x": normal(3)}),
    ("sub(x, x)", {"x": normal(3)}),
    ("div(a, b)", {"a": exactly([1.0, -1.0, 0.0]), "b": exactly([0.0, 0.0, 2.0])}),
    ("pow(x, 2)", {"x": exactly([[-1.5, 0.0, 2.0]])}),
    ("pow(x, 3)", {"x": exactly([-2.0, 0.0, 1.5])}),
    ("pow(x, 0)", {"x": exactly([-2.0, 0.0, 1.5])}),
    ("pow(x, 0.5)", {"x": exactly([-2.0, 0.25, 4.0])}),
    ("pow(a, b)", {"a": exactly([0.0, -2.0, 0.0, 2.0]), "b": exactly([2.0, 3.0, 1.0, -3.0])}),
    *[
        case
        for name in ["less", "less_equal", "greater", "greater_equal", "equal", "not_equal"]
        for case in [
            (f"{name}(a, b)", {"a": normal(2, 3), "b": normal(3)}),
            (f"{name}(a, b)", {"a": exactly([1.0, 1.0, nan, inf, -0.0]), "b": exactly([1.0, 0.5, 0.0, inf, 0.0])}),
            (f"{name}(a, b)", {"a": labels(3, 2, 4), "b": labels(3, 4)}),
        ]
    ],
    *[(f"logical_{name}(a, b)", {"a": truths(2, 4), "b": truths(4)}) for name in ["and", "or", "xor"]],
    ("logical_not(x)", {"x": truths(2, 4)}),
    ("where(c, a, b)", {"c": truths(2, 3), "a": normal(2, 3), "b": normal(3)}),
    ("where(c, a, b)", {"c": truths(3), "a": normal(2, 3), "b": normal()}),
    ("where(c, a, b)", {"c": truths(2, 3), "a": labels(5, 2, 3), "b": labels(5, 3)}),
    ("where(c, a, 0.5)", {"c": exactly([True, False]), "a": exactly([nan, inf])}),
    ("cast(x, to = \"int\")", {"x": exactly([1.75, -1.75, 0.0, -0.0, 3.0])}),
    ("cast(x, to = \"bool\")", {"x": exactly([1.75, 0.0, -0.0, nan])}),
    ("cast(x, to = \"float\")", {"x": normal(2, 3)}),
    ("cast(x, to = \"float\")", {"x": labels(5, 4)}),
    ("cast(x, to = \"float\")", {"x": truths(4)}),
    # One input.
    *[
        (f"{op}(x)", {"x": normal(*shape)})
        for op in ["neg", "exp", "abs", "reciprocal", "square", "sin", "cos", "sigmoid", "tanh", "softplus", "relu", "leaky_relu"]
        for shape in [(), (5,), (2, 3), (2, 0)]
    ],
    *[(f"{op}(x)", {"x": uniform(0.01, 5, *shape)}) for op in ["log", "sqrt"] for shape in [(), (5,), (2, 3)]],
    ("leaky_relu(x, slope = 0.2)", {"x": normal(6)}),
    *[(f"{op}(x)", {"x": exactly([-1.0, 0.0, 2.0])}) for op in ["abs", "relu", "leaky_relu", "log", "sqrt", "reciprocal"]],
    *[(f"{op}(x)", {"x": exactly([-750.0, -40.0, 0.0, 40.0, 750.0])}) for op in ["sigmoid", "tanh", "softplus", "exp"]],
    *[(f"{op}(x)", {"x": exactly([inf, -inf, nan])}) for op in ["exp", "log", "sigmoid", "tanh", "neg"]],
    ("abs(x)", {"x": exactly([inf, -inf])}),
    *[
        (f"{op}(x)", {"x": uniform(low, high, *shape)})
        for op, low, high in [
            ("erf", -4, 4), ("log1p", -0.99, 5), ("expm1", -5, 5), ("log2", 0.01, 5), ("tan", -9, 9), ("sinh", -5, 5),
            ("cosh", -5, 5), ("asin", -1, 1), ("acos", -1, 1), ("atan", -9, 9), ("asinh", -9, 9), ("acosh", 1, 9),
            ("atanh", -1, 1), ("sign", -9, 9), ("floor", -9, 9), ("ceil", -9, 9), ("round", -9, 9),
        ]
        for shape in [(), (5,), (2, 3), (2, 0)]
    ],
    *[
        (f"{op}(x)", {"x": exactly([inf, -inf, nan])})
        for op in ["erf", "log1p", "expm1", "log2", "sinh", "cosh", "atan", "asinh", "asin", "acos", "acosh", "atanh", "floor", "ceil", "round"]
    ],
    *[(f"{op}(x)", {"x": exactly([-2.0, -1.0, 1.0, 2.0])}) for op in ["log1p", "asin", "acos", "atanh", "acosh"]],
    *[(f"{op}(x)", {"x": exactly([0.0, 1e-20, -1e-200, 700.0, -50.0])}) for op in ["erf", "expm1", "sinh", "asinh", "atan"]],
    *[(f"{op}(x)", {"x": exactly([-2.5, -1.5, -0.5, 0.0, 0.5, 1.5, 2.5, 1e300])}) for op in ["sign", "floor", "ceil", "round"]],
    *[
        (f"{op}(a, b)", {"a": normal(*a), "b": normal(*b)})
        for op in ["mod", "maximum", "minimum"]
        for a, b in [((), ()), ((2, 3), (2, 3)), ((3, 4), ()), ((), (4,)), ((2, 3, 1), (1, 4)), ((0, 3), (3,))]
    ],
    ("mod(a, b)", {"a": exactly([7.0, -7.0, 7.0, -7.0, 0.0, 1e17, 5.0]), "b": exactly([3.0, 3.0, -3.0, -3.0, -2.0, 3.0, inf])}),
    ("maximum(a, b)", {"a": exactly([1.0, 2.0, inf]), "b": exactly([1.0, -2.0, inf])}),
    ("minimum(a, b)", {"a": exactly([1.0, 2.0, inf]), "b": exactly([1.0, -2.0, inf])}),
    ("clip(x, min = -1, max = 1)", {"x": exactly([-2.0, -1.0, 0.5, 1.0, 3.0, nan, inf])}),
    ("clip(x, min = 0.25)", {"x": normal(2, 3)}),
    ("clip(x, max = 0.25)", {"x": normal(2, 3)}),
    # Data-moving.
    ("identity(x)", {"x": normal(2, 3)}),
    ("identity(x)", {"x": labels(9, 4)}),
    ("reshape(x, shape = [3, 2])", {"x": normal(2, 3)}),
    ("reshape(x, shape = [2, -1, 2])", {"x": normal(4, 3, 2)}),
    ("reshape(x, shape = [])", {"x": normal(1, 1)}),
    ("reshape(x, shape = [1, 1])", {"x": normal()}),
    ("reshape(x, shape = [0, 5])", {"x": normal(2, 0)}),
    ("reshape(x, shape = [-1, 3])", {"x": labels(9, 6)}),
    ("flatten(x)", {"x": normal(2, 3, 4)}),
    ("flatten(x)", {"x": normal(3, 2)}),
    ("flatten(x)", {"x": normal(3)}),
    ("flatten(x)", {"x": normal()}),
    ("flatten(x)", {"x": labels(9, 2, 2, 2)}),
    ("transpose(x)", {"x": normal(2, 3)}),
    ("transpose(x)", {"x": normal(2, 3, 4)}),
    ("transpose(x)", {"x": normal(3)}),
    ("transpose(x)", {"x": normal()}),
    ("transpose(x, axes = [1, 2, 0])", {"x": normal(2, 3, 4)}),
    ("transpose(x, axes = [0, -1, 1])", {"x": normal(2, 1, 3)}),
    ("transpose(x, axes = [3, 1, 0, 2])", {"x": normal(2, 1, 3, 2)}),
    ("transpose(x)", {"x": labels(9, 2, 3)}),
    *[
        (f'slice(x, index = "{index}")', {"x": normal(4, 3, 5)})
        for index in [
            "0", "-1", "1:3", ":, 1", ":, :, -2", "1, 2, 3", "::2, ::-1", "::-1, ::-1, ::-1", "-1:-9:-3", "2:1",
            "1:99, -99:2, 4:0:-2", "3:0:-1, 0, 1::3", ":, 2:2", "0, :, ::-4",
        ]
    ],
    ('slice(x, index = "1::2")', {"x": labels(9, 7)}),
    ("concat(a)", {"a": normal(2, 3)}),
    ("concat(a, b)", {"a": normal(3), "b": normal(2)}),
    ("concat(a, b, c, axis = 1)", {"a": normal(2, 1, 3), "b": normal(2, 2, 3), "c": normal(2, 0, 3)}),
    ("concat(a, b, axis = -1)", {"a": normal(2, 3), "b": normal(2, 2)}),
    ("concat(x, x, axis = 0)", {"x": normal(2, 2)}),
    ("concat(a, b)", {"a": labels(9, 2, 2), "b": labels(9, 1, 2)}),
    ("squeeze(x)", {"x": normal(1, 3, 1, 2)}),
    ("squeeze(x)", {"x": normal()}),
    ("squeeze(x, axis = -2)", {"x": normal(1, 3, 1, 2)}),
    ("squeeze(x, axis = [0, 2])", {"x": labels(9, 1, 3, 1)}),
    ("unsqueeze(x, axis = 0)", {"x": normal(2, 3)}),
    ("unsqueeze(x, axis = -1)", {"x": normal()}),
    ("unsqueeze(x, axis = [1, -1])", {"x": normal(2, 3)}),
    *[
        (f"broadcast_to(x, shape = {list(to)})", {"x": normal(*of)})
        for of, to in [((), (2, 3)), ((3,), (2, 3)), ((2, 1, 3), (2, 4, 3)), ((1, 3, 1), (2, 2, 3, 2)), ((1, 2), (0, 2))]
    ],
    ("broadcast_to(x, shape = [2, 3])", {"x": labels(9, 2, 1)}),
    ("stack(a, b)", {"a": normal(2, 3), "b": normal(2, 3)}),
    ("stack(a, b, c, axis = -1)", {"a": normal(2, 3), "b": normal(2, 3), "c": normal(2, 3)}),
    ("stack(a, b, axis = 1)", {"a": normal(2, 0, 3), "b": normal(2, 0, 3)}),
    ("stack(x, x)", {"x": normal()}),
    ("stack(a, b, axis = 1)", {"a": labels(9, 3), "b": labels(9, 3)}),
    *[
        (f"tile(x, reps = {reps})", {"x": normal(*of)})
        for reps, of in [("3", (2,)), ("[2, 3]", (2, 2)), ("2", (2, 3)), ("[2, 1, 3]", (2,)), ("[0, 2]", (1, 2)), ("[]", (2, 1))]
    ],
    ("tile(x, reps = [2, 2])", {"x": labels(9, 3)}),
    ("repeat_interleave(x, repeats = 3)", {"x": normal(2, 2)}),
    ("repeat_interleave(x, repeats = 2, axis = 1)", {"x": normal(2, 3, 2)}),
    ("repeat_interleave(x, repeats = 2, axis = -1)", {"x": normal(2, 3)}),
    ("repeat_interleave(x, repeats = 0, axis = 0)", {"x": normal(2, 3)}),
    ("repeat_interleave(x, repeats = 2, axis = 0)", {"x": labels(9, 3)}),
    *[(f"flip(x{how})", {"x": normal(2, 3, 2)}) for how in ["", ", axis = 1", ", axis = [0, -1]"]],
    ("flip(x, axis = 0)", {"x": labels(9, 5)}),
    *[
        (f"roll(x, shift = {how})", {"x": normal(2, 3, 4)})
        for how in ["1", "-30", "2, axis = 2", "-1, axis = 0", "[1, -5], axis = [1, 2]", "[1, 2], axis = [2, -1]"]
    ],
    ("roll(x, shift = 2)", {"x": labels(9, 5)}),
    ("roll(x, shift = 2, axis = 0)", {"x": normal(0, 3)}),
    *[
        (f"{op}(x, {name} = {far})", {"x": normal(*of)})
        for op, name in [("tril", "k"), ("triu", "k"), ("diagonal", "offset")]
        for far, of in [(0, (3, 3)), (1, (2, 4)), (-1, (2, 4, 3)), (3, (2, 2)), (-2, (2, 2)), (0, (2, 0))]
    ],
    ("tril(x)", {"x": exactly([[1.0, nan], [inf, 2.0]])}),
    ("triu(x)", {"x": labels(9, 3, 3)}),
    ("diagonal(x)", {"x": labels(9, 2, 3)}),
    *[
        (f"pad(x, widths = {widths}, mode = \"{mode}\")", {"x": normal(*of)})
        for mode in ["constant", "edge", "reflect", "wrap"]
        for widths, of in [("1", (3,)), ("[2, 0]", (2, 3)), ("[1, 2, 0, 3]", (3, 2)), ("[7, 9]", (3,)), ("[0, 1, 2, 0, 1, 1]", (1, 2, 3))]
    ],
    ("pad(x, widths = [1, 2], value = -1.5)", {"x": normal(2, 2)}),
    ("pad(x, widths = 1)", {"x": normal(0, 2)}),
    ("pad(x, widths = [1, 2], value = 7)", {"x": labels(9, 3)}),
    # By index.
    ("gather(x, i, axis = 1)", {"x": normal(3, 4), "i": labels(4, 3, 6)}),
    ("gather(x, i, axis = 0)", {"x": normal(3, 2, 2), "i": labels(3, 5, 2, 2)}),
    ("gather(x, i, axis = -1)", {"x": normal(2, 2, 3), "i": exactly([[[-1], [0]], [[-3], [2]]])}),
    ("gather(x, i, axis = 0)", {"x": normal(3), "i": exactly([1, 1, -2, 1, 0])}),
    ("gather(x, i, axis = 1)", {"x": normal(2, 3), "i": labels(3, 2, 0)}),
    ("gather(x, i, axis = 1)", {"x": labels(9, 2, 3), "i": labels(3, 2, 2)}),
    ("take(x, i)", {"x": normal(5, 3), "i": labels(5, 4)}),
    ("take(x, i)", {"x": normal(5, 3), "i": labels(5, 2, 3)}),
    ("take(x, i, axis = 1)", {"x": normal(2, 4, 3), "i": labels(4, 2, 2)}),
    ("take(x, i, axis = -1)", {"x": normal(2, 4), "i": exactly([-1, -4, 3, 0, 0])}),
    ("take(x, i)", {"x": normal(4, 2), "i": labels(4)}),
    ("take(x, i)", {"x": labels(9, 4), "i": labels(4, 3, 1)}),
    ("take(x, i)", {"x": normal(4, 2), "i": labels(4, 0)}),
    ("scatter_add(x, i, src, axis = 0)", {"x": normal(4), "i": exactly([3, 0, 3, -1, -4]), "src": normal(5)}),
    ("scatter_add(x, i, src, axis = 1)", {"x": normal(2, 3), "i": labels(3, 2, 5), "src": normal(2, 5)}),
    ("scatter_add(x, i, src, axis = -2)", {"x": normal(2, 3, 2), "i": labels(3, 2, 1, 2), "src": normal(2, 1, 2)}),
    # Any axes.
    *[
        (
            f'einsum({", ".join("abcd"[:len(of)])}, equation = "{equation}")',
            {name: normal(*shape) for name, shape in zip("abcd", of)},
        )
        for equation, of in [
            ("ij,jk->ik", [(2, 3), (3, 4)]),
            ("bij,bjk->bik", [(2, 3, 2), (2, 2, 3)]),
            ("bqhd,bkhd->bhqk", [(2, 3, 2, 4), (2, 2, 2, 4)]),
            ("ij,kj", [(2, 3), (4, 3)]),
            ("ba,cb", [(2, 3), (4, 2)]),
            ("i,j->ij", [(2,), (3,)]),
            ("i,i", [(4,), (4,)]),
            ("ij->ji", [(2, 3)]),
            ("ij->", [(2, 3)]),
            ("ii", [(3, 3)]),
            ("ii->i", [(3, 3)]),
            ("iij,jk->ik", [(2, 2, 3), (3, 2)]),
            ("ij,jk->k", [(2, 3), (3, 2)]),
            ("ij,ij->i", [(2, 3), (2, 3)]),
            ("ijk,jil->kl", [(2, 3, 4), (3, 2, 2)]),
            ("ij,jk,kl->il", [(2, 3), (3, 2), (2, 4)]),
            ("i,i,i->i", [(3,), (3,), (3,)]),
            ("...ij,...jk->...ik", [(2, 1, 2, 3), (3, 3, 2)]),
            ("...i->...", [(2, 2, 3)]),
            ("i...,i...", [(2, 3), (2, 3)]),
            ("ij,jk->ik", [(2, 0), (0, 3)]),
            (" i j , j -> i ", [(2, 1), (3,)]),
            (",ij->ij", [(), (2, 2)]),
        ]
    ],
    # Windows.
    *[
        (f"conv(x, w{how})", {"x": normal(*x), "w": normal(*w)})
        for how, x, w in [
            ("", (2, 3, 7), (4, 3, 3)),
            (", stride = 2, padding = 1", (1, 2, 8), (2, 2, 3)),
            (", groups = 2, dilation = 2", (2, 4, 7), (6, 2, 2)),
            ("", (1, 2, 5), (3, 2, 1)),
            ("", (2, 3, 5, 6), (4, 3, 3, 3)),
            (", padding = 1", (2, 2, 4, 4), (3, 2, 3, 3)),
            (", stride = [2, 1], padding = [0, 2], dilation = [1, 2]", (1, 2, 6, 5), (2, 2, 3, 2)),
            (", groups = 4, padding = 1", (1, 4, 3, 3), (8, 1, 3, 3)),
            (", stride = 2", (2, 3, 4, 4), (2, 3, 1, 1)),
            (", stride = 3, padding = 4", (1, 1, 4, 4), (1, 1, 2, 2)),
            (", stride = [1, 2, 1], padding = [1, 0, 1]", (1, 2, 3, 4, 3), (2, 2, 2, 3, 2)),
        ]
    ],
    ("conv(x, w, padding = 1)", {"x": normal(1, 4, 40, 40), "w": normal(2, 4, 3, 3)}),
    *[
        (f"conv_transpose(x, w{how})", {"x": normal(*x), "w": normal(*w)})
        for how, x, w in [
            ("", (2, 3, 4), (3, 2, 3)),
            (", stride = 2, padding = 1, output_padding = 1", (1, 2, 4), (2, 3, 3)),
            (", stride = 2, groups = 2, dilation = 2", (2, 4, 3), (4, 3, 2)),
            (", stride = [2, 3], padding = [1, 0], output_padding = [0, 2]", (2, 2, 3, 2), (2, 2, 3, 2)),
            (", dilation = [2, 1], output_padding = [1, 0]", (1, 2, 3, 3), (2, 1, 2, 2)),
            ("", (1, 2, 3, 3), (2, 3, 1, 1)),
            (", stride = [1, 2, 1], padding = [1, 0, 1]", (1, 2, 2, 2, 3), (2, 2, 3, 2, 2)),
        ]
    ],
    *[
        (f"{op}(x{how})", {"x": normal(*x)})
        for op in ["max_pool", "avg_pool"]
        for how, x in [
            (", kernel = 2", (2, 3, 7)),
            (", kernel = 3, stride = 2, padding = 1", (1, 2, 6)),
            (", kernel = 2", (2, 2, 4, 5)),
            (", kernel = [3, 2], stride = [1, 2], padding = [1, 0]", (1, 2, 4, 5)),
            (", kernel = 3, stride = 1, padding = 1", (1, 2, 4, 4)),
            (", kernel = 2, stride = 1", (1, 1, 3, 3, 3)),
        ]
    ],
    ("max_pool(x, kernel = 2, stride = 1, dilation = 2)", {"x": normal(2, 1, 5, 4)}),
    ("max_pool(x, kernel = 2)", {"x": exactly([[[1.0, 1.0, nan, 2.0, -inf, -inf, 3.0, inf]]])}),
    ("avg_pool(x, kernel = 3, stride = 2, padding = 1, count_include_pad = false)", {"x": normal(2, 2, 5, 6)}),
    *[
        (f"unfold(x{how})", {"x": normal(*x)})
        for how, x in [
            (", kernel = 2", (2, 2, 3, 4)),
            (", kernel = [2, 3], stride = 2, padding = [1, 2]", (1, 2, 4, 5)),
            (", kernel = 2, dilation = 2, padding = 1", (1, 1, 4, 4)),
        ]
    ],
    *[
        (f"fold(x{how})", {"x": normal(*x)})
        for how, x in [
            (", shape = [3, 4], kernel = 2", (2, 8, 6)),
            (", shape = [4, 5], kernel = [2, 3], stride = 2, padding = [1, 2]", (1, 12, 12)),
            (", shape = 4, kernel = 2, dilation = 2, padding = 1", (1, 4, 16)),
        ]
    ],
    # Reductions.
    *[
        (f"{op}(x{how})", {"x": normal(2, 3, 4)})
        for op in ["sum", "mean", "max", "min"]
        for how in ["", ", axis = 0", ", axis = -1", ", axis = [0, 2]", ", axis = 1, keepdims = true", ", keepdims = true"]
    ],
    *[(f"{op}(x)", {"x": normal()}) for op in ["sum", "mean"]],
    ("sum(x)", {"x": normal(0, 3)}),
    ("sum(x, axis = 0)", {"x": normal(0, 3)}),
    ("sum(x, axis = 1)", {"x": normal(2, 200)}),
    ("max(x, axis = 1)", {"x": exactly([[1.0, 3.0, 3.0], [2.0, 2.0, 0.0]])}),
    ("min(x)", {"x": exactly([[1.0, 0.5], [0.5, 2.0]])}),
    *[
        (f"{op}(x{how})", {"x": normal(2, 3, 4)})
        for op in ["logsumexp", "var", "std", "norm", "prod"]
        for how in ["", ", axis = 0", ", axis = -1", ", axis = [0, 2]", ", axis = 1, keepdims = true", ", keepdims = true"]
    ],
    *[(f"{op}(x, axis = 0, ddof = 1)", {"x": normal(4, 3)}) for op in ["var", "std"]],
    ("std(x, axis = 1)", {"x": exactly([[0.1, 0.1, 0.1], [1.0, 2.0, 4.0]])}),
    *[(f"{op}(x, axis = 1)", {"x": normal(2, 200)}) for op in ["logsumexp", "var", "norm"]],
    *[(f"norm(x, ord = {ord}{how})", {"x": normal(2, 3)}) for ord in ["1", "inf"] for how in ["", ", axis = 1", ", axis = 0, keepdims = true"]],
    ("norm(x, axis = 1)", {"x": exactly([[0.0, 0.0], [3.0, -4.0]])}),
    ("norm(x, axis = 1, ord = 1)", {"x": exactly([[0.0, 0.0], [3.0, -4.0]])}),
    ("norm(x)", {"x": normal(0)}),
    ("logsumexp(x, axis = 1)", {"x": exactly([[-inf, 2.0], [1e4, 1e4], [nan, 0.0]])}),
    ("logsumexp(x, axis = 1)", {"x": exactly([[0.0, -50.0], [-1e4, -1e4]])}),
    ("logsumexp(x, axis = 0)", {"x": normal(0, 3)}),
    ("prod(x, axis = 1)", {"x": exactly([[2.0, 0.0, 3.0], [0.0, 0.0, 5.0], [-1.5, 2.0, 4.0]])}),
    ("prod(x, axis = 0)", {"x": normal(0, 3)}),
    *[(f"{op}(x{how})", {"x": normal(2, 3, 4)}) for op in ["cumsum", "cumprod", "sort"] for how in ["", ", axis = 0", ", axis = -2"]],
    *[(f"{op}(x)", {"x": normal(2, 0)}) for op in ["cumsum", "cumprod", "sort"]],
    ("cumprod(x)", {"x": exactly([[2.0, 0.0, 3.0, -1.0], [0.0, 4.0, 0.0, 5.0]])}),
    ("sort(x, descending = true)", {"x": normal(3, 5)}),
    ("sort(x)", {"x": exactly([[2.0, 1.0, 2.0, nan], [inf, -inf, 0.0, 0.0]])}),
    ("sort(x, descending = true)", {"x": exactly([[2.0, 1.0, 2.0, nan], [inf, -inf, 0.0, 0.0]])}),
    # Layers.
    ("affine(x, W, b)", {"x": normal(3, 4), "W": normal(4, 2), "b": normal(2)}),
    ("affine(x, W, b)", {"x": normal(2, 2, 3), "W": normal(6, 4), "b": normal(4)}),
    *[
        ("matmul(a, b)", {"a": normal(*a), "b": normal(*b)})
        for a, b in [
            ((2, 3), (3, 4)), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((5, 2, 3), (5, 3, 2)), ((2, 3), (4, 3, 2)),
            ((2, 1, 2, 3), (3, 3, 2)), ((3,), (2, 3, 2)), ((2, 2, 3), (3,)), ((2, 0), (0, 3)),
        ]
    ],
    # Probabilities and losses.
    *[
        (f"{op}(x{how})", {"x": normal(*shape)})
        for op in ["softmax", "log_softmax"]
        for how, shape in [("", (4,)), ("", (2, 3)), (", axis = 0", (3, 2)), (", axis = 1", (2, 3, 2))]
    ],
    *[(f"{op}(x)", {"x": exactly([[1e4, -1e4, 9999.0], [0.0, 0.0, 0.0]])}) for op in ["softmax", "log_softmax"]],
    ("softmax_loss(x, t)", {"x": normal(4, 3), "t": labels(3, 4)}),
    ("softmax_loss(x, t)", {"x": normal(3), "t": labels(3)}),
    ("softmax_loss(x, t)", {"x": normal(2, 3, 4), "t": labels(4, 2, 3)}),
    ("softmax_loss(x, t)", {"x": normal(4, 3), "t": hot(3, 4)}),
    ("softmax_loss(x, t)", {"x": normal(3, 4), "t": probabilities(3, 4)}),
    ("softmax_loss(x, t)", {"x": normal(3, 4), "t": uniform(0, 1, 3, 4)}),
    ("softmax_loss(x, t)", {"x": exactly([[1e4, -1e4, 9999.0]]), "t": exactly([1])}),
    ("cross_entropy(y, t)", {"y": probabilities(4, 3), "t": labels(3, 4)}),
    ("cross_entropy(y, t)", {"y": probabilities(3), "t": labels(3)}),
    ("cross_entropy(y, t)", {"y": probabilities(4, 3), "t": hot(3, 4)}),
    ("cross_entropy(y, t, delta = 1e-7)", {"y": probabilities(2, 3), "t": probabilities(2, 3)}),
    ("cross_entropy(y, t)", {"y": probabilities(2, 2, 3), "t": labels(3, 2, 2)}),
    ("squared_error(y, t)", {"y": normal(3, 2), "t": normal(3, 2)}),
    ("squared_error(y, t)", {"y": normal(), "t": normal()}),
    ("sigmoid_loss(x, t)", {"x": normal(3, 2), "t": uniform(0, 1, 3, 2)}),
    ("sigmoid_loss(x, t)", {"x": normal(5), "t": labels(2, 5)}),
    ("sigmoid_loss(x, t)", {"x": exactly([-750.0, 750.0, 0.0]), "t": exactly([1.0, 0.0, 1.0])}),
    *[
        (f'{op}, weight{how})', {"x": scores(4, 3), "t": answers, "weight": uniform(0.2, 2, 3)})
        for op, scores in [("softmax_loss(x, t", normal), ("cross_entropy(x, t", probabilities)]
        for how in ["", ', reduction = "sum"', ', reduction = "none"']
        for answers in [labels(3, 4), probabilities(4, 3)]
    ],
    *[
        (f'{op}{how})', {"x": scores(4, 3), "t": exactly([2, -100, 0, -100])})
        for op, scores in [("softmax_loss(x, t", normal), ("cross_entropy(x, t", probabilities)]
        for how in [", ignore_index = -100", ', reduction = "none", ignore_index = -100']
    ],
    ("softmax_loss(x, t, weight, ignore_index = 1)", {"x": normal(2, 3, 4), "t": labels(4, 2, 3), "weight": uniform(0.2, 2, 4)}),
    ("softmax_loss(x, t, ignore_index = 1)", {"x": normal(2, 3), "t": exactly([1, 1])}),
    *[
        (f"softmax_loss(x, t{how})", {"x": normal(4, 3), "t": answers})
        for how in [', reduction = "sum"', ', reduction = "none"', ", label_smoothing = 0.1", ', label_smoothing = 0.25, reduction = "none"']
        for answers in [labels(3, 4), probabilities(4, 3)]
    ],
    ("softmax_loss(x, t, weight, label_smoothing = 0.1)", {"x": normal(4, 3), "t": labels(3, 4), "weight": uniform(0.2, 2, 3)}),
    ("softmax_loss(x, t, weight, label_smoothing = 0.1)", {"x": normal(4, 3), "t": probabilities(4, 3), "weight": uniform(0.2, 2, 3)}),
    *[
        (f'{op}, reduction = "{how}")', {"x": normal(3, 2), "t": uniform(0, 1, 3, 2)})
        for op in ["squared_error(x, t", "sigmoid_loss(x, t", "huber_loss(x, t, delta = 0.3"]
        for how in ["mean", "sum", "none"]
    ],
    # Labels.
    ("argmax(x)", {"x": normal(2, 5)}),
    ("argmax(x, axis = 0)", {"x": normal(3, 2, 2)}),
    ("argmax(x, keepdims = true)", {"x": normal(2, 3)}),
    ("argmax(x)", {"x": exactly([1.0, 3.0, 3.0])}),
    ("argmin(x)", {"x": normal(2, 5)}),
    ("argmin(x, axis = 0)", {"x": normal(3, 2, 2)}),
    ("argmin(x, keepdims = true)", {"x": normal(2, 3)}),
    *[(f"argsort(x{how})", {"x": normal(2, 3, 4)}) for how in ["", ", axis = 0", ", axis = -2", ", descending = true"]],
    ("argsort(x)", {"x": exactly([2.0, 1.0, 2.0, nan, -inf])}),
    ("argsort(x, descending = true)", {"x": exactly([2.0, 1.0, 2.0, nan, -inf])}),
    ("accuracy(y, t)", {"y": normal(6, 3), "t": labels(3, 6)}),
    ("accuracy(y, t)", {"y": normal(6, 3), "t": hot(3, 6)}),
    ("accuracy(y, t)", {"y": normal(2, 3, 4), "t": labels(4, 2, 3)}),
    ("one_hot(labels, classes = 4)", {"labels": labels(4, 5)}),
    ("one_hot(labels, classes = 3)", {"labels": labels(3, 2, 2)}),
    ("one_hot(labels, classes = 2)", {"labels": labels(2)}),
]


def number(value):
    """A number as JSON has it, or "NaN", "inf", "-inf"."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, bool):
        return int(value)
    return int(value) if isinstance(value, float) and value == int(value) and math.copysign(1, value) > 0 else value


def array(value):
    kind = "float" if value.is_floating_point() else "bool" if value.dtype == torch.bool else "int"
    return {"shape": list(value.shape), "data": [number(v) for v in value.detach().flatten().tolist()], "kind": kind}


def record(call, inputs):
    # The stream is the case's own: its call and its place among cases of that call.
    random = np.random.default_rng(zlib.crc32(f"{call} {seen.setdefault(call, 0)}".encode()))
    seen[call] += 1
    values = {name: torch.tensor(np.asarray(draw(random))) for name, draw in inputs.items()}
    for value in values.values():
        value.requires_grad_(value.is_floating_point())
    output = eval(call, {**globals(), **values})
    upstream = torch.tensor(random.normal(size=tuple(output.shape)))
    gradients = {}
    if output.requires_grad:
        floats = {name: value for name, value in values.items() if value.requires_grad}
        gradients = dict(zip(floats, torch.autograd.grad(output, list(floats.values()), upstream)))
    return {
        "op": call.split("(")[0],
        "call": call,
        "inputs": {name: array(value) for name, value in values.items()},
        "upstream": array(upstream),
        "output": array(output),
        "gradients": {name: array(gradient) for name, gradient in gradients.items()},
    }


seen = {}

if __name__ == "__main__":
    versions = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}
    lines = [json.dumps(record(*case), separators=(",", ":"), allow_nan=False) for case in CASES]
    text = f'{{"versions":{json.dumps(versions)},"cases":[\n' + ",\n".join(lines) + "\n]}\n"
    pathlib.Path(__file__).with_suffix(".json").write_text(text)
