"""Processes that fork: a child has none of its parent's threads."""

import os
import subprocess
import sys
import textwrap

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes do not fork here")

#: Enough work to be shared among threads.
NET = r"""
import os, signal, sys, warnings
import numpy as np
import graphrun

# Who waits for ever is ended, and that is a failure.
signal.alarm(240)
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
graph = graphrun.parse(
    "param W = randn(shape = [200, 200])\nparam V = randn(shape = [200, 200])\ny = mean(tanh(W @ V))"
)
small = graphrun.parse("param W = randn(shape = [3, 2])\ny = sum(tanh(W))")

def work():
    run = graph.run()
    check = small.check()
    half = small.run(dtype="f16")
    return run["y"].tobytes(), run.grad("W").tobytes(), check.word, half["y"].tobytes()

def in_child(work):
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        signal.alarm(120)
        try:
            work()
        except BaseException as fault:
            print(type(fault).__name__, fault, flush=True)
            os._exit(1)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
"""


def script(words, **environment):
    """What a program prints; one that waits for ever fails."""
    program = NET + textwrap.dedent(words)
    environment = {**os.environ, **environment}
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout.split()


@pytest.mark.parametrize("threads", ["", "1", "3"])
def test_a_child_computes_the_same_bits(threads):
    words = """
    before = work()
    def same():
        assert work() == before
        small.explain(), small.picture("html"), small.table()
        # And a child of a child.
        if len(sys.argv) == 1:
            sys.argv.append("once")
            in_child(same)
    in_child(same)
    in_child(same)
    assert work() == before
    print("done")
    """
    assert script(words, **({"RAYON_NUM_THREADS": threads} if threads else {})) == ["done"]


def test_a_pool_of_forked_processes():
    words = """
    import multiprocessing

    def one(seed):
        W = np.random.default_rng(seed).normal(size=(200, 200))
        run = graph.run(W=W)
        return run["y"].item(), run.grad("V").sum().item()

    here = [one(seed) for seed in range(6)]
    with multiprocessing.get_context("fork").Pool(2, signal.alarm, (120,)) as pool:
        assert pool.map(one, range(6)) == here
    print("done")
    """
    assert script(words) == ["done"]


def test_graph_files_are_tested_in_a_child(tmp_path):
    path = tmp_path / "net.graph"
    path.write_text("param W = randn(shape = [100, 100])\ny = mean(tanh(W @ W))\n")
    words = f"""
    from graphrun import _core
    def test():
        assert _core.tags({str(path)!r})[0] == []
        outcome, _, report = _core.test({str(path)!r}, [], False, False)
        assert outcome == "passed", report
    test()
    in_child(test)
    print("done")
    """
    for threads in ("1", "2"):
        assert script(words, RAYON_NUM_THREADS=threads) == ["done"]


def test_the_command_says_that_it_needs_a_process_of_its_own():
    words = """
    from graphrun import _core
    def command():
        try:
            _core.command(["limits"])
        except RuntimeError as fault:
            print("subprocess" in str(fault), flush=True)
    in_child(command)
    """
    assert script(words) == ["True"]
