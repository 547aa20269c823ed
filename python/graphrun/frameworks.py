"""Functions of torch, jax and NumPy, called and differentiated in one way.

Each framework makes its arrays of values, and traces a call: what it gives, and how a gradient that arrives
at what it gives comes back to what it was given.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import dtype_name

Array = npt.NDArray[Any]

#: What functions run in.
DTYPES = ("bfloat16", "float16", "float32", "float64")


@dataclass
class Traced:
    """A call that was run forward."""

    #: What it gave, in order, and by name where it gave a dict.
    outputs: list[Any]
    names: list[str] | None
    #: From a gradient for each output to one for each input that has one; `None` where nothing came back.
    pull: Callable[[Sequence[Any]], list[Any | None]]


@dataclass
class Framework(ABC):
    """Where a function runs."""

    #: The number type of floats: ``float64``, ``float32``, ``float16``, ``bfloat16``.
    dtype: str
    device: Any = None
    #: Parameters of a module that leaves stand for, by leaf.
    parameters: dict[str, str] = field(default_factory=dict)

    @abstractmethod
    def array(self, values: Array) -> Any:
        """An array of this framework; floats are rounded to the number type, ints and bools stay."""

    @abstractmethod
    def like(self, values: Array, output: Any) -> Any:
        """An array in the number type and the shape of an output."""

    @abstractmethod
    def trace(self, inputs: Sequence[Any], wanted: Sequence[bool]) -> Traced:
        """Calls the function on copies of inputs, some of which want a gradient."""

    @abstractmethod
    def signature(self) -> inspect.Signature | None:
        """What the function takes; `None` where that is not known."""

    def session(self) -> contextlib.AbstractContextManager[Any]:
        """What a call runs in."""
        return contextlib.nullcontext()


def framework_of(
    fn: Any,
    *,
    dtype: Any,
    device: Any,
    backward: Callable[..., Any] | None,
    framework: str | None,
    inputs: Sequence[Any] = (),
    parameters: Mapping[str, str] | None = None,
) -> Framework:
    """The framework that a function is written in.

    Raises:
        TypeError: it cannot be told, or the number type is none that is known.
    """
    word = _number_type(dtype)
    chosen = framework or _told(fn, backward, inputs)
    named = dict(parameters or {})
    if chosen == "torch":
        return Torch(word, device, named, fn=fn)
    if chosen == "jax":
        return Jax(word, device, named, fn=fn)
    if chosen == "numpy":
        return Numpy(word, device, named, fn=fn, backward=backward)
    raise TypeError(
        f"what is {fn!r} written in? Say framework='torch' or 'jax'; "
        "a function of NumPy comes with a backward of its own: backward=..., or an object with "
        "`forward` and `backward`"
    )


def _number_type(dtype: Any) -> str:
    word = dtype_name(dtype)
    if word not in DTYPES:
        raise TypeError(f"dtype={dtype!r}: there are {', '.join(DTYPES)}")
    return word


def _told(fn: Any, backward: Any, inputs: Sequence[Any]) -> str | None:
    if backward is not None:
        return "numpy"
    torch = sys.modules.get("torch")
    if torch is not None and (
        isinstance(fn, torch.nn.Module)
        or (isinstance(fn, type) and issubclass(fn, torch.autograd.Function))
        or any(isinstance(given, torch.Tensor) for given in inputs)
    ):
        return "torch"
    if type(fn).__module__.startswith(("jax", "jaxlib")):
        return "jax"
    if any(type(given).__module__.startswith("jax") for given in inputs):
        return "jax"
    if hasattr(fn, "forward") and hasattr(fn, "backward"):
        return "numpy"
    return _named_in(inspect.unwrap(fn) if callable(fn) else fn)


def _named_in(fn: Any) -> str | None:
    """The one framework that the function's own words name."""
    own = getattr(fn, "__func__", fn)
    function: Any = own if inspect.isfunction(own) else type(fn).__call__ if callable(fn) else None
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    homes = {(getattr(fn, "__module__", None) or "").partition(".")[0]}
    known = {**getattr(function, "__globals__", {})}
    with contextlib.suppress(ValueError):
        known |= inspect.getclosurevars(function).nonlocals
    for name in code.co_names + code.co_freevars:
        thing = known.get(name)
        home = thing.__name__ if inspect.ismodule(thing) else type(thing).__module__
        homes |= {home.partition(".")[0], (getattr(thing, "__module__", None) or "").partition(".")[0]}
    found = [name for name in ("torch", "jax") if name in homes]
    return found[0] if len(found) == 1 else None


def _several(given: Any) -> tuple[list[Any], list[str] | None]:
    if isinstance(given, Mapping):
        return list(given.values()), [str(name) for name in given]
    return (list(given), None) if isinstance(given, (tuple, list)) else ([given], None)


