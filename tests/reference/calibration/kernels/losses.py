"""Losses."""

import numpy as np
import torch.nn.functional as F

from ..draws import between, labels, plain, shares, unit
from .kernel import Kernel


def row(name, formula, function, draw, scale=(-3, 2), x="x", slips=None):
    target = "const t: int[n]" if draw["t"] is LABELS else "input t: [n, c]"
    return Kernel(name, f'use "std/loss"; input {x}: [n, c]; {target}; y = {formula}', function,
                  axes={"n": (1, 128), "c": (2, 128)}, draw=draw, scale=scale, sums=(x, 0), slips=slips or {})


def log_shares(*drawn):
    return np.log(shares(*drawn))


LABELS = labels("c")
OF_CLASSES = {"t": LABELS}
ALL = [
    row("cross_entropy", "softmax_loss(x, t)", lambda x, t: F.cross_entropy(x, t), OF_CLASSES,
        slips={"the sum for the mean": lambda x, t: F.cross_entropy(x, t, reduction="sum")}),
    row("cross_entropy_smoothed", "softmax_loss(x, t, label_smoothing = 0.125)",
        lambda x, t: F.cross_entropy(x, t, label_smoothing=0.125), OF_CLASSES,
        slips={"smoothing left out": lambda x, t: F.cross_entropy(x, t)}),
    row("cross_entropy_each", 'softmax_loss(x, t, reduction = "none")',
        lambda x, t: F.cross_entropy(x, t, reduction="none"), OF_CLASSES),
    row("bce_with_logits", "sigmoid_loss(x, t)", F.binary_cross_entropy_with_logits, {"t": between}),
    row("bce", "-mean(t * log(p) + (1 - t) * log(1 - p))", F.binary_cross_entropy, {"p": between, "t": between}, x="p"),
    row("mse", "mean(square(x - t))", F.mse_loss, {"t": plain},
        slips={"the half of it": lambda x, t: F.mse_loss(x, t) / 2}),
    row("mse_each", "square(x - t)", lambda x, t: F.mse_loss(x, t, reduction="none"), {"t": plain}),
    row("huber", "huber_loss(x, t)", F.huber_loss, {"x": plain, "t": unit}, (-1, 1)),
    row("l1", "mean(abs(x - t))", F.l1_loss, {"x": plain, "t": unit}, (-1, 2)),
    row("kl_div", "kl_div(x, t)", lambda x, t: F.kl_div(x, t, reduction="batchmean"), {"x": log_shares, "t": shares},
        slips={"the mean over all for that over rows": lambda x, t: F.kl_div(x, t)}),
]
