"""A batch, centred.

Written by `graphrun export centre.graph --to jax`.
"""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)

DTYPE = jnp.float64


@jax.custom_vjp
def centre(x):
    return centre_forward(x)[0]


def centre_forward(x):
    mean = jnp.mean(x, axis=0)  # [n]
    y = x - mean  # [batch, n]
    return (y, mean), ()


def centre_backward(residuals, upstreams):
    grad_y, grad_mean = upstreams
    return (grad_y - jnp.mean(grad_y, axis=0) + grad_mean / 3,)


centre.defvjp(centre_forward, centre_backward)


def centre_graph(x):
    """A batch, centred."""
    y, mean = tap(centre(x), "y", "mean")  # [3, 2], [2]
    loss_pow1 = tap(y**2, "loss.pow1")  # [3, 2]
    loss_mul1 = tap(
        loss_pow1 * jnp.array([[1, 2], [3, 4], [5, 6]], dtype=DTYPE),
        "loss.mul1",
    )  # [3, 2]
    loss_sum1 = tap(jnp.sum(loss_mul1), "loss.sum1")
    loss_sum2 = tap(jnp.sum(mean), "loss.sum2")
    loss = tap(loss_sum1 + loss_sum2, "loss")
    return loss


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    x = jnp.array([[1, 2], [3, 5], [4, -6]], dtype=DTYPE)
    return {"x": x}


def main():
    inputs = leaves()
    print(centre_graph(**inputs))
    wanted = ["x"]

    def total(leaves_wanted):
        outputs = centre_graph(**{**inputs, **leaves_wanted})
        return outputs.sum()

    gradients = jax.grad(total)({name: inputs[name] for name in wanted})
    for name, gradient in gradients.items():
        print(name, gradient)


if __name__ == "__main__":
    main()
