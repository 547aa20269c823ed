"""Normalizations."""

import torch
import torch.nn.functional as F

from ..draws import gain, plain, unit
from .kernel import D, N, Kernel


def rms(x, gamma, eps=1e-5):
    return F.rms_norm(x, x.shape[-1:], gamma, eps)


def rms_steps(x, gamma, eps=1e-5):
    ms = (x * x).mean(-1, keepdim=True)
    rstd = torch.rsqrt(ms + eps)
    normal = x * rstd
    return {"ms": ms, "rstd": rstd, "normal": normal, "y": normal * gamma}


def rms_without_gain(x, gamma):
    return rms(x, None) + 0 * gamma


def layer(x, gamma, beta, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)


def layer_steps(x, gamma, beta, eps=1e-5):
    centered = x - x.mean(-1, keepdim=True)
    var = (centered * centered).mean(-1, keepdim=True)
    normal = centered / torch.sqrt(var + eps)
    return {"centered": centered, "var": var, "normal": normal, "y": normal * gamma + beta}


def layer_without_bias(x, gamma, beta):
    return layer(x, gamma, None) + 0 * beta


def layer_of_sample(x, gamma, beta):
    return (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True) + 1e-5) * gamma + beta


def group(x, gamma, beta, eps=1e-5):
    return F.group_norm(x, 2, gamma, beta, eps)


def instance(x, gamma, beta, eps=1e-5):
    return F.instance_norm(x, weight=gamma, bias=beta, eps=eps)


def batch(x, gamma, beta, eps=1e-5):
    return F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


def of_library(x, channels, call):
    return f'use "std/norm"; input x: {x}; param gamma: [{channels}]; param beta: [{channels}]; n = {call}; y = n.y'


AFFINE = {"gamma": gain, "beta": unit}
ALL = [
    Kernel(
        "rms_norm",
        """input x: [n, d]; param gamma: [d]; ms = mean(x * x, axis = -1, keepdims = true)
        rstd = 1 / sqrt(ms + 1e-5); normal = x * rstd; y = normal * gamma""",
        rms, rms_steps, axes={"n": N, "d": D}, draw={"gamma": gain}, scale=(-3, 2), sums=("x", -1),
        slips={"the gain left out": rms_without_gain},
    ),
    Kernel(
        "layer_norm",
        """input x: [n, d]; param gamma: [d]; param beta: [d]; centered = x - mean(x, axis = -1, keepdims = true)
        var = mean(centered * centered, axis = -1, keepdims = true); normal = centered / sqrt(var + 1e-5)
        y = normal * gamma + beta""",
        layer, layer_steps, axes={"n": N, "d": (2, 512)}, draw=AFFINE, scale=(-3, 2), sums=("x", -1),
        slips={"the bias left out": layer_without_bias, "n - 1 for n": layer_of_sample}, sums_in_storage=True,
    ),
    Kernel(
        "group_norm", of_library("[n, c, l]", "c", "group_norm(x, gamma, beta, groups = 2)"), group,
        axes={"n": (1, 8), "h": (1, 8), "c": lambda a: 2 * a["h"], "l": (2, 64)}, draw=AFFINE, scale=(-2, 2),
        sums=("x", -1), slips={"one group for two": lambda x, gamma, beta: F.group_norm(x, 1, gamma, beta)},
    ),
    Kernel(
        "instance_norm", of_library("[n, 3, l]", "3", "group_norm(x, gamma, beta, groups = 3)"), instance,
        axes={"n": (1, 8), "l": (2, 64)}, draw=AFFINE, scale=(-2, 2), sums=("x", -1),
    ),
    Kernel(
        "batch_norm", of_library("[n, c]", "c", "batch_norm(x, gamma, beta)"), batch,
        axes={"n": (2, 256), "c": (1, 32)}, draw=AFFINE, scale=(-2, 2), sums=("x", 0),
    ),
    Kernel(
        "normalize", 'use "std/norm"; input x: [n, d]; y = l2_normalize(x)', lambda x: F.normalize(x),
        axes={"n": N, "d": D}, scale=(-3, 2), sums=("x", -1),
    ),
    Kernel(
        "cosine_similarity",
        "input x: [n, d]; input z: [n, d]; y = sum(x * z, axis = 1) / (norm(x, axis = 1) * norm(z, axis = 1))",
        F.cosine_similarity, axes={"n": N, "d": D}, draw={"x": plain, "z": unit}, scale=(-2, 2), sums=("x", -1),
    ),
]
