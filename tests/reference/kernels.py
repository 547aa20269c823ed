"""A kernel's numbers for graphs/kernels: RMSNorm forward and backward as a Triton kernel computes them.

    python tests/reference/kernels.py

It loads bf16, computes in f32 on blocks whose length is a power of two, and stores bf16. The second dump has a
slip that is easily made: the mean of backward is over the block, and not over the row.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

FOLDER = Path(__file__).parents[2] / "graphs" / "kernels"
ROWS, ROW, BLOCK = 4, 384, 512
EPS = 1e-6


def padded(row):
    return torch.nn.functional.pad(row.float(), (0, BLOCK - ROW))


def forward(x, w):
    x, w = padded(x), padded(w)
    rstd = torch.rsqrt((x * x).sum(-1, keepdim=True) / ROW + EPS)
    return (x * rstd * w)[:, :ROW].bfloat16(), rstd


def backward(dy, x, w, rstd, length):
    dy, x, w = padded(dy), padded(x), padded(w)
    normal, g = x * rstd, dy * w
    dx = rstd * (g - normal * (g * normal).sum(-1, keepdim=True) / length)
    return dx[:, :ROW].bfloat16(), (dy * normal).sum(0)[:ROW].bfloat16()


torch.manual_seed(1)
x, w, dy = (torch.randn(shape).bfloat16() for shape in [(ROWS, ROW), (ROW,), (ROWS, ROW)])
y, rstd = forward(x, w)
for name, length in [("rms_norm", ROW), ("rms_norm_wrong", BLOCK)]:
    dx, dw = backward(dy, x, w, rstd, length)
    arrays = {"x": x, "w": w, "y": y, "grad(y)": dy, "grad(x)": dx, "grad(w)": dw}
    save_file(arrays, FOLDER / f"{name}.safetensors")
    exact_x = x.double().requires_grad_()
    exact = exact_x * torch.rsqrt((exact_x * exact_x).mean(-1, keepdim=True) + EPS) * w.double()
    exact.backward(dy.double())
    print(f"{name}: dx is off by {(dx.double() - exact_x.grad).abs().max():.2g} at most")
