"""The kernels: of each its graph, the functions that compute it elsewhere, its lengths, its scales.

A function takes the leaves by name and gives the output, or several results by the names of the graph's nodes. What
is computed in one call is `torch`; what is written step by step, with what lies between, `steps`.
"""

from dataclasses import dataclass, field

import torch
import torch.nn.functional as F

from . import draws
from .draws import *

N = (1, 64)  # rows
D = (1, 512)  # features
LONG = (1024, 16384)


@dataclass
class Kernel:
    name: str
    graph: str
    torch: object = None
    steps: object = None
    numpy: object = None
    # Lengths of axes: from, to; or what they are of the others.
    axes: dict = field(default_factory=dict)
    # How leaves are drawn; `x` in all kinds if it is not said.
    draw: dict = field(default_factory=dict)
    # Powers of ten of the scale.
    scale: tuple = (-4, 4)
    # A leaf and the axis along which its entries meet in a sum.
    sums: tuple = None
    # Names of slips of this kernel alone, and the functions that have them.
    slips: dict = field(default_factory=dict)


def elementwise(name, formula, function, slips=None, **more):
    axes = {"n": (1, 64), "d": (1, 64)}
    return Kernel(name, f"input x: [n, d]\ny = {formula}\n", function, axes=axes, slips=slips or {}, **more)


def reduction(name, formula, function, axes=None, **more):
    graph = f"input x: [n, d]\ny = {formula}\n"
    return Kernel(name, graph, function, axes=axes or {"n": N, "d": D}, sums=("x", -1), **more)


ELEMENTWISE = [
    elementwise("exp", "exp(x)", torch.exp, scale=(-4, 0.6)),
    elementwise("expm1", "expm1(x)", torch.expm1, scale=(-4, 0.6)),
    elementwise("log", "log(x)", torch.log, draw={"x": positive}),
    elementwise("log_near_one", "log(x)", torch.log, draw={"x": nearly_constant}, scale=(0, 0)),
    elementwise("log1p", "log1p(x)", torch.log1p, draw={"x": positive}),
    elementwise("log2", "log2(x)", torch.log2, draw={"x": positive}),
    elementwise("sqrt", "sqrt(x)", torch.sqrt, draw={"x": positive}),
    elementwise("rsqrt", "1 / sqrt(x)", torch.rsqrt, draw={"x": positive}, scale=(-2, 4)),
    elementwise("reciprocal", "1 / x", torch.reciprocal, draw={"x": positive}, scale=(-1, 4)),
    elementwise("square", "square(x)", torch.square, scale=(-4, 2)),
    elementwise("cube", "x ** 3", lambda x: x**3, scale=(-3, 1)),
    elementwise("power_1.7", "x ** 1.7", lambda x: x**1.7, draw={"x": positive}, scale=(-2, 2)),
    elementwise("sin", "sin(x)", torch.sin, scale=(-4, 2)),
    elementwise("cos", "cos(x)", torch.cos, scale=(-4, 2)),
    elementwise("tan", "tan(x)", torch.tan, draw={"x": inside_one}),
    elementwise("asin", "asin(x)", torch.asin, draw={"x": inside_one}),
    elementwise("acos", "acos(x)", torch.acos, draw={"x": inside_one}),
    elementwise("atan", "atan(x)", torch.atan, scale=(-4, 2)),
    elementwise("sinh", "sinh(x)", torch.sinh, scale=(-4, 0.5)),
    elementwise("cosh", "cosh(x)", torch.cosh, scale=(-4, 0.5)),
    elementwise("asinh", "asinh(x)", torch.asinh, scale=(-4, 3)),
    elementwise("acosh", "acosh(x)", torch.acosh, draw={"x": above_one}, scale=(-1, 2)),
    elementwise("atanh", "atanh(x)", torch.atanh, draw={"x": inside_one}),
    elementwise("erf", "erf(x)", torch.erf, scale=(-4, 1)),
    elementwise("tanh", "tanh(x)", torch.tanh, scale=(-4, 2)),
    elementwise("sigmoid", "sigmoid(x)", torch.sigmoid, scale=(-4, 2)),
    elementwise("log_sigmoid", "-softplus(-x)", F.logsigmoid, scale=(-4, 2)),
    elementwise("softplus", "softplus(x)", lambda x: F.softplus(x, threshold=40), scale=(-4, 2)),
    elementwise("relu", "relu(x)", F.relu, draw={"x": far_apart}, scale=(-4, 1)),
    elementwise("leaky_relu", "leaky_relu(x, slope = 0.125)", lambda x: F.leaky_relu(x, 0.125),
                draw={"x": far_apart}, scale=(-4, 1)),
    elementwise("silu", "x * sigmoid(x)", F.silu, scale=(-4, 2)),
    elementwise("gelu", 'gelu(x)', F.gelu, scale=(-4, 2),
                slips={"the tanh form for the exact one": lambda x: F.gelu(x, approximate="tanh")}),
    elementwise("gelu_tanh", "gelu_tanh(x)", lambda x: F.gelu(x, approximate="tanh"), scale=(-4, 2),
                slips={"the exact form for the tanh one": F.gelu}),
    elementwise("mish", "mish(x)", F.mish, scale=(-4, 2)),
    elementwise("elu", "elu(x)", F.elu, scale=(-4, 2)),
    elementwise("selu", "selu(x)", F.selu, scale=(-4, 2)),
    elementwise("abs", "abs(x)", torch.abs, draw={"x": far_apart}, scale=(-4, 1)),
    elementwise("softcap", "50 * tanh(x / 50)", lambda x: 50 * torch.tanh(x / 50), scale=(-2, 3)),
]
for row in ELEMENTWISE:
    row.graph = ('use "std/activation"\n' if row.name in ("gelu", "gelu_tanh", "mish", "elu", "selu") else "") + row.graph


