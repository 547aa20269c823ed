"""The polynomials and constants of src/op/elementary, and how near its functions come to the truth.

    pip install mpmath numpy
    python tests/reference/elementary.py [GRAPHRUN]

Prints the coefficients, highest power last, with the error that they leave in units
of the last place; and, with the program given, the largest distance of the functions
from their values to 120 bits or more, over some hundred thousand points each.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile

import mpmath as mp
import numpy as np

mp.mp.prec = 200


def fit(name, function, interval, count, weight):
    """Near the least error: through the zeros of a Chebyshev polynomial."""
    low, high = interval
    coefficients, error = mp.chebyfit(function, [low, high], count, error=True)
    print(f"{name}, {float(error * weight * 2**53):.1g} of the last place")
    for coefficient in reversed(coefficients):
        print(f"    {float(coefficient)!r},")


def tail_of_exp(r):
    return (mp.exp(r) - 1 - r) / r**2 if abs(r) > mp.mpf(10) ** -20 else mp.mpf(1) / 2 + r / 6


def tail_of_ln(square):
    if square < mp.mpf(10) ** -25:
        return mp.mpf(2) / 3
    s = mp.sqrt(square)
    return (2 * mp.atanh(s) - 2 * s) / (s * square)


def tail_of_artanh(square):
    if square < mp.mpf(10) ** -15:
        return mp.mpf(1) / 5 + square / 7
    s = mp.sqrt(square)
    return (mp.atanh(s) / s - 1 - square / 3) / square**2


def tail_of_sin(square):
    r = mp.sqrt(square)
    return (mp.sin(r) - r) / (r * square) if square > mp.mpf(10) ** -25 else mp.mpf(-1) / 6


def tail_of_cos(square):
    if square < mp.mpf(10) ** -15:
        return mp.mpf(1) / 24 - square / 720
    return (mp.cos(mp.sqrt(square)) - 1 + square / 2) / square**2


def in_parts(name, value, *sizes):
    """As many leading bits as said in each part, and the nearest f64 of the rest."""
    parts = []
    for size in sizes:
        unit = mp.mpf(2) ** (mp.floor(mp.log(abs(value), 2)) + 1 - size)
        parts.append(mp.floor(value / unit) * unit)
        value -= parts[-1]
    print(f"{name}: {[float(part) for part in parts + [value]]!r}")


def points():
    """For each op the arguments: one array, or two."""
    rng = np.random.RandomState(0)
    u, v = rng.rand(25_000), rng.rand(25_000)
    signed = 2 * v - 1
    tiny, from_1 = np.exp(-700 * v), 0.7 + 0.72 * u
    quarters = [float(mp.floor(n) * mp.pi / 2) for n in np.concatenate([20_000 * u, np.exp(600 * u[:5_000])])]
    angles = np.concatenate([4 * u - 2, 33_000 * signed, quarters, signed / tiny, signed * tiny, 0.7854 + 1e-3 * signed])
    near_1 = np.concatenate([1 + 0.01 * signed, 1 + np.exp(-36 * u)])
    bases = np.concatenate([u, 10 * u, np.exp(1400 * u - 700), from_1, near_1, np.exp(1 + u), 5e-324 * np.ceil(1000 * u)])
    powers = [v, 10 * signed, signed, 745 * signed / np.log(from_1), 70_000 * signed, 700 * signed * np.exp(36 * u)]
    powers = np.concatenate([*powers, -(708 + 37 * v) / (1 + u), signed])
    size = powers * np.log(bases)
    kept = (-745 < size) & (size < 709.7)
    return {
        "exp": [np.concatenate([2 * u - 1, 40 * u - 20, 1400 * u - 700, 0.7 * u - 0.35])],
        "log": [np.concatenate([u, 0.5 + 1.5 * u, 100 * u, u * np.exp(-600 * v)])],
        "tanh": [np.concatenate([1.3 * u, 0.5 * u, 12 * u, 0.8 + 0.1 * u])],
        "softplus": [np.concatenate([2 * u - 1, -40 * u, 40 * u, -740 * u])],
        "sin": [angles],
        "cos": [angles],
        "pow": [bases[kept], powers[kept]],
    }


def farthest(program, op, x, right):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        names = "ab"[: len(x)]
        lines = []
        for name, array in zip(names, x):
            np.save(folder / f"{name}.npy", array)
            lines.append(f'input {name} = npy("{name}.npy")')
        (folder / "f.graph").write_text("\n".join([*lines, f"y = {op}({', '.join(names)})", "output y\n"]))
        told = subprocess.run([program, folder / "f.graph", "--format", "json"], stdout=subprocess.PIPE, check=True)
    # Huge angles need all bits of the turns that are taken off.
    mp.mp.prec = 1200 if op in ("sin", "cos") else 140
    found = json.loads(told.stdout)["values"]["y"]
    truth = (right(*(mp.mpf(float(part)) for part in at)) for at in zip(*x))
    return max(float(abs(mp.mpf(y) - t)) / math.ulp(float(t)) for y, t in zip(found, truth))


half_ln_2 = mp.log(2) / 2
fit("(exp(r) − 1 − r)/r²", tail_of_exp, (-half_ln_2, half_ln_2), 11, half_ln_2**2)
greatest = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)
fit("(2 artanh(s) − 2 s)/s³ of s²", tail_of_ln, (0, greatest**2), 7, greatest**3 / half_ln_2)
centres = [51 / 64, 1, 161 / 128]
borders = [math.sqrt(centre) for centre in centres[::2]]
corners = zip([0.5**0.5, borders[0], borders[0], borders[1], borders[1], 2**0.5], np.repeat(centres, 2))
greatest = max(abs(m - centre) / (m + centre) for m, centre in corners)
print(f"borders of the centres {centres}: {borders}")
# What is added to 1 here must be within 2⁻¹⁴ of the last place.
fit("(artanh(s)/s − 1 − s²/3)/s⁴ of s²", tail_of_artanh, (0, greatest**2), 5, greatest**4)
for centre in centres[::2]:
    first = mp.nint(mp.log(centre) * 2**32) / 2**32
    print(f"ln {centre}: {[float(first), float(mp.log(centre) - first)]!r}")
in_parts("1/3", mp.mpf(1) / 3, 26)
in_parts("π/2", mp.pi / 2, 38, 38)
in_parts("π/2", mp.pi / 2, 53)
quarter = mp.pi / 4
fit("(sin(r) − r)/r³ of r²", tail_of_sin, (0, quarter**2), 7, quarter**2)
fit("(cos(r) − 1 + r²/2)/r⁴ of r²", tail_of_cos, (0, quarter**2), 6, quarter**4)
mp.mp.prec = 1400
print("1/(2π):", *(f"0x{int(mp.floor(2 ** (64 * k) / (2 * mp.pi)) % 2**64):016x}" for k in range(20)))
right = {name: getattr(mp, name) for name in ("exp", "log", "tanh", "sin", "cos")}
right |= {"softplus": lambda x: mp.log1p(mp.exp(x)), "pow": mp.power}
for program in sys.argv[1:]:
    for op, x in points().items():
        print(f"{op}: {farthest(program, op, x, right[op]):.2f} of the last place", flush=True)
