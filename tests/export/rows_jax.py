"""Rows of a batch, in two layers.

Written by `graphrun export rows.graph --to jax`.
"""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

DTYPE = jnp.float64


def dense(x, W, b):
    y = x @ W + b
    return y


def rows(x, t, gain, h_dense1_W, h_dense1_b, scores_dense1_W, scores_dense1_b):
    """Rows of a batch, in two layers."""
    h_dense1 = dense(x, h_dense1_W, h_dense1_b)  # [16, 8]
    h = jnp.tanh(h_dense1)  # [16, 8]
    scores_dense1 = dense(h, scores_dense1_W, scores_dense1_b)  # [16, 4]
    scores = gain * scores_dense1  # [16, 4]
    loss = -jnp.mean(
        jnp.sum(
            jax.nn.one_hot(t, scores.shape[-1]) * jax.nn.log_softmax(scores),
            axis=-1,
        ),
    )
    return loss


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    rng = np.random.RandomState(0)
    x = jnp.array(rng.randn(16, 6), dtype=DTYPE)
    t = jnp.array([0, 3, 1, 2, 1, 0, 2, 2, 3, 3, 0, 1, 1, 2, 3, 0])
    gain = jnp.array(1.5, dtype=DTYPE)
    h_dense1_W = jnp.array(0.3 * rng.randn(6, 8), dtype=DTYPE)
    h_dense1_b = jnp.array(np.zeros((8,)), dtype=DTYPE)
    scores_dense1_W = jnp.array(0.3 * rng.randn(8, 4), dtype=DTYPE)
    scores_dense1_b = jnp.array(np.zeros((4,)), dtype=DTYPE)
    return {
        "x": x,
        "t": t,
        "gain": gain,
        "h_dense1_W": h_dense1_W,
        "h_dense1_b": h_dense1_b,
        "scores_dense1_W": scores_dense1_W,
        "scores_dense1_b": scores_dense1_b,
    }


def main():
    inputs = leaves()
    print(rows(**inputs))
    wanted = ["gain", "h_dense1_W", "h_dense1_b", "scores_dense1_W", "scores_dense1_b"]

    def total(leaves_wanted):
        outputs = rows(**{**inputs, **leaves_wanted})
        return outputs.sum()

    gradients = jax.grad(total)({name: inputs[name] for name in wanted})
    for name, gradient in gradients.items():
        print(name, gradient)


if __name__ == "__main__":
    main()
