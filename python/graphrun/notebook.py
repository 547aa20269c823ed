"""In notebooks: ``%load_ext graphrun`` brings ``%%graph``, and graphs, runs and verdicts show themselves.

A cell of ``%%graph`` holds a graph. It is run, and drawn with its values and gradients::

    %%graph net --check --given x=batch
    input x: [n, 2] = zeros(shape = [1, 2])
    y = sum(tanh(x))

``net`` is then the :class:`graphrun.Graph` of it.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import Any, NoReturn

from ._refused import Refused
from .graph import Reading, bundle, parse


class _Words(argparse.ArgumentParser):
    """What ``%%graph`` takes; what it does not take ends no kernel."""

    def error(self, message: str) -> NoReturn:
        raise ValueError(f"{message}\n{self.format_usage()}")


def _words() -> _Words:
    words = _Words(prog="%%graph", add_help=False)
    words.add_argument("name", nargs="?", help="the variable that becomes the graph")
    words.add_argument("--check", action="store_true", help="compare too, and show the verdict")
    words.add_argument("--forward", action="store_true", help="values alone")
    words.add_argument("--depth", type=int, help="open blocks so many levels deep")
    words.add_argument("--near", help="only what is around this value")
    words.add_argument(
        "--to", default="svg", choices=["svg", "html", "png", "text"], help="html steps through"
    )
    words.add_argument("--spelling", default="graph", choices=["graph", "toml"])
    words.add_argument(
        "--given", action="append", default=[], metavar="LEAF=EXPR", help="a value of Python's for a leaf"
    )
    return words


def _cell(shell: Any, line: str, cell: str) -> None:
    words = _words().parse_args(shlex.split(line))
    leaves = {}
    for given in words.given:
        name, _, expression = given.partition("=")
        leaves[name] = shell.ev(expression or name)
    display = sys.modules["IPython.display"].display
    try:
        graph = parse(cell, Reading(spelling=words.spelling), **leaves)
        if graph.warnings:
            print(graph.warnings, file=sys.stderr)
        if words.name:
            shell.user_ns[words.name] = graph
        how = {"depth": words.depth, "near": words.near, "gradients": not words.forward, "check": words.check}
        if words.to == "svg":
            display(bundle(graph, **how), raw=True)
        else:
            display(graph.picture(words.to, **how))
        if words.check:
            display(graph.check())
    except Refused as refused:
        # As on the terminal: a traceback through this module says nothing.
        print(str(refused).lstrip("\n"), file=sys.stderr)


def load_ipython_extension(shell: Any) -> None:
    """What ``%load_ext graphrun`` does."""
    import IPython.display  # noqa: F401

    def graph(line: str, cell: str) -> None:
        _cell(shell, line, cell)

    graph.__doc__ = f"Runs and draws the graph in this cell.\n\n{_words().format_help()}"
    shell.register_magic_function(graph, magic_kind="cell")
