"""Calibrates `graphrun --against` on real kernels: how often a right one is called wrong, and which slips are seen.

    pip install torch numpy safetensors ml_dtypes
    python tests/reference/against.py right                  judges right kernels, writes docs/calibration.md
    python tests/reference/against.py slips                  judges planted slips, and writes it there, too
    python tests/reference/against.py record                 writes the dumps in tests/reference/against

    --program PATH   graphrun, else target/release/graphrun
    --seeds N        trials of each kernel in each arithmetic
    --first N        the number of the first of them
    --add            adds to the counts of earlier runs, which had other numbers
    --only NAME      one kernel
    --precision P    the arithmetics whose names begin so
    --keep FOLDER    where graphs and dumps of false alarms and of missed slips go

The kernels are in calibration/kernels.py, those written in NumPy in calibration/by_numpy.py, slips in
calibration/slips.py. What a run gives is kept in tests/reference/against.json, from which the page is made. Every
trial is drawn from its own name: a run gives the same again on the same machine and versions.
"""

import argparse
import json
import platform
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch

from calibration import by_numpy, kernels, page, recording, slips, trial

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).with_suffix(".json")
BY_NAME = {kernel.name: kernel for kernel in kernels.ALL}


# Slips are planted in these arithmetics of NumPy alone: the others are like them.
PLANTED_IN = ["f32, random", "f16, pairwise", "f16 in f16, blocked", "tf32"]


def ways(kernel, variants):
    """How a kernel is computed: the source and the arithmetic."""
    for source in ("torch", "steps"):
        if getattr(kernel, source):
            yield from ((source, precision) for precision in trial.TORCH)
    if kernel.name in by_numpy.KERNELS:
        for variant in variants:
            if not by_numpy.VARIANTS[variant][0].factors or kernel.name in by_numpy.PRODUCTS:
                yield "numpy", variant


def keep(folder, made, said, dump=None, name=None):
    """Graph, dump and verdict of a trial that went otherwise than it should."""
    name = name or f"{made.kernel.name}-{made.source}-{made.precision}-{made.seed}".replace(" ", "_")
    folder = Path(folder) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    trial.write(made, folder, dump)
    (folder / "said.json").write_text(json.dumps(said, indent=1))
    (folder / "flags").write_text(" ".join(made.flags))


def judge_right(task):
    """Tensors of one right trial, each with its verdict."""
    name, source, variant, seed, program, folder = task
    torch.set_num_threads(1)
    try:
        made = trial.make(BY_NAME[name], source, variant, seed)
    except trial.Unsupported:
        return []
    with tempfile.TemporaryDirectory() as scratch:
        said = trial.judge(program, *trial.write(made, scratch), made.flags)
    is_wrong = said["verdict"] in ("wrong", "refused")
    if is_wrong and folder:
        keep(folder, made, said, name=f"{name}-{source}-{variant}-{seed}".replace(" ", "_").replace(",", ""))
    if said["verdict"] == "refused":
        return [(name, source, variant, seed, "", "refused")]
    return [(name, source, variant, seed, array["name"], array["verdict"]) for array in said["arrays"]]


def all_of(work, tasks):
    """What `work` gives for each task, two at a time."""
    with ProcessPoolExecutor(2) as pool:
        for found in pool.map(work, tasks, chunksize=4):
            yield from found


def right(options):
    tasks = [
        (kernel.name, *way, seed, options.program, options.keep)
        for kernel, way in chosen(options, by_numpy.VARIANTS) for seed in seeds(options, 0)
        # What is long takes its time: a quarter of the trials is enough.
        if seed < 2 or seed % 4 == 0 or not kernel.name.endswith("_long")
    ]
    rows = list(all_of(judge_right, tasks))
    for row in rows:
        if row[-1] in ("wrong", "follows", "refused"):
            print("FALSE", *row)
    count = lambda word: sum(row[-1] == word for row in rows)
    print(len(rows), "tensors:", count("ok"), "ok,", count("undecided"), "undecided,", count("wrong"), "wrong,",
          count("follows"), "follow,", count("refused"), "refused")
    return page.counted(rows)


def planted(options):
    tasks = [
        (kernel.name, *way, seed, options.program, options.keep)
        for kernel, way in chosen(options, PLANTED_IN) if not kernel.name.endswith("_long")
        for seed in seeds(options, 10_000)
    ]
    rows = list(all_of(judge_slips, tasks))
    if options.keep:
        Path(options.keep, "slips.json").write_text(json.dumps(rows, indent=0))
    return page.counted_slips(rows)


def judge_slips(task):
    name, source, variant, seed, program, folder = task
    torch.set_num_threads(1)
    return slips.judge(BY_NAME[name], source, variant, seed, program, folder and (lambda *a: keep(folder, *a)))


def seeds(options, first):
    return range(first + options.first, first + options.first + options.seeds)


def chosen(options, variants):
    """Kernels and how they are computed."""
    for kernel in kernels.ALL:
        if options.only in (None, kernel.name):
            yield from ((kernel, way) for way in ways(kernel, variants) if way[1].startswith(options.precision or ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["right", "slips", "record", "page"])
    parser.add_argument("--program", default=str(ROOT / "target" / "release" / "graphrun"))
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--add", action="store_true", help="to what is known from other numbers")
    parser.add_argument("--only")
    parser.add_argument("--keep")
    parser.add_argument("--precision", help="only arithmetics whose name begins so")
    options = parser.parse_args()
    if options.what == "record":
        recording.write(options.program, Path(__file__).parent / "against")
        return
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if options.what != "page":
        found = {"right": right, "slips": planted}[options.what](options)
        known[options.what] = page.together(known.get(options.what, {}), found) if options.add else found
        known["versions"] = {"torch": torch.__version__, "numpy": np.__version__, "machine": platform.machine()}
    if not (options.only or options.precision):
        RESULTS.write_text(json.dumps(known, indent=1) + "\n")
        page.write(known, ROOT / "docs" / "calibration.md")


if __name__ == "__main__":
    main()
