"""Verdicts as objects: each is true where nothing is wrong and nothing undecided."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any, Literal

from .picture import preformatted

Word = Literal["ok", "kink", "undecided", "wrong", "partial"]


class VerdictError(AssertionError):
    """A verdict that is none of ``ok`` and ``kink``; its words are the report for people.

    Attributes:
        verdict: The verdict itself.
    """

    verdict: Verdict

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(f"\n{verdict.report}")
        self.verdict = verdict


class Verdict:
    """What a comparison comes to, in a word; ``bool(verdict)`` is true for ``ok`` and ``kink``."""

    #: ``ok``; ``kink``: right, with entries where there is no derivative; ``undecided``; ``wrong``.
    word: Word
    #: As on the terminal.
    report: str

    def __bool__(self) -> bool:
        return self.word in ("ok", "kink")

    def __str__(self) -> str:
        return self.report

    def __repr__(self) -> str:
        # Here and in no subclass: IPython takes what is nearer to the class of these two.
        return self._short()

    def _short(self) -> str:
        raise NotImplementedError

    def _repr_html_(self) -> str:
        # Each is read on white and on black.
        color = {"ok": "#1a8a3c", "kink": "#1a8a3c", "undecided": "#9a6700"}.get(self.word, "#e0303f")
        word = f'<strong style="color: {color}">{html.escape(self.word)}</strong>'
        return f"<div>{word}{preformatted(self.report)}</div>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(self.report)

    def raise_for_verdict(self, *, allow_undecided: bool = False) -> None:
        """Does nothing where nothing is wrong.

        Raises:
            VerdictError: something is wrong, or undecided and that is not allowed.
        """
        if not self and not (allow_undecided and self.word == "undecided"):
            raise VerdictError(self)


@dataclass(frozen=True)
class Finding:
    """An entry of a gradient that is not simply right."""

    index: tuple[int, ...]
    #: What backward gives.
    backward: float
    verdict: str
    #: What was measured, in 32 digits, and its error; on a kink the slopes of the two sides stand below.
    measured: float | None
    error: float | None
    left: float | None
    right: float | None


@dataclass(frozen=True)
class TensorCheck:
    """The comparison of a leaf's gradient: how many of its entries came to which verdict."""

    name: str
    shape: tuple[int, ...]
    entries: int
    compared: int
    ok: int
    zero: int
    kink: int
    undecided: int
    wrong: int
    #: Decimal digits that f64 keeps of the entries that are right: the least and the median.
    digits: tuple[float, float] | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class BlockCheck:
    """A block with a backward written by hand, compared alone."""

    name: str
    #: The name of its definition.
    of: str
    verdict: str


@dataclass(frozen=True)
class Culprit:
    """A node or block whose backward is wrong when compared alone."""

    name: str
    of: str
    file: str | None
    line: int | None
    #: What the slip probably is, a sentence for each input that it was found for.
    slips: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Check(Verdict):
    """Backward against measurement, entry by entry."""

    word: Word
    report: str
    tensors: tuple[TensorCheck, ...]
    blocks: tuple[BlockCheck, ...]
    #: Where the wrong entries come from.
    culprits: tuple[Culprit, ...]
    #: All of it, under the stable names of ``graphrun --check --format json``.
    data: dict[str, Any]

    def __getitem__(self, leaf: str) -> TensorCheck:
        for tensor in self.tensors:
            if tensor.name == leaf:
                return tensor
        raise KeyError(leaf)

    def _short(self) -> str:
        counted = ", ".join(f"{t.name}: {t.ok + t.zero}/{t.compared} ok" for t in self.tensors)
        return f"<Check {self.word}: {counted}>"

    @classmethod
    def of(cls, data: dict[str, Any], report: str) -> Check:
        compare = data["compare"]
        return cls(
            word=data["verdict"],
            report=report,
            tensors=tuple(map(_tensor, compare["tensors"])),
            blocks=tuple(BlockCheck(b["name"], b["of"], b["verdict"]) for b in compare["blocks"]),
            culprits=tuple(map(_culprit, compare["location"]["guilty"])),
            data=compare,
        )


