"""Two layers and a softmax.

Written by `graphrun export net.graph --to torch`.
"""

import numpy as np
import torch

DTYPE = torch.float64


def dense(x, W, b):
    y = x @ W + b
    return y


def net(x, t, scores_dense1_W, scores_dense1_b, scores_W, scores_b):
    """Two layers and a softmax."""
    scores_dense1 = dense(x, scores_dense1_W, scores_dense1_b)  # [4, 5]
    scores = dense(torch.relu(scores_dense1), scores_W, scores_b)  # [4, 3]
    loss = torch.nn.functional.cross_entropy(scores, t)
    acc = (torch.argmax(scores, dim=-1) == t).to(DTYPE).mean()
    return loss, acc


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    rng = np.random.RandomState(0)
    x = torch.tensor(rng.uniform(-1, 1, (4, 3)), dtype=DTYPE, requires_grad=True)
    t = torch.tensor([0, 2, 1, 1])
    scores_dense1_W = torch.tensor(
        0.1 * rng.randn(3, 5),
        dtype=DTYPE,
        requires_grad=True,
    )
    scores_dense1_b = torch.tensor(np.zeros((5,)), dtype=DTYPE, requires_grad=True)
    scores_W = torch.tensor(0.1 * rng.randn(5, 3), dtype=DTYPE, requires_grad=True)
    scores_b = torch.tensor(np.zeros((3,)), dtype=DTYPE, requires_grad=True)
    return {
        "x": x,
        "t": t,
        "scores_dense1_W": scores_dense1_W,
        "scores_dense1_b": scores_dense1_b,
        "scores_W": scores_W,
        "scores_b": scores_b,
    }


def main():
    inputs = leaves()
    outputs = net(**inputs)
    print(*outputs, sep="\n")
    outputs[0].backward()
    for name, value in inputs.items():
        if value.grad is not None:
            print(name, value.grad)


if __name__ == "__main__":
    main()
