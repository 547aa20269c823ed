"""Records what PyTorch computes for random programs over all ops: values and gradients, in float64.

    python tests/reference/programs.py     writes programs.json beside this file

A program is lines `v3 = op(v1, v2)` as a graph file writes them. They are Python too, on the functions
of ops.py, so that one text is run by both. Each op of the list below is drawn about equally often.

programs.json: {"versions": {...}, "programs": [{inputs: {name: array}, lines: [text], values: {name:
[numbers]}, gradients: {name: [numbers]}}]}; values are those of the last two
lines, gradients those of the last one, a sum.
"""

import json
import pathlib
import platform

import numpy as np
import torch

import ops

PROGRAMS = 400
LINES = 7

# What gives a tensor of the shape [3, 4] again, from others of that shape; {a}, {b} are such tensors.
SAME = [
    "neg({a})", "exp(-abs({a}))", "log(2 + abs({a}))", "sqrt(0.5 + square({a}))", "reciprocal(2 + abs({a}))",
    "sin({a})", "cos({a})", "tan(0.5 * tanh({a}))", "sigmoid({a})", "tanh({a})", "relu({a})", "leaky_relu({a}, slope=0.2)",
    "softplus({a})", "erf({a})", "log1p(square({a}))", "expm1(0.5 * tanh({a}))", "log2(1.5 + abs({a}))",
    "sinh(tanh({a}))", "cosh(tanh({a}))", "asin(0.9 * tanh({a}))", "acos(0.9 * tanh({a}))", "atan({a})", "asinh({a})",
    "acosh(1.5 + square({a}))", "atanh(0.9 * tanh({a}))", "{a} + {b}", "{a} - {b}", "{a} * tanh({b})",
    "{a} / (1 + {b} * {b})", "pow(1 + abs({a}), tanh({b}))", "maximum({a}, {b})", "minimum({a}, {b})",
    "clip({a}, min=-0.7, max=0.9)", "where(less({a}, {b}), {a}, 2 * {b})", "where(greater_equal({a}, 0), {b}, -{a})",
    "where(logical_and(greater({a}, -0.5), less_equal({b}, 0.5)), {a} * {b}, {a})",
    "where(logical_or(greater({a}, 0.5), not_equal({b}, {b})), tanh({a}), {b})",
    "where(logical_not(greater({a}, 0)), {a}, 0.5 * {b})", "{a} + sign({b})", "{a} + floor({b})", "{a} * ceil({b})",
    "{a} - round({b})", "mod({a}, 1.5)",
    "{a} - mean({a}, axis=-1, keepdims=true)", "{a} / sum(1 + abs({a}), axis=0, keepdims=true)",
    "{a} - max({a}, axis=1, keepdims=true)", "{a} - min({a}, axis=0, keepdims=true)",
    "{a} - logsumexp({a}, axis=-1, keepdims=true)", "{a} / sqrt(0.1 + var({a}, axis=1, keepdims=true))",
    "{a} / (0.1 + std({a}, axis=0, keepdims=true, ddof=1))", "{a} / (0.1 + norm({a}, axis=1, keepdims=true))",
    "{a} * prod(tanh({a}), axis=0, keepdims=true)", "cumsum({a}, axis=1)", "cumprod(tanh({a}), axis=0)",
    "sort({a}, axis=-1)", "sort({a}, axis=0, descending=true)", "softmax({a}, axis=-1)", "log_softmax({a}, axis=0)",
    "{a} @ transpose({b}) @ tanh({a})",
    "reshape(transpose({a}), shape=[3, 4])", "flip({a}, axis=1)", "roll({a}, shift=1, axis=0)", "tril({a})", "triu({a}, k=-1)",
    "concat({a}[0:1], {b}[1:3], axis=0)", "stack({a}[0], {b}[1], {a}[2])", "pad({a}[0:2, 1:3], widths=[0, 1, 1, 1])",
    "pad({a}[:, 1:3], widths=[0, 0, 1, 1], mode=\"edge\")", "tile({a}[0:1], reps=[3, 1])",
    "repeat_interleave({a}[:, 0:2], repeats=2, axis=1)", "broadcast_to({a}[1], shape=[3, 4])",
    "squeeze(unsqueeze({a}, axis=1), axis=1)", "take({a}, rows)", "gather({a}, columns, axis=1)",
    "scatter_add({a}, columns, {b}, axis=1)", "{a} + diagonal({b})[None, 0:1]", "{a} @ W", "matmul({a}, W)",
    "affine({a}, W, bias)", "einsum({a}, {b}, {a}, equation=\"ij,kj,kl->il\")", "identity({a})", "square(tanh({a}))",
    "reshape(conv(reshape({a}, shape=[1, 1, 3, 4]), kernel, padding=1), shape=[3, 4])",
    "reshape(conv_transpose(reshape({a}, shape=[1, 1, 3, 4]), kernel, padding=1), shape=[3, 4])",
    "{a} + reshape(avg_pool(reshape({a}, shape=[1, 1, 3, 4]), kernel=[3, 2]), shape=[1, 2])[:, 0:1]",
    "{a} + reshape(max_pool(reshape({a}, shape=[1, 1, 3, 4]), kernel=[3, 1]), shape=[1, 4])",
    "{a} + sum(unfold(reshape({a}, shape=[1, 1, 3, 4]), kernel=2)) * 0.1",
    "reshape(fold(unfold(reshape({a}, shape=[1, 1, 3, 4]), kernel=2), shape=[3, 4], kernel=2), shape=[3, 4])",
    "{a} + softmax_loss({b}, labels)", "{a} * cross_entropy(softmax({b}), labels)", "{a} + sigmoid_loss({b}, sigmoid({a}))",
    "{a} + 0.1 * squared_error({a}, {b})", "{a} + huber_loss({a}, {b}, delta=0.5)",
    "{a} * flatten(one_hot(labels, classes=4))", "{a} + cast(greater({b}, 0), to=\"float\")",
]


