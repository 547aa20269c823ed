"""Three steps.

Written by `graphrun export recurrence.graph --to jax`.
"""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

DTYPE = jnp.float64


def recurrence(xs, W, U):
    """Three steps."""
    hs_slice1 = tap(xs[0], "hs.slice1")  # [2, 4]
    hs_cell1_matmul1 = tap(hs_slice1 @ W, "hs.cell1.matmul1")  # [2, 5]
    # [2, 5]
    hs_cell1_matmul2 = tap(jnp.zeros((2, 5), dtype=DTYPE) @ U, "hs.cell1.matmul2")
    hs_cell1_add1 = tap(hs_cell1_matmul1 + hs_cell1_matmul2, "hs.cell1.add1")  # [2, 5]
    hs_cell1 = tap(jnp.tanh(hs_cell1_add1), "hs.cell1")  # [2, 5]
    hs_slice2 = tap(xs[1], "hs.slice2")  # [2, 4]
    hs_cell2_matmul1 = tap(hs_slice2 @ W, "hs.cell2.matmul1")  # [2, 5]
    hs_cell2_matmul2 = tap(hs_cell1 @ U, "hs.cell2.matmul2")  # [2, 5]
    hs_cell2_add1 = tap(hs_cell2_matmul1 + hs_cell2_matmul2, "hs.cell2.add1")  # [2, 5]
    hs_cell2 = tap(jnp.tanh(hs_cell2_add1), "hs.cell2")  # [2, 5]
    hs_slice3 = tap(xs[2], "hs.slice3")  # [2, 4]
    hs_cell3_matmul1 = tap(hs_slice3 @ W, "hs.cell3.matmul1")  # [2, 5]
    hs_cell3_matmul2 = tap(hs_cell2 @ U, "hs.cell3.matmul2")  # [2, 5]
    hs_cell3_add1 = tap(hs_cell3_matmul1 + hs_cell3_matmul2, "hs.cell3.add1")  # [2, 5]
    hs_cell3 = tap(jnp.tanh(hs_cell3_add1), "hs.cell3")  # [2, 5]
    hs = tap(jnp.stack([hs_cell1, hs_cell2, hs_cell3], axis=0), "hs")  # [3, 2, 5]
    far_slice1 = tap(hs[-1], "far.slice1")  # [2, 5]
    far_greater1 = tap(far_slice1 > 0.25, "far.greater1")  # bool[2, 5]
    far_slice2 = tap(hs[-1], "far.slice2")  # [2, 5]
    far_greater2 = tap(far_slice2 > 0.75, "far.greater2")  # bool[2, 5]
    far_logical_not1 = tap(~far_greater2, "far.logical_not1")  # bool[2, 5]
    far = tap(far_greater1 & far_logical_not1, "far")  # bool[2, 5]
    loss_slice1 = tap(hs[-1], "loss.slice1")  # [2, 5]
    loss_pow1 = tap(loss_slice1**2, "loss.pow1")  # [2, 5]
    loss_slice2 = tap(hs[-1], "loss.slice2")  # [2, 5]
    loss_where1 = tap(jnp.where(far, loss_pow1, loss_slice2), "loss.where1")  # [2, 5]
    loss = tap(jnp.sum(loss_where1), "loss")
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
