"""Three steps.

Written by `graphrun export recurrence.graph --to torch`.
"""

import numpy as np
import torch

DTYPE = torch.float64


def recurrence(xs, W, U):
    """Three steps."""
    hs_slice1 = tap(xs[0], "hs.slice1")  # [2, 4]
    hs_cell1_matmul1 = tap(hs_slice1 @ W, "hs.cell1.matmul1")  # [2, 5]
    # [2, 5]
    hs_cell1_matmul2 = tap(torch.zeros((2, 5), dtype=DTYPE) @ U, "hs.cell1.matmul2")
    hs_cell1_add1 = tap(hs_cell1_matmul1 + hs_cell1_matmul2, "hs.cell1.add1")  # [2, 5]
    hs_cell1 = tap(torch.tanh(hs_cell1_add1), "hs.cell1")  # [2, 5]
    hs_slice2 = tap(xs[1], "hs.slice2")  # [2, 4]
    hs_cell2_matmul1 = tap(hs_slice2 @ W, "hs.cell2.matmul1")  # [2, 5]
    hs_cell2_matmul2 = tap(hs_cell1 @ U, "hs.cell2.matmul2")  # [2, 5]
    hs_cell2_add1 = tap(hs_cell2_matmul1 + hs_cell2_matmul2, "hs.cell2.add1")  # [2, 5]
    hs_cell2 = tap(torch.tanh(hs_cell2_add1), "hs.cell2")  # [2, 5]
    hs_slice3 = tap(xs[2], "hs.slice3")  # [2, 4]
    hs_cell3_matmul1 = tap(hs_slice3 @ W, "hs.cell3.matmul1")  # [2, 5]
    hs_cell3_matmul2 = tap(hs_cell2 @ U, "hs.cell3.matmul2")  # [2, 5]
    hs_cell3_add1 = tap(hs_cell3_matmul1 + hs_cell3_matmul2, "hs.cell3.add1")  # [2, 5]
    hs_cell3 = tap(torch.tanh(hs_cell3_add1), "hs.cell3")  # [2, 5]
    hs = tap(torch.stack([hs_cell1, hs_cell2, hs_cell3], dim=0), "hs")  # [3, 2, 5]
    far_slice1 = tap(hs[-1], "far.slice1")  # [2, 5]
    far_greater1 = tap(far_slice1 > 0.25, "far.greater1")  # bool[2, 5]
    far_slice2 = tap(hs[-1], "far.slice2")  # [2, 5]
    far_greater2 = tap(far_slice2 > 0.75, "far.greater2")  # bool[2, 5]
    far_logical_not1 = tap(~far_greater2, "far.logical_not1")  # bool[2, 5]
    far = tap(far_greater1 & far_logical_not1, "far")  # bool[2, 5]
    loss_slice1 = tap(hs[-1], "loss.slice1")  # [2, 5]
    loss_pow1 = tap(loss_slice1**2, "loss.pow1")  # [2, 5]
    loss_slice2 = tap(hs[-1], "loss.slice2")  # [2, 5]
    loss_where1 = tap(torch.where(far, loss_pow1, loss_slice2), "loss.where1")  # [2, 5]
    loss = tap(torch.sum(loss_where1), "loss")
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
