"""A batch, centred.

Written by `graphrun export centre.graph --to torch`.
"""

import torch

DTYPE = torch.float64


def centre_forward(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean = torch.mean(x, dim=0)  # [n]
    y = x - mean  # [batch, n]
    return y, mean


centre = torch.library.custom_op("centre::centre", centre_forward, mutates_args=())
centre.register_fake(centre_forward)


def centre_backward(ctx, grad_y, grad_mean):
    return grad_y - torch.mean(grad_y, dim=0) + grad_mean / 3


centre.register_autograd(centre_backward)


def centre_graph(x):
    """A batch, centred."""
    y, mean = tap(centre(x), "y", "mean")  # [3, 2], [2]
    loss_pow1 = tap(y**2, "loss.pow1")  # [3, 2]
    loss_mul1 = tap(
        loss_pow1 * torch.tensor([[1, 2], [3, 4], [5, 6]], dtype=DTYPE),
        "loss.mul1",
    )  # [3, 2]
    loss_sum1 = tap(torch.sum(loss_mul1), "loss.sum1")
    loss_sum2 = tap(torch.sum(mean), "loss.sum2")
    loss = tap(loss_sum1 + loss_sum2, "loss")
    return loss


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    x = torch.tensor([[1, 2], [3, 5], [4, -6]], dtype=DTYPE, requires_grad=True)
    return {"x": x}


def main():
    inputs = leaves()
    output = centre_graph(**inputs)
    print(output)
    output.backward()
    for name, value in inputs.items():
        if value.grad is not None:
            print(name, value.grad)


if __name__ == "__main__":
    main()
