"""Slopes of a black box in f64, each with an error and both of its sides.

A function of one number `t`, around 0, is sampled at steps that shrink by 4. Central differences have an
error in even powers of the step, differences to one side in all powers; extrapolation by Richardson takes
them away, column by column, as in C. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", 1982. What a
column differs by from its neighbours bounds what is left, and the noise of the function bounds how far
steps may shrink. The noise is measured as in J. Moré and S. Wild, "Estimating computational noise", 2011.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: A function of one number that gives several.
Line = Callable[[float], Floats]

#: The longest step, relative to the scale of what is moved, and how many there are.
LONGEST = 2.0**-3
STEPS = 10
SHRINK = 4.0

#: Columns of extrapolation.
COLUMNS = 4

#: Noise beyond this part of a number is not that of f64: somewhere within it is coarser, and a step that it
#: does not resolve says nothing.
COARSE = 2.0**-40

#: Between the points that noise is measured at, relative as the steps; beyond what f32 resolves.
APART = 2.0**-20

#: A slope may be off by so many times the error that is estimated.
SAFETY = 10.0


@dataclass(frozen=True)
class Slopes:
    """The slopes of several numbers at 0, each with an error; infinite where nothing is known."""

    value: Floats
    error: Floats
    left: Floats
    left_error: Floats
    right: Floats
    right_error: Floats

    @property
    def kinked(self) -> npt.NDArray[np.bool_]:
        """The two sides have slopes that differ by more than their errors."""
        apart = np.abs(self.right - self.left)
        allowed = SAFETY * (self.left_error + self.right_error) + 1e-9 * (
            np.abs(self.left) + np.abs(self.right)
        )
        return np.isfinite(allowed) & (apart > allowed)


def slopes(line: Line, at_zero: Floats, noise: Floats, longest: float = LONGEST) -> Slopes:
    """Measures the slopes of `line` at 0.

    Args:
        line: The function.
        at_zero: Its numbers at 0.
        noise: What rounding leaves uncertain of each.
        longest: The longest step.
    """
    steps = longest * SHRINK ** -np.arange(STEPS)
    ahead = np.array([line(step) for step in steps])
    behind = np.array([line(-step) for step in steps])
    width = steps[:, None]
    is_coarse = noise > COARSE * np.abs(at_zero)
    noise = np.where(is_coarse & (width < 16 * APART), np.inf, noise)
    with np.errstate(all="ignore"):
        central = _extrapolated((ahead - behind) / (2 * width), noise / width, 2)
        right = _extrapolated((ahead - at_zero) / width, 2 * noise / width, 1)
        left = _extrapolated((at_zero - behind) / width, 2 * noise / width, 1)
    return Slopes(*central, *left, *right)


def _extrapolated(rough: Floats, noise: Floats, power: int) -> tuple[Floats, Floats]:
    """The best of all that differences extrapolate to, and its error.

    Args:
        rough: Differences by step, the longest first; their error goes by powers of the step, this one first,
            and from one to the next by the same.
        noise: What rounding leaves uncertain of each.
        power: That power.
    """
    best, least = rough[-1].copy(), np.full(rough.shape[1], np.inf)
    column, amplified = rough, noise
    before: Floats | None = None
    for order in range(COLUMNS):
        if order > 0:
            gain = SHRINK ** (power * order)
            before, column = column, column[1:] + (column[1:] - column[:-1]) / (gain - 1)
            amplified = amplified[1:] * (gain + 1) / (gain - 1)
        # Each but the first has a neighbour of a longer step, and two in the column before.
        off = np.abs(column[1:] - column[:-1])
        if before is not None:
            off = np.maximum(off, np.abs(column[1:] - before[2:]))
            off = np.maximum(off, np.abs(column[1:] - before[1:-1]))
        error = off + amplified[1:]
        error = np.where(np.isfinite(error), error, np.inf)
        row = error.argmin(axis=0)
        found = np.take_along_axis(error, row[None], 0)[0]
        better = found < least
        best = np.where(better, np.take_along_axis(column[1:], row[None], 0)[0], best)
        least = np.where(better, found, least)
    return best, least


def noise(line: Line, at_zero: Floats) -> Floats:
    """What rounding leaves uncertain of each number of `line` near 0, a standard deviation.

    Differences of a high order of a smooth function at points this near to each other vanish, and what is
    left is noise.
    """
    differences = np.array([line(APART * point) for point in range(1, 13)])
    found = 2.0**-53 * np.abs(at_zero)
    for order in range(1, 7):
        differences = differences[1:] - differences[:-1]
        if order >= 4:
            scale = factorial(order) ** 2 / factorial(2 * order)
            with np.errstate(all="ignore"):
                found = np.fmax(found, np.sqrt(scale * np.mean(differences**2, axis=0)))
    return found
