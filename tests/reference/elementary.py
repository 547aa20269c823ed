"""The polynomials of src/op/elementary.rs, and how near its functions come to the truth.

    pip install mpmath numpy
    python tests/reference/elementary.py [GRAPHRUN]

Prints the coefficients, highest power last, with the error that they leave in units
of the last place; and, with the program given, the largest distance of exp, log and
tanh from their values to 120 bits, over a hundred thousand points each.
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


def points():
    rng = np.random.RandomState(0)
    u = rng.rand(25_000)
    return {
        "exp": np.concatenate([2 * u - 1, 40 * u - 20, 1400 * u - 700, 0.7 * u - 0.35]),
        "log": np.concatenate([u, 0.5 + 1.5 * u, 100 * u, u * np.exp(-600 * rng.rand(25_000))]),
        "tanh": np.concatenate([1.3 * u, 0.5 * u, 12 * u, 0.8 + 0.1 * u]),
    }


def farthest(program, op, x, right):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        np.save(folder / "x.npy", x)
        (folder / "f.graph").write_text(f'input x = npy("x.npy")\ny = {op}(x)\noutput y\n')
        told = subprocess.run([program, folder / "f.graph", "--format", "json"], stdout=subprocess.PIPE, check=True)
    mp.mp.prec = 120
    found = json.loads(told.stdout)["values"]["y"]
    truth = (right(mp.mpf(float(at))) for at in x)
    return max(float(abs(mp.mpf(y) - t)) / math.ulp(float(t)) for y, t in zip(found, truth))


half_ln_2 = mp.log(2) / 2
fit("(exp(r) − 1 − r)/r²", tail_of_exp, (-half_ln_2, half_ln_2), 11, half_ln_2**2)
greatest = (mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)
fit("(2 artanh(s) − 2 s)/s³ of s²", tail_of_ln, (0, greatest**2), 7, greatest**3 / half_ln_2)
for program in sys.argv[1:]:
    for op, x in points().items():
        print(f"{op}: {farthest(program, op, x, getattr(mp, op)):.2f} of the last place")
