"""Attention, recurrent cells, embeddings, pooling, small nets."""

import torch
import torch.nn.functional as F

from ..draws import causal, far_apart, labels, plain, unit, weight, zeros
from .kernel import N, Kernel


def attend(q, k, v, mask, scale=None):
    return F.scaled_dot_product_attention(q, k, v, mask, scale=scale)


def attend_steps(q, k, v, mask):
    s = q @ k.transpose(1, 2) * q.shape[-1] ** -0.5 + mask
    p = s.softmax(-1)
    return {"s": s, "p": p, "y": p @ v}


def one_more_seen(mask):
    seen = torch.tril(torch.ones_like(mask), 1) > 0
    return torch.where(seen, 0.0, -torch.inf).to(mask.dtype)


ATTENTION = """input q: [b, n, d]; input k: [b, m, d]; input v: [b, m, e]; const mask: [n, m]
s = q @ transpose(k, axes = [0, 2, 1]) / sqrt(d) + mask; p = softmax(s); y = p @ v"""
PLACES = {"b": (1, 4), "n": (1, 32), "m": lambda a: a["n"], "d": (1, 64), "e": lambda a: a["d"]}


def lstm(h, c, x, W, U, b):
    h_next, c_next = torch.lstm_cell(x, (h, c), W.T, U.T, b, torch.zeros_like(b))
    return {"h_next": h_next, "next": c_next}


