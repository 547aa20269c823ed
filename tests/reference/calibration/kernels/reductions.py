"""Sums and the like along an axis, softmax among them."""

import torch

from ..draws import far_apart, gain
from .kernel import D, LONG, N, Kernel


def row(name, formula, function, scale=(-4, 4), n=N, d=D, x=None, slips=None, **more):
    return Kernel(name, f"input x: [n, d]; y = {formula}", function, axes={"n": n, "d": d}, draw={"x": x} if x else {},
                  scale=scale, sums=("x", -1), slips=slips or {}, **more)


def length(order):
    return lambda x: torch.linalg.vector_norm(x, ord=order, dim=1)


def softmax_steps(x):
    e = torch.exp(x - x.amax(1, keepdim=True))
    z = e.sum(1, keepdim=True)
    return {"e": e, "z": z, "y": e / z}


ALL = [
    row("sum", "sum(x, axis = 1)", lambda x: x.sum(1)),
    row("sum_long", "sum(x, axis = 1)", lambda x: x.sum(1), (-4, 1), n=(1, 4), d=LONG),
    row("sum_all", "sum(x)", torch.sum),
    row("mean", "mean(x, axis = 1)", lambda x: x.mean(1),
        slips={"n - 1 for n": lambda x: x.sum(1) / max(1, x.shape[1] - 1)}),
    row("mean_rows", "mean(x, axis = 0)", lambda x: x.mean(0), n=(1, 2048), d=(1, 16)),
    row("mean_long", "mean(x, axis = 1)", lambda x: x.mean(1), n=(1, 4), d=LONG),
    row("var", "var(x, axis = 1)", lambda x: x.var(1, correction=0), (-3, 2), d=(2, 512),
        slips={"n - 1 for n": lambda x: x.var(1, correction=1)}),
    row("std", "std(x, axis = 1, ddof = 1)", lambda x: x.std(1), d=(2, 512),
        slips={"n for n - 1": lambda x: x.std(1, correction=0)}),
    row("norm", "norm(x, axis = 1)", length(2)),
    row("norm_1", "norm(x, axis = 1, ord = 1)", length(1)),
    row("prod", "prod(x, axis = 1)", lambda x: x.prod(1), d=(1, 24), x=gain, sums_in_storage=True),
    row("cumsum", "cumsum(x, axis = 1)", lambda x: x.cumsum(1)),
    row("cumprod", "cumprod(x, axis = 1)", lambda x: x.cumprod(1), d=(1, 24), x=gain, sums_in_storage=True),
    row("max", "max(x, axis = 1)", lambda x: x.amax(1), (-4, 0), n=(1, 8), d=(1, 32), x=far_apart),
    row("logsumexp", "logsumexp(x, axis = 1)", lambda x: x.logsumexp(1), (-4, 3)),
    row("softmax", "softmax(x)", lambda x: x.softmax(-1), (-4, 2)),
    row("softmax_long", "softmax(x)", lambda x: x.softmax(-1), (-3, 1), n=(1, 3), d=LONG),
    row("log_softmax", "log_softmax(x)", lambda x: x.log_softmax(-1), (-4, 3)),
    Kernel(
        "softmax_steps",
        """input x: [n, d]; m = max(x, axis = 1, keepdims = true); e = exp(x - m)
        z = sum(e, axis = 1, keepdims = true); y = e / z""",
        steps=softmax_steps, axes={"n": N, "d": D}, scale=(-4, 2), sums=("x", -1),
    ),
]
