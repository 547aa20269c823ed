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
    loss_distance1 = distance(x, W)
    loss = loss_distance1 + jnp.sum(jnp.tanh(x @ W + b))
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
