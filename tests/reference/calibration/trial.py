"""A trial: one kernel at one shape and scale in one arithmetic; its dump; what graphrun says of it."""

import json
import re
import subprocess
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import ml_dtypes
import numpy as np
import safetensors.numpy
import torch

from . import by_numpy, draws

TORCH = {"f64": torch.float64, "f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}
NUMPY = {"f64": np.float64, "f32": np.float32, "f16": np.float16, "bf16": ml_dtypes.bfloat16}
LEAF = re.compile(r"^(?:input|param|const) (\w+): (int)?\[(.*?)\]", re.M)
OUTPUT = re.compile(r"^output (.+)$", re.M)
# How upstream gradients are drawn: those of a sum are ones.
UPSTREAM = [draws.plain] * 4 + [draws.positive, draws.ones]
# Elements of one array, at most, unless an axis is longer by itself.
MOST = 4096


class Unsupported(Exception):
    """PyTorch has no such kernel in this format."""


@dataclass
class Trial:
    """Leaves and upstream gradients as the kernel sees them, and what it gave."""

    kernel: object
    source: str
    precision: str
    flags: list
    leaves: dict
    results: dict
    upstreams: dict
    seed: int
    scale: float
    stored: object = None
    compute: object = field(default=None, repr=False)

    def dump(self):
        upstreams = {f"grad({name})": g for name, g in self.upstreams.items()}
        return {**self.leaves, **upstreams, **self.results}

    def again(self, leaves=None, **changed):
        """What the kernel gives for other leaves, upstream gradients or eps."""
        return self.compute({**self.leaves, **(leaves or {})}, **changed)


def generator(*what):
    return np.random.default_rng(zlib.crc32(repr(what).encode()))


def lengths(kernel, rng):
    axes = {}
    for name, length in kernel.axes.items():
        if callable(length):
            axes[name] = length(axes)
        else:
            low, high = length
            axes[name] = int(round(np.exp(rng.uniform(np.log(low), np.log(high)))))
    return axes


def leaves_of(kernel):
    """Names, whether they are ints, and axes of the leaves."""
    for name, is_int, axes in LEAF.findall(kernel.graph):
        yield name, bool(is_int), [axis.strip() for axis in axes.split(",")]


def outputs_of(kernel):
    found = OUTPUT.search(kernel.graph)
    return found[1].split(", ") if found else ["y"]


def draw(kernel, rng, scale):
    """Leaves in f64 and int64."""
    while True:
        axes = lengths(kernel, rng)
        shapes = {name: tuple(axes.get(a) or int(a) for a in of) for name, _, of in leaves_of(kernel)}
        longest = max(axes.values())
        if all(np.prod(shape) <= max(MOST, 4 * longest) for shape in shapes.values()):
            break
    drawn = {}
    for name, is_int, _ in leaves_of(kernel):
        how = kernel.draw.get(name) or draws.KINDS[rng.integers(len(draws.KINDS))]
        drawn[name] = np.asarray(how(rng, shapes[name], axes, scale), np.int64 if is_int else np.float64)
    return drawn


def rounded(array, kind):
    return array if array.dtype == np.int64 else array.astype(kind)


def as_torch(array, kind):
    return torch.from_numpy(np.array(array, np.int64 if array.dtype == np.int64 else np.float64)).to(
        torch.int64 if array.dtype == np.int64 else kind)


def as_numpy(tensor):
    tensor = tensor.detach().contiguous()
    if tensor.dtype == torch.bfloat16:
        return tensor.view(torch.int16).numpy().view(ml_dtypes.bfloat16)
    return tensor.numpy()


def by_torch(kernel, function, kind):
    """What a function of PyTorch gives, forward and backward."""
    outputs = outputs_of(kernel)
    consts = set(re.findall(r"^const (\w+)", kernel.graph, re.M))

    def compute(leaves, upstream, function=function, **more):
        tensors = {name: as_torch(array, kind) for name, array in leaves.items()}
        for name, tensor in tensors.items():
            if name not in consts and tensor.is_floating_point():
                tensor.requires_grad_()
        try:
            got = function(*tensors.values(), **more)
            got = got if isinstance(got, dict) else {outputs[0]: got}
            for tensor in got.values():
                if not tensor.is_leaf:
                    tensor.retain_grad()
            at = [got[name] for name in outputs]
            torch.autograd.backward(at, [as_torch(upstream(name, as_numpy(y)), kind) for name, y in zip(outputs, at)])
        except (RuntimeError, NotImplementedError) as error:
            if "not implemented" in str(error) or "not supported" in str(error):
                raise Unsupported(str(error)) from None
            raise
        results = {name: as_numpy(tensor) for name, tensor in got.items()}
        for name, tensor in {**tensors, **got}.items():
            if tensor.requires_grad and tensor.grad is not None and name not in outputs:
                results[f"grad({name})"] = as_numpy(tensor.grad)
        return results

    return compute


def by_numpy_in(kernel, at):
    """What a kernel in NumPy gives, which loads numbers into what it sums in."""

    def load(array):
        return array if array.dtype == np.int64 else array.astype(at.within)

    def compute(leaves, upstream):
        given = lambda name, y: load(upstream(name, y))
        with np.errstate(all="ignore"):
            results = by_numpy.KERNELS[kernel.name](at, given, **{name: load(array) for name, array in leaves.items()})
        return {name: np.asarray(array).astype(at.stored) for name, array in results.items()}

    return compute


def make(kernel, source, variant, seed):
    """A trial of a kernel as it is computed by `torch`, by `steps` or by `numpy`."""
    rng = generator(kernel.name, source, variant, seed)
    for attempt in range(12):
        scale = 10.0 ** (rng.uniform(*kernel.scale) * 0.7**attempt)
        drawn = draw(kernel, rng, scale)
        if source == "numpy":
            at, flags = by_numpy.VARIANTS[variant]
            at = by_numpy.Arithmetic(at.stored, at.within, at.order, at.factors, seed)
            precision, kind = variant.split(",")[0], at.stored

            compute = by_numpy_in(kernel, at)
        else:
            precision, kind = variant, NUMPY[variant]
            same = kernel.sums_in_storage and source == "torch" and variant in ("f16", "bf16")
            flags = ["--accumulate", "same"] if same else []
            compute = by_torch(kernel, getattr(kernel, source), TORCH[variant])
        given, size, how = {}, 10.0 ** rng.uniform(-2, 2), UPSTREAM[rng.integers(len(UPSTREAM))]

        def upstream(name, y):
            if name not in given:
                given[name] = how(rng, y.shape, {}, size).astype(kind)
            return given[name]

        leaves = {name: rounded(array, kind) for name, array in drawn.items()}
        results = compute(leaves, upstream)
        trial = Trial(kernel, source, precision, flags, leaves, results, given, seed, scale, kind)
        trial.compute = lambda leaves, upstream=upstream, **more: compute(leaves, upstream, **more)
        if all(np.isfinite(array.astype(np.float64)).all() for name, array in results.items() if name != "s"):
            return trial
    raise Unsupported("no finite results")


def save(dump, path):
    """As .npz, or as .safetensors, which is for bf16 too."""
    dump = {name: np.array(array, order="C") for name, array in dump.items()}
    if path.suffix == ".npz":
        np.savez(path, **dump)
    else:
        safetensors.numpy.save_file(dump, path)


def suffix_of(trial):
    is_npz = trial.seed % 3 == 0 and all(array.dtype != ml_dtypes.bfloat16 for array in trial.dump().values())
    return ".npz" if is_npz else ".safetensors"


def judge(program, graph, dump, flags=()):
    """What graphrun says: the object of `against`, or the words of its refusal."""
    done = subprocess.run([program, graph, "--against", dump, "--format", "json", "--threads", "1", *flags],
                          capture_output=True, text=True, timeout=600)
    try:
        return json.loads(done.stdout)["against"]
    except (json.JSONDecodeError, KeyError):
        return {"refused": done.stdout + done.stderr, "arrays": [], "verdict": "refused"}


def write(trial, folder, dump=None, stem="kernel"):
    folder = Path(folder)
    graph = folder / f"{stem}.graph"
    graph.write_text(trial.kernel.graph)
    path = folder / f"{stem}{suffix_of(trial)}"
    save(dump or trial.dump(), path)
    return graph, path
