"""Arrays of any library as NumPy arrays that graphrun computes with: float64, int64 or bool."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

#: Formats by the name of a dtype, whoever's it is.
FORMATS = {
    "float64": "f64",
    "float32": "f32",
    "float16": "f16",
    "bfloat16": "bf16",
    "float8_e4m3fn": "fp8_e4m3",
    "float8_e5m2": "fp8_e5m2",
}


#: What people call a number type, by the name of the dtype.
SHORT = {"double": "float64", "float": "float32", "half": "float16"} | {
    word: name for name, word in FORMATS.items()
}


def dtype_name(dtype: Any) -> str:
    """The name of a number type of NumPy, torch or jax, or of one that is said in a word."""
    word = str(dtype).removeprefix("torch.")
    if not isinstance(dtype, str) and not word.isidentifier():
        # A type of NumPy's or jax's.
        word = np.dtype(dtype).name
    return SHORT.get(word, word)


def stored(values: npt.NDArray[Any], word: str) -> npt.NDArray[Any]:
    """Numbers of a format, which float64 holds, as an array of that format.

    Raises:
        ImportError: NumPy alone has no such type, and ml_dtypes is not installed.
    """
    return values if word == "f64" else values.astype(_dtype(word))


def _dtype(word: str) -> npt.DTypeLike:
    name = next(name for name, known in FORMATS.items() if known == word)
    if name in ("float32", "float16"):
        return name
    try:
        import ml_dtypes
    except ImportError as fault:
        raise ImportError(f"arrays of {name} need the package ml_dtypes: pip install ml_dtypes") from fault
    dtype: npt.DTypeLike = getattr(ml_dtypes, name)
    return dtype


def plain(given: Any) -> tuple[npt.NDArray[Any], str | None]:
    """An array of float64, int64 or bool with the same elements, and the format that floats were stored in.

    Takes NumPy arrays (with ml_dtypes' too), torch and jax tensors on any device, whatever speaks dlpack,
    numbers and lists of them. What fits and lies aligned in memory is not copied.

    Raises:
        TypeError: the elements are no real numbers, or some are masked.
        OverflowError: an int is beyond what 64 bits hold.
    """
    if count := masked(given):
        raise TypeError(
            f"a masked array, {count} of whose elements are masked: `.filled(0)` says what they are"
        )
    array, word = _as_numpy(given)
    kind = array.dtype.kind
    if kind == "b":
        # A byte that another program took for true may be any but 0.
        return np.asarray(array.view(np.uint8) != 0), None
    if kind == "u" and array.size and int(array.max()) > np.iinfo(np.int64).max:
        raise OverflowError(f"{array.max()} does not fit into 64 bits with a sign")
    if kind in "iu":
        return np.require(array, np.int64, ["ALIGNED", "ENSUREARRAY"]), None
    word = word or FORMATS.get(array.dtype.name)
    if word is None and kind != "f":
        raise TypeError(f"an array of real numbers is wanted, not {array.dtype} ({type(given).__name__})")
    return np.require(array, np.float64, ["ALIGNED", "ENSUREARRAY"]), word or "f64"


def masked(given: Any) -> int:
    """How many elements of an array are masked."""
    return int(np.ma.getmaskarray(given).sum()) if isinstance(given, np.ma.MaskedArray) else 0


def _as_numpy(given: Any) -> tuple[npt.NDArray[Any], str | None]:
    if isinstance(given, np.ndarray):
        return given, None
    if type(given).__module__.partition(".")[0] == "torch" or hasattr(given, "detach"):
        return _of_torch(given)
    if hasattr(given, "__array__"):
        return np.asarray(given), None
    if hasattr(given, "__dlpack__"):
        try:
            return np.from_dlpack(given), None
        except (BufferError, RuntimeError) as fault:
            raise TypeError(f"{type(given).__name__} cannot be read from here: {fault}") from fault
    try:
        return np.asarray(given), None
    except (ValueError, OverflowError) as fault:
        raise TypeError(f"{type(given).__name__} is no array: {fault}") from fault


def _of_torch(tensor: Any) -> tuple[npt.NDArray[Any], str | None]:
    tensor = tensor.detach()
    word = FORMATS.get(str(tensor.dtype).removeprefix("torch."))
    # NumPy has no types for these, and every number of theirs is one of float64.
    if word in ("bf16", "fp8_e4m3", "fp8_e5m2"):
        tensor = tensor.to("cpu").double()
    return tensor.to("cpu").numpy(), word
