"""The kernels, in tables by what they are."""

from . import elementwise, layers, losses, norms, products, reductions

ALL = [
    kernel
    for table in (elementwise, reductions, norms, losses, layers, products)
    for kernel in table.ALL
]
