"""Rows of a batch, in two layers.

Written by `graphrun export rows.graph --to torch`.
"""

import numpy as np
import torch

DTYPE = torch.float64


def rows(x, t, gain, h_dense1_W, h_dense1_b, scores_dense1_W, scores_dense1_b):
    """Rows of a batch, in two layers."""
    h_dense1 = tap(x @ h_dense1_W + h_dense1_b, "h.dense1")  # [16, 8]
    h = tap(torch.tanh(h_dense1), "h")  # [16, 8]
    # [16, 4]
    scores_dense1 = tap(h @ scores_dense1_W + scores_dense1_b, "scores.dense1")
    scores = tap(gain * scores_dense1, "scores")  # [16, 4]
    loss = tap(torch.nn.functional.cross_entropy(scores, t), "loss")
    return loss


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    rng = np.random.RandomState(0)
    x = torch.tensor(rng.randn(16, 6), dtype=DTYPE)
    t = torch.tensor([0, 3, 1, 2, 1, 0, 2, 2, 3, 3, 0, 1, 1, 2, 3, 0])
    gain = torch.tensor(1.5, dtype=DTYPE, requires_grad=True)
    h_dense1_W = torch.tensor(0.3 * rng.randn(6, 8), dtype=DTYPE, requires_grad=True)
    h_dense1_b = torch.tensor(np.zeros((8,)), dtype=DTYPE, requires_grad=True)
    scores_dense1_W = torch.tensor(
        0.3 * rng.randn(8, 4),
        dtype=DTYPE,
        requires_grad=True,
    )
    scores_dense1_b = torch.tensor(np.zeros((4,)), dtype=DTYPE, requires_grad=True)
    return {
        "x": x,
        "t": t,
        "gain": gain,
        "h_dense1_W": h_dense1_W,
        "h_dense1_b": h_dense1_b,
        "scores_dense1_W": scores_dense1_W,
        "scores_dense1_b": scores_dense1_b,
    }


def main():
    inputs = leaves()
    output = rows(**inputs)
    print(output)
    output.backward()
    for name, value in inputs.items():
        if value.grad is not None:
            print(name, value.grad)


if __name__ == "__main__":
    main()
