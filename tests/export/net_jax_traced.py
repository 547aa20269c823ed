"""Two layers and a softmax.

Written by `graphrun export net.graph --to jax`.
"""

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)

DTYPE = jnp.float64


def net(x, t, scores_dense1_W, scores_dense1_b, scores_W, scores_b):
    """Two layers and a softmax."""
    # [4, 5]
    scores_dense1 = tap(x @ scores_dense1_W + scores_dense1_b, "scores.dense1")
    scores_relu1 = tap(jax.nn.relu(scores_dense1), "scores.relu1")  # [4, 5]
    scores = tap(scores_relu1 @ scores_W + scores_b, "scores")  # [4, 3]
    loss = tap(
        -jnp.mean(
            jnp.sum(
                jax.nn.one_hot(t, scores.shape[-1]) * jax.nn.log_softmax(scores),
                axis=-1,
            ),
        ),
        "loss",
    )
    acc = tap(jnp.mean(jnp.argmax(scores, axis=-1) == t, dtype=DTYPE), "acc")
    return loss, acc


def leaves():
    """The inputs, params and consts, as the graph file states them."""
    rng = np.random.RandomState(0)
    x = jnp.array(rng.uniform(-1, 1, (4, 3)), dtype=DTYPE)
    t = jnp.array([0, 2, 1, 1])
    scores_dense1_W = jnp.array(0.1 * rng.randn(3, 5), dtype=DTYPE)
    scores_dense1_b = jnp.array(np.zeros((5,)), dtype=DTYPE)
    scores_W = jnp.array(0.1 * rng.randn(5, 3), dtype=DTYPE)
    scores_b = jnp.array(np.zeros((3,)), dtype=DTYPE)
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
    print(*net(**inputs), sep="\n")
    wanted = ["x", "scores_dense1_W", "scores_dense1_b", "scores_W", "scores_b"]

    def total(leaves_wanted):
        outputs = net(**{**inputs, **leaves_wanted})
        return outputs[0].sum()

    gradients = jax.grad(total)({name: inputs[name] for name in wanted})
    for name, gradient in gradients.items():
        print(name, gradient)


if __name__ == "__main__":
    main()
