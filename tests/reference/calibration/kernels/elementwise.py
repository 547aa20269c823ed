"""Functions of one number. Their scales keep results finite and slopes from vanishing."""

import torch
import torch.nn.functional as F

from ..draws import above_one, far_apart, inside_one, nearly_constant, plain, positive
from .kernel import Kernel


def row(name, formula, function, scale=(-4, 4), x=None, use="", slips=None):
    graph = f"input x: [n, d]; y = {formula}"
    draw = {"x": x} if x else {}
    return Kernel(name, f'use "{use}"; {graph}' if use else graph, function, axes={"n": (1, 64), "d": (1, 64)},
                  draw=draw, scale=scale, slips=slips or {})


def tanh_gelu(x):
    return F.gelu(x, approximate="tanh")


STD = "std/activation"
ALL = [
    row("exp", "exp(x)", torch.exp, (-4, 0.6)),
    row("expm1", "expm1(x)", torch.expm1, (-4, 0.6)),
    row("log", "log(x)", torch.log, x=positive),
    row("log_near_one", "log(x)", torch.log, (0, 0), x=nearly_constant),
    row("log1p", "log1p(x)", torch.log1p, x=positive),
    row("log2", "log2(x)", torch.log2, x=positive),
    row("sqrt", "sqrt(x)", torch.sqrt, x=positive),
    row("rsqrt", "1 / sqrt(x)", torch.rsqrt, (-2, 4), x=positive),
    row("reciprocal", "1 / x", torch.reciprocal, (-1, 4), x=positive),
    row("square", "square(x)", torch.square, (-4, 2)),
    row("cube", "x ** 3", lambda x: x**3, (-3, 1)),
    row("power_1.7", "x ** 1.7", lambda x: x**1.7, (-2, 2), x=positive),
    row("sin", "sin(x)", torch.sin, (-4, 2)),
    row("cos", "cos(x)", torch.cos, (-4, 2)),
    row("tan", "tan(x)", torch.tan, x=inside_one),
    row("asin", "asin(x)", torch.asin, x=inside_one),
    row("acos", "acos(x)", torch.acos, x=inside_one),
    # Beyond 256, x * x is no f16, and PyTorch's slopes of the next three are 0.
    row("atan", "atan(x)", torch.atan, (-4, 1.5), x=plain),
    row("asinh", "asinh(x)", torch.asinh, (-4, 1.5), x=plain),
    row("acosh", "acosh(x)", torch.acosh, (-1, 0.5), x=above_one),
    row("sinh", "sinh(x)", torch.sinh, (-4, 0.5)),
    row("cosh", "cosh(x)", torch.cosh, (-4, 0.5)),
    row("atanh", "atanh(x)", torch.atanh, x=inside_one),
    row("erf", "erf(x)", torch.erf, (-4, 1)),
    row("tanh", "tanh(x)", torch.tanh, (-4, 2)),
    row("sigmoid", "sigmoid(x)", torch.sigmoid, (-4, 2)),
    row("log_sigmoid", "-softplus(-x)", F.logsigmoid, (-4, 2)),
    row("softplus", "softplus(x)", lambda x: F.softplus(x, threshold=40), (-4, 2)),
    row("relu", "relu(x)", F.relu, (-4, 1), x=far_apart),
    row("leaky_relu", "leaky_relu(x, slope = 0.125)", lambda x: F.leaky_relu(x, 0.125), (-4, 1), x=far_apart),
    row("abs", "abs(x)", torch.abs, (-4, 1), x=far_apart),
    row("silu", "x * sigmoid(x)", F.silu, (-4, 2)),
    row("gelu", "gelu(x)", F.gelu, (-4, 2), use=STD, slips={"the tanh form for the exact one": tanh_gelu}),
    row("gelu_tanh", "gelu_tanh(x)", tanh_gelu, (-4, 2), use=STD, slips={"the exact form for the tanh one": F.gelu}),
    row("mish", "mish(x)", F.mish, (-4, 2), use=STD),
    row("elu", "elu(x)", F.elu, (-4, 2), use=STD),
    row("selu", "selu(x)", F.selu, (-4, 2), use=STD),
    row("softcap", "50 * tanh(x / 50)", lambda x: 50 * torch.tanh(x / 50), (-2, 3)),
]