REDUCTIONS = [
    reduction("sum", "sum(x, axis = 1)", lambda x: x.sum(1)),
    reduction("sum_long", "sum(x, axis = 1)", lambda x: x.sum(1), axes={"n": (1, 4), "d": LONG}, scale=(-4, 1)),
    reduction("sum_all", "sum(x)", torch.sum),
    reduction("mean", "mean(x, axis = -1)", lambda x: x.mean(-1),
              slips={"n - 1 for n": lambda x: x.sum(-1) / max(1, x.shape[-1] - 1)}),
    reduction("mean_rows", "mean(x, axis = 0)", lambda x: x.mean(0), axes={"n": (1, 2048), "d": (1, 16)}),
    reduction("mean_long", "mean(x, axis = -1)", lambda x: x.mean(-1), axes={"n": (1, 4), "d": LONG}),
    reduction("var", "var(x, axis = 1)", lambda x: x.var(1, correction=0), scale=(-3, 2),
              slips={"n - 1 for n": lambda x: x.var(1, correction=1)}),
    reduction("std", "std(x, axis = 1, ddof = 1)", lambda x: x.std(1), axes={"n": N, "d": (2, 512)},
              slips={"n for n - 1": lambda x: x.std(1, correction=0)}),
    reduction("norm", "norm(x, axis = 1)", lambda x: torch.linalg.vector_norm(x, dim=1)),
    reduction("norm_1", "norm(x, axis = 1, ord = 1)", lambda x: torch.linalg.vector_norm(x, ord=1, dim=1)),
    reduction("prod", "prod(x, axis = 1)", lambda x: x.prod(1), axes={"n": N, "d": (1, 24)}, draw={"x": gain}),
    reduction("cumsum", "cumsum(x, axis = 1)", lambda x: x.cumsum(1)),
    reduction("cumprod", "cumprod(x, axis = 1)", lambda x: x.cumprod(1), axes={"n": N, "d": (1, 24)},
              draw={"x": gain}),
    reduction("logsumexp", "logsumexp(x, axis = 1)", lambda x: x.logsumexp(1), scale=(-4, 3)),
    reduction("max", "max(x, axis = 1)", lambda x: x.amax(1), draw={"x": far_apart}, scale=(-4, 0),
              axes={"n": (1, 8), "d": (1, 32)}),
    reduction("softmax", "softmax(x)", lambda x: x.softmax(-1), scale=(-4, 2)),
    reduction("softmax_long", "softmax(x)", lambda x: x.softmax(-1), axes={"n": (1, 3), "d": LONG}, scale=(-3, 1)),
    reduction("log_softmax", "log_softmax(x)", lambda x: x.log_softmax(-1), scale=(-4, 3)),
    Kernel("softmax_steps",
           "input x: [n, d]\nm = max(x, axis = 1, keepdims = true)\ne = exp(x - m)\nz = sum(e, axis = 1, keepdims = true)\n"
           "y = e / z\n",
           steps=lambda x: (e := torch.exp(x - x.amax(1, keepdim=True)),
                            z := e.sum(1, keepdim=True), {"e": e, "z": z, "y": e / z})[-1],
           axes={"n": N, "d": D}, scale=(-4, 2), sums=("x", -1)),
]


