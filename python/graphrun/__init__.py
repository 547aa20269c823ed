"""graphrun: computation graphs in text files, run forward and backward, every gradient entry judged.

>>> import graphrun
>>> graph = graphrun.parse("input x = [1, 2]\\ny = sum(x * x)")
>>> run = graph.run(x=[3.0, 4.0])
>>> float(run["y"]), run.grad("x").tolist()
(25.0, [6.0, 8.0])
>>> bool(graph.check())
True

- :func:`load` and :func:`parse` make a :class:`Graph`; its ``run`` gives a :class:`Run`, its ``check`` and
  ``against`` verdicts, its ``explain`` and ``picture`` what they say.
- :func:`verify` holds a function of torch, jax or NumPy against a graph, :func:`gradcheck` against its own
  slopes.
- What is wrong with a file, an array or a call is a :class:`Refused`.

Values and gradients are float64, unless a run is asked for in another type. Results are the same bits on
every run.
"""

from ._core import __version__
from ._refused import Diagnostic, Refused
from .gradcheck import GradCheck, gradcheck
from .graph import Explanation, Graph, Reading, Run, Value, load, parse
from .library import Block, Op, blocks, ops
from .notebook import load_ipython_extension
from .picture import Picture, Png
from .verdicts import Against, Check, Verdict, VerdictError
from .verify import Verification, verify

__all__ = [
    "Against",
    "Block",
    "Check",
    "Diagnostic",
    "Explanation",
    "GradCheck",
    "Graph",
    "Op",
    "Picture",
    "Png",
    "Reading",
    "Refused",
    "Run",
    "Value",
    "Verdict",
    "VerdictError",
    "Verification",
    "__version__",
    "blocks",
    "gradcheck",
    "load",
    "load_ipython_extension",
    "ops",
    "parse",
    "verify",
]
