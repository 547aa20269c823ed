"""The functions of onnx_rewrite.py for ONNX nodes with graphs inside, written out turn by turn."""

import numpy as np
from onnx import TensorProto as T
from onnx_rewrite import Unsaid, rewrites, run_graph


def body(n, name, inputs):
    graph = n.get(name)
    scope = dict(n.scope)
    scope.update({i.name: v for i, v in zip(graph.input, inputs)})
    return run_graph(n.g, graph, scope, n.opset)


def stacked(g, rows, axis=0):
    rows = [g.reshape(r, list(r.shape[:axis]) + [1] + list(r.shape[axis:])) for r in rows]
    return g.concat(rows, axis)


@rewrites("If")
def if_(n):
    """A condition that follows from shapes chooses a branch; one that is given chooses between two results."""
    if not n.x[0].leaf:
        return body(n, "then_branch" if bool(n.param(0)) else "else_branch", [])
    yes, no, c = body(n, "then_branch", []), body(n, "else_branch", []), n.g.b(n.x[0])
    if any(a.shape != b.shape or a.kind != b.kind for a, b in zip(yes, no)):
        raise Unsaid("branches of several shapes")
    return [n.g.where(n.g.reshape(c, []), a, b).of(a.dtype) for a, b in zip(yes, no)]


@rewrites("Loop")
def loop(n):
    g, states, rows = n.g, n.x[2:], None
    limit = int(n.param(0)) if n.has(0) else 1000
    going, t = (n.x[1] if n.has(1) else g.leaf(np.array(True), T.BOOL)), 0
    count = len(states)
    while t < limit and bool(going.known()):
        made = body(n, "body", [g.leaf(np.array(t), T.INT64), going, *states])
        going, states, t = made[0], made[1:1 + count], t + 1
        rows = rows or [[] for _ in made[1 + count:]]
        for row, value in zip(rows, made[1 + count:]):
            row.append(value)
    if rows is None and n.outputs > count:
        raise Unsaid("a Loop without a turn")
    return [*states, *(stacked(g, row) for row in rows or [])]


@rewrites("Scan")
def scan(n):
    if n.opset < 9:
        raise Unsaid("Scan of opset 8")
    g, count = n.g, n.get("num_scan_inputs")
    states, xs = n.x[:len(n.x) - count], n.x[len(n.x) - count:]
    into = n.get("scan_input_axes") or [0] * count
    back = n.get("scan_input_directions") or [0] * count
    steps, rows = xs[0].shape[into[0]], None
    for t in range(steps):
        parts = []
        for x, axis, reverse in zip(xs, into, back):
            at = steps - 1 - t if reverse else t
            parts.append(g.reshape(g.part(x, axis, at, at + 1), [m for k, m in enumerate(x.shape) if k != axis % x.rank]))
        made = body(n, "body", [*states, *parts])
        states = made[:len(states)]
        rows = rows or [[] for _ in made[len(states):]]
        for row, value in zip(rows, made[len(states):]):
            row.append(value)
    out = n.get("scan_output_axes") or [0] * len(rows)
    turned = n.get("scan_output_directions") or [0] * len(rows)
    return [*states, *(stacked(g, row[::-1] if r else row, a % (row[0].rank + 1)) for row, a, r in zip(rows, out, turned))]
