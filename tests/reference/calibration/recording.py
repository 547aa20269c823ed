"""Small dumps for the tests, right ones and slips, each with the verdict and the words that it must get."""

import json
import re
import shutil
import tempfile
from pathlib import Path

from . import kernels, slips
from . import trial as trials

# Bytes of one dump, at most.
MOST = 8000

RIGHT = [
    ("matmul", "torch", "f32"), ("matmul", "torch", "bf16"), ("matmul", "numpy", "tf32"),
    ("matmul", "numpy", "f16 in f16, random"), ("matmul", "numpy", "tf32, cut"), ("affine", "torch", "f16"),
    ("softmax", "torch", "f64"), ("softmax", "torch", "bf16"), ("log_softmax", "torch", "f32"),
    ("layer_norm", "steps", "f32"), ("layer_norm", "torch", "f64"), ("rms_norm", "steps", "bf16"),
    ("rms_norm", "torch", "f16"), ("group_norm", "torch", "f32"), ("attention", "torch", "bf16"),
    ("attention_causal", "torch", "f32"), ("cross_entropy", "torch", "f32"), ("bce_with_logits", "torch", "f32"),
    ("gelu", "torch", "bf16"), ("conv2d", "torch", "f32"), ("lstm_cell", "torch", "f32"),
    ("two_layers", "steps", "f32"), ("three_layers", "steps", "f32"), ("embedding", "torch", "f32"),
    ("einsum", "torch", "f64"), ("sum_long", "numpy", "f16, random"),
]

# Kernel, source, arithmetic, slip, and words that must stand in what is said of the first fault.
PLANTED = [
    ("layer_norm", "torch", "f32", "the bias left out", ["`beta`"]),
    ("rms_norm", "torch", "f32", "the gain left out", ["`gamma`"]),
    ("rms_norm", "steps", "f32", "eps left out", ["`1e-5`"]),
    ("attention_causal", "torch", "f32", "the mask left out", ["`mask`"]),
    ("attention_causal", "torch", "f32", "the mask one off", ["axis 1"]),
    ("attention", "torch", "f32", "unscaled", ["sqrt(d)"]),
    ("cross_entropy", "torch", "f32", "the sum for the mean", ["every entry is", "times"]),
    ("mse", "torch", "f16", "the half of it", ["1/2 times"]),
    ("matmul", "torch", "bf16", "the last term of a sum left out", ["leave that out"]),
    ("matmul", "numpy", "f32, random", "sums in f16", ["f16"]),
    ("affine", "numpy", "f32, random", "factors in bf16", ["rounded to bf16"]),
    ("affine", "torch", "f16", "the bias left out", ["`b`"]),
    ("conv2d", "torch", "f32", "the filter turned", ["`k`", "turned"]),
    ("gelu", "torch", "f32", "the tanh form for the exact one", []),
    ("var", "torch", "f32", "n - 1 for n", ["times"]),
    ("lstm_cell", "torch", "f32", "gates in another order", ["`W`"]),
    ("two_layers", "steps", "f32", "the other sign", ["sign"]),
    ("softmax", "torch", "bf16", "rolled by one", ["rolled by 1"]),
    ("group_norm", "torch", "f32", "ones for upstream", ["upstream"]),
    ("batch_norm", "torch", "f32", "zeros", ["every entry is 0"]),
    ("embedding", "torch", "f32", "a row of zeros", ["index", "0"]),
    ("rms_norm", "steps", "f16", "squares beyond f16", ["`ms", "greatest f16"]),
    ("logsumexp", "torch", "f64", "f32 for f64", ["f32"]),
    ("three_layers", "steps", "f32", "times 1.005", ["1.005 times"]),
    ("einsum", "torch", "f64", "transposed", ["axes"]),
    ("kl_div", "torch", "f32", "the mean over all for that over rows", ["times"]),
    ("softmax_steps", "steps", "f32", "bf16 for f32", ["bf16"]),
    ("tanh", "torch", "f16", "one entry times 1.1", ["only entry"]),
]


def size_of(dump):
    return sum(array.nbytes + 230 + 2 * len(name) for name, array in dump.items())


def small(kernel, source, variant, slip=None):
    """The first trial that is small and not trivial, with its slip, which is plain."""
    for seed in range(20_000, 20_800):
        made = trials.make(kernel, source, variant, seed)
        dump = made.dump()
        if size_of(dump) > MOST or not 0.2 < made.scale < 5 or min(a.size for n, a in dump.items() if a.ndim > 1) < 6:
            continue
        if not slip:
            return made, dump, None
        rng = trials.generator(kernel.name, source, variant, seed, slip.name)
        changed = slips.kept(made, slip.plant(made, rng))
        if changed is None:
            continue
        if slips.clearness(made, changed, slips.exact(made)) > 100 or made.precision == "bf16":
            return made, dump | changed, changed
    raise LookupError(f"no small trial of {kernel.name} with {slip}")


def write(program, folder: Path):
    """Everything anew; says, and writes down as not `named`, which slips are not told as they should be."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    by_name = {kernel.name: kernel for kernel in kernels.ALL}
    manifest = []
    for name, source, variant, *rest in RIGHT + PLANTED:
        kernel = by_name[name]
        slip = next(slip for slip in slips.of(kernel) if slip.name == rest[0]) if rest else None
        made, dump, changed = small(kernel, source, variant, slip)
        stem = "-".join([name, source, variant.split(",")[0], *([slip.name] if slip else [])])
        stem = re.sub(r"[^\w.]+", "-", stem)
        (folder / f"{name}.graph").write_text(kernel.graph.lstrip())
        path = folder / (stem + (".safetensors" if made.stored is trials.NUMPY["bf16"] else ".npz"))
        trials.save(dump, path)
        case = {"graph": f"{name}.graph", "dump": path.name, "flags": made.flags, "verdict": "wrong" if slip else "ok"}
        if slip:
            case |= {"slip": slip.name, "in": next(iter(changed)) if len(changed) == 1 else None, "words": rest[1]}
        said = trials.judge(program, folder / f"{name}.graph", path, made.flags)
        text = slips.said_of_first(said)
        is_named = all(word in text for word in case.get("words", []))
        if slip:
            case["named"] = is_named
        if said["verdict"] != case["verdict"] or not is_named:
            print("NOT AS WANTED", path.name, said["verdict"], case.get("words"), "|", text, "|",
                  [array["name"] for array in said["arrays"] if array["verdict"] == "wrong"])
        manifest.append(case)
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