def program(random):
    given = {
        "x": random.normal(size=(3, 4)), "y": random.normal(size=(3, 4)), "W": random.normal(size=(4, 4)),
        "bias": random.normal(size=4), "kernel": random.normal(size=(1, 1, 3, 3)),
        "rows": random.integers(-3, 3, size=3), "columns": random.integers(4, size=(3, 4)),
        "labels": random.integers(4, size=3),
    }
    lines, tensors = [], ["x", "y"]
    for at in range(LINES):
        template = SAME[random.integers(len(SAME))]
        a, b = tensors[random.integers(len(tensors))], tensors[random.integers(len(tensors))]
        text = template.format(a=a, b=b)
        lines.append(f"v{at} = {text}")
        tensors.append(f"v{at}")
    lines.append(f"total = sum(v{LINES - 1} * x) + sum(tanh(v{LINES - 2}))")
    return given, lines


def record(random):
    while True:
        given, lines = program(random)
        values = {name: torch.tensor(value) for name, value in given.items()}
        for value in values.values():
            value.requires_grad_(value.is_floating_point())
        scope = {**vars(ops), **values}
        for line in lines:
            exec(line, scope)
        made = {line.split(" = ")[0]: scope[line.split(" = ")[0]] for line in lines}
        leaves = {name: value for name, value in values.items() if value.requires_grad}
        if not made["total"].requires_grad:
            continue
        gradients = torch.autograd.grad(made["total"], list(leaves.values()), allow_unused=True)
        gradients = {n: torch.zeros_like(leaves[n]) if g is None else g for n, g in zip(leaves, gradients)}
        # Large numbers would say little of the digits behind.
        sizes = [value.detach().abs().max() for value in [*made.values(), *gradients.values()]]
        if all(torch.isfinite(size) and size < 1e3 for size in sizes):
            break
    flat = lambda tensors: {n: [ops.number(v) for v in t.detach().flatten().tolist()] for n, t in tensors.items()}
    return {
        "inputs": {name: ops.array(value) for name, value in values.items()},
        "lines": lines,
        "values": flat({name: made[name] for name in list(made)[-2:]}),
        "gradients": flat(gradients),
    }


if __name__ == "__main__":
    random = np.random.default_rng(4)
    versions = {"python": platform.python_version(), "numpy": np.__version__, "torch": torch.__version__}
    rows = [json.dumps(record(random), separators=(",", ":"), allow_nan=False) for _ in range(PROGRAMS)]
    text = f'{{"versions":{json.dumps(versions)},"programs":[\n' + ",\n".join(rows) + "\n]}\n"
    pathlib.Path(__file__).with_suffix(".json").write_text(text)
