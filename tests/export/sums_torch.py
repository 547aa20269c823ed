"""A sum over the rows, with a backward by hand.

Written by `graphrun export sums.graph --to torch`.
"""

import numpy as np
import torch

DTYPE = torch.float64


def distance_forward(x: torch.Tensor, W: torch.Tensor) -> torch.Tensor:
    y = torch.sum((x @ W) ** 2)
    return y


distance = torch.library.custom_op("sums::distance", distance_forward, mutates_args=())
distance.register_fake(distance_forward)


def distance_setup(ctx, inputs, output):
    ctx.save_for_backward(*inputs)


def distance_backward(ctx, grad_y):
    x, W = ctx.saved_tensors
    return 2 * grad_y * x @ W @ W.T, 2 * grad_y * x.T @ (x @ W)


distance.register_autograd(distance_backward, setup_context=distance_setup)


def sums(x, W, b):
    """A sum over the rows, with a backward by hand."""
    loss_distance1 = distance(x, W)
    loss = loss_distance1 + torch.sum(torch.tanh(x @ W + b))
    return loss


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    rng = np.random.RandomState(0)
    x = torch.tensor(rng.randn(8, 3), dtype=DTYPE)
    W = torch.tensor(rng.randn(3, 2), dtype=DTYPE, requires_grad=True)
    b = torch.tensor([0.5, -1], dtype=DTYPE, requires_grad=True)
    return {"x": x, "W": W, "b": b}


def main():
    inputs = leaves()
    output = sums(**inputs)
    print(output)
    output.backward()
    for name, value in inputs.items():
        if value.grad is not None:
            print(name, value.grad)


if __name__ == "__main__":
    main()
