"""A row of the tables: a kernel, its graph, the functions that compute it elsewhere, its lengths and scales."""

import re
from dataclasses import dataclass, field

# Lengths of axes, from and to: rows, features, and what is long.
N = (1, 64)
D = (1, 512)
LONG = (1024, 16384)


@dataclass
class Kernel:
    """A function takes the leaves in the order of the graph, and gives the output, or several results by the names of
    the graph's nodes. What is computed in one call is `torch`; what is written step by step, with what lies between,
    `steps`."""

    name: str
    # Statements, parted by semicolons.
    graph: str
    torch: object = None
    steps: object = None
    # Lengths of axes: from and to, or what they are of those before.
    axes: dict = field(default_factory=dict)
    # How leaves are drawn; in all kinds if it is not said.
    draw: dict = field(default_factory=dict)
    # Powers of ten of the scale.
    scale: tuple = (-4, 4)
    # A leaf and the axis along which its entries meet in a sum.
    sums: tuple = None
    # Slips of this kernel alone: functions that have them, by name.
    slips: dict = field(default_factory=dict)
    # PyTorch sums up in f16 and bf16 what it stores in these.
    sums_in_storage: bool = False

    def __post_init__(self):
        self.graph = "\n".join(re.split(r"\s*[;\n]\s*", self.graph.strip())) + "\n"
