"""Functions of torch, jax and NumPy against a graph that says what they must compute."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal

import numpy as np

from ._arrays import plain
from .frameworks import Array, Framework, framework_of
from .graph import Graph, load
from .verdicts import Against, Verdict, Word


@dataclass(frozen=True, repr=False)
class Verification(Verdict):
    """A function against a graph: its outputs and gradients, and whether it does the same twice."""

    word: Word
    report: str
    against: Against
    #: Arrays of which two runs on the same inputs gave different bits.
    nondeterministic: tuple[str, ...]
    #: Inputs that the function changed.
    changed: tuple[str, ...]

    def _short(self) -> str:
        return f"<Verification {self.word}: {self.against!r}>"


def verify(
    fn: Any,
    spec: str | PathLike[str] | Graph,
    *,
    dtype: Any = "float32",
    device: Any = None,
    backward: Callable[..., Any] | None = None,
    args: Sequence[str] | None = None,
    parameters: Mapping[str, str] | None = None,
    framework: Literal["torch", "jax", "numpy"] | None = None,
    accumulate: Literal["f32", "same"] = "f32",
    seed: int = 0,
) -> Verification:
    """Runs a function forward and backward on a graph's inputs, twice, and judges what it gives.

    Inputs are rounded to the number type first, so that the function and the graph see the same numbers.
    Backward starts from random numbers at each output that is no scalar, from 1 at a scalar. Outputs and
    gradients are held to what rounding in this precision explains, by :meth:`Graph.against`.

    Args:
        fn: A function of torch, ``torch.nn.Module`` or subclass of ``torch.autograd.Function``; a function
            of jax, with or without ``custom_vjp``; a function of NumPy, or an object with ``forward`` and
            ``backward``. It gives an array, several in the order of the graph's outputs, or a dict by names
            of the graph.
        spec: The graph, or its file. Each input and param whose gradient it asks for is judged.
        dtype: What to run in: ``float64``, ``float32``, ``float16``, ``bfloat16``, or a framework's own.
        device: Where to run, as the framework names it; by default where it puts things.
        backward: Of a function of NumPy: ``backward(*upstream, *inputs)`` gives a gradient for each input.
        args: The leaves that `fn` is called with, in order. Without it they are those that its arguments are
            called by, or all in the order of the text.
        parameters: Of a Module, which of its parameters each leaf stands for, as ``{"W": "fc.weight"}``;
            without it those of the same name.
        framework: What `fn` is written in, where it cannot be told.
        accumulate: What its sums are accumulated in: ``f32``, or the number type.
        seed: Of the gradients that backward starts from.

    Raises:
        TypeError: which leaf goes where, or what `fn` is written in, cannot be told.
        Refused: the graph, or what `fn` gives, as an array of another shape.
    """
    graph = spec if isinstance(spec, Graph) else load(spec)
    home = framework_of(
        fn,
        dtype=dtype,
        device=device,
        backward=backward,
        framework=framework,
        parameters=_parameters(fn, graph, parameters),
    )
    names = [*_arguments(home, graph, args), *home.parameters]
    with home.session():
        inputs = [home.array(graph.leaf(name)) for name in names]
        before = {name: plain(value)[0].copy() for name, value in zip(names, inputs)}
        given = {name: value for name, value in zip(names, inputs)}
        runs = [given | _results(home, graph, names, inputs, seed) for _ in range(2)]
    changed = tuple(name for name, value in zip(names, inputs) if not _same(plain(value)[0], before[name]))
    differing = tuple(name for name in runs[0] if not _same(plain(runs[0][name])[0], plain(runs[1][name])[0]))
    judged = [graph.against(run, accumulate=accumulate) for run in (runs if differing else runs[:1])]
    gravity: dict[str, int] = {"wrong": 2, "undecided": 1}
    against = max(judged, key=lambda one: gravity.get(one.word, 0))
    return Verification(against.word, _report(against, differing, changed), against, differing, changed)


def _report(against: Against, differing: Sequence[str], changed: Sequence[str]) -> str:
    report = against.report
    if differing:
        report += f"nondeterministic  two runs on the same inputs differ in {', '.join(differing)}\n"
    if changed:
        report += f"changed  the function writes into its inputs {', '.join(changed)}\n"
    return report


def _same(one: Array, other: Array) -> bool:
    return one.shape == other.shape and bool(np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))


def _parameters(fn: Any, graph: Graph, said: Mapping[str, str] | None) -> dict[str, str]:
    named = getattr(fn, "named_parameters", None)
    known = {name for name, _ in named()} if named else set()
    for leaf, parameter in (said or {}).items():
        if leaf not in graph.leaves or parameter not in known:
            raise TypeError(
                f"parameters: {leaf!r} is to be {parameter!r}; leaves are {', '.join(graph.leaves)}, "
                f"parameters {', '.join(sorted(known)) or 'none'}"
            )
    return dict(said) if said is not None else {leaf: leaf for leaf in graph.leaves if leaf in known}


def _arguments(home: Framework, graph: Graph, said: Sequence[str] | None) -> list[str]:
    """The leaves that the function is called with."""
    leaves = [leaf for leaf in graph.leaves if leaf not in home.parameters]
    if said is not None:
        unknown = [name for name in said if name not in graph.leaves]
        if unknown:
            raise TypeError(f"args: no leaf is called {', '.join(unknown)}; there are {', '.join(leaves)}")
        return list(said)
    signature = home.signature()
    if signature is None:
        return leaves
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    places = [place for place in signature.parameters.values() if place.kind in kinds]
    required = [place.name for place in places if place.default is place.empty]
    named = []
    for place in places:
        if place.name not in leaves:
            break
        named.append(place.name)
    if named and len(named) >= len(required):
        return named
    takes_any = any(place.kind is inspect.Parameter.VAR_POSITIONAL for place in signature.parameters.values())
    if len(required) <= len(leaves) and (takes_any or len(leaves) <= len(places)):
        return leaves
    raise TypeError(
        f"which leaf goes where? The function takes {signature}, the graph has {', '.join(leaves)}: "
        "say args=(...), the leaves in the order of the arguments"
    )


def _results(
    home: Framework, graph: Graph, names: Sequence[str], inputs: Sequence[Any], seed: int
) -> dict[str, Any]:
    """What one run gives, and what its backward started from, as `Graph.against` names them."""
    wanted = [name in graph.wanted for name in names]
    traced = home.trace(inputs, wanted)
    outputs = traced.names or list(graph.outputs)
    if len(traced.outputs) != len(outputs):
        raise TypeError(
            f"the function gives {len(traced.outputs)} outputs, and the graph has {', '.join(outputs)}: "
            "it may give a dict by names of the graph"
        )
    results: dict[str, Any] = dict(zip(outputs, traced.outputs))
    random = np.random.RandomState(seed)
    upstreams = []
    for name, output in results.items():
        shape = tuple(output.shape)
        is_start = name in graph.outputs
        # What is given beside the outputs is compared, and nothing comes back through it.
        start = random.standard_normal(shape) if shape and is_start else np.full(shape, float(is_start))
        upstreams.append(home.like(start, output))
    if not any(wanted):
        return results
    gradients = traced.pull(upstreams)
    # From ints and bools nothing starts.
    kinds = {name: value.kind for name, value in (graph.leaves | graph.nodes).items()}
    pairs = zip(results, upstreams)
    starts = {
        f"upstream({name})": start
        for name, start in pairs
        if name in graph.outputs and kinds[name] == "float"
    }
    asked = [(name, value) for name, value, wants in zip(names, inputs, wanted) if wants]
    for (name, value), gradient in zip(asked, gradients):
        # Nothing that came back is a gradient of zeros.
        results[f"grad({name})"] = home.like(np.zeros(value.shape), value) if gradient is None else gradient
    return results | starts
