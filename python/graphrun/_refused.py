"""What graphrun refuses, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnostic:
    """One fault of a file, of an array or of a call."""

    #: What was found and what was expected, in one sentence.
    message: str
    #: The place, where it is in a text: a file's path, or ``"graph"`` for a text at hand.
    file: str | None
    #: From 1.
    line: int | None
    #: In characters, from 1.
    column: int | None
    #: What to do.
    help: tuple[str, ...]
    #: As on the terminal: the message, the line with a caret, and the help.
    text: str

    def __str__(self) -> str:
        return self.text


class Refused(ValueError):
    """A graph, a leaf or an array that graphrun refuses. Nothing of it has run.

    Attributes:
        diagnostics: All faults that do not hang on each other, in the order of the text.
    """

    diagnostics: tuple[Diagnostic, ...]

    def __init__(self, words: str, diagnostics: Sequence[Diagnostic] = ()) -> None:
        super().__init__(words)
        self.diagnostics = tuple(diagnostics)

    @classmethod
    def of(
        cls,
        words: str,
        faults: Sequence[tuple[str, str | None, int | None, int | None, Sequence[str], str]],
    ) -> Refused:
        return cls(
            words,
            [
                Diagnostic(message, file, line, column, tuple(help), text)
                for message, file, line, column, help, text in faults
            ],
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.args[0], self.diagnostics)

    def __str__(self) -> str:
        # A traceback writes the name of the class before it.
        return f"\n{self.args[0]}"


Diagnostic.__module__ = Refused.__module__ = "graphrun"
