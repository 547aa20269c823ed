"""Records what torch gives, for tests that run without it: `python tests/reference/record_torch.py`."""

from pathlib import Path

import numpy as np
import torch

import graphrun

RECORDED = Path(__file__).parents[1] / "recorded"

SPEC = """
use "std/norm"
input x: [n, d] = randn(shape = [16, 32])
param w: [d] = randn(shape = [32])
param b: [d] = randn(shape = [32])
y, mean, rstd = layer_norm(x, w, b)
output y
"""


def main() -> None:
    spec = graphrun.parse(SPEC)
    x, w, b = (torch.tensor(spec.leaf(name)).bfloat16().requires_grad_() for name in ("x", "w", "b"))
    torch.manual_seed(0)
    upstream = torch.randn(16, 32).bfloat16()
    # In f32 within, as kernels on a GPU do.
    y = torch.nn.functional.layer_norm(x.float(), (32,), w.float(), b.float()).bfloat16()
    y.backward(upstream)
    rstd = torch.rsqrt(x.float().var(-1, unbiased=False, keepdim=True) + 1e-5)
    normal = (x.float() - x.float().mean(-1, keepdim=True)) * rstd
    own = upstream.float() * w.float()
    # The mean of `own` is forgotten.
    slip = (rstd * (own - normal * (own * normal).mean(-1, keepdim=True))).bfloat16()
    arrays = {"x": x, "w": w, "b": b, "y": y, "upstream(y)": upstream, "slip": slip}
    arrays |= {"grad(x)": x.grad, "grad(w)": w.grad, "grad(b)": b.grad}
    RECORDED.mkdir(exist_ok=True)
    np.savez_compressed(
        RECORDED / "layer_norm.npz",
        **{name: array.detach().float().numpy() for name, array in arrays.items()},
    )


if __name__ == "__main__":
    main()
