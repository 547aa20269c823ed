"""Records what NumPy's RandomState draws, for the tests of our own.

Run from anywhere: python tests/reference/random_state.py
"""

import json
import pathlib

import numpy as np

HERE = pathlib.Path(__file__).parent
MASK = (1 << 64) - 1


def checksum(draws):
    """FNV-1a over the bits of the draws, one 64-bit word at a time."""
    total = 0xCBF29CE484222325
    for bits in np.ascontiguousarray(draws).view(np.uint64).tolist():
        total = ((total ^ bits) * 0x100000001B3) & MASK
    return f"{total:016x}"


def one_seed(seed):
    new = lambda: np.random.RandomState(seed)
    return {
        "randn": new().randn(5).tolist(),
        "uniform": new().uniform(-1.5, 2.25, 5).tolist(),
        "randn_checksum": checksum(new().randn(100_000)),
        "uniform_checksum": checksum(new().uniform(-1.5, 2.25, 100_000)),
    }


def mixed():
    """Odd runs of normal numbers, so that a kept one crosses the uniform runs."""
    stream = np.random.RandomState(7)
    steps = []
    for kind, count in [("randn", 3), ("uniform", 2), ("randn", 2), ("uniform", 1), ("randn", 5), ("randn", 1)]:
        values = stream.randn(count) if kind == "randn" else stream.uniform(-2.0, 3.0, count)
        steps.append({"kind": kind, "values": values.tolist()})
    return steps


record = {
    "numpy": np.__version__,
    "seeds": {str(seed): one_seed(seed) for seed in [0, 1, 42, 20261124, 2**32 - 1]},
    "mixed": mixed(),
}
(HERE / "random_state.json").write_text(json.dumps(record, indent=1) + "\n")
