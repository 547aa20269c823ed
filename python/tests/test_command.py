"""The command in the wheel."""

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from conftest import GRAPHS

import graphrun


def command(*words, **options):
    return subprocess.run(
        [sys.executable, "-m", "graphrun", *map(str, words)], capture_output=True, text=True, **options
    )


def test_the_script_is_installed():
    beside = os.path.dirname(sys.executable)
    script = shutil.which("graphrun", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))
    assert script, "the wheel brings `graphrun`"
    done = subprocess.run([script, "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("graphrun ")


def test_it_prints_and_exits_as_the_program_does():
    done = command(GRAPHS / "buy_apple.toml", "--backward")
    assert done.returncode == 0 and "220.00000000000003" in done.stdout and not done.stderr
    assert command(GRAPHS / "wrong" / "missing_path.graph", "--check").returncode == 1
    refused = command("none.graph")
    assert refused.returncode == 2 and "no such file" in refused.stderr and not refused.stdout
    assert command("--nonsense").returncode == 2
    assert command("-", "--spelling", "graph", input="input x = 2\ny = x * x").stdout.count("4") > 0
    assert "graphrun --help" in command().stdout


def test_what_has_no_newline_at_its_end_arrives():
    done = command("show", GRAPHS / "buy_apple.toml", "--to", "svg")
    assert done.stdout.rstrip().endswith("</svg>")


@pytest.mark.parametrize("dtype", ["f64", "f32", "f16", "bf16", "tf32", "fp8_e5m2"])
def test_the_command_and_a_run_in_python_give_the_same(dtype):
    if dtype in ("bf16", "fp8_e5m2"):
        pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    path = GRAPHS / "two_layer_net.graph"
    told = json.loads(command(path, "--backward", "--dtype", dtype, "--format", "json").stdout)
    run = graphrun.load(path).run(dtype=dtype)
    assert set(told["gradients"]) >= set(run.grads) and len(told["values"]) >= len(run)
    # There a number is the shortest decimal that is rounded to it.
    for name, value in run.items():
        np.testing.assert_array_equal(np.array(told["values"][name]).astype(value.dtype), value)
    for name, gradient in run.grads.items():
        np.testing.assert_array_equal(np.array(told["gradients"][name]).astype(gradient.dtype), gradient)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_ctrl_c_ends_the_command():
    # Once the first file is printed, it waits for the second.
    words = [
        sys.executable,
        "-m",
        "graphrun",
        GRAPHS / "wrong" / "missing_path.graph",
        "-",
        "--spelling",
        "graph",
    ]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert b"path forgotten" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == -signal.SIGINT


#: A shell that puts a job into the background has it ignore Ctrl-C.
LONG = """
import _thread, signal, threading, graphrun
signal.signal(signal.SIGINT, signal.default_int_handler)
graph = graphrun.parse("param W = randn(shape = [400, 400])\\n"
    "y = sum(tanh(W @ W @ W @ W @ W @ W @ W @ W @ W @ W))")
threading.Timer(0.3, _thread.interrupt_main).start()
try:
    while True:
        graph.WORK
except KeyboardInterrupt:
    print("ended")
"""


@pytest.mark.parametrize("work", ["run()", "check(every=True)"])
def test_ctrl_c_raises_in_long_work(work):
    done = subprocess.run(
        [sys.executable, "-c", LONG.replace("WORK", work)], capture_output=True, text=True, timeout=300
    )
    assert done.stdout == "ended\n", done.stderr
