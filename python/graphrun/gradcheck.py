"""A function's own gradient against its slopes, without any spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ._arrays import plain
from .black_box import BlackBox
from .frameworks import Framework, framework_of
from .slopes import LONGEST, SAFETY, Floats, Line, Slopes, slopes
from .verdicts import Verdict, Word

#: Of a larger input a sample of entries is compared, and random directions through all of them.
MOST_ENTRIES = 1000
SAMPLE = 64
DIRECTIONS = 16

#: What a gradient in f64 may be off by, as a part of itself.
ROUNDING = 1e-8

#: What is smaller than this part of the largest is lost where they meet.
LOST = 2.0**-50

#: An entry whose bar is a larger part of it than this says nothing, unless it is small beside others.
BLUNT = 1e-2

#: Wrong entries that are listed of an input.
LISTED = 5


@dataclass(frozen=True)
class Entry:
    """An entry of a gradient, of one output or of a random sum of outputs."""

    #: Of the input; empty for a random direction through all of its entries.
    index: tuple[int, ...]
    #: Which output and which of its entries; ``None`` for a random sum of all.
    output: tuple[int, tuple[int, ...]] | None
    verdict: Literal["ok", "kink", "undecided", "wrong"]
    backward: float
    measured: float
    #: What the measured slope may be off by.
    error: float
    #: The slopes of the two sides.
    left: float
    right: float


@dataclass(frozen=True)
class InputCheck:
    """The gradient of an input: how many of the entries that were looked at came to which verdict."""

    name: str
    shape: tuple[int, ...]
    entries: int
    compared: int
    ok: int
    kink: int
    undecided: int
    wrong: int
    #: Nothing comes back to it at all.
    detached: bool
    #: The factor between what is measured and what backward gives, where all wrong entries share it.
    factor: float | None
    findings: tuple[Entry, ...]


@dataclass(frozen=True, repr=False)
class GradCheck(Verdict):
    """A function's gradient against its slopes."""

    word: Word
    report: str
    inputs: tuple[InputCheck, ...]
    #: Two calls on the same inputs gave different bits.
    nondeterministic: bool
    #: Inputs that the function changed.
    changed: tuple[str, ...]
    #: Backward is not linear in what arrives at the outputs.
    nonlinear: bool

    def __getitem__(self, name: str) -> InputCheck:
        for given in self.inputs:
            if given.name == name:
                return given
        raise KeyError(name)

    def _short(self) -> str:
        counted = ", ".join(f"{i.name}: {i.ok}/{i.compared} ok" for i in self.inputs)
        return f"<GradCheck {self.word}: {counted}>"


def gradcheck(
    fn: Any,
    inputs: Any,
    *,
    backward: Callable[..., Any] | None = None,
    framework: Literal["torch", "jax", "numpy"] | None = None,
    device: Any = None,
    seed: int = 0,
) -> GradCheck:
    """Compares a function's gradient with slopes of the function, in f64, without any spec.

    Each step and each error follows from the function: from how its differences converge, and from its own
    noise. A function that computes in f32 within is no false alarm, and an entry where too little is known is
    *undecided*. Where the two sides of an entry have different slopes it is on a *kink*, and right with
    any gradient between them.

    Every entry of inputs of up to 1000 is compared, of each of up to 24 outputs; of larger inputs 64
    entries and 16 random directions, of more outputs 12 random sums.

    Args:
        fn: As :func:`verify` takes it: a function of torch, jax or NumPy that gives an array or several.
        inputs: What it is called with: an array, several, or a dict by name. Floats are taken in f64 and
            want a gradient, ints and bools are handed on.
        backward: Of a function of NumPy: ``backward(*upstream, *inputs)`` gives a gradient for each input.
        framework: What `fn` is written in, where it cannot be told.
        device: Where to run, as the framework names it.
        seed: Of random sums and directions.

    Raises:
        TypeError: what `fn` is written in cannot be told, or an input is no array.
    """
    named = inputs if isinstance(inputs, Mapping) else None
    given = list(named.values()) if named else list(inputs) if isinstance(inputs, (tuple, list)) else [inputs]
    home = framework_of(
        fn, dtype="float64", device=device, backward=backward, framework=framework, inputs=given
    )
    names = [str(name) for name in named] if named else _names(home, len(given))
    with home.session():
        box = BlackBox(home, [plain(value)[0] for value in given], np.random.RandomState(seed))
        return _Comparison(box, names).result()


