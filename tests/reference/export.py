"""Runs what `graphrun export` writes, and compares values and gradients with graphrun's.

    python tests/reference/export.py target/debug/graphrun torch
    python tests/reference/export.py target/debug/graphrun jax
    python tests/reference/export.py target/debug/graphrun jax --short

The last takes the first two calls of each op and no graph of the library: JAX compiles each by itself.
Each needs the framework in this Python. The calls are those of ops.json, the graphs those under graphs/. Every
export comes with its own test against golden numbers, and that test is run here. What came out is kept in
export.json beside this file, by framework, and docs/export.md gets its tables from it.
"""

import collections
import concurrent.futures
import importlib
import json
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import traceback

import numpy as np

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
GRAPHS = ["graphs", "graphs/layers", "graphs/kernels", "graphs/library", "graphs/wrong", "graphs/library/wrong"]


def literal(array):
    def number(x):
        if array["kind"] == "bool":
            return "true" if x else "false"
        return str(int(x)) if array["kind"] == "int" else repr(float(x))

    numbers = np.array([number(x) for x in array["data"]], dtype=object).reshape(array["shape"])
    return json.dumps(numbers.tolist()).replace('"', "")


def graph_of(case):
    """The call as a graph file; `None` for arrays that no literal gives, those without elements."""
    lines = []
    for name, array in case["inputs"].items():
        if 0 in array["shape"]:
            return None
        role = "input" if array["kind"] == "float" and case["gradients"] else "const"
        shape = "".join(str(array["shape"]))
        lines.append(f"{role} {name}: {array['kind']}{shape} = {literal(array)}")
    lines.append(f"result = {case['call']}\noutput result")
    if case["gradients"] and 0 not in case["upstream"]["shape"]:
        lines.append(f"upstream result = {literal(case['upstream'])}")
    return "\n".join(lines) + "\n"


def export(program, graph, framework, name, folder, custom=()):
    command = [program, "export", graph, "--to", framework, *custom, "-o", str(folder / f"{name}.py")]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if ran.returncode == 0:
        return None
    said = re.search(r"error: (.*)", ran.stderr)
    return said[1] if said else ran.stderr.strip() or f"exit code {ran.returncode}"


def test(name):
    """What is wrong with an export, or `None`."""
    try:
        module = importlib.import_module(f"{name}_test")
        for test in ["test_leaves_are_those_of_the_graph", "test_values_and_gradients"]:
            getattr(module, test)()
    except Exception as error:
        words = (str(error) or type(error).__name__).strip().splitlines()
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{words[0]} ({pathlib.Path(place.filename).name}:{place.lineno})"[:160]
    return None


def graphs():
    for folder in GRAPHS:
        for path in sorted((ROOT / folder).iterdir()):
            if path.suffix in (".graph", ".toml"):
                yield str(path.relative_to(ROOT))


def run(program, framework, folder, short):
    cases = json.loads((HERE / "ops.json").read_text())["cases"]
    jobs, seen = [], collections.Counter()
    for at, case in enumerate(cases):
        text = graph_of(case)
        seen[case["op"]] += 1
        if text is not None and not (short and seen[case["op"]] > 2):
            path = folder / f"call_{at}.graph"
            path.write_text(text)
            jobs.append(("op", case["op"], case["call"], str(path), f"call_{at}", ()))
    for at, path in enumerate(graphs()):
        if short and "library" in path:
            continue
        jobs.append(("graph", path, path, path, f"graph_{at}", ()))
        if framework == "torch" and "backward" in (ROOT / path).read_text():
            jobs.append(("graph", path, path, path, f"function_{at}", ("--custom", "autograd-function")))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        refused = list(pool.map(lambda job: export(program, job[3], framework, job[4], folder, job[5]), jobs))
    results = []
    for (kind, of, what, _, name, _), refusal in zip(jobs, refused):
        if refusal is not None:
            verdict = "no spelling" if "no spelling" in refusal else "refused"
            results.append([kind, of, what, verdict, refusal])
        else:
            wrong = test(name)
            results.append([kind, of, what, "differs" if wrong else "right", wrong or ""])
    return results


def cell(results):
    if not results:
        return ""
    counts = collections.Counter(result[3] for result in results)
    words = [f"{counts[verdict]} {verdict}" for verdict in ("right", "differs", "no spelling", "refused") if counts[verdict]]
    return ", ".join(words)


def tables(recorded):
    frameworks = [name for name in ("torch", "jax") if name in recorded]
    of = lambda framework, kind: [result for result in recorded[framework]["results"] if result[0] == kind]
    versions = ", ".join(f"{name} {recorded[name]['version']}" for name in frameworks)
    text = f"Recorded with {versions}.\n\n| | calls of ops | graphs |\n|---|---|---|\n"
    for name in frameworks:
        text += f"| {name} | {cell(of(name, 'op'))} | {cell(of(name, 'graph'))} |\n"
    text += f"\n| op | {' | '.join(frameworks)} | what is not right |\n|---|{'---|' * len(frameworks)}---|\n"
    ops = sorted({result[1] for name in frameworks for result in of(name, "op")})
    for op in ops:
        cells, why = [], []
        for name in frameworks:
            own = [result for result in of(name, "op") if result[1] == op]
            cells.append(cell(own))
            for verdict in ("differs", "no spelling", "refused"):
                calls = [f"`{result[2]}`" for result in own if result[3] == verdict]
                if calls and (verdict != "no spelling" or len(calls) < len(own)):
                    words = f"{name}, {verdict}: {', '.join(calls[:3])}{' and others' if len(calls) > 3 else ''}"
                    said = next(result[4] for result in own if result[3] == verdict)
                    said = re.sub(r" \(\w+\.py:\d+\)$", "", said)
                    why.append(f"{words} ({said})" if verdict == "differs" else words)
        text += f"| `{op}` | {' | '.join(cells)} | {'; '.join(why).replace('|', '∣')} |\n"
    other = [(name, result) for name in frameworks for result in of(name, "graph") if result[3] != "right"]
    if other:
        text += "\n| graph | framework | |\n|---|---|---|\n"
        for name, result in other:
            text += f"| {result[1]} | {name} | {result[3]}: {result[4].replace('|', '∣')} |\n"
    return text


def main():
    program, framework = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
    version = importlib.import_module(framework).__version__
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        results = run(program, framework, pathlib.Path(folder), "--short" in sys.argv)
    path = HERE / "export.json"
    recorded = json.loads(path.read_text()) if path.exists() else {}
    recorded[framework] = {"version": version, "python": platform.python_version(), "results": results}
    path.write_text(json.dumps(recorded, indent=0, sort_keys=True) + "\n")
    page = ROOT / "docs" / "export.md"
    before = page.read_text().split("## What is right")[0]
    page.write_text(f"{before}## What is right\n\n`python tests/reference/export.py target/debug/graphrun torch` repeats it.\n\n{tables(recorded)}")
    for result in results:
        if result[3] in ("differs", "refused"):
            print(*result[1:], sep="  ")
    print(collections.Counter((result[0], result[3]) for result in results))


main()
