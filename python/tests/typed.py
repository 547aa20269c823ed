"""A sample of the surface, for `mypy --strict`; it is not run."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from typing_extensions import assert_type

import graphrun

graph = graphrun.load("a.graph", graphrun.Reading(output="y", wrt=["W"], limits={"bytes": "2GB"}), x=[1, 2])
assert_type(graph, graphrun.Graph)
assert_type(graphrun.parse("input x = 1"), graphrun.Graph)
run = graph.run(x=np.zeros(3))
assert_type(run, graphrun.Run)
assert_type(run["y"], npt.NDArray[Any])
assert_type(run.grad("W"), npt.NDArray[Any])
assert_type(run.grads, dict[str, npt.NDArray[Any]])

half = graph.run({"enc.W": np.eye(3)}, upstream={"y": 1}, dtype=np.float16, x=[1, 2])
assert_type(half, graphrun.Run)
assert_type(half.dtype, Literal["f64", "f32", "tf32", "f16", "bf16", "fp8_e4m3", "fp8_e5m2"])
assert_type(graph.given({"x": 1}, upstream={"y": 1}), graphrun.Graph)
assert_type(half.picture("png", scale=3), graphrun.Png)
assert_type(half.picture(), graphrun.Picture)

check = graph.check(quick=True)
assert_type(check, graphrun.Check)
assert_type(check["W"].digits, tuple[float, float] | None)
check.raise_for_verdict(allow_undecided=True)
assert_type(graph.against({"x": [1.0], "y": 2.0}, precision="bf16"), graphrun.Against)
assert_type(graph.explain("W", (0, 1)).text, str)
assert_type(graph.picture("html", check=True), graphrun.Picture)
assert_type(graph.picture("png", theme="dark"), graphrun.Png)
assert_type([op.name for op in graphrun.ops()], list[str])
assert_type([block.source for block in graphrun.blocks()], list[str])


def layer(x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.asarray(x * x)


backward: Callable[..., Any] = lambda upstream, x: 2 * upstream * x  # noqa: E731
assert_type(graphrun.verify(layer, graph, dtype="float64", backward=backward), graphrun.Verification)
assert_type(graphrun.gradcheck(layer, np.ones(3), backward=backward).word == "ok", bool)

try:
    graph.run(z=1)
except graphrun.Refused as refused:
    assert_type(
        [(fault.file, fault.line) for fault in refused.diagnostics], list[tuple[str | None, int | None]]
    )
