"""Two layers and a softmax.

Written by `graphrun export net.graph --to torch`.
"""

import numpy as np
import torch

DTYPE = torch.float64


def net(x, t, scores_dense1_W, scores_dense1_b, scores_W, scores_b):
    """Two layers and a softmax."""
    # [4, 5]
    scores_dense1 = tap(x @ scores_dense1_W + scores_dense1_b, "scores.dense1")
    scores_relu1 = tap(torch.relu(scores_dense1), "scores.relu1")  # [4, 5]
    scores = tap(scores_relu1 @ scores_W + scores_b, "scores")  # [4, 3]
    loss = tap(torch.nn.functional.cross_entropy(scores, t), "loss")
    acc = tap((torch.argmax(scores, dim=-1) == t).to(DTYPE).mean(), "acc")
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
