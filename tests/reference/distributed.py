"""Runs the gradient steps that `graphrun export --main` writes, on several devices and in several processes.

    python tests/reference/distributed.py target/debug/graphrun jax
    python tests/reference/distributed.py target/debug/graphrun torch
    python tests/reference/distributed.py target/release/graphrun torch --times

Each needs the framework and safetensors in this Python. Loss and gradients of each way are held against those of
one device, and by `graphrun --against` to what rounding explains; the checkpoint is read back by graphrun.
With `--times`, steps are timed from batch 100 to 100 000, and graphrun's own beside them. All is kept in
distributed.json beside this file, and docs/devices.md gets its tables from it.
"""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

import numpy as np
from safetensors.numpy import load_file

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
GRAPHS = ["rows", "sums"]
BATCHES = [100, 1_000, 10_000, 100_000]

TIMED = """title "Two layers, timed"
block dense(x: [batch, in]; units) {
    param W: [in, units] = 0.1 * randn()
    param b: [units] = zeros()
    y = affine(x, W, b)
    output y
}
const x: [batch, 64] = randn(shape = [100, 64])
const y: [batch, 10] = randn(shape = [100, 10])
loss = mean(((x -> dense(units = 256) -> tanh -> dense(units = 10)) - y) ** 2)
output loss
"""

FORCED = "--xla_force_host_platform_device_count"


def free_port():
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return own.getsockname()[1]


def jax_ways(scripts, folder):
    """The name of each way, and its processes: flags and environment."""
    port = lambda: f"127.0.0.1:{free_port()}"

    def processes(at, devices, *flags):
        common = ["--coordinator", at, "--processes", "2", *flags]
        environment = {"XLA_FLAGS": f"{FORCED}={devices}"}
        return [([sys.executable, *scripts, *common, "--process", str(own)], environment) for own in range(2)]

    def devices(count, *flags):
        return [([sys.executable, *scripts, *flags], {"XLA_FLAGS": f"{FORCED}={count}"})]

    return {
        "1 device": devices(1),
        "8 devices": devices(8),
        "8 devices, 2 of them to columns": devices(8, "--columns", "2"),
        "2 processes": processes(port(), 1),
        "2 processes of 4 devices, 2 of them to columns": processes(port(), 4, "--columns", "2"),
    }


def torch_ways(scripts, folder):
    runner = [str(pathlib.Path(sys.executable).with_name("torchrun")), "--standalone", "--nproc-per-node"]
    # One thread each, as torchrun has it for several processes.
    one = {"OMP_NUM_THREADS": "1"}
    return {
        "1 process": [([*runner, "1", *scripts], one)],
        "2 processes, DDP": [([*runner, "2", *scripts], one)],
        "2 processes, FSDP2": [([*runner, "2", *scripts, "--fsdp"], one)],
    }


