"""Graphs and their runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, Literal, cast, overload

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import FORMATS, dtype_name, stored
from ._refused import Refused
from .picture import Picture, Png, preformatted, unwritable
from .verdicts import Against, Check

Array = npt.NDArray[Any]
Format = Literal["svg", "html", "text", "dot", "mermaid", "tikz"]
Precision = Literal["f64", "f32", "tf32", "f16", "bf16", "fp8_e4m3", "fp8_e5m2"]
#: Arrays, or what is made one, by name.
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """How a graph is read, beside what its text says; as the flags of the command do."""

    #: Where backward starts, in place of the text's output: one name or several.
    output: str | Sequence[str] = ()
    #: Leaves whose gradients are asked for, in place of all inputs and params.
    wrt: str | Sequence[str] = ()
    #: The gradients that backward starts from, by output, in place of ones; in the output's shape.
    upstream: Mapping[str, Any] = field(default_factory=dict)
    #: Folders for data files, after the graph file's own.
    data: str | PathLike[str] | Sequence[str | PathLike[str]] = ()
    #: The seed of the random stream, in place of the text's: 0 to 2**32 - 1.
    seed: int | None = None
    #: How much a file may ask for: ``{"nodes": 1e8, "bytes": "20GB"}``; ``graphrun limits`` lists them.
    limits: Mapping[str, int | float | str] = field(default_factory=dict)
    #: The spelling, where a file's name does not tell it; of a text it is ``graph``.
    spelling: Literal["graph", "toml"] | None = None

    def __post_init__(self) -> None:
        def several(given: Any) -> list[Any]:
            return [given] if isinstance(given, (str, PathLike)) else list(given)

        for name in ("output", "wrt", "data"):
            object.__setattr__(self, name, several(getattr(self, name)))
        object.__setattr__(self, "upstream", dict(self.upstream))
        object.__setattr__(self, "limits", {name: str(limit) for name, limit in self.limits.items()})


@dataclass(frozen=True)
class Value:
    """A value of a graph: a leaf, or what a node computes."""

    name: str
    #: ``input``, ``param`` or ``const`` of a leaf, the op of a node.
    what: str
    #: ``float``, ``int`` or ``bool``.
    kind: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Explanation:
    """The chain rule in words and numbers, as ``graphrun explain`` tells it."""

    text: str
    #: The same under the stable names of ``--format json``.
    data: dict[str, Any]

    def __str__(self) -> str:
        return self.text

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.text)


def load(path: str | PathLike[str], reading: Reading | None = None, /, **leaves: Any) -> Graph:
    """Reads a graph file, ``.graph`` or ``.toml``.

    Args:
        path: The file. Its data files are looked for beside it.
        reading: Where backward starts, folders for data and the like.
        **leaves: Values for leaves in place of the file's: numbers, lists, arrays of NumPy, torch, jax. An
            array may have another shape than the file's where the annotation has names of dimensions. A
            leaf within a block is given as ``**{"enc.W": W}``.

    Raises:
        Refused: the file, a data file or a given value; all that is wrong with them.
        TypeError: a value is no array of real numbers.
    """
    return Graph(_core.load(path, reading or Reading(), leaves))


def parse(text: str, reading: Reading | None = None, /, **leaves: Any) -> Graph:
    """Reads a graph from text, in the spelling of ``.graph`` files unless the reading says another.

    Data files are looked for in the current folder. All else is as in :func:`load`.
    """
    return Graph(_core.parse(text, reading or Reading(), leaves))


class Graph:
    """A graph that fits together; :func:`load` and :func:`parse` make one.

    It is laid out for running once. Runs in several threads are independent of each other, and let go of
    the interpreter's lock; Ctrl-C ends a long one.
    """

    __slots__ = ("__weakref__", "_core")

    def __init__(self, core: _core.Graph) -> None:
        self._core = core

    @property
    def title(self) -> str | None:
        """What the text calls itself."""
        return self._core.title

    @property
    def file(self) -> str:
        """The path as it was given; ``graph`` where it was a text at hand."""
        return self._core.file

    @property
    def outputs(self) -> tuple[str, ...]:
        """Where backward starts."""
        return tuple(self._core.outputs)

    @property
    def wanted(self) -> tuple[str, ...]:
        """The leaves whose gradients are asked for."""
        return tuple(self._core.wanted)

    @property
    def warnings(self) -> str:
        """What the text is warned of, as on the terminal; empty where there is nothing."""
        return self._core.warnings

    @property
    def leaves(self) -> dict[str, Value]:
        """Inputs, params and consts by name, in the order of the text."""
        roles = ("input", "param", "const")
        return {value.name: value for value in self._values() if value.what in roles}

    @property
    def nodes(self) -> dict[str, Value]:
        """What is computed, by name, in an order in which it can be; inner nodes of chains and blocks too."""
        leaves = self.leaves
        return {value.name: value for value in self._values() if value.name not in leaves}

    def _values(self) -> Iterator[Value]:
        for name, what, kind, shape, _ in self._core.values:
            yield Value(name, what, kind, tuple(shape))

    def leaf(self, name: str) -> Array:
        """The value that a leaf has in this graph, in its shape; a copy.

        Raises:
            KeyError: no leaf is called so.
        """
        value = self._core.leaf(name)
        if value is None:
            raise KeyError(name)
        return value.copy()

    def given(
        self, values: Values | None = None, /, *, upstream: Values | None = None, **leaves: Any
    ) -> Graph:
        """The same graph with other values in leaves, of other shapes too where dimensions have names.

        Args:
            values: Values of leaves by name, as :meth:`run` takes them.
            upstream: The gradients that backward starts from, by output, in place of the graph's.
            **leaves: More values of leaves.

        Raises:
            Refused: a value does not fit.
        """
        return Graph(self._core.given(_joined(values, leaves), dict(upstream or {})))

    def run(
        self,
        values: Values | None = None,
        /,
        *,
        upstream: Values | None = None,
        dtype: Any = "f64",
        **leaves: Any,
    ) -> Run:
        """Runs forward, and backward where there is a gradient to compute.

        Args:
            values: Values of leaves by name, for this run alone: ``{"enc.W": W}``. Those of the same shapes
                as in this graph cost a copy into its arenas; for other shapes the graph is laid out anew,
                and the latest eight of these are kept.
            upstream: The gradients that backward starts from in this run, by output and in its shape, in
                place of the graph's own or of ones: ``{"y": v}`` makes :meth:`Run.grad` the product of `v`
                and the Jacobian.
            dtype: What is computed in: ``f64``, ``f32``, ``f16``, ``bf16``, ``tf32``, ``fp8_e4m3``,
                ``fp8_e5m2``, or a number type of NumPy, torch or jax, as the command's ``--dtype``. Beside
                f64 and f32 it is simulated: each op is computed precisely and rounded once.
            **leaves: More values of leaves, as in :func:`load`. A leaf that is called ``dtype`` is given in
                `values`.

        Raises:
            Refused: a value or a gradient does not fit.
            TypeError: a value is no array, or `dtype` no number type.
            ImportError: NumPy has no arrays of the `dtype`, and ml_dtypes is not installed.
        """
        given, start = _joined(values, leaves), None if upstream is None else dict(upstream)
        word = "f64" if dtype == "f64" else _precision(dtype)
        return Run(self, self._core.run(given, start, word, True), word, start)

    def forward(self, values: Values | None = None, /, *, dtype: Any = "f64", **leaves: Any) -> Run:
        """As :meth:`run`, forward alone: there are no gradients."""
        word = "f64" if dtype == "f64" else _precision(dtype)
        return Run(self, self._core.run(_joined(values, leaves), None, word, False), word, None)

    def check(self, *, quick: bool = False, every: bool = False) -> Check:
        """Judges every gradient entry, and every block with a backward by hand, against measurement.

        Args:
            quick: The same verdicts, without the numerical gradient beside them.
            every: Measures that of every entry, however long it takes.

        Raises:
            Refused: there is no gradient, or the comparison is over a limit.
        """
        data, report = _core.check(self._core, not quick, every, False)
        return Check.of(json.loads(data), report)

    def against(
        self,
        arrays: Mapping[str, Any],
        *,
        precision: Precision | None = None,
        accumulate: Literal["f32", "same"] = "f32",
    ) -> Against:
        """Judges the numbers of another program, each by the bar that simulated rounding derives.

        Args:
            arrays: Its inputs as it saw them under the names of leaves, what it gave under the names of
                nodes, gradients as ``grad(NAME)``; what its backward started from at an output is
                ``upstream(NAME)``, ones without it. They are judged in the precision that they are stored
                in: float64, float32, float16, bfloat16, float8.
            precision: What was computed in, where they are stored in a wider one.
            accumulate: What sums were accumulated in: ``f32``, or what the results are stored in.

        Raises:
            Refused: an array that fits nothing in the graph, or cannot be what it is said to be.
        """
        data, report = _core.against(self._core, dict(arrays), precision, accumulate == "same", False)
        return Against.of(json.loads(data), report)

    def explain(self, wrt: str | None = None, entry: Sequence[int] | None = None) -> Explanation:
        """Works the chain rule out, node by node, from the output to the leaves.

        Args:
            wrt: The leaf whose gradient is explained; all without it.
            entry: The entry of it, one index for each axis; the one with the largest gradient without it.

        Raises:
            Refused: there is no such leaf or entry, or no gradient.
        """
        indices = None if entry is None else list(entry)
        data, text = _core.explain(self._core, wrt, indices, False)
        return Explanation(text, json.loads(data))

    @overload
    def picture(
        self,
        to: Literal["png"],
        *,
        check: bool = False,
        gradients: bool = True,
        depth: int | None = None,
        near: str | None = None,
        steps: int = 3,
        direction: Literal["auto", "right", "down"] = "auto",
        theme: Literal["auto", "light", "dark"] = "auto",
        scale: float = 2.0,
        dtype: Any = "f64",
    ) -> Png: ...

    @overload
    def picture(
        self,
        to: Format = "svg",
        *,
        check: bool = False,
        gradients: bool = True,
        depth: int | None = None,
        near: str | None = None,
        steps: int = 3,
        direction: Literal["auto", "right", "down"] = "auto",
        theme: Literal["auto", "light", "dark"] = "auto",
        columns: int = 120,
        dtype: Any = "f64",
    ) -> Picture: ...

    def picture(
        self,
        to: Format | Literal["png"] = "svg",
        *,
        check: bool = False,
        gradients: bool = True,
        depth: int | None = None,
        near: str | None = None,
        steps: int = 3,
        direction: Literal["auto", "right", "down"] = "auto",
        theme: Literal["auto", "light", "dark"] = "auto",
        columns: int = 120,
        scale: float = 2.0,
        dtype: Any = "f64",
    ) -> Picture | Png:
        """Draws the graph with its values and gradients.

        Args:
            to: ``svg``; ``html``, a page that steps through forward and backward; ``png``, with the fonts of
                this machine; ``text``; ``dot``, ``mermaid`` or ``tikz``.
            check: Compares too, and marks what is wrong.
            gradients: Draws gradients, too.
            depth: Opens blocks so many levels deep; without it as many as leave the picture small.
            near: Only what is around this value,
            steps: so many steps each way.
            direction: Which way the picture runs.
            theme: ``auto`` is what the reader's screen is; of a png it is ``light``.
            columns: Of a picture in letters.
            scale: Pixels of a png for each of the svg, 0.05 to 20.
            dtype: What is computed in, as in :meth:`run`.

        Returns:
            A ``str`` that is the file, or of a png ``bytes``.

        Raises:
            Refused: the picture would be too large to read; or a png, where no font is installed.
        """
        asked = {
            "to": to,
            "check": check,
            "forward": not gradients,
            "depth": depth,
            "near": near,
            "steps": steps,
            "direction": direction,
            "theme": theme,
            "columns": columns,
            "scale": float(scale),
            "precision": _precision(dtype),
        }
        if to == "png":
            png, missing = _core.png(self._core, asked)
            unwritable(missing)
            return Png(png)
        return Picture(_core.picture(self._core, asked), to)

    def table(self, *, gradients: bool = True, all: bool = False, dtype: Any = "f64") -> str:
        """Every named value with its op, shape and gradient, as ``graphrun FILE --backward`` prints it.

        Args:
            gradients: Gradients too, where there are any.
            all: Inner nodes of chains too.
            dtype: What is computed in, as in :meth:`run`.
        """
        return _core.table(self._core, gradients, all, _precision(dtype), False)

    def __repr__(self) -> str:
        size = f"{len(self.leaves)} leaves, {len(self.nodes)} nodes"
        return f"<Graph {self.title or self.file!r}: {size} -> {', '.join(self.outputs)}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return bundle(self)

    def _repr_html_(self) -> str:
        return bundle(self)["text/html"]


class Run(Mapping[str, Array]):
    """The values and gradients of one run, by name. Made by :meth:`Graph.run`.

    Arrays are float64, int64 or bool and are not copied: they lie in the arenas of the run, which live as
    long as one of them does, and go out to torch and jax by ``from_dlpack`` as they are. Floats of a run in
    another format are copies, in the type that the format stores them in: tf32 in float32, fp8 in bfloat16,
    and leaves of one number in float32, as kernels get them.
    """

    __slots__ = ("__weakref__", "_core", "_upstream", "dtype", "graph")

    #: What ran.
    graph: Graph
    #: The format that it was computed in.
    dtype: Precision

    def __init__(
        self, graph: Graph, core: _core.Run, dtype: Precision, upstream: dict[str, Any] | None
    ) -> None:
        self.graph = graph
        self.dtype = dtype
        self._core = core
        self._upstream = upstream
        if dtype != "f64":
            # Whether there is such a type is told here, and not array by array.
            stored(np.zeros(0), core.format(graph.outputs[0], True))

    def __getitem__(self, name: str) -> Array:
        """The value of a name.

        Raises:
            KeyError: nothing in the graph is called so.
        """
        value = self._core.value(name)
        if self.dtype == "f64" or value.dtype.kind != "f":
            return value
        return stored(value, self._core.format(name, False))

    def grad(self, name: str) -> Array:
        """The gradient at a name, in the shape of its value: zeros where no output hangs on a leaf.

        Raises:
            KeyError: nothing is called so, or it has no gradient, and why.
        """
        gradient = self._core.gradient(name)
        return gradient if self.dtype == "f64" else stored(gradient, self._core.format(name, True))

    @property
    def grads(self) -> dict[str, Array]:
        """The gradients of all leaves whose gradients are asked for."""
        return {name: self.grad(name) for name in self.graph.wanted}

    def __iter__(self) -> Iterator[str]:
        return (name for name, *_, named in self.graph._core.values if named)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @overload
    def picture(self, to: Literal["png"], **how: Any) -> Png: ...

    @overload
    def picture(self, to: Format = "svg", **how: Any) -> Picture: ...

    def picture(self, to: Format | Literal["png"] = "svg", **how: Any) -> Picture | Png:
        """Draws the run, as :meth:`Graph.picture` draws a graph."""
        picture: Picture | Png = self._as_graph().picture(cast(Any, to), dtype=self.dtype, **how)
        return picture

    def table(self, **how: Any) -> str:
        """The run as a table, as :meth:`Graph.table`."""
        return self._as_graph().table(dtype=self.dtype, **how)

    def _as_graph(self) -> Graph:
        """The graph with what the leaves hold in this run, and what backward starts from."""
        return self.graph.given({name: self[name] for name in self.graph.leaves}, upstream=self._upstream)

    def __repr__(self) -> str:
        outputs = ", ".join(f"{name} {list(self[name].shape)}" for name in self.graph.outputs)
        return f"<Run of {self.graph.title or self.graph.file!r}: {outputs}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return bundle(self._as_graph(), dtype=self.dtype)

    def _repr_html_(self) -> str:
        return bundle(self._as_graph(), dtype=self.dtype)["text/html"]


def _joined(values: Values | None, leaves: dict[str, Any]) -> dict[str, Any]:
    return leaves if values is None else {**values, **leaves}


def _precision(dtype: Any) -> Precision:
    """The format that a number type says; what is none in a word is for the core to refuse."""
    try:
        name = dtype_name(dtype)
    except (TypeError, ValueError) as fault:
        raise TypeError(
            f"dtype={dtype!r} is no number type; a leaf that is called `dtype` is given in a dict, "
            'as {"dtype": …}'
        ) from fault
    return cast(Precision, FORMATS.get(name, name))


def bundle(graph: Graph, **how: Any) -> dict[str, str]:
    """A graph as every kind of page shows it: a picture, or the table where no picture is readable."""
    try:
        picture = graph.picture("svg", **how)
    except Refused:
        table = graph.table(dtype=how.get("dtype", "f64"))
        return {"text/plain": table, "text/html": preformatted(table)}
    try:
        text: str = graph.picture("text", **{name: how[name] for name in how if name != "theme"})
    except Refused:
        text = graph.table(dtype=how.get("dtype", "f64"))
    return {"text/plain": text, "text/html": picture._repr_html_(), "image/svg+xml": str(picture)}


for _public in (Reading, Value, Explanation, Graph, Run, load, parse):
    _public.__module__ = "graphrun"
