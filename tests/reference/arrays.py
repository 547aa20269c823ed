"""Saves one array of each kind as NumPy does, for the test of `npz`.

Run from anywhere: python tests/reference/arrays.py
"""

import pathlib

import numpy as np

arrays = {
    "matrix": np.array([[1, 2, 3], [4, 5, 6]], order="F") / 4,
    "transposed": np.asfortranarray(np.array([[1, 2, 3], [4, 5, 6]], dtype=np.int16)),
    "big_endian": np.array([1.5, -2.5], dtype=">f4"),
    "half": np.array([0.5, 65504], dtype=np.float16),
    "flags": np.array([True, False]),
    "scalar": np.array(7, dtype=np.uint64),
    "empty": np.zeros((0, 3)),
    "text": np.array(["cat", "dog"]),
    "complex": np.array([1 + 2j]),
}
np.savez_compressed(pathlib.Path(__file__).parent / "arrays.npz", **arrays)