def run(processes, folder, *flags):
    """What the first of the processes says; all have to end well."""
    started = [
        subprocess.Popen(
            [*command, *flags],
            env={**os.environ, **environment},
            cwd=folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for command, environment in processes
    ]
    try:
        said = [process.communicate(timeout=600) for process in started]
    finally:
        for process in started:
            process.kill()
    for process, (out, err) in zip(started, said):
        if process.returncode:
            raise SystemExit(f"{process.args}: {out}{err}")
    return said[0][0]


def graphrun(program, *arguments):
    ran = subprocess.run([program, *arguments], capture_output=True, text=True, cwd=ROOT)
    if ran.returncode:
        raise SystemExit(f"graphrun {arguments}: {ran.stdout}{ran.stderr}")
    return ran.stdout


def apart(one, other):
    """The greatest difference of arrays, as a part of the greatest number in each."""
    assert one.keys() == other.keys()
    off = lambda a, b: np.max(np.abs(a - b), initial=0) / max(np.max(np.abs(b), initial=0), 1e-300)
    return max(float(off(one[name], other[name])) for name in one)


def loss_of(said):
    return float(re.search(r"loss (\S+)", said)[1])


def check(program, framework, ways_of):
    rows = []
    for graph in GRAPHS:
        with tempfile.TemporaryDirectory() as folder:
            source = f"tests/export/{graph}.graph"
            graphrun(program, "export", source, "--to", framework, "--main", "-o", f"{folder}/{graph}.py")
            base = None
            for way, processes in ways_of([f"{graph}_main.py"], folder).items():
                gradients, kept = f"{folder}/gradients.safetensors", f"{folder}/kept.safetensors"
                lr = "0.001"
                run(processes, folder, "--gradients", gradients, "--checkpoint", kept, "--lr", lr)
                got, params = load_file(gradients), load_file(kept)
                base = base or (got, params)
                judged = json.loads(graphrun(program, source, "--against", gradients, "--format", "json"))
                # graphrun reads the checkpoint: its loss there is the one that the program starts from.
                # Coordinators go on once.
                again = ways_of([f"{graph}_main.py"], folder)[way]
                start = run(again, folder, "--resume", kept, "--steps", "1")
                sets = [f'{name}=safetensors("kept.safetensors", "{name}")' for name in params]
                flags = [flag for each in sets for flag in ("--set", each)]
                ran = json.loads(graphrun(program, source, *flags, "--data", folder, "--format", "json"))
                own = ran["values"]["loss"]
                row = {
                    "graph": graph,
                    "way": way,
                    "apart": apart(got, base[0]),
                    "params_apart": apart(params, base[1]),
                    "verdict": judged["against"]["verdict"],
                    "read_back": abs(own - loss_of(start)) <= 1e-11 * abs(own),
                }
                print(*row.values(), sep="  ", flush=True)
                assert row["apart"] <= 1e-12 and row["params_apart"] <= 1e-12, row
                assert row["verdict"] == "ok" and row["read_back"], row
                rows.append(row)
    return rows


def timed(program, framework):
    """Milliseconds a step, by way and batch."""
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "timed.graph")
        source.write_text(TIMED)
        graphrun(program, "export", str(source), "--to", framework, "--main", "-o", f"{folder}/timed.py")
        module = pathlib.Path(folder, "timed.py").read_text()
        both = {"OMP_NUM_THREADS": "2"}
        if framework == "torch":
            ways = torch_ways(["timed_main.py"], folder)
            ways = {"1 process of 2 threads": [(ways["1 process"][0][0], both)], **ways}
        else:
            ways = lambda: jax_ways(["timed_main.py"], folder)
        for batch in BATCHES:
            # The code is right for any batch; only its numbers are others.
            assert "randn(100, " in module
            pathlib.Path(folder, "timed.py").write_text(module.replace("randn(100, ", f"randn({batch}, "))
            of_batch = ways if framework == "torch" else {
                name: how for name, how in ways().items() if name in ("1 device", "2 processes")
            }
            if framework == "jax":
                of_batch["2 devices"] = [([sys.executable, "timed_main.py"], {"XLA_FLAGS": f"{FORCED}=2"})]
            steps = str({100: 400, 1_000: 100, 10_000: 24, 100_000: 6}[batch])
            for way, processes in of_batch.items():
                said = run(processes, folder, "--steps", steps, "--lr", "0.01")
                rows.setdefault(way, {})[str(batch)] = float(re.search(r"(\S+) ms a step", said)[1])
                print(way, batch, rows[way][str(batch)], flush=True)
            large = TIMED.replace("[100, ", f"[{batch}, ")
            source.write_text(large)
            said = json.loads(graphrun(program, str(source), "--profile", "--format", "json"))
            seconds = said["forward_seconds"] + said["backward_seconds"]
            rows.setdefault("graphrun", {})[str(batch)] = 1e3 * seconds
            print("graphrun", batch, 1e3 * seconds, flush=True)
    return rows


def milliseconds(time):
    return f"{time:,.0f}".replace(",", " ") if time >= 100 else f"{time:.3g}"


def page(recorded):
    """The tables of docs/devices.md."""
    frameworks = [name for name in ("jax", "torch") if name in recorded]
    text = "## What was found\n\n`python tests/reference/distributed.py target/debug/graphrun jax`, and `torch`, repeat it.\n\n"
    text += "| framework | graph | ran on | gradients apart | params after 10 steps apart | by `--against` | checkpoint read back |\n"
    text += "|---|---|---|---|---|---|---|\n"
    for name in frameworks:
        for row in recorded[name].get("ways", []):
            read = "yes" if row["read_back"] else "no"
            cells = [f"{name} {recorded[name]['version']}", row["graph"], row["way"], f"{row['apart']:.0e}"]
            text += "| " + " | ".join([*cells, f"{row['params_apart']:.0e}", row["verdict"], read]) + " |\n"
    text += (
        "\nApart is the greatest difference from the first way, as a part of the greatest number in the array; 1e-12 is "
        "allowed.\n\nMilliseconds a step, forward, backward and descent, of a net of 64, 256 and 10 units in f64:\n\n"
    )
    text += f"| | batch {' | '.join(f'{batch:,}'.replace(',', ' ') for batch in BATCHES)} |\n|---|{'---|' * len(BATCHES)}\n"
    seen = set()
    for name in frameworks:
        for way, times in recorded[name].get("times", {}).items():
            title = way if way == "graphrun" else f"{name}, {way}"
            if title not in seen:
                seen.add(title)
                text += f"| {title} | {' | '.join(milliseconds(times[str(batch)]) for batch in BATCHES)} |\n"
    path = ROOT / "docs" / "devices.md"
    path.write_text(path.read_text().split("## What was found")[0] + text)


def main():
    program, framework = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]
    module = __import__(framework)
    path = HERE / "distributed.json"
    recorded = json.loads(path.read_text()) if path.exists() else {}
    own = recorded.setdefault(framework, {})
    own["version"] = module.__version__
    if "--times" in sys.argv:
        own["times"] = timed(program, framework)
    else:
        own["ways"] = check(program, framework, jax_ways if framework == "jax" else torch_ways)
    path.write_text(json.dumps(recorded, indent=0) + "\n")
    page(recorded)


main()