NORMS = """
use "std/norm"
input x: {x}
param gamma: [{c}]
param beta: [{c}]
n = {call}
y = n.y
"""


def rms_steps(x, gamma, eps=1e-5):
    ms = (x * x).mean(-1, keepdim=True)
    rstd = torch.rsqrt(ms + eps)
    normal = x * rstd
    return {"ms": ms, "rstd": rstd, "normal": normal, "y": normal * gamma}


def layer_steps(x, gamma, beta, eps=1e-5):
    centered = x - x.mean(-1, keepdim=True)
    var = (centered * centered).mean(-1, keepdim=True)
    normal = centered / torch.sqrt(var + eps)
    return {"centered": centered, "var": var, "normal": normal, "y": normal * gamma + beta}


AFFINE = {"gamma": gain, "beta": unit}
NORM = [
    Kernel("rms_norm",
           "input x: [n, d]\nparam gamma: [d]\nms = mean(x * x, axis = -1, keepdims = true)\n"
           "rstd = 1 / sqrt(ms + 1e-5)\nnormal = x * rstd\ny = normal * gamma\n",
           lambda x, gamma, eps=1e-5: F.rms_norm(x, x.shape[-1:], gamma, eps), rms_steps,
           axes={"n": N, "d": D}, draw={"gamma": gain}, scale=(-3, 2), sums=("x", -1),
           slips={"the gain left out": lambda x, gamma: F.rms_norm(x, x.shape[-1:], None, 1e-5) + 0 * gamma}),
    Kernel("layer_norm",
           "input x: [n, d]\nparam gamma: [d]\nparam beta: [d]\ncentered = x - mean(x, axis = -1, keepdims = true)\n"
           "var = mean(centered * centered, axis = -1, keepdims = true)\nnormal = centered / sqrt(var + 1e-5)\n"
           "y = normal * gamma + beta\n",
           lambda x, gamma, beta, eps=1e-5: F.layer_norm(x, x.shape[-1:], gamma, beta, eps), layer_steps,
           axes={"n": N, "d": (2, 512)}, draw=AFFINE, scale=(-3, 2), sums=("x", -1),
           slips={"the bias left out": lambda x, gamma, beta: F.layer_norm(x, x.shape[-1:], gamma) + 0 * beta,
                  "n - 1 for n": lambda x, gamma, beta: (x - x.mean(-1, keepdim=True)) / torch.sqrt(
                      x.var(-1, keepdim=True) + 1e-5) * gamma + beta}),
    Kernel("group_norm", NORMS.format(x="[n, c, l]", c="c", call="group_norm(x, gamma, beta, groups = 2)"),
           lambda x, gamma, beta, eps=1e-5: F.group_norm(x, 2, gamma, beta, eps),
           axes={"n": (1, 8), "h": (1, 8), "c": lambda a: 2 * a["h"], "l": (2, 64)}, draw=AFFINE, scale=(-2, 2),
           sums=("x", -1),
           slips={"one group for two": lambda x, gamma, beta: F.group_norm(x, 1, gamma, beta)}),
    Kernel("instance_norm", NORMS.format(x="[n, c, l]", c="c", call="group_norm(x, gamma, beta, groups = c)")
           .replace("groups = c", "groups = 3").replace("[n, c, l]", "[n, 3, l]").replace("[c]", "[3]"),
           lambda x, gamma, beta, eps=1e-5: F.instance_norm(x, weight=gamma, bias=beta, eps=eps),
           axes={"n": (1, 8), "l": (2, 64)}, draw=AFFINE, scale=(-2, 2), sums=("x", -1)),
    Kernel("batch_norm", NORMS.format(x="[n, c]", c="c", call="batch_norm(x, gamma, beta)"),
           lambda x, gamma, beta, eps=1e-5: F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps),
           axes={"n": (2, 256), "c": (1, 32)}, draw=AFFINE, scale=(-2, 2), sums=("x", 0)),
    Kernel("normalize", 'use "std/norm"\ninput x: [n, d]\ny = l2_normalize(x)\n', lambda x: F.normalize(x),
           axes={"n": N, "d": D}, scale=(-3, 2), sums=("x", -1)),
    Kernel("cosine_similarity",
           "input x: [n, d]\ninput z: [n, d]\n"
           "y = sum(x * z, axis = 1) / (norm(x, axis = 1) * norm(z, axis = 1))\n",
           lambda x, z: F.cosine_similarity(x, z), axes={"n": N, "d": D}, draw={"x": plain, "z": unit},
           scale=(-2, 2), sums=("x", -1)),
]


