"""Products of matrices, einsum, convolution."""

import torch
import torch.nn.functional as F

from ..draws import unit, weight
from .kernel import D, LONG, N, Kernel


def with_stale_tile(x, W):
    """The second half of the rows of W is the first once more."""
    half = len(W) // 2
    return x @ torch.cat([W[:half], W[: len(W) - half]])


def chain_steps(x, W, V):
    h = x @ W
    return {"h": h, "y": (h @ V).T}


def convolution(name, x, k, call, function, axes, sums=("k", 1), slips=None):
    places = ", ".join("None" for _ in x.split(","))
    graph = f"input x: [n, c, {x}]; param k: [{k}]; param b: [o]; y = {call} + b[:, {places}]"
    axes = {"n": (1, 4), "c": (1, 8), "o": (1, 8), **axes}
    return Kernel(name, graph, function, axes=axes, draw={"k": weight, "b": unit}, scale=(-3, 2), sums=sums,
                  slips=slips or {}, sums_in_storage=True)


ALL = [
    Kernel("matmul", "input x: [n, d]; param W: [d, m]; y = x @ W", torch.matmul,
           axes={"n": N, "d": D, "m": (1, 64)}, draw={"W": weight}, sums=("W", 0),
           slips={"a stale tile": with_stale_tile}),
    Kernel("matmul_long", "input x: [n, d]; param W: [d, m]; y = x @ W", torch.matmul,
           axes={"n": (1, 2), "d": LONG, "m": (1, 2)}, draw={"W": weight}, scale=(-3, 2), sums=("W", 0)),
    Kernel("matmul_batched", "input x: [b, n, d]; input W: [b, d, m]; y = x @ W", torch.bmm, scale=(-3, 2),
           axes={"b": (1, 6), "n": (1, 16), "d": (1, 64), "m": (1, 16)}, draw={"W": unit}, sums=("W", 1)),
    Kernel("affine", "input x: [n, d]; param W: [d, m]; param b: [m]; y = affine(x, W, b)",
           lambda x, W, b: F.linear(x, W.T, b), axes={"n": N, "d": D, "m": (1, 64)}, draw={"W": weight, "b": unit},
           sums=("W", 0), slips={"the bias left out": lambda x, W, b: x @ W + 0 * b}),
    Kernel("einsum", 'input x: [b, n, d]; input W: [d, m, e]; y = einsum(x, W, equation = "bnd,dme->bmne")',
           lambda x, W: torch.einsum("bnd,dme->bmne", x, W), draw={"W": weight}, scale=(-3, 2), sums=("W", 0),
           sums_in_storage=True, axes={"b": (1, 4), "n": (1, 8), "d": (1, 64), "m": (1, 4), "e": (1, 8)}),
    Kernel("einsum_chain",
           """input x: [n, d]; param W: [d, e]; param V: [e, m]
           h = einsum(x, W, equation = "nd,de->ne"); y = einsum(h, V, equation = "ne,em->mn")""",
           lambda x, W, V: torch.einsum("nd,de,em->mn", x, W, V), chain_steps, scale=(-3, 2), sums=("W", 0),
           sums_in_storage=True, axes={"n": (1, 32), "d": (1, 64), "e": (1, 64), "m": (1, 32)}, draw={"W": weight, "V": weight}),
    convolution("conv1d", "l", "o, c, 5", "conv(x, k, padding = 2)", lambda x, k, b: F.conv1d(x, k, b, padding=2),
                {"l": (1, 64)}),
    convolution("conv2d", "h, w", "o, c, 3, 3", "conv(x, k, padding = 1)", lambda x, k, b: F.conv2d(x, k, b, padding=1),
                {"h": (1, 12), "w": (1, 12)},
                slips={"the filter turned": lambda x, k, b: F.conv2d(x, k.flip(2, 3), b, padding=1)}),
    convolution("conv2d_strided", "h, w", "o, c, 3, 2", "conv(x, k, stride = 2)",
                lambda x, k, b: F.conv2d(x, k, b, stride=2), {"h": (3, 14), "w": (3, 14)}),
    convolution("conv_transpose", "h, w", "c, o, 3, 3", "conv_transpose(x, k, stride = 2)",
                lambda x, k, b: F.conv_transpose2d(x, k, b, stride=2), {"h": (1, 8), "w": (1, 8), "o": (1, 4)},
                sums=("k", 0)),
]
