"""docs/calibration.md, from what the runs gave."""

from collections import Counter, defaultdict
from pathlib import Path

MARK = "<!-- made by tests/reference/against.py from here on -->"
PRECISIONS = ["f64", "f32", "tf32", "f16", "f16 in f16", "bf16", "fp8_e4m3", "fp8_e5m2"]
# A slip that is so many times as large as what the right kernel is off by is plain.
PLAIN = 10.0


def counted(rows):
    """Tensors by kernel and precision and verdict."""
    counts = defaultdict(Counter)
    for kernel, _, variant, _, _, verdict in rows:
        false = verdict in ("wrong", "follows", "refused")
        counts[f"{kernel}|{variant.split(',')[0]}"]["false" if false else verdict] += 1
    return {key: dict(count) for key, count in sorted(counts.items())}


def counted_slips(rows):
    """By slip and precision: planted and seen, of all and of plain ones; of those seen, named and at their array."""
    counts = defaultdict(Counter)
    for _, precision, slip, clear, seen, named, where, verdict, _ in rows:
        count = counts[f"{slip}|{precision}"]
        count["planted"] += 1
        count["seen"] += seen
        count["undecided"] += verdict == "undecided"
        count["plain"] += clear > PLAIN
        count["plain seen"] += clear > PLAIN and seen
        count["plain undecided"] += clear > PLAIN and verdict == "undecided"
        count["named"] += seen and named
        count["placed"] += seen and where
    return {key: dict(count) for key, count in sorted(counts.items())}


def together(some, others):
    """The counts of two runs."""
    keys = sorted(some.keys() | others.keys())
    return {key: dict(Counter(some.get(key, {})) + Counter(others.get(key, {}))) for key in keys}


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def grouped(counts):
    by = defaultdict(dict)
    for key, count in counts.items():
        name, precision = key.split("|")
        by[name][precision] = count
    return by


def right_table(counts):
    rows, sums = [], {precision: Counter() for precision in PRECISIONS}

    def cell(count):
        if not count:
            return ""
        total = sum(count.values())
        notes = [f"{count[word]} {said}" for word, said in (("undecided", "?"), ("false", "✗")) if count.get(word)]
        return ", ".join([str(total), *notes])

    for name, by in grouped(counts).items():
        rows.append([f"`{name}`", *(cell(by.get(precision)) for precision in PRECISIONS)])
        for precision, count in by.items():
            sums[precision].update(count)
    rows.append(["**all**", *(cell(sums[precision]) for precision in PRECISIONS)])
    return table(["kernel", *PRECISIONS], rows)


def share(part, whole):
    return "" if not whole else f"{100 * part / whole:.0f} %" if part != whole else "all"


def slips_table(counts):
    rows = []
    for name, by in grouped(counts).items():
        all = Counter()
        for count in by.values():
            all.update(count)
        cells = []
        for precision in PRECISIONS:
            count = Counter(by.get(precision) or {})
            judged = count["plain"] - count["plain undecided"]
            plain = f'{share(count["plain seen"], judged)} of {judged}' if judged else "–"
            cells.append(f'{plain}; {share(count["seen"], count["planted"])}' if count["planted"] else "")
        rows.append([name, *cells, share(all["named"], all["seen"]), share(all["placed"], all["seen"])])
    return table(["slip", *PRECISIONS, "named", "at its array"], rows)


def write(known, path: Path):
    """The part of the page behind the mark."""
    counts = known.get("right", {})
    tensors = sum(sum(count.values()) for count in counts.values())
    false = sum(count.get("false", 0) for count in counts.values())
    undecided = sum(count.get("undecided", 0) for count in counts.values())
    versions = known.get("versions", {})
    kernels = len({key.split("|")[0] for key in counts})
    group = lambda n: f"{n:,}".replace(",", " ")
    parts = [
        MARK, "",
        f"PyTorch {versions.get('torch')}, NumPy {versions.get('numpy')}, {versions.get('machine')}.", "",
        "## Right kernels", "",
        f"{group(tensors)} tensors of {kernels} kernels: **{false} called wrong**, {group(undecided)} undecided. "
        "A cell has the tensors judged, of them undecided (?) and called wrong (✗).", "",
        right_table(counts), "",
    ]
    if slips := known.get("slips"):
        planted = sum(count["planted"] for count in slips.values())
        parts += [
            "## Planted slips", "",
            f"{group(planted)} slips. The share that is called wrong is first told of *plain* slips: those that change "
            "a result by more than ten times what the right kernel is off by there, where the tool does not say "
            "*undecided*; behind it stands the share of all that were planted, be they within rounding. *Named* is the "
            "share of those seen whose explanation says what was planted; *at its array*, that whose first fault is "
            "the array it was planted in.", "",
            slips_table(slips), "",
        ]
    head = path.read_text().split(MARK)[0] if path.exists() else ""
    path.write_text(head + "\n".join(parts))