def loss(name, call, function, draw, x="x", **more):
    kind = {"labels": "const t: int[n]"}.get(more.pop("target", ""), "input t: [n, c]")
    return Kernel(name, f'use "std/loss"\ninput {x}: [n, c]\n{kind}\ny = {call}\n', function,
                  axes={"n": (1, 128), "c": (2, 128)}, draw=draw, sums=more.pop("sums", (x, 0)), **more)


LOSSES = [
    loss("cross_entropy", "softmax_loss(x, t)", lambda x, t: F.cross_entropy(x, t), {"t": labels("c")},
         target="labels", scale=(-3, 2),
         slips={"the sum for the mean": lambda x, t: F.cross_entropy(x, t, reduction="sum")}),
    loss("cross_entropy_smoothed", "softmax_loss(x, t, label_smoothing = 0.125)",
         lambda x, t: F.cross_entropy(x, t, label_smoothing=0.125), {"t": labels("c")}, target="labels", scale=(-3, 2),
         slips={"smoothing left out": lambda x, t: F.cross_entropy(x, t)}),
    loss("cross_entropy_each", 'softmax_loss(x, t, reduction = "none")',
         lambda x, t: F.cross_entropy(x, t, reduction="none"), {"t": labels("c")}, target="labels", scale=(-3, 2)),
    loss("bce_with_logits", "sigmoid_loss(x, t)", lambda x, t: F.binary_cross_entropy_with_logits(x, t),
         {"t": between}, scale=(-3, 2)),
    loss("bce", "-mean(t * log(p) + (1 - t) * log(1 - p))", lambda p, t: F.binary_cross_entropy(p, t),
         {"p": between, "t": between}, x="p"),
    loss("mse", "mean(square(x - t))", lambda x, t: F.mse_loss(x, t), {"t": plain}, scale=(-3, 2),
         slips={"the half of it": lambda x, t: F.mse_loss(x, t) / 2}),
    loss("mse_each", "square(x - t)", lambda x, t: F.mse_loss(x, t, reduction="none"), {"t": plain}, scale=(-3, 2)),
    loss("huber", "huber_loss(x, t)", lambda x, t: F.huber_loss(x, t), {"x": plain, "t": unit}, scale=(-1, 1)),
    loss("l1", "mean(abs(x - t))", lambda x, t: F.l1_loss(x, t), {"x": plain, "t": unit}, scale=(-1, 2)),
    loss("kl_div", "kl_div(x, t)", lambda x, t: F.kl_div(x, t, reduction="batchmean"),
         {"x": lambda *a: np.log(shares(*a)), "t": shares},
         slips={"the mean over all for that over rows": lambda x, t: F.kl_div(x, t, reduction="mean")}),
]


def attend_steps(q, k, v, mask):
    s = q @ k.transpose(1, 2) * q.shape[-1] ** -0.5 + mask
    p = s.softmax(-1)
    return {"s": s, "p": p, "y": p @ v}


