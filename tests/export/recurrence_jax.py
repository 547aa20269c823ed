"""Three steps.

Written by `graphrun export recurrence.graph --to jax`.
"""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

DTYPE = jnp.float64


def cell(h, x, W, U):
    z = jnp.tanh(x @ W + h @ U)  # [n, m]
    return z


def recurrence(xs, W, U):
    """Three steps."""
    hs_cell1 = cell(jnp.zeros((2, 5), dtype=DTYPE), xs[0], W, U)  # [2, 5]
    hs_cell2 = cell(hs_cell1, xs[1], W, U)  # [2, 5]
    hs_cell3 = cell(hs_cell2, xs[2], W, U)  # [2, 5]
    hs = jnp.stack([hs_cell1, hs_cell2, hs_cell3], axis=0)  # [3, 2, 5]
    far = (hs[-1] > 0.25) & ~(hs[-1] > 0.75)  # bool[2, 5]
    loss = jnp.sum(jnp.where(far, hs[-1] ** 2, hs[-1]))
    return loss


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    rng = np.random.RandomState(0)
    xs = jnp.array(rng.randn(3, 2, 4), dtype=DTYPE)
    W = jnp.array(0.5 * rng.randn(4, 5), dtype=DTYPE)
    U = jnp.array(0.5 * rng.randn(5, 5), dtype=DTYPE)
    return {"xs": xs, "W": W, "U": U}


def main():
    inputs = leaves()
    print(recurrence(**inputs))
    wanted = ["xs", "W", "U"]

    def total(leaves_wanted):
        outputs = recurrence(**{**inputs, **leaves_wanted})
        return outputs.sum()

    gradients = jax.grad(total)({name: inputs[name] for name in wanted})
    for name, gradient in gradients.items():
        print(name, gradient)


if __name__ == "__main__":
    main()
