"""A step of a small net, call by call: graphrun beside NumPy by hand, and torch and jax where they are there.

    python benches/step.py

Two layers of 20 parameters in all, a batch of 4, f64: forward, backward, and the four gradients in hand. All
give the same gradients. A figure is the least of many means, as other work on the machine only adds.
"""

from __future__ import annotations

import json
import subprocess
import sys
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


def microseconds(step: Callable[[], object], number: int = 500, repeat: int = 40) -> float:
    step()
    return min(timeit.repeat(step, number=number, repeat=repeat)) / number * 1e6


def engine() -> float:
    """Forward and backward alone, as the command times them."""
    words = [sys.executable, "-m", "graphrun", "-", "--spelling", "graph", "--profile", "--format", "json"]
    done = subprocess.run(words, input=NET, capture_output=True, text=True, check=True)
    profile = json.loads(done.stdout)
    return 1e6 * (profile["forward_seconds"] + profile["backward_seconds"])


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
    for name, step in steps.items():
        if step is None:
            print(f"{name:<24} not installed")
            continue
        for own, other in zip(step(), right):
            np.testing.assert_allclose(own, other, rtol=1e-12, atol=1e-15)
        print(f"{name:<24} {microseconds(step):8.2f} µs")
    params = {name: leaves[name] for name in NAMES}
    print(f"{'graph.run(...) alone':<24} {microseconds(lambda: graph.run(**params)):8.2f} µs")
    print(f"{'graph.run() alone':<24} {microseconds(lambda: graph.run()):8.2f} µs")
    print(f"{'the engine alone':<24} {engine():8.2f} µs")


if __name__ == "__main__":
    main()
