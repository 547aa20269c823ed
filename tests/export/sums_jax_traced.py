"""A sum over the rows, with a backward by hand.

Written by `graphrun export sums.graph --to jax`.
"""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

DTYPE = jnp.float64


@jax.custom_vjp
def distance(x, W):
    return distance_forward(x, W)[0]


def distance_forward(x, W):
    y = jnp.sum((x @ W) ** 2)
    return y, (x, W)


def distance_backward(residuals, grad_y):
    x, W = residuals
    return 2 * grad_y * x @ W @ W.T, 2 * grad_y * x.T @ (x @ W)


distance.defvjp(distance_forward, distance_backward)


def sums(x, W, b):
    """A sum over the rows, with a backward by hand."""
    loss_distance1 = tap(distance(x, W), "loss.distance1")
    loss_matmul1 = tap(x @ W, "loss.matmul1")  # [8, 2]
    loss_add1 = tap(loss_matmul1 + b, "loss.add1")  # [8, 2]
    loss_tanh1 = tap(jnp.tanh(loss_add1), "loss.tanh1")  # [8, 2]
    loss_sum1 = tap(jnp.sum(loss_tanh1), "loss.sum1")
    loss = tap(loss_distance1 + loss_sum1, "loss")
    return loss


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    rng = np.random.RandomState(0)
    x = jnp.array(rng.randn(8, 3), dtype=DTYPE)
    W = jnp.array(rng.randn(3, 2), dtype=DTYPE)
    b = jnp.array([0.5, -1], dtype=DTYPE)
    return {"x": x, "W": W, "b": b}


def main():
    inputs = leaves()
    print(sums(**inputs))
    wanted = ["W", "b"]

    def total(leaves_wanted):
        outputs = sums(**{**inputs, **leaves_wanted})
        return outputs.sum()

    gradients = jax.grad(total)({name: inputs[name] for name in wanted})
    for name, gradient in gradients.items():
        print(name, gradient)


if __name__ == "__main__":
    main()
