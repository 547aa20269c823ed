"""Slips, planted in right dumps: in one result, or in what the kernel works on.

A slip gives the results that it changes, or nothing where it cannot be planted. What the report should say of it is
a pattern of the words of the explanation.
"""

import re
import tempfile
from dataclasses import dataclass, replace

import ml_dtypes
import numpy as np

from . import by_numpy, trial as trials


@dataclass
class Slip:
    name: str
    plant: object
    words: str


def floats(array):
    return np.asarray(array).astype(np.float64)


def edited(edit, needs=lambda array: True):
    """A slip in one result, drawn from those that it can be planted in."""

    def plant(trial, rng):
        fit = [
            name for name, array in trial.results.items()
            if array.size > 1 and np.isfinite(floats(array)).all() and floats(array).any() and needs(array)
        ]
        if not fit:
            return None
        name = fit[rng.integers(len(fit))]
        array = trial.results[name]
        return {name: np.asarray(edit(floats(array), rng)).astype(np.asarray(array).dtype)}

    return plant


def with_row(change):
    def edit(array, rng):
        at = int(rng.integers(len(array)))
        array = array.copy()
        array[at] = change(array, at)
        return array

    return edit


def one_entry(array, rng):
    array = array.copy()
    large = np.flatnonzero(np.abs(array) >= np.sqrt(np.mean(array**2)) / 2)
    array.flat[rng.choice(large)] *= 1.1
    return array


def has_rows(array):
    return array.ndim > 0 and len(array) > 1


def is_square(array):
    return array.ndim > 1 and array.shape[-1] == array.shape[-2] > 1


def dropped(trial, rng):
    """The last term of a sum is left out, or of backward's."""
    if not trial.kernel.sums:
        return None
    leaf, axis = trial.kernel.sums
    array = trial.leaves[leaf].copy()
    if array.shape[axis] < 2:
        return None
    at = [slice(None)] * array.ndim
    at[axis] = -1
    array[tuple(at)] = 0
    return trial.again({leaf: array})


def ignored_upstream(trial, rng):
    return trial.again(upstream=lambda name, y: np.ones_like(y))


def without(name, value):
    """An attribute of the function that has this name, of another value."""

    def plant(trial, rng):
        function = getattr(trial.kernel, trial.source, None)
        if trial.source == "numpy" or name not in getattr(function, "__code__", plant.__code__).co_varnames:
            return None
        return trial.again(**{name: value})

    return plant


def stale(trial, rng):
    """A row of the results is that of another batch."""
    leaf = next(iter(trial.leaves))
    array = trial.leaves[leaf]
    if array.dtype == np.int64 or trial.kernel.draw.get(leaf):
        return None
    other = trial.again({leaf: array[::-1].copy() * np.array(0.75, array.dtype)})
    name = next((name for name in ("y", f"grad({leaf})") if name in other and np.asarray(other[name]).ndim), None)
    if name is None or len(trial.results[name]) < 2:
        return None
    right = np.array(trial.results[name])
    at = int(rng.integers(len(right)))
    right[at] = other[name][at]
    return {name: right}


def overflow(trial, rng):
    """Inputs whose squares f16 does not hold; what comes of them is the kernel's."""
    leaf = next(iter(trial.leaves))
    array = floats(trial.leaves[leaf])
    if trial.precision != "f16" or trial.source == "numpy" or not array.any():
        return None
    large = {leaf: (array * (800 / np.abs(array).max())).astype(np.float16)}
    results, right = trial.again(large), exact(replace(trial, leaves=trial.leaves | large))

    def is_finite(results):
        return all(np.isfinite(floats(array)).all() for array in results.values())

    return large | results if is_finite(right) and not is_finite(results) else None


def computed_in(precision, claimed="f32"):
    """More is claimed than is computed in."""

    def plant(trial, rng):
        if trial.source == "numpy" or trial.precision != claimed:
            return None
        compute = trials.by_torch(trial.kernel, getattr(trial.kernel, trial.source), trials.TORCH[precision])
        results = compute(trial.leaves, lambda name, y: trial.upstreams[name])
        return {name: array.astype(trial.stored) for name, array in results.items()}

    return plant


def arithmetic(**changed):
    """A kernel in NumPy in another arithmetic than is claimed."""

    def plant(trial, rng):
        if trial.source != "numpy" or trial.flags or trial.precision == "bf16":
            return None
        if "factors" in changed and trial.kernel.name not in by_numpy.PRODUCTS:
            return None
        at, _ = by_numpy.VARIANTS[f"{trial.precision}, random"]
        compute = trials.by_numpy_in(trial.kernel, replace(at, **changed))
        results = compute(trial.leaves, lambda name, y: trial.upstreams[name])
        return {name: array.astype(at.stored) for name, array in results.items()}

    return plant


def own(name):
    """A slip of this kernel alone."""

    def plant(trial, rng):
        if trial.source != "torch":
            return None
        return trial.again(function=trial.kernel.slips[name])

    return plant