def _tensor(tensor: dict[str, Any]) -> TensorCheck:
    digits = tensor["digits"]
    return TensorCheck(
        name=tensor["name"],
        shape=tuple(tensor["shape"]),
        digits=digits and (float(digits["least"]), float(digits["median"])),
        findings=tuple(map(_finding, tensor["findings"])),
        **{word: tensor[word] for word in _COUNTS},
    )


_COUNTS = ("entries", "compared", "ok", "zero", "kink", "undecided", "wrong")


def _finding(finding: dict[str, Any]) -> Finding:
    def number(key: str) -> float | None:
        return None if finding.get(key) is None else float(finding[key])

    return Finding(
        index=tuple(finding["index"]),
        backward=float(finding["backward"]),
        verdict=finding["verdict"],
        measured=number("measured"),
        error=number("error"),
        left=number("left"),
        right=number("right"),
    )


def _culprit(guilty: dict[str, Any]) -> Culprit:
    slips = tuple(given["text"] for given in guilty["inputs"] if given["text"] is not None)
    return Culprit(guilty["name"], guilty["of"], guilty["file"], guilty["line"], slips)


@dataclass(frozen=True)
class Apart:
    """An entry that is off by more than rounding explains."""

    index: tuple[int, ...]
    got: float
    #: What is right, to all digits of f64.
    precise: float
    #: How far rounding may carry it, an absolute difference.
    allowed: float


@dataclass(frozen=True)
class ArrayJudged:
    """An array of another program's numbers: how many of its entries are within what rounding explains."""

    name: str
    shape: tuple[int, ...]
    #: The format that it was judged in, as ``bf16``.
    format: str
    #: ``ok``; ``wrong``: the fault is here; ``follows``: right, given what came before; ``undecided``.
    verdict: str
    entries: int
    ok: int
    undecided: int
    wrong: int
    #: What entries are off by, and the median of what they may be off by, in units in the last place.
    worst_ulps: float
    median_ulps: float
    allowed_ulps: float
    #: What the wrong numbers are, where that is known.
    slip: str | None
    findings: tuple[Apart, ...]


@dataclass(frozen=True, repr=False)
class Against(Verdict):
    """Numbers of another program against a graph."""

    word: Word
    report: str
    arrays: tuple[ArrayJudged, ...]
    #: Leaves that were not given: they hold what the file says.
    from_file: tuple[str, ...]
    #: All of it, under the stable names of ``graphrun --against --format json``.
    data: dict[str, Any]

    def __getitem__(self, array: str) -> ArrayJudged:
        for judged in self.arrays:
            if judged.name == array:
                return judged
        raise KeyError(array)

    def _short(self) -> str:
        return f"<Against {self.word}: {', '.join(f'{a.name} {a.verdict}' for a in self.arrays)}>"

    @classmethod
    def of(cls, data: dict[str, Any], report: str) -> Against:
        return cls(
            word=data["verdict"],
            report=report,
            arrays=tuple(map(_array, data["arrays"])),
            from_file=tuple(data["from_file"]),
            data=data,
        )


def _array(array: dict[str, Any]) -> ArrayJudged:
    apart = (
        Apart(tuple(f["index"]), float(f["got"]), float(f["precise"]), float(f["allowed"]))
        for f in array["findings"]
    )
    return ArrayJudged(
        name=array["name"],
        shape=tuple(array["shape"]),
        format=array["format"],
        verdict=array["verdict"],
        entries=array["entries"],
        ok=array["ok"],
        undecided=array["undecided"],
        wrong=array["wrong"],
        worst_ulps=float(array["ulps"]["worst"]),
        median_ulps=float(array["ulps"]["median"]),
        allowed_ulps=float(array["ulps"]["allowed"]),
        slip=array["text"] or array["trend"],
        findings=tuple(apart),
    )
