"""graphrun.gradcheck beside torch.autograd.gradcheck, on gradients that are known to be right or wrong.

    python tests/reference/gradcheck_beside_torch.py     # and writes what came out beside itself

Needs torch. A false alarm is a right gradient that is called wrong; a miss a wrong one that is not. Where
graphrun calls a gradient undecided, that is counted apart; torch has no such word.
"""

from __future__ import annotations

import time
from pathlib import Path

import torch
import torch.nn.functional as F

import graphrun

torch.manual_seed(0)


def randn(*shape, scale=1.0):
    return scale * torch.randn(*shape, dtype=torch.float64)


def slip(forward, backward):
    """A function of one input with a backward by hand."""

    class Slip(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return forward(x)

        @staticmethod
        def backward(ctx, upstream):
            return backward(upstream, *ctx.saved_tensors)

    return lambda x: Slip.apply(x)


def centred(upstream, x):
    return upstream


def norm_without_the_mean(upstream, x):
    rstd = (x.var(-1, unbiased=False, keepdim=True) + 1e-5).rsqrt()
    y = (x - x.mean(-1, keepdim=True)) * rstd
    return rstd * (upstream - y * (upstream * y).mean(-1, keepdim=True))


def one_row_wrong(upstream, x):
    gradient = upstream * 2 * x
    gradient[-1, -1] *= 1 + 1e-3
    return gradient


# Right: what torch itself derives, at plain and at awkward points.
RIGHT = {
    "tanh": (torch.tanh, randn(3, 4)),
    "softmax": (lambda x: x.softmax(-1), randn(3, 5)),
    "log_softmax of large scores": (lambda x: x.log_softmax(-1), randn(3, 5, scale=100.0)),
    "layer_norm": (lambda x: F.layer_norm(x, (8,)), randn(4, 8)),
    "layer_norm of nearly equal entries": (lambda x: F.layer_norm(x, (8,)), 3 + randn(2, 8, scale=1e-4)),
    "gelu": (F.gelu, randn(10)),
    "relu on its kink": (F.relu, torch.tensor([0.0, 1.0, -1.0], dtype=torch.float64)),
    "abs on its kink": (torch.abs, torch.tensor([0.0, 2.0], dtype=torch.float64)),
    "relu near its kink": (F.relu, torch.tensor([1e-7, -1e-7], dtype=torch.float64)),
    "max of a tie": (lambda x: x.max(), torch.tensor([1.0, 1.0, 0.0], dtype=torch.float64)),
    "max_pool": (lambda x: F.max_pool2d(x, 2), randn(1, 1, 4, 4)),
    "conv2d": (lambda x: F.conv2d(x, torch.ones(1, 1, 3, 3, dtype=torch.float64)), randn(1, 1, 5, 5)),
    "exp of large": (torch.exp, torch.tensor([20.0, 30.0], dtype=torch.float64)),
    "square of large": (torch.square, torch.tensor([1e6, -1e7], dtype=torch.float64)),
    "square of small": (torch.square, torch.tensor([1e-7, -1e-8], dtype=torch.float64)),
    "reciprocal of small": (torch.reciprocal, torch.tensor([1e-3, 2e-5], dtype=torch.float64)),
    "log of small": (torch.log, torch.tensor([1e-4, 1e-6], dtype=torch.float64)),
    "sine of high frequency": (lambda x: torch.sin(1000 * x), randn(5)),
    "computed in f32 within": (lambda x: (x.float() * 2).exp().double(), randn(5)),
    "cross_entropy": (lambda x: F.cross_entropy(x, torch.tensor([0, 2])), randn(2, 3)),
    "a small loss on a large": (lambda x: 1e8 + x.square().sum(), randn(4)),
    "inverse": (torch.linalg.inv, randn(3, 3) + 4 * torch.eye(3, dtype=torch.float64)),
}

WRONG = {
    "half of a square": slip(torch.square, lambda g, x: g * x),
    "a mean's path forgotten": slip(lambda x: x - x.mean(0), centred),
    "layer_norm without its mean": slip(lambda x: F.layer_norm(x, (4,)), norm_without_the_mean),
    "one entry off by 0.1 %": slip(torch.square, one_row_wrong),
    "off by 5e-4 of itself": slip(torch.square, lambda g, x: g * 2 * x * (1 + 5e-4)),
    "upstream forgotten": slip(torch.square, lambda g, x: 2 * x),
    "upstream squared": slip(torch.square, lambda g, x: g * g * 2 * x),
    "sign of sine": slip(torch.cos, lambda g, x: g * x.sin()),
    "relu with a wrong side": slip(F.relu, lambda g, x: g * (x > 0.5)),
    "detached": lambda x: x.detach() * x,
    "transposed": slip(lambda x: x @ x.T, lambda g, x: g @ x + g @ x),
    "an exponent off by one": slip(
        lambda x: x.abs().pow(2.5), lambda g, x: g * 2.5 * x.abs().pow(0.5) * x.sign()
    ),
}
SMALL = {
    "small values, gradient 0": (slip(torch.square, lambda g, x: 0 * g), randn(4, scale=1e-6)),
    "small values, twice": (slip(torch.square, lambda g, x: g * 4 * x), randn(4, scale=1e-6)),
    "kink with a slope of neither side": (
        slip(F.relu, lambda g, x: torch.where(x == 0, 2 * g, g * (x > 0))),
        torch.tensor([0.0, 1.0], dtype=torch.float64),
    ),
}
WRONG_AT = {name: (fn, randn(4, 4)) for name, fn in WRONG.items()} | SMALL


def own(fn, x):
    started = time.perf_counter()
    verdict = graphrun.gradcheck(fn, x, framework="torch")
    return verdict.word, time.perf_counter() - started


def theirs(fn, x):
    started = time.perf_counter()
    good = torch.autograd.gradcheck(fn, (x.clone().requires_grad_(),), raise_exception=False)
    return "ok" if good else "wrong", time.perf_counter() - started


def main() -> None:
    totals: dict[tuple[str, str], int] = {}
    recorded: list[str] = []

    def say(line: str, times: str = "") -> None:
        print(line + times)
        # Times hang on the machine.
        recorded.append(line.rstrip())

    for title, cases, bad in (("right", RIGHT, ("wrong",)), ("wrong", WRONG_AT, ("ok", "kink"))):
        say(f"{title} gradients{'':24}graphrun    torch")
        for name, (fn, x) in cases.items():
            (word, seconds), (other, others) = own(fn, x), theirs(fn, x)
            marks = ["!" if verdict in bad else " " for verdict in (word, other)]
            times = f" {seconds:8.3f} s {others:8.3f} s"
            say(f"  {name:<36} {word:<9}{marks[0]}  {other:<6}{marks[1]}", times)
            hits = {"own": word in bad, "torch": other in bad, "undecided": word == "undecided"}
            for key, hit in hits.items():
                totals[title, key] = totals.get((title, key), 0) + hit
    for title, what, cases in (("right", "false alarms", RIGHT), ("wrong", "misses", WRONG_AT)):
        say(
            f"{what} of {len(cases)}: graphrun {totals[title, 'own']} "
            f"(and {totals[title, 'undecided']} undecided), torch {totals[title, 'torch']}"
        )
    Path(__file__).with_suffix(".txt").write_text("\n".join(recorded) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
