"""A step of a small net, call by call: graphrun beside NumPy by hand, and torch and jax where they are there.

    python benches/step.py

Two layers of 20 parameters in all, a batch of 4, f64: forward, backward, and the four gradients in hand. All
give the same gradients. Samples of half a millisecond are taken of all in turn, round after round; the least
of each is what it takes where nothing else gets in between, and the median what it took on this machine.
"""

from __future__ import annotations

import statistics
import timeit
from collections.abc import Callable

import numpy as np

import graphrun

NET = """
const x: [n, 3] = randn(shape = [4, 3])
const t: [n, 2] = randn(shape = [4, 2])
param W1: [3, 3] = randn()
param b1: [3] = zeros()
param W2: [3, 2] = randn()
param b2: [2] = zeros()
loss = mean(square((tanh(x @ W1 + b1) @ W2 + b2) - t))
"""

NAMES = ("W1", "b1", "W2", "b2")


def by_hand(x, t, W1, b1, W2, b2):
    h = np.tanh(x @ W1 + b1)
    off = h @ W2 + b2 - t
    dy = 2 * off / off.size
    dh = (dy @ W2.T) * (1 - h * h)
    return (off * off).mean(), x.T @ dh, dh.sum(axis=0), h.T @ dy, dy.sum(axis=0)


def of_numpy(leaves: dict[str, np.ndarray]) -> Callable[[], list[np.ndarray]]:
    values = [leaves[name] for name in ("x", "t", *NAMES)]
    return lambda: list(by_hand(*values)[1:])


def of_graphrun(graph: graphrun.Graph, leaves: dict[str, np.ndarray]) -> Callable[[], list[np.ndarray]]:
    params = {name: leaves[name] for name in NAMES}

    def step() -> list[np.ndarray]:
        run = graph.run(**params)
        return [run.grad(name) for name in NAMES]

    return step


def of_torch(leaves: dict[str, np.ndarray]) -> Callable[[], list[np.ndarray]] | None:
    try:
        import torch
    except ImportError:
        return None
    x, t = (torch.tensor(leaves[name]) for name in "xt")
    params = [torch.tensor(leaves[name], requires_grad=True) for name in NAMES]
    W1, b1, W2, b2 = params

    def step() -> list[np.ndarray]:
        loss = ((torch.tanh(x @ W1 + b1) @ W2 + b2) - t).square().mean()
        return [gradient.numpy() for gradient in torch.autograd.grad(loss, params)]

    return step


def of_jax(leaves: dict[str, np.ndarray]) -> Callable[[], list[np.ndarray]] | None:
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    jnp = jax.numpy
    x, t = (jnp.asarray(leaves[name]) for name in "xt")
    params = [jnp.asarray(leaves[name]) for name in NAMES]
    gradient = jax.jit(jax.grad(lambda p: (((jnp.tanh(x @ p[0] + p[1]) @ p[2] + p[3]) - t) ** 2).mean()))
    return lambda: [np.asarray(part) for part in gradient(params)]


#: Seconds of a sample, and samples of each.
SAMPLE, ROUNDS = 0.0005, 1000


def microseconds(steps: dict[str, Callable[[], object]]) -> dict[str, tuple[float, float]]:
    """The least and the median of each, in µs a call."""
    timers = {name: timeit.Timer(step) for name, step in steps.items()}
    calls = {}
    for name, timer in timers.items():
        once = min(timer.repeat(number=5, repeat=20)) / 5
        calls[name] = max(1, round(SAMPLE / once))
    samples: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, timer in timers.items():
            samples[name].append(timer.timeit(calls[name]) / calls[name] * 1e6)
    return {name: (min(all), statistics.median(all)) for name, all in samples.items()}


def main() -> None:
    graph = graphrun.parse(NET)
    leaves = {name: graph.leaf(name) for name in ("x", "t", *NAMES)}
    steps = {
        "graphrun": of_graphrun(graph, leaves),
        "NumPy, by hand": of_numpy(leaves),
        "torch, autograd": of_torch(leaves),
        "jax, jitted": of_jax(leaves),
    }
    right = of_numpy(leaves)()
    for name in [name for name, step in steps.items() if step is None]:
        print(f"{name:<24} not installed")
    there: dict[str, Callable[[], object]] = {}
    for name, step in steps.items():
        if step is not None:
            for own, other in zip(step(), right):
                np.testing.assert_allclose(own, other, rtol=1e-12, atol=1e-15)
            there[name] = step
    params = {name: leaves[name] for name in NAMES}
    there["graph.run(...) alone"] = lambda: graph.run(**params)
    there["graph.run() alone"] = lambda: graph.run()
    print(f"{'µs a step':<24} {'least':>8} {'median':>8}")
    for name, (least, median) in microseconds(there).items():
        print(f"{name:<24} {least:8.2f} {median:8.2f}")


if __name__ == "__main__":
    main()
