#!/usr/bin/env python3
"""Draws how costs grow: `cargo bench --bench figures -- growth huge | python3 benches/growth.py docs/growth.svg`.

Needs matplotlib. Prints the same as a Markdown table, with the exponent of each.
"""
import re
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

TITLES = {
    "read-and-check-nodes": ("read and check a `.graph` of so many scalar nodes", "nodes"),
    "value-and-gradient-nodes": ("value and gradient of the same", "nodes"),
    "value-and-gradient-batch": ("value and gradient of 784-10, by batch", "digits"),
    "compare-entries": ("compare every entry of one layer", "entries"),
}


def main():
    growth = {}
    for name, size, seconds in re.findall(r"^growth-(\S+)-(\d+|exponent) (\S+)$", sys.stdin.read(), re.M):
        growth.setdefault(name, {})[size] = float(seconds)
    plt.rcParams.update({"svg.fonttype": "none", "font.family": "DejaVu Sans", "svg.hashsalt": "graphrun"})
    figure, axes = plt.subplots(figsize=(7.5, 4.5))
    print("| work | sizes | seconds | exponent |\n|---|---|---|---|")
    for (name, costs), line in zip(growth.items(), ["o-", "s--", "^-.", "D:"]):
        title, unit = TITLES[name]
        # One layer of so many inputs has ten weights for each, and ten biases.
        entries = (lambda size: 10 * size + 10) if unit == "entries" else (lambda size: size)
        points = [(entries(int(size)), seconds) for size, seconds in costs.items() if size != "exponent"]
        axes.loglog(*zip(*points), line, label=f"{title.replace('`', '')} (exponent {costs['exponent']:.2f})")
        sizes = " · ".join(f"{size:,}".replace(",", " ") for size, _ in points)
        seconds = " · ".join(f"{seconds:.2g}" for _, seconds in points)
        print(f"| {title} | {sizes} {unit} | {seconds} | {costs['exponent']:.2f} |")
    axes.set_xlabel("nodes, digits, entries")
    axes.set_ylabel("seconds")
    axes.grid(True, which="major", alpha=0.3)
    axes.legend(fontsize=8)
    figure.tight_layout()
    figure.savefig(sys.argv[1], metadata={"Date": None})


if __name__ == "__main__":
    main()