def lstm_of_other_gates(h, c, x, *params):
    return lstm(h, c, x, *(torch.roll(param, param.shape[-1] // 4, -1) for param in params))


def gru(h, x, W, U, b, c):
    return torch.gru_cell(x, h, W.T, U.T, b, c)


def rotate(x, sign=1):
    _, t, d = x.shape
    angle = torch.arange(t).double()[:, None] * 10000.0 ** (-2 * torch.arange(d // 2).double() / d)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    low, high = x[..., : d // 2], x[..., d // 2 :]
    return torch.cat([low * cos - high * sin, high * cos + sign * low * sin], -1)


def scatter(x, i):
    return torch.zeros(8, x.shape[1], dtype=x.dtype).index_add(0, i, x)


def below_eight(rng, shape, axes, scale):
    return rng.integers(0, 8, shape)


def two_layers(x, W, b, V):
    h = torch.tanh(x @ W + b)
    return {"h": h, "y": h @ V}


def three_layers(x, t, W, b, V, c, U):
    a = F.linear(x, W.T, b)
    h = F.silu(a)
    z = F.gelu(h @ V + c)
    scores = z @ U
    return {"a": a, "h": h, "z": z, "scores": scores, "y": F.cross_entropy(scores, t)}


ALL = [
    Kernel("attention", ATTENTION, attend, attend_steps, axes=PLACES, scale=(-2, 1), sums=("v", 1),
           draw={"q": plain, "k": unit, "v": unit, "mask": zeros},
           slips={"unscaled": lambda q, k, v, mask: attend(q, k, v, mask, 1.0)}),
    Kernel("attention_causal", ATTENTION, attend, attend_steps, axes=PLACES, scale=(-2, 1), sums=("v", 1),
           draw={"q": plain, "k": unit, "v": unit, "mask": causal},
           slips={"the mask left out": lambda q, k, v, mask: attend(q, k, v, torch.zeros_like(mask)),
                  "the mask one off": lambda q, k, v, mask: attend(q, k, v, one_more_seen(mask))}),
    Kernel("lstm_cell",
           """use "std/recurrent"; input h: [n, m]; input c: [n, m]; input x: [n, d]
           param W: [d, g]; param U: [m, g]; param b: [g]
           h_next, c_next = lstm_cell(h, c, x, W, U, b); next = identity(c_next); output h_next, next""",
           lstm, axes={"n": (1, 16), "m": (1, 16), "d": (1, 64), "g": lambda a: 4 * a["m"]}, scale=(-2, 1),
           draw={"h": unit, "c": unit, "W": weight, "U": weight, "b": unit}, sums=("x", -1),
           slips={"gates in another order": lstm_of_other_gates}),
    Kernel("gru_cell",
           """use "std/recurrent"; input h: [n, m]; input x: [n, d]; param W: [d, g]; param U: [m, g]
           param b: [g]; param c: [g]; y = gru_cell(h, x, W, U, b, c)""",
           gru, axes={"n": (1, 16), "m": (1, 16), "d": (1, 64), "g": lambda a: 3 * a["m"]}, scale=(-2, 1),
           draw={"h": unit, "W": weight, "U": weight, "b": unit, "c": unit}, sums=("x", -1)),
    Kernel("embedding", "param E: [v, d]; const i: int[n]; y = E[i]", lambda E, i: F.embedding(i, E),
           axes={"v": (1, 64), "d": (1, 64), "n": (1, 128)}, draw={"E": plain, "i": labels("v")}, sums_in_storage=True),
    Kernel("embedding_bag", "param E: [v, d]; const i: int[n, t]; y = mean(E[i], axis = 1)",
           lambda E, i: F.embedding_bag(i, E, mode="mean"), draw={"E": plain, "i": labels("v")},
           axes={"v": (1, 64), "d": (1, 32), "n": (1, 32), "t": (1, 16)}, sums_in_storage=True),
    Kernel("scatter_add",
           """input x: [n, d]; const i: int[n]
           y = scatter_add(zeros(shape = [8, d]), broadcast_to(i[:, None], shape = [n, d]), x, axis = 0)""",
           scatter, axes={"n": (1, 128), "d": (1, 16)}, draw={"x": plain, "i": below_eight}, sums_in_storage=True),
    Kernel("avg_pool", "input x: [n, c, h, w]; y = avg_pool(x, kernel = 2)", lambda x: F.avg_pool2d(x, 2),
           axes={"n": (1, 4), "c": (1, 8), "h": (2, 16), "w": (2, 16)}),
    Kernel("max_pool", "input x: [n, c, h, w]; y = max_pool(x, kernel = 2)", lambda x: F.max_pool2d(x, 2),
           axes={"n": (1, 2), "c": (1, 3), "h": (2, 8), "w": (2, 8)}, draw={"x": far_apart}, scale=(-4, 0)),
    Kernel("rotary", 'use "std/attention"; input x: [b, t, d]; y = rotary(x)', rotate,
           axes={"b": (1, 4), "t": (1, 32), "h": (1, 16), "d": lambda a: 2 * a["h"]},
           slips={"a sign of the rotation": lambda x: rotate(x, -1)}),
    Kernel("swiglu", 'use "std/activation"; input x: [n, d]; input u: [n, d]; y = swiglu(x, u)',
           lambda x, u: F.silu(x) * u, axes={"n": N, "d": (1, 64)}, draw={"u": unit}, scale=(-3, 2)),
    Kernel("two_layers",
           "input x: [n, d]; param W: [d, m]; param b: [m]; param V: [m, k]; h = tanh(x @ W + b); y = h @ V",
           lambda *leaves: two_layers(*leaves)["y"], two_layers, scale=(-2, 1), sums=("V", 0),
           axes={"n": (1, 32), "d": (1, 128), "m": (1, 64), "k": (1, 16)}, draw={"W": weight, "b": unit, "V": weight}),
    Kernel("three_layers",
           """use "std/activation"; input x: [n, d]; const t: int[n]; param W: [d, m]; param b: [m]
           param V: [m, e]; param c: [e]; param U: [e, k]
           a = affine(x, W, b); h = silu(a); z = gelu(h @ V + c); scores = z @ U; y = softmax_loss(scores, t)""",
           lambda *leaves: three_layers(*leaves)["y"], three_layers, scale=(-1, 1), sums=("U", 0),
           axes={"n": (1, 32), "d": (1, 64), "m": (1, 64), "e": (1, 32), "k": (2, 16)},
           draw={"W": weight, "b": unit, "V": weight, "c": unit, "U": weight, "t": labels("k")}),
]
