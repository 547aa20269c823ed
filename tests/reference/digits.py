"""Exports scikit-learn's handwritten digits to graphs/data, as idx files.

Run from anywhere, once: python tests/reference/digits.py
"""

import gzip
import pathlib
import struct

import numpy as np
from sklearn.datasets import load_digits

DATA = pathlib.Path(__file__).parents[2] / "graphs" / "data"


def idx(array):
    """The idx format: two zero bytes, uint8 is 8, the axes, their lengths, the numbers."""
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def save(name, array):
    # Without a time stamp the same digits are always the same bytes.
    (DATA / name).write_bytes(gzip.compress(idx(array.astype(np.uint8)), 9, mtime=0))


digits = load_digits()
assert (digits.images == digits.images.astype(np.uint8)).all()
save("digits-images.idx.gz", digits.images)
save("digits-labels.idx.gz", digits.target)