def _names(home: Framework, count: int) -> list[str]:
    signature = home.signature()
    places = list(signature.parameters.values()) if signature else []
    places = [place for place in places if place.kind in (place.POSITIONAL_ONLY, place.POSITIONAL_OR_KEYWORD)]
    return [places[at].name if at < len(places) else f"input {at}" for at in range(count)]


class _Comparison:
    """The gradients of a black box against its slopes."""

    def __init__(self, box: BlackBox, names: Sequence[str]) -> None:
        self.box, self.names = box, names

    def result(self) -> GradCheck:
        checks = [self._input(at) for at, wants in enumerate(self.box.wanted) if wants]
        count = {
            word: sum(getattr(check, word) for check in checks) for word in ("wrong", "undecided", "kink")
        }
        nonlinear = self.box.is_nonlinear()
        word: Word = "ok"
        if nonlinear or count["wrong"]:
            word = "wrong"
        elif count["undecided"] or not any(check.compared for check in checks):
            word = "undecided"
        elif count["kink"]:
            word = "kink"
        differs = bool(np.any(self.box.jitter > 0))
        changed = tuple(self.names[number] for number in self.box.changed)
        report = _report(checks, word, differs, changed, nonlinear)
        return GradCheck(word, report, tuple(checks), differs, changed, nonlinear)

    def _input(self, at: int) -> InputCheck:
        value = self.box.values[at]
        scale = self.box.scale(at)
        probes: list[tuple[tuple[int, ...], Floats]] = []
        whole = value.size <= MOST_ENTRIES
        chosen = range(value.size) if whole else self.box.random.choice(value.size, SAMPLE, replace=False)
        for entry in chosen:
            index = tuple(int(i) for i in np.unravel_index(int(entry), value.shape))
            direction = np.zeros(value.shape)
            direction[index] = scale[index]
            probes.append((index, direction))
        if not whole:
            probes += [((), self.box.random.standard_normal(value.shape) * scale) for _ in range(DIRECTIONS)]
        uncertain = self.box.noise(at, scale)
        measured = []
        for index, direction in probes:
            line = self.box.along(at, direction)
            measured.append((index, direction, line, slopes(line, self.box.at_zero, uncertain)))
        found = [abs(m.value[np.isfinite(m.error)]) for *_, m in measured]
        largest = max((float(part.max()) for part in found if part.size), default=0.0)
        entries: list[Entry] = []
        for index, direction, line, first in measured:
            entries += self._judged(at, index, direction, line, first, uncertain, largest)
        return self._summary(at, entries, whole)

    def _judged(
        self,
        at: int,
        index: tuple[int, ...],
        direction: Floats,
        line: Line,
        first: Slopes,
        uncertain: Floats,
        largest: float,
    ) -> list[Entry]:
        """The verdicts on an entry, one for each sum of outputs."""
        zero = np.zeros(direction.shape)
        came_back = [back[at] for back in self.box.gradients]
        gradients = [zero if gradient is None else gradient for gradient in came_back]
        backward = np.array([float(np.sum((gradient * direction)[direction != 0])) for gradient in gradients])
        reach = float(np.max(np.abs(direction), initial=0.0))
        words = self._words(backward, first, largest, reach)
        if "wrong" in words:
            # No step of the first is among these: what is wrong at both is wrong.
            second = slopes(line, self.box.at_zero, uncertain, LONGEST * 0.71)
            words = [
                "undecided" if one == "wrong" and other != "wrong" else one
                for one, other in zip(words, self._words(backward, second, largest, reach))
            ]
        unit = float(np.abs(direction[index])) if index or not direction.shape else 1.0
        return [
            Entry(
                index,
                self.box.output(number),
                word,  # type: ignore[arg-type]
                *(
                    float(part[number] / unit)
                    for part in (backward, first.value, first.error, first.left, first.right)
                ),
            )
            for number, word in enumerate(words)
        ]

    def _words(self, backward: Floats, found: Slopes, largest: float, reach: float) -> list[str]:
        largest_output = float(np.max(np.abs(self.box.at_zero)))
        kinked = found.kinked
        words = []
        for number, own in enumerate(backward):
            size = max(abs(own), abs(found.value[number]))
            if kinked[number]:
                sides = (found.left[number], found.right[number])
                bar = SAFETY * max(found.left_error[number], found.right_error[number]) + ROUNDING * size
                words.append("kink" if min(sides) - bar <= own <= max(sides) + bar else "wrong")
                continue
            bar = SAFETY * found.error[number] + ROUNDING * size + LOST * largest
            has_moved = found.value[number] != 0 or found.error[number] != 0
            if not has_moved:
                # What moves it less than rounding does cannot be seen.
                bar = max(bar, LOST * max(largest_output, reach))
            tells = bar <= max(BLUNT * size, BLUNT**2 * largest, 1e-6 * abs(self.box.at_zero[number]))
            if not np.isfinite([own, bar, self.box.at_zero[number]]).all():
                words.append("undecided")
            elif abs(own - found.value[number]) > bar:
                words.append("wrong")
            else:
                words.append("ok" if tells or not has_moved else "undecided")
        return words

    def _summary(self, at: int, entries: list[Entry], whole: bool) -> InputCheck:
        gravity = ["ok", "kink", "undecided", "wrong"]
        grouped: dict[Any, list[Entry]] = {}
        for number, entry in enumerate(entries):
            # Directions have no index, and each counts alone.
            key = entry.index if entry.index or whole else number // len(self.box.weights)
            grouped.setdefault(key, []).append(entry)
        worst = [max(group, key=lambda entry: gravity.index(entry.verdict)) for group in grouped.values()]
        count = {word: sum(entry.verdict == word for entry in worst) for word in gravity}
        wrong = [entry for entry in entries if entry.verdict == "wrong"]
        ratios = np.array([e.measured / e.backward for e in wrong if e.backward and e.measured])
        shared = len(ratios) == len(wrong) > 0 and np.allclose(ratios, ratios[0], rtol=1e-4)
        back = [gradients[at] for gradients in self.box.gradients]
        detached = bool(wrong) and all(gradient is None or not np.any(gradient) for gradient in back)
        findings = tuple(entry for entry in entries if entry.verdict != "ok")
        value = self.box.values[at]
        return InputCheck(
            name=self.names[at],
            shape=value.shape,
            entries=value.size,
            compared=len(grouped),
            detached=detached,
            factor=float(ratios[0]) if shared else None,
            findings=findings,
            **count,
        )


