"""Three steps.

Written by `graphrun export recurrence.graph --to torch`.
"""

import numpy as np
import torch

DTYPE = torch.float64


def cell(h, x, W, U):
    z = torch.tanh(x @ W + h @ U)  # [n, m]
    return z


def recurrence(xs, W, U):
    """Three steps."""
    hs_cell1 = cell(torch.zeros((2, 5), dtype=DTYPE), xs[0], W, U)  # [2, 5]
    hs_cell2 = cell(hs_cell1, xs[1], W, U)  # [2, 5]
    hs_cell3 = cell(hs_cell2, xs[2], W, U)  # [2, 5]
    hs = torch.stack([hs_cell1, hs_cell2, hs_cell3], dim=0)  # [3, 2, 5]
    far = (hs[-1] > 0.25) & ~(hs[-1] > 0.75)  # bool[2, 5]
    loss = torch.sum(torch.where(far, hs[-1] ** 2, hs[-1]))
    return loss


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    rng = np.random.RandomState(0)
    xs = torch.tensor(rng.randn(3, 2, 4), dtype=DTYPE, requires_grad=True)
    W = torch.tensor(0.5 * rng.randn(4, 5), dtype=DTYPE, requires_grad=True)
    U = torch.tensor(0.5 * rng.randn(5, 5), dtype=DTYPE, requires_grad=True)
    return {"xs": xs, "W": W, "U": U}


def main():
    inputs = leaves()
    output = recurrence(**inputs)
    print(output)
    output.backward()
    for name, value in inputs.items():
        if value.grad is not None:
            print(name, value.grad)


if __name__ == "__main__":
    main()