@dataclass
class Torch(Framework):
    """A function, a Module or an autograd.Function of torch."""

    fn: Any = None

    def __post_init__(self) -> None:
        import torch

        self._torch = torch
        self._dtype = getattr(torch, self.dtype)
        self._is_module = isinstance(self.fn, torch.nn.Module)
        self._is_class = isinstance(self.fn, type)
        self._call = self.fn
        if self._is_module:
            # The caller's own keeps its parameters and its number type.
            self._call = copy.deepcopy(self.fn).to(device=self.device, dtype=self._dtype)
        elif self._is_class:
            self._call = self.fn.apply

    def signature(self) -> inspect.Signature | None:
        if self._is_module:
            return inspect.signature(self.fn.forward)
        if self._is_class:
            own = inspect.signature(self.fn.forward)
            if self.fn.setup_context is not self._torch.autograd.Function.setup_context:
                return own
            # The first is the context.
            return own.replace(parameters=list(own.parameters.values())[1:])
        return _signature(self.fn)

    def array(self, values: Array) -> Any:
        tensor = self._torch.from_numpy(np.array(values))
        return tensor.to(device=self.device, dtype=self._dtype if values.dtype.kind == "f" else tensor.dtype)

    def like(self, values: Array, output: Any) -> Any:
        return self._torch.from_numpy(np.array(values)).to(device=output.device, dtype=output.dtype)

    def trace(self, inputs: Sequence[Any], wanted: Sequence[bool]) -> Traced:
        torch = self._torch
        own = dict(self._call.named_parameters()) if self._is_module else {}
        leaves = [value.detach().clone().requires_grad_(wants) for value, wants in zip(inputs, wanted)]
        positional = leaves
        if self.parameters:
            count = len(self.parameters)
            positional, held = leaves[:-count], leaves[-count:]
            with torch.no_grad():
                for name, value in zip(self.parameters.values(), held):
                    own[name].copy_(value)
            leaves = positional + [own[name] for name in self.parameters.values()]
        outputs, names = _several(self._call(*positional))
        live = [output.requires_grad for output in outputs]

        def pull(upstreams: Sequence[Any]) -> list[Any | None]:
            asked = [leaf for leaf, wants in zip(leaves, wanted) if wants]
            if not any(live) or not asked:
                return [None] * len(asked)
            started = [output for output, lives in zip(outputs, live) if lives]
            given = [upstream for upstream, lives in zip(upstreams, live) if lives]
            return list(torch.autograd.grad(started, asked, given, retain_graph=True, allow_unused=True))

        return Traced([output.detach() for output in outputs], names, pull)


@dataclass
class Jax(Framework):
    """A function of jax."""

    fn: Any = None

    def __post_init__(self) -> None:
        import jax

        self._jax = jax

    def session(self) -> contextlib.AbstractContextManager[Any]:
        if self.dtype != "float64":
            return contextlib.nullcontext()
        # Before version 0.8 it is among what is experimental.
        home = self._jax if hasattr(self._jax, "enable_x64") else self._jax.experimental
        session: contextlib.AbstractContextManager[Any] = home.enable_x64(True)
        return session

    def signature(self) -> inspect.Signature | None:
        return _signature(self.fn)

    def array(self, values: Array) -> Any:
        dtype = self.dtype if values.dtype.kind == "f" else values.dtype
        array = self._jax.numpy.asarray(values, dtype=dtype)
        return array if self.device is None else self._jax.device_put(array, self.device)

    def like(self, values: Array, output: Any) -> Any:
        return self._jax.numpy.asarray(values, dtype=output.dtype)

    def trace(self, inputs: Sequence[Any], wanted: Sequence[bool]) -> Traced:
        names: list[str] | None = None

        def of_wanted(*asked: Any) -> tuple[Any, ...]:
            nonlocal names
            left = iter(asked)
            outputs, names = _several(
                self.fn(*(next(left) if wants else value for value, wants in zip(inputs, wanted)))
            )
            return tuple(outputs)

        asked = [value for value, wants in zip(inputs, wanted) if wants]
        outputs, back = self._jax.vjp(of_wanted, *asked)

        def pull(upstreams: Sequence[Any]) -> list[Any | None]:
            pairs = zip(outputs, upstreams)
            return list(back(tuple(self._cotangent(output, upstream) for output, upstream in pairs)))

        return Traced(list(outputs), names, pull)

    def _cotangent(self, output: Any, upstream: Any) -> Any:
        """What jax takes as the gradient at an output: of ints and bools, zeros of a type without numbers."""
        if self._jax.numpy.issubdtype(output.dtype, self._jax.numpy.inexact):
            return upstream
        return np.zeros(output.shape, dtype=self._jax.dtypes.float0)


@dataclass
class Numpy(Framework):
    """A function of NumPy with a backward of its own, or an object with both."""

    fn: Any = None
    backward: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        if self.dtype == "bfloat16":
            import ml_dtypes

            self._dtype = np.dtype(ml_dtypes.bfloat16)
        else:
            self._dtype = np.dtype(self.dtype)
        self._is_object = self.backward is None
        self._forward = self.fn.forward if self._is_object else self.fn

    def signature(self) -> inspect.Signature | None:
        return _signature(self._forward)

    def array(self, values: Array) -> Any:
        return np.array(values, dtype=self._dtype if values.dtype.kind == "f" else values.dtype)

    def like(self, values: Array, output: Any) -> Any:
        return np.array(values, dtype=np.asarray(output).dtype)

    def trace(self, inputs: Sequence[Any], wanted: Sequence[bool]) -> Traced:
        own = [np.array(value) for value in inputs]
        outputs, names = _several(self._forward(*own))

        def pull(upstreams: Sequence[Any]) -> list[Any | None]:
            given = [np.array(upstream) for upstream in upstreams]
            back = self.fn.backward(*given) if self.backward is None else self.backward(*given, *own)
            gradients = _several(back)[0]
            if len(gradients) == sum(wanted):
                return gradients
            if len(gradients) == len(inputs):
                return [gradient for gradient, wants in zip(gradients, wanted) if wants]
            raise TypeError(
                f"backward gives {len(gradients)} gradients, and {len(inputs)} inputs are given: "
                "it gives one for each, None where there is none"
            )

        return Traced([np.asarray(output) for output in outputs], names, pull)


def _signature(fn: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(fn)
    except (TypeError, ValueError):
        return None