def _report(
    checks: Sequence[InputCheck], word: str, differs: bool, changed: Sequence[str], nonlinear: bool
) -> str:
    rows: list[tuple[str, ...]] = [("input", "entries", "compared", "ok", "kink", "undecided", "wrong")]
    for check in checks:
        counts = (check.entries, check.compared, check.ok, check.kink, check.undecided, check.wrong)
        rows.append((f"{check.name} {list(check.shape)}", *map(str, counts)))
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        " " + "  ".join([row[0].ljust(widths[0])] + [cell.rjust(w) for cell, w in zip(row[1:], widths[1:])])
        for row in rows
    ]
    for check in checks:
        gravest = sorted(check.findings, key=lambda entry: entry.verdict != "wrong")
        # Of an entry one line: its slip shows in each sum that it is a part of.
        listed = list({entry.index or id(entry): entry for entry in reversed(gravest)}.values())[::-1]
        lines += [_line(check, entry) for entry in listed[:LISTED]]
        if len(listed) > LISTED:
            lines.append(f"       and {len(listed) - LISTED} more of {check.name}")
        if check.detached:
            lines.append(f"why    nothing comes back to {check.name}: is it detached, or its gradient None?")
        elif check.factor is not None:
            lines.append(f"why    every wrong entry is {1 / check.factor:.6g} times what is measured")
    if nonlinear:
        lines.append("wrong  backward is not linear in what arrives: of a sum it gives not the sum")
    if differs:
        lines.append("nondeterministic  two calls on the same inputs give different numbers")
    if changed:
        lines.append(f"changed  the function writes into its inputs {', '.join(changed)}")
    ends = {
        "ok": "the gradient agrees with the slopes",
        "kink": "the gradient agrees with the slopes; on kinks it lies between those of the two sides",
        "undecided": "of some entries too little is known",
        "wrong": "the gradient is not that of the function",
    }
    return "\n".join([*lines, f"{word}: {ends[word]}"]) + "\n"


def _line(check: InputCheck, entry: Entry) -> str:
    place = (
        f"[{', '.join(map(str, entry.index))}]"
        if entry.index
        else " along a direction"
        if check.shape
        else ""
    )
    of = "" if entry.output is None else f" of output {entry.output[0]}{list(entry.output[1]) or ''}"
    if entry.verdict == "kink":
        measured = f"slopes {entry.left:.10g} and {entry.right:.10g}"
    else:
        measured = f"measured {entry.measured:.10g} ± {entry.error * SAFETY:.1g}"
    return f"{entry.verdict:<9}  {check.name}{place}{of}  backward {entry.backward:.10g}  {measured}"
