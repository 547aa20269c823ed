"""How much of ONNX the language says: the node tests of the onnx package, computed by graphrun.

    python tests/reference/onnx_nodes.py target/release/graphrun            writes docs/onnx.md
    python tests/reference/onnx_nodes.py target/release/graphrun --only NAME --keep FOLDER

Needs numpy and onnx. Each test is a small ONNX model with inputs and outputs. It is written as a graph
file (onnx_rewrite.py), with its inputs beside it, graphrun computes it, and what comes out is compared with the
outputs that the onnx package has: as its own tests do, |got - want| <= 1e-7 + 1e-3 |want|, whole numbers
and truths exactly, NaN equal to NaN. A test passes only if graphrun computed every output. Where an
operator has no function in onnx_rewrite.py and ONNX defines it by a graph of other operators, that graph
is taken. All files go to a temporary folder; --keep keeps them.
"""

import argparse
import collections
import concurrent.futures
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnx

import onnx_control  # noqa: F401 - they fill the table of rewrites
import onnx_nets  # noqa: F401
import onnx_ops  # noqa: F401
import onnx_signals  # noqa: F401
from onnx_rewrite import Unsaid, Writer, kind_of, rewrite

SHAPE = "the shape of the output depends on values"
WHY = {"NonMaxSuppression": SHAPE, "Unique": SHAPE, "Compress": SHAPE, "NonZero": SHAPE, "ImageDecoder": "images in files",
       "TfIdfVectorizer": "n-grams", "OptionalHasElement": "optional values", "OptionalGetElement": "optional values",
       "Bernoulli": "random numbers of another generator", "RandomUniformLike": "random numbers of another generator",
       "Det": "linear algebra"}
PAGE = Path(__file__).parents[2] / "docs" / "onnx.md"


def cases():
    from onnx.backend.test.case.node import collect_testcases
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {c.name: c for c in collect_testcases(None)}


def write(case, folder, graph):
    """Writes the graph file of a test; the names of its outputs there, with what they must be."""
    inputs, outputs = case.data_sets[0]
    g, leaves = Writer(), {}
    for info, array in zip(case.model.graph.input, inputs):
        if not info.type.HasField("tensor_type"):
            raise Unsaid({"sequence_type": "sequences", "optional_type": "optional values"}.get(
                info.type.WhichOneof("value"), info.type.WhichOneof("value")))
        kind_of(info.type.tensor_type.elem_type)
        if isinstance(array, onnx.TensorProto):
            array = onnx.numpy_helper.to_array(array)
        leaves[info.name] = g.leaf(array, info.type.tensor_type.elem_type)
    wanted = []
    for info, array in zip(graph.graph.output, outputs):
        if not info.type.HasField("tensor_type"):
            raise Unsaid("sequences")
        kind_of(info.type.tensor_type.elem_type)
        wanted.append(onnx.numpy_helper.to_array(array) if isinstance(array, onnx.TensorProto) else np.asarray(array))
    values, names = rewrite(g, graph, leaves), []
    if len(values) != len(outputs) or any(v is None for v in values):
        raise Unsaid("an output of its own")
    for v in values:
        if v.leaf:
            v = g.op("identity", [v], v.kind, v.shape)
        names.append(v.name)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "data.npz", **g.data)
    (folder / "model.graph").write_text("\n".join([f'title "{case.name}"', *g.lines]) + "\n")
    return list(zip(names, wanted, [v.kind for v in values]))


def differs(got, want, kind, rtol, atol):
    if got.shape != want.shape:
        return f"shape {list(got.shape)}, wanted {list(want.shape)}"
    if not want.size:
        return None
    if want.dtype.kind in "biu" or kind != "float":
        if not np.array_equal(np.asarray(got, dtype=np.float64), np.asarray(want, dtype=np.float64)):
            return "other values"
        return None
    name, want = want.dtype.name, want.astype(np.float64)
    if np.allclose(got, want, rtol=rtol, atol=atol, equal_nan=True):
        return None
    with np.errstate(invalid="ignore"):
        return f"{name} outputs, off by up to {np.nanmax(np.abs(got - want)):.1g} of {np.nanmax(np.abs(want)):.1g}"


