"""What a graph can call."""

from __future__ import annotations

from dataclasses import dataclass

from . import _core


@dataclass(frozen=True)
class Op:
    """An op, as its card says it."""

    name: str
    #: The call with its inputs and attributes.
    signature: str
    #: One sentence.
    doc: str
    #: The formula of forward, with the names of the inputs.
    forward: str
    #: For each input that a gradient goes to its formula, with ``upstream`` for what arrives.
    backward: dict[str, str]
    #: Where the gradient has kinks.
    kinks: str | None


@dataclass(frozen=True)
class Block:
    """A block of the library that comes with graphrun, in the language itself, with its backward by hand."""

    name: str
    #: What ``use`` takes: ``std/norm``.
    path: str
    signature: str
    #: One sentence.
    doc: str
    #: All that is said of it, with the derivation.
    comment: str
    source: str


def ops() -> list[Op]:
    """Every op, sorted by name."""
    return [
        Op(name, signature, doc, forward, dict(backward), kinks)
        for name, signature, doc, forward, backward, kinks in _core.ops()
    ]


def blocks() -> list[Block]:
    """Every block of the library, sorted by name."""
    return [Block(*told) for told in _core.blocks()]


for _public in (Op, Block, ops, blocks):
    _public.__module__ = "graphrun"