def attend(q, k, v, mask, scale=None):
    return F.scaled_dot_product_attention(q, k, v, mask, scale=scale)


ATTENTION = """
input q: [b, n, d]
input k: [b, m, d]
input v: [b, m, e]
const mask: [n, m]
s = q @ transpose(k, axes = [0, 2, 1]) / sqrt(d) + mask
p = softmax(s)
y = p @ v
"""
AXES = {"b": (1, 4), "n": (1, 32), "m": lambda a: a["n"], "d": (1, 64), "e": lambda a: a["d"]}


def lstm(h, c, x, W, U, b):
    h_next, c_next = torch.lstm_cell(x, (h, c), W.T, U.T, b, torch.zeros_like(b))
    return {"h_next": h_next, "next": c_next}


def rotate(x, wrong=False):
    b, t, d = x.shape
    angle = torch.arange(t, dtype=torch.float64)[:, None] * 10000.0 ** (-2 * torch.arange(d // 2).double() / d)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    lo, hi = x[..., : d // 2], x[..., d // 2 :]
    return torch.cat([lo * cos - hi * sin, hi * cos - lo * sin if wrong else hi * cos + lo * sin], -1)


LAYERS = [
    Kernel("attention", ATTENTION, attend, attend_steps, axes=AXES, draw={"q": plain, "k": unit, "v": unit,
           "mask": lambda rng, shape, *_: np.zeros(shape)}, scale=(-2, 1), sums=("v", 1),
           slips={"unscaled": lambda q, k, v, mask: attend(q, k, v, mask, 1.0)}),
    Kernel("attention_causal", ATTENTION, attend, attend_steps, axes=AXES,
           draw={"q": plain, "k": unit, "v": unit, "mask": causal}, scale=(-2, 1), sums=("v", 1),
           slips={"the mask left out": lambda q, k, v, mask: attend(q, k, v, torch.zeros_like(mask)),
                  "the mask one off": lambda q, k, v, mask: attend(q, k, v, torch.where(
                      torch.tril(torch.ones_like(mask), 1) > 0, 0.0, -torch.inf).to(q.dtype))}),
    Kernel("lstm_cell", 'use "std/recurrent"\ninput h: [n, m]\ninput c: [n, m]\ninput x: [n, d]\nparam W: [d, g]\n'
           "param U: [m, g]\nparam b: [g]\nh_next, c_next = lstm_cell(h, c, x, W, U, b)\nnext = identity(c_next)\n"
           "output h_next, next\n",
           lstm, axes={"n": (1, 16), "m": (1, 16), "d": (1, 64), "g": lambda a: 4 * a["m"]},
           draw={"h": unit, "c": unit, "W": weight, "U": weight, "b": unit}, scale=(-2, 1), sums=("x", -1),
           slips={"gates in another order": lambda h, c, x, W, U, b: lstm(h, c, x, *(torch.roll(t, t.shape[-1] // 4, -1)
                                                                                  for t in (W, U, b)))}),
    Kernel("gru_cell", 'use "std/recurrent"\ninput h: [n, m]\ninput x: [n, d]\nparam W: [d, g]\nparam U: [m, g]\n'
           "param b: [g]\nparam c: [g]\ny = gru_cell(h, x, W, U, b, c)\n",
           lambda h, x, W, U, b, c: torch.gru_cell(x, h, W.T, U.T, b, c),
           axes={"n": (1, 16), "m": (1, 16), "d": (1, 64), "g": lambda a: 3 * a["m"]},
           draw={"h": unit, "W": weight, "U": weight, "b": unit, "c": unit}, scale=(-2, 1), sums=("x", -1)),
    Kernel("embedding", "param E: [v, d]\nconst i: int[n]\ny = E[i]\n", lambda E, i: F.embedding(i, E),
           axes={"v": (1, 64), "d": (1, 64), "n": (1, 128)}, draw={"E": plain, "i": labels("v")}),
    Kernel("embedding_bag", "param E: [v, d]\nconst i: int[n, t]\ny = mean(E[i], axis = 1)\n",
           lambda E, i: F.embedding_bag(i, E, mode="mean"), axes={"v": (1, 64), "d": (1, 32), "n": (1, 32), "t": (1, 16)},
           draw={"E": plain, "i": labels("v")}),
    Kernel("avg_pool", "input x: [n, c, h, w]\ny = avg_pool(x, kernel = 2)\n", lambda x: F.avg_pool2d(x, 2),
           axes={"n": (1, 4), "c": (1, 8), "h": (2, 16), "w": (2, 16)}),
    Kernel("max_pool", "input x: [n, c, h, w]\ny = max_pool(x, kernel = 2)\n", lambda x: F.max_pool2d(x, 2),
           axes={"n": (1, 2), "c": (1, 3), "h": (2, 8), "w": (2, 8)}, draw={"x": far_apart}, scale=(-4, 0)),
    Kernel("rotary", 'use "std/attention"\ninput x: [b, t, d]\ny = rotary(x)\n', rotate,
           axes={"b": (1, 4), "t": (1, 32), "h": (1, 16), "d": lambda a: 2 * a["h"]},
           slips={"a sign of the rotation": lambda x: rotate(x, True)}),
    Kernel("swiglu", 'use "std/activation"\ninput x: [n, d]\ninput u: [n, d]\ny = swiglu(x, u)\n',
           lambda x, u: F.silu(x) * u, axes={"n": N, "d": (1, 64)}, draw={"u": unit}, scale=(-3, 2)),
    Kernel("scatter_add", "input x: [n, d]\nconst i: int[n]\n"
           "y = scatter_add(zeros(shape = [8, d]), broadcast_to(i[:, None], shape = [n, d]), x, axis = 0)\n",
           lambda x, i: torch.zeros(8, x.shape[1], dtype=x.dtype).index_add(0, i, x),
           axes={"n": (1, 128), "d": (1, 16)}, draw={"x": plain, "i": lambda rng, shape, *_: rng.integers(0, 8, shape)}),
]


def conv_graph(x, w, op, bias):
    return f"input x: [n, c, {x}]\nparam k: [{w}]\nparam b: [o]\ny = {op} + b[:, {bias}]\n"


PRODUCTS = [
    Kernel("matmul", "input x: [n, d]\nparam W: [d, m]\ny = x @ W\n", lambda x, W: x @ W,
           axes={"n": N, "d": D, "m": (1, 64)}, draw={"W": weight}, sums=("W", 0),
           slips={"a stale tile": lambda x, W: x @ torch.cat([W[: len(W) // 2], W[: len(W) - len(W) // 2]])}),
    Kernel("matmul_long", "input x: [n, d]\nparam W: [d, m]\ny = x @ W\n", lambda x, W: x @ W,
           axes={"n": (1, 2), "d": LONG, "m": (1, 2)}, draw={"W": weight}, scale=(-3, 2), sums=("W", 0)),
    Kernel("matmul_batched", "input x: [b, n, d]\ninput W: [b, d, m]\ny = x @ W\n", torch.bmm,
           axes={"b": (1, 6), "n": (1, 16), "d": (1, 64), "m": (1, 16)}, draw={"W": unit}, scale=(-3, 2), sums=("W", 1)),
    Kernel("affine", "input x: [n, d]\nparam W: [d, m]\nparam b: [m]\ny = affine(x, W, b)\n",
           lambda x, W, b: F.linear(x, W.T, b), axes={"n": N, "d": D, "m": (1, 64)}, draw={"W": weight, "b": unit},
           sums=("W", 0), slips={"the bias left out": lambda x, W, b: x @ W + 0 * b}),
    Kernel("einsum", 'input x: [b, n, d]\ninput W: [d, m, e]\ny = einsum(x, W, equation = "bnd,dme->bmne")\n',
           lambda x, W: torch.einsum("bnd,dme->bmne", x, W),
           axes={"b": (1, 4), "n": (1, 8), "d": (1, 64), "m": (1, 4), "e": (1, 8)}, draw={"W": weight}, scale=(-3, 2),
           sums=("W", 0)),
    Kernel("einsum_chain", 'input x: [n, d]\nparam W: [d, e]\nparam V: [e, m]\nh = einsum(x, W, equation = "nd,de->ne")\n'
           'y = einsum(h, V, equation = "ne,em->mn")\n',
           lambda x, W, V: torch.einsum("nd,de,em->mn", x, W, V),
           lambda x, W, V: (h := x @ W, {"h": h, "y": torch.einsum("ne,em->mn", h, V)})[1],
           axes={"n": (1, 32), "d": (1, 64), "e": (1, 64), "m": (1, 32)}, draw={"W": weight, "V": weight}, scale=(-3, 2),
           sums=("W", 0)),
    Kernel("conv2d", conv_graph("h, w", "o, c, 3, 3", "conv(x, k, padding = 1)", "None, None"),
           lambda x, k, b: F.conv2d(x, k, b, padding=1),
           axes={"n": (1, 4), "c": (1, 8), "h": (1, 12), "w": (1, 12), "o": (1, 8)}, draw={"k": weight, "b": unit},
           scale=(-3, 2), sums=("k", 1),
           slips={"the filter turned": lambda x, k, b: F.conv2d(x, k.flip(2, 3), b, padding=1)}),
    Kernel("conv2d_strided", conv_graph("h, w", "o, c, 3, 2", "conv(x, k, stride = 2)", "None, None"),
           lambda x, k, b: F.conv2d(x, k, b, stride=2),
           axes={"n": (1, 4), "c": (1, 8), "h": (3, 14), "w": (3, 14), "o": (1, 8)}, draw={"k": weight, "b": unit},
           scale=(-3, 2), sums=("k", 1)),
    Kernel("conv1d", conv_graph("l", "o, c, 5", "conv(x, k, padding = 2)", "None"),
           lambda x, k, b: F.conv1d(x, k, b, padding=2), axes={"n": (1, 4), "c": (1, 8), "l": (1, 64), "o": (1, 8)},
           draw={"k": weight, "b": unit}, scale=(-3, 2), sums=("k", 1)),
    Kernel("conv_transpose", conv_graph("h, w", "c, o, 3, 3", "conv_transpose(x, k, stride = 2)", "None, None"),
           lambda x, k, b: F.conv_transpose2d(x, k, b, stride=2),
           axes={"n": (1, 3), "c": (1, 8), "h": (1, 8), "w": (1, 8), "o": (1, 4)}, draw={"k": weight, "b": unit},
           scale=(-3, 2), sums=("k", 0)),
]


def two_layers(x, W, b, V):
    h = torch.tanh(x @ W + b)
    return {"h": h, "y": h @ V}


def three_layers(x, t, W, b, V, c, U):
    a = F.linear(x, W.T, b)
    h = F.silu(a)
    z = F.gelu(h @ V + c)
    scores = z @ U
    return {"a": a, "h": h, "z": z, "scores": scores, "y": F.cross_entropy(scores, t)}


NETS = [
    Kernel("two_layers", "input x: [n, d]\nparam W: [d, m]\nparam b: [m]\nparam V: [m, k]\nh = tanh(x @ W + b)\ny = h @ V\n",
           lambda *a, **k: two_layers(*a, **k)["y"], two_layers,
           axes={"n": (1, 32), "d": (1, 128), "m": (1, 64), "k": (1, 16)},
           draw={"W": weight, "b": unit, "V": weight}, scale=(-2, 1), sums=("V", 0)),
    Kernel("three_layers", 'use "std/activation"\ninput x: [n, d]\nconst t: int[n]\nparam W: [d, m]\nparam b: [m]\n'
           "param V: [m, e]\nparam c: [e]\nparam U: [e, k]\na = affine(x, W, b)\nh = silu(a)\nz = gelu(h @ V + c)\n"
           "scores = z @ U\ny = softmax_loss(scores, t)\n",
           lambda *a, **k: three_layers(*a, **k)["y"], three_layers,
           axes={"n": (1, 32), "d": (1, 64), "m": (1, 64), "e": (1, 32), "k": (2, 16)},
           draw={"W": weight, "b": unit, "V": weight, "c": unit, "U": weight, "t": labels("k")}, scale=(-1, 1),
           sums=("U", 0)),
]

ALL = ELEMENTWISE + REDUCTIONS + NORM + LOSSES + LAYERS + PRODUCTS + NETS