def compute(program, folder):
    """The error, or nothing."""
    out = folder / "out.npz"
    try:
        done = subprocess.run(["nice", program, "model.graph", "--save", "out.npz", "--color", "never"], cwd=folder,
                              capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "60 s are not enough"
    if done.returncode or not out.exists():
        return next((line for line in done.stderr.splitlines() if line.strip()), f"exit code {done.returncode}")
    return None


def operator(case):
    """The operator that a test is of; its model has one node, or this one first."""
    return case.model.graph.node[0].op_type


def attempt(case, siblings, program, folder):
    """Of one test: `pass`, `fail` or `unsaid`, and why."""
    graphs, why = [case.model, *siblings], None
    for graph in graphs:
        try:
            wanted = write(case, folder, graph)
        except Unsaid as e:
            reason = str(e)
            name = reason.split()[0]
            why = why or (WHY.get(name, reason) if reason.endswith("is not rewritten") else reason)
            continue
        except Exception as e:  # noqa: BLE001 - a fault of the rewriting is one failed line
            if "--debug" in sys.argv:
                raise
            return "fail", f"rewriting: {type(e).__name__}: {e}"
        wrong = compute(program, folder)
        if wrong:
            return "fail", wrong
        got = np.load(folder / "out.npz")
        for name, want, kind in wanted:
            wrong = differs(got[name], want, kind, case.rtol, case.atol)
            if wrong:
                return "fail", wrong
        return "pass", ""
    return "unsaid", why


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("program")
    p.add_argument("--only", help="tests whose names match")
    p.add_argument("--keep", help="the folder for the graph files")
    p.add_argument("--debug", action="store_true")
    a = p.parse_args()
    program = str(Path(a.program).resolve())
    every = cases()
    chosen = {k: c for k, c in every.items() if not a.only or re.search(a.only, k)}
    parent = {k: re.sub(r"_expanded.*$", "", k) for k in every}
    children = collections.defaultdict(list)
    for k in every:
        if parent[k] != k:
            children[parent[k]].append(every[k].model)
    with tempfile.TemporaryDirectory() as temporary:
        base = Path(a.keep or temporary)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            results = dict(zip(chosen, pool.map(
                lambda k: attempt(chosen[k], children[k], program, base / k), chosen)))
    if a.only or a.debug:
        for k, (state, why) in results.items():
            if state != "pass" or a.only:
                print(f"{state:7}{k}  {why}")
    totals = collections.Counter(state for state, _ in results.values())
    print(dict(totals))
    if not a.only:
        version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()[1]
        PAGE.write_text(page(every, parent, results, totals, version))


def page(every, parent, results, totals, version):
    rows = collections.defaultdict(list)
    for k, result in results.items():
        owner = every[parent[k]] if parent[k] in every else every[k]
        rows[operator(owner)].append(result)
    why = collections.Counter(reason for state, reason in results.values() if state == "unsaid")
    lines = [
        "# ONNX, operator by operator", "",
        f"The node tests of onnx {onnx.__version__}, rewritten in the language and computed by graphrun {version}.",
        "`python tests/reference/onnx_nodes.py target/release/graphrun` repeats it and writes this page.", "",
        "A test passes if graphrun computed all of its outputs and they agree with the recorded ones, with the tolerances",
        "of the onnx package; whole numbers and truths exactly. Only what ONNX itself treats as a parameter (axes, shapes,",
        "pads, sizes, the number of turns of a Loop) is read in Python. One ONNX node may take several nodes of graphrun.",
        "The tests of an operator that ONNX also defines by a graph of others are there twice, and both are counted.",
        "graphrun computes in f64: where the recorded outputs carry the rounding of sums in 16 bits, or the noise of single",
        "precision beside 0, they may be farther off than those tolerances.", "",
        "| tests | pass | fail | cannot be said |", "|---:|---:|---:|---:|",
        f"| {len(results)} | {totals['pass']} | {totals['fail']} | {totals['unsaid']} |", "",
        "Why a test cannot be said:", "", "| tests | why |", "|---:|---|",
        *[f"| {count} | {reason} |" for reason, count in sorted(why.items(), key=lambda r: (-r[1], r[0])) if count > 2],
        f"| {sum(c for c in why.values() if c <= 2)} | others, in the table below |", "",
        "| operator | tests | pass | why not |", "|---|---:|---:|---|",
    ]
    for name in sorted(rows):
        states = rows[name]
        passed = sum(s == "pass" for s, _ in states)
        reasons = collections.Counter(("" if s == "unsaid" else "fails: ") + r for s, r in states if s != "pass")
        text = "; ".join(f"{r} ({c})" if len(reasons) > 1 else r for r, c in reasons.most_common())
        lines.append(f"| {name} | {len(states)} | {passed} | {text.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
