"""How the leaves of a kernel are drawn: each a function of a generator, a shape, the lengths of the kernel's axes
and a scale, to an array of f64."""

import numpy as np


def plain(rng, shape, axes, scale):
    return scale * rng.standard_normal(shape)


def offset(rng, shape, axes, scale):
    """Far from zero and close together: differences cancel."""
    return scale * (10.0 ** rng.uniform(0, 2) + rng.standard_normal(shape))


def nearly_constant(rng, shape, axes, scale):
    return scale * (1 + 1e-3 * rng.standard_normal(shape))


def heavy(rng, shape, axes, scale):
    """Some far larger than the rest."""
    return scale * rng.standard_normal(shape) ** 3


def sparse(rng, shape, axes, scale):
    return scale * rng.standard_normal(shape) * (rng.random(shape) < 0.6)


def wide(rng, shape, axes, scale):
    """Over six decades."""
    return scale * rng.choice([-1.0, 1.0], shape) * 10.0 ** rng.uniform(-3, 3, shape)


def alternating(rng, shape, axes, scale):
    """Sums cancel nearly all of it."""
    signs = 1 - 2 * (np.arange(int(np.prod(shape))) % 2).reshape(shape)
    return scale * (signs + 0.01 * rng.standard_normal(shape))


# What a leaf `x` is drawn as, unless its row says otherwise.
KINDS = [plain] * 5 + [offset, nearly_constant, heavy, sparse, wide, alternating]


def gain(rng, shape, axes, scale):
    return 1 + 0.3 * rng.standard_normal(shape)


def weight(rng, shape, axes, scale):
    """As layers begin: of variance one over what meets."""
    return rng.standard_normal(shape) / np.sqrt(max(1, shape[0] if len(shape) < 3 else int(np.prod(shape[1:]))))


def unit(rng, shape, axes, scale):
    return rng.standard_normal(shape)


def positive(rng, shape, axes, scale):
    return scale * np.exp(rng.standard_normal(shape))


def ones(rng, shape, axes, scale):
    return np.ones(shape)


def zeros(rng, shape, axes, scale):
    return np.zeros(shape)


def above_one(rng, shape, axes, scale):
    return 1.01 + scale * np.exp(rng.standard_normal(shape))


def inside_one(rng, shape, axes, scale):
    return rng.uniform(-0.97, 0.97, shape)


def shares(rng, shape, axes, scale):
    """Probabilities along the last axis."""
    p = np.exp(rng.standard_normal(shape))
    return p / p.sum(-1, keepdims=True)


def between(rng, shape, axes, scale):
    return rng.uniform(0.02, 0.98, shape)


def far_apart(rng, shape, axes, scale):
    """No two so close that a rounding makes them equal."""
    return scale * (rng.permutation(int(np.prod(shape))).reshape(shape) - np.prod(shape) / 3.1)


def labels(axis):
    def draw(rng, shape, axes, scale):
        return rng.integers(0, axes[axis], shape)

    return draw


def causal(rng, shape, axes, scale):
    """Minus infinity above the diagonal, of a mask that is added."""
    return np.where(np.arange(shape[1]) > np.arange(shape[0])[:, None], -np.inf, 0.0)
