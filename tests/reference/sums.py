"""Records what NumPy's sum makes of random numbers, to the last bit.

    python tests/reference/sums.py          writes sums.json beside this file

sums.json: {"numpy": version, "sums": {length: RandomState(length).randn(length).sum()}}
"""

import json
import pathlib

import numpy as np

LENGTHS = [*range(1, 40), 63, 64, 65, 127, 128, 129, 136, 137, 255, 256, 257, 1000, 1003, 4099, 65_537, 600_000]

sums = {str(n): float(np.random.RandomState(n).randn(n).sum()) for n in LENGTHS}
text = json.dumps({"numpy": np.__version__, "sums": sums}, indent=1)
pathlib.Path(__file__).with_name("sums.json").write_text(text + "\n")
