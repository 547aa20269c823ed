"""Runs `graphrun compare` in this Python, which has to have the framework.

    python tests/reference/compare.py target/debug/graphrun torch          on every example graph
    python tests/reference/compare.py target/debug/graphrun torch short    but for those of the library
    python tests/reference/compare.py target/debug/graphrun torch record   and keeps what Python gave, of a few

The verdicts on all graphs are kept in compare.json beside this file, by framework, and docs/export.md tells of them.
What is recorded lies in tests/export/compare, and tests/it/compare.rs plays it back where there is no framework.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
GRAPHS = ["graphs", "graphs/layers", "graphs/kernels", "graphs/library", "graphs/wrong", "graphs/library/wrong"]
RECORDED = ["net", "centre", "recurrence", "sums"]


def compare(program, graph, framework, python=sys.executable):
    command = [program, "compare", graph, "--with", framework, "--python", python, "--format", "json"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)


def verdict(ran):
    """A word, and what there is to say beside it."""
    said = json.loads(ran.stdout)
    if "against" in said:
        judged = said["against"]
        kinks = [array["name"] for array in judged["arrays"] if array["verdict"] == "kink"]
        word = "kink" if kinks else judged["verdict"]
        return word, judged["first"] or ", ".join(kinks), len(judged["arrays"]), judged["dump"]
    said = re.search(r"error: (.*)", ran.stderr)
    return "refused", said[1] if said else ran.stderr.strip(), 0, ""


def record(program, framework):
    for name in RECORDED:
        folder = ROOT / "tests" / "export" / "compare" / f"{name}_{framework}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with tempfile.TemporaryDirectory() as scratch:
            python = pathlib.Path(scratch, "python")
            python.write_text(
                f'#!/bin/sh\n"{sys.executable}" "$1" || exit 1\ncd "$(dirname "$1")"\n'
                f'cp got.npz leaves.npz version.txt "{folder}"\n'
            )
            python.chmod(0o755)
            ran = compare(program, f"tests/export/{name}.graph", framework, str(python))
        print(name, *verdict(ran)[:3])


def every(program, framework, short):
    results, version = [], ""
    for folder in GRAPHS:
        if short and "library" in folder:
            continue
        for path in sorted((ROOT / folder).iterdir()):
            if path.suffix in (".graph", ".toml"):
                name = str(path.relative_to(ROOT))
                word, beside, arrays, dump = verdict(compare(program, name, framework))
                version = dump.split(" in ")[0] or version
                results.append([name, word, beside, arrays])
                if word != "ok":
                    print(name, word, beside, sep="  ", flush=True)
    path = HERE / "compare.json"
    recorded = json.loads(path.read_text()) if path.exists() else {}
    recorded[framework] = {"version": version, "results": results}
    path.write_text(json.dumps(recorded, indent=0, sort_keys=True) + "\n")
    page = ROOT / "docs" / "export.md"
    page.write_text(re.sub(r"(?<=\n)\| framework \| graphs.*?\n\n", lambda _: table(recorded), page.read_text(), flags=re.S))


def table(recorded):
    text = "| framework | graphs | arrays | what is not ok |\n|---|---|---|---|\n"
    for framework in sorted(recorded, reverse=True):
        results = recorded[framework]["results"]
        counts = collections.Counter(word for _, word, _, _ in results)
        words = ", ".join(f"{count} {word}" for word, count in counts.most_common())
        other = "; ".join(f"{name}: {word}, {beside}" for name, word, beside, _ in results if word != "ok")
        arrays = sum(result[3] for result in results)
        text += f"| {recorded[framework]['version']} | {words} | {arrays} | {other.replace('|', '∣')} |\n"
    return text + "\n"


def main():
    program, framework = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]
    if "record" in sys.argv:
        record(program, framework)
    else:
        every(program, framework, "short" in sys.argv)


main()