PLACE = r"(index|entry|indices) ?\[?\d+"
COMMON = [
    Slip("times 1.005", edited(lambda x, rng: x * 1.005), r"1\.00[456]\d* times|201/200 times"),
    Slip("times 1.02", edited(lambda x, rng: x * 1.02), r"1\.0[12]\d* times|51/50 times"),
    Slip("the other sign", edited(lambda x, rng: -x), r"sign"),
    Slip("zeros", edited(lambda x, rng: 0 * x), r"every entry is 0"),
    Slip("a row of zeros", edited(with_row(lambda x, at: 0 * x[at]), has_rows), r"(index|entry \[?)\D*\d+.* 0"),
    Slip("a row of its neighbour", edited(with_row(lambda x, at: x[at - 1]), has_rows), PLACE),
    Slip("one entry times 1.1", edited(one_entry), r"only entry"),
    Slip("rolled by one", edited(lambda x, rng: np.roll(x, 1, -1), lambda x: x.shape and x.shape[-1] > 1),
         r"rolled by 1|reverse order|other places"),
    Slip("transposed", edited(lambda x, rng: np.swapaxes(x, -1, -2), is_square), r"transpose|axes were in the order"),
    Slip("the last term of a sum left out", dropped, r"0 at index|left out"),
    Slip("ones for upstream", ignored_upstream, r"upstream"),
    Slip("eps left out", without("eps", 0.0), r"1e-0?5|eps|0.00001"),
    Slip("a stale row", stale, PLACE),
    Slip("squares beyond f16", overflow, r"greatest f16"),
    Slip("bf16 for f32", computed_in("bf16"), r"bf16"),
    Slip("f16 for f32", computed_in("f16"), r"f16"),
    Slip("f32 for f64", computed_in("f32", "f64"), r"f32"),
    Slip("sums in f16", arithmetic(within=np.float16), r"\bf16"),
    Slip("sums in bf16", arithmetic(within=ml_dtypes.bfloat16), r"bf16"),
    Slip("factors in bf16", arithmetic(factors=lambda x: x.astype(ml_dtypes.bfloat16)), r"bf16|tf32"),
]
# What is said of the slips of one kernel, where more than a place can be said.
WORDS = {
    "the mask left out": r"`mask`", "the bias left out": r"`b`|`beta`", "the gain left out": r"`gamma`",
    "unscaled": r"d\b|sqrt|scale|times", "the sum for the mean": r"times", "the half of it": r"1/2 times|0\.5 times",
    "n - 1 for n": r"times", "n for n - 1": r"times", "the mean over all for that over rows": r"times",
    "the filter turned": r"reverse|turned|places", "gates in another order": r"places|rolled|order",
}


def of(kernel):
    return COMMON + [Slip(name, own(name), WORDS.get(name, r".")) for name in kernel.slips]


def said_of_first(said):
    """What the report says of the first array that is at fault."""
    first = next((array for array in said["arrays"] if array["name"] == said.get("first")), None)
    return f'{first["trend"] or ""} {first["text"] or ""}'.strip() if first else ""


def exact(trial):
    """What the kernel gives in f64, from the same leaves; of NumPy's, in f64 too."""
    if trial.source == "numpy":
        compute = trials.by_numpy_in(trial.kernel, by_numpy.Arithmetic(np.float64, np.float64))
    else:
        compute = trials.by_torch(trial.kernel, getattr(trial.kernel, trial.source), trials.TORCH["f64"])
    return compute(trial.leaves, lambda name, y: trial.upstreams[name])


def clearness(trial, changed, right):
    """How much larger the slip is than what the right kernel is off by, in the result where it is largest."""

    def size(x):
        return float(np.sqrt(np.mean(x**2))) if x.size else 0.0

    most = 0.0
    unit = {"f64": 2.0**-53, "f32": 2.0**-24, "bf16": 2.0**-8}.get(trial.precision, 2.0**-11)
    for name, array in changed.items():
        if name not in trial.results:
            continue
        own, slipped = floats(trial.results[name]), floats(array)
        with np.errstate(all="ignore"):
            off = max(size(own - floats(right[name])), unit * size(floats(right[name])), 1e-300)
            most = max(most, np.nan_to_num(size(slipped - own) / off, nan=np.inf))
    return most


def kept(trial, changed):
    """Of what a slip gives, what the dump has."""
    return changed and {name: array for name, array in changed.items() if name in trial.dump()}


def judge(kernel, source, variant, seed, program, keep):
    """A row for each slip that could be planted: its clearness, whether it was seen, named, and placed. Where the
    right kernel is called wrong, nothing is learned of slips."""
    try:
        trial = trials.make(kernel, source, variant, seed)
        right = exact(trial)
    except trials.Unsupported:
        return []
    with tempfile.TemporaryDirectory() as scratch:
        if trials.judge(program, *trials.write(trial, scratch), trial.flags)["verdict"] in ("wrong", "refused"):
            return []
    rows = []
    for slip in of(kernel):
        rng = trials.generator(kernel.name, source, variant, seed, slip.name)
        try:
            changed = kept(trial, slip.plant(trial, rng))
        except (trials.Unsupported, RuntimeError, ValueError):
            continue
        if changed is None:
            continue
        clear = float(clearness(trial, changed, right))
        if clear == 0:
            continue
        dump = trial.dump() | changed
        with tempfile.TemporaryDirectory() as scratch:
            said = trials.judge(program, *trials.write(trial, scratch, dump), trial.flags)
        seen = said["verdict"] == "wrong"
        is_named = bool(re.search(slip.words, said_of_first(said)))
        where = len(changed) > 1 or said.get("first") in changed
        if not seen and clear > 10 and keep and trial.precision != "bf16":
            name = f"{slip.name}-{kernel.name}-{source}-{variant}-{seed}".replace(" ", "_").replace(",", "")
            keep(trial, said, dump, name)
        rows.append((kernel.name, trial.precision, slip.name, clear, seen, is_named, where, said["verdict"],
                     said_of_first(said)))
    return rows
