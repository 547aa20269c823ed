"""A function as a black box: what it gives at and near its inputs, and what comes back from its outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._arrays import plain
from .frameworks import Framework, Traced
from .slopes import Floats, Line, noise

#: A function with as many outputs is looked at output by output; one with more by random sums of them.
MOST_OUTPUTS = 24
SUMS = 12


class BlackBox:
    """A function at its inputs: sums of its outputs, and their gradients by the function's own backward.

    Args:
        home: The function.
        values: Its inputs: float64 ones want a gradient, others are handed on.
        random: Where random sums and directions come from.

    Raises:
        TypeError: backward gives a gradient of another shape than its input.
    """

    #: By input, whether it wants a gradient.
    wanted: list[bool]
    #: Inputs that the function changed, by number.
    changed: tuple[int, ...]
    #: A row for each sum that is looked at, by outputs. The first `alone` are one output each.
    weights: Floats
    alone: int
    #: The sums at the inputs.
    at_zero: Floats
    #: What they differ by in a second call.
    jitter: Floats
    #: Of each sum, by input.
    gradients: list[list[Floats | None]]

    def __init__(self, home: Framework, values: list[Any], random: np.random.RandomState) -> None:
        self.home, self.values, self.random = home, values, random
        self.wanted = [value.dtype.kind == "f" for value in values]
        traced, self.changed = self._traced()
        self.shapes = [tuple(output.shape) for output in traced.outputs]
        start = self._flat(traced)
        self.weights = self._weights(start.size)
        with np.errstate(all="ignore"):
            self.at_zero = self.weights @ start
            again = self.weights @ self._flat(self._traced()[0])
        self.jitter = np.abs(again - self.at_zero)
        self.gradients = [self._pulled(traced, weights) for weights in self.weights]

    def _traced(self) -> tuple[Traced, tuple[int, ...]]:
        inputs = [self.home.array(value) for value in self.values]
        traced = self.home.trace(inputs, self.wanted)
        pairs = zip(range(len(inputs)), inputs, self.values)
        changed = (
            number
            for number, array, value in pairs
            if not np.array_equal(plain(array)[0], value, equal_nan=True)
        )
        return traced, tuple(changed)

    def _flat(self, traced: Traced) -> Floats:
        parts = [plain(output)[0].astype(np.float64).ravel() for output in traced.outputs]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _weights(self, size: int) -> Floats:
        """Each output alone and one random sum, or random sums."""
        if size <= MOST_OUTPUTS:
            self.alone = size
            return (
                np.vstack([np.eye(size), self.random.standard_normal((1, size))])
                if size > 1
                else np.eye(size)
            )
        self.alone = 0
        return self.random.standard_normal((SUMS, size))

    def _pulled(self, traced: Traced, weights: Floats) -> list[Floats | None]:
        ends = np.cumsum([int(np.prod(shape)) for shape in self.shapes])
        parts = np.split(weights, ends[:-1])
        pairs = zip(parts, self.shapes, traced.outputs)
        upstreams = [self.home.like(part.reshape(shape), output) for part, shape, output in pairs]
        back = iter(traced.pull(upstreams))
        gradients: list[Floats | None] = []
        for wants, value in zip(self.wanted, self.values):
            gradient = next(back) if wants else None
            shaped = None if gradient is None else plain(gradient)[0].astype(np.float64)
            if shaped is not None and shaped.shape != value.shape:
                raise TypeError(f"backward gives a gradient of shape {shaped.shape} for one of {value.shape}")
            gradients.append(shaped)
        return gradients

    def along(self, at: int, direction: Floats) -> Line:
        """The sums of outputs along a direction through an input."""

        def line(step: float) -> Floats:
            moved = [self.home.array(value) for value in self.values]
            moved[at] = self.home.array(self.values[at] + step * direction)
            with np.errstate(all="ignore"):
                traced = self.home.trace(moved, [False] * len(moved))
                return np.asarray(self.weights @ self._flat(traced), dtype=np.float64)

        return line

    def scale(self, at: int) -> Floats:
        """How far an entry is moved: a power of two near it, or near its neighbours where it is small."""
        value = self.values[at]
        finite = value[np.isfinite(value)]
        usual = float(np.sqrt(np.mean(finite**2))) if finite.size else 0.0
        size = np.maximum(np.abs(value), usual if usual > 0 else 1.0)
        return np.asarray(2.0 ** np.round(np.log2(np.where(np.isfinite(size), size, 1.0))), dtype=np.float64)

    def noise(self, at: int, scale: Floats) -> Floats:
        """What rounding leaves uncertain of each sum near an input, a standard deviation."""
        found = self.jitter.copy()
        for _ in range(3):
            # Of uneven lengths: roundings at even ones repeat, and cancel out of differences.
            uneven = self.random.uniform(0.5, 1.5, scale.shape) * self.random.choice([-1.0, 1.0], scale.shape)
            line = self.along(at, uneven * scale)
            found = np.fmax(found, noise(line, self.at_zero))
        return found

    def output(self, number: int) -> tuple[int, tuple[int, ...]] | None:
        """Which output a sum is, and which of its entries; `None` where it is of all."""
        if number >= self.alone:
            return None
        for output, shape in enumerate(self.shapes):
            size = int(np.prod(shape))
            if number < size:
                return output, tuple(int(i) for i in np.unravel_index(number, shape)) if shape else ()
            number -= size
        return None

    def is_nonlinear(self) -> bool:
        """The random sum of outputs sends back something else than the sum of what each sends."""
        if not self.alone or self.alone == 1:
            return False
        for at, whole in enumerate(self.gradients[-1]):
            parts = [gradients[at] for gradients in self.gradients[:-1]]
            weighted = [w * part for w, part in zip(self.weights[-1], parts) if part is not None]
            if whole is None or not weighted:
                continue
            total, size = sum(weighted), sum(np.abs(part) for part in weighted)
            apart = np.abs(whole - total)
            if np.any(apart[np.isfinite(apart)] > 1e-6 * np.max(size)):
                return True
        return False
