"""ONNX graphs written in the language of graphrun, for onnx_nodes.py.

Each ONNX operator has one function here, which writes the graphrun nodes that compute it. Python knows
shapes and kinds, as a shape checker would, and the values that ONNX itself treats as parameters: axes,
shapes, pads, sizes. All other numbers are computed by graphrun.
"""

import math

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx.reference import ReferenceEvaluator

REWRITES = {}
INTS = {T.INT8: (8, True), T.INT16: (16, True), T.INT32: (32, True), T.INT64: (64, True),
        T.UINT8: (8, False), T.UINT16: (16, False), T.UINT32: (32, False), T.UINT64: (64, False),
        T.INT4: (4, True), T.UINT4: (4, False), T.INT2: (2, True), T.UINT2: (2, False)}
# Bits of the fraction, least exponent of a normal number, greatest number, has infinity.
FLOATS = {T.FLOAT: (23, -126, 3.4028234663852886e38, True), T.FLOAT16: (10, -14, 65504.0, True),
          T.BFLOAT16: (7, -126, 3.3895313892515355e38, True), T.DOUBLE: None,
          T.FLOAT8E4M3FN: (3, -6, 448.0, False), T.FLOAT8E5M2: (2, -14, 57344.0, True),
          T.FLOAT8E4M3FNUZ: (3, -7, 240.0, False), T.FLOAT8E5M2FNUZ: (2, -15, 57344.0, False),
          T.FLOAT4E2M1: (1, 0, 6.0, False)}


class Unsaid(Exception):
    """What cannot be said, and why."""


def kind_of(dtype):
    if dtype == T.BOOL:
        return "bool"
    if dtype in INTS:
        return "int"
    if dtype in FLOATS:
        return "float"
    if dtype == T.STRING:
        raise Unsaid("strings")
    if dtype in (T.COMPLEX64, T.COMPLEX128):
        raise Unsaid("complex numbers")
    raise Unsaid(f"the type {T.DataType.Name(dtype).lower()}")


class Value:
    def __init__(self, name, kind, shape, dtype=None, known=None, leaf=False):
        self.name, self.kind, self.shape, self.leaf = name, kind, tuple(int(n) for n in shape), leaf
        self.dtype = dtype or {"float": T.FLOAT, "int": T.INT64, "bool": T.BOOL}[kind]
        self.known = known or unknown

    @property
    def rank(self):
        return len(self.shape)

    def of(self, dtype):
        return Value(self.name, self.kind, self.shape, dtype, self.known, self.leaf)


def unknown():
    raise Unsaid("a parameter that is computed from data")


def number(v, kind):
    if kind == "bool":
        return "true" if v else "false"
    if kind == "int":
        return str(int(v))
    return repr(float(v))


def attribute(v):
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, str):
        return f'"{v}"'
    if isinstance(v, (list, tuple)):
        return "[" + ", ".join(str(int(n)) for n in v) + "]"
    return repr(float(v)) if isinstance(v, (float, np.floating)) else str(int(v))


class Writer:
    """Writes nodes, one op a line, and tells the shape and kind of each."""

    def __init__(self):
        self.lines, self.data, self.n = [], {}, 0

    def leaf(self, array, dtype, known=True):
        kind = kind_of(dtype)
        name = f"x{self.n}"
        self.n += 1
        array = np.asarray(array)
        if kind == "float":
            stored = array.astype(np.float64)
        elif kind == "bool":
            stored = array.astype(bool)
        else:
            if dtype == T.UINT64 and array.size and array.max() > np.iinfo(np.int64).max:
                raise Unsaid("whole numbers beyond 64 bits with a sign")
            stored = array.astype(np.int64)
        self.data[name] = stored
        kinds = "" if kind == "float" else kind
        dims = ", ".join(f"{name}d{k}" for k in range(array.ndim))
        self.lines.append(f'const {name}: {kinds}[{dims}] = npz("data.npz", "{name}")')
        return Value(name, kind, array.shape, dtype, (lambda: array) if known else None, leaf=True)

    def raw(self, text, kind, shape):
        name = f"n{self.n}"
        self.n += 1
        self.lines.append(f"{name} = {text}")
        return Value(name, kind, shape)

    def op(self, op, args, kind, dims, /, **attrs):
        like = next((a.kind for a in args if isinstance(a, Value)), "float")
        words = [a.name if isinstance(a, Value) else number(a, like) for a in args]
        words += [f"{k} = {attribute(v)}" for k, v in attrs.items()]
        return self.raw(f"{op}({', '.join(words)})", kind, dims)

    # Kinds.

    def f(self, x):
        if not isinstance(x, Value) or x.kind == "float":
            return x
        return self.op("cast", [x], "float", x.shape, to="float")

    def i(self, x):
        return x if x.kind == "int" else self.op("cast", [x], "int", x.shape, to="int")

    def b(self, x):
        return x if x.kind == "bool" else self.op("cast", [x], "bool", x.shape, to="bool")

    def to(self, x, kind):
        return {"float": self.f, "int": self.i, "bool": self.b}[kind](x)

    # Elementwise.

    def un(self, op, x, **attrs):
        x = self.f(x)
        return self.op(op, [x], "float", x.shape, **attrs)

    def shape2(self, *args):
        return np.broadcast_shapes(*(a.shape for a in args if isinstance(a, Value)))

    def bin(self, op, a, b):
        a, b = self.f(a), self.f(b)
        return self.op(op, [a, b], "float", self.shape2(a, b))

    def add(self, a, b):
        return self.bin("add", a, b)

    def sub(self, a, b):
        return self.bin("sub", a, b)

    def mul(self, a, b):
        return self.bin("mul", a, b)

    def div(self, a, b):
        return self.bin("div", a, b)

    def cmp(self, op, a, b):
        if isinstance(a, Value) and isinstance(b, Value) and a.kind != b.kind:
            a, b = self.f(a), self.f(b)
        return self.op(op, [a, b], "bool", self.shape2(a, b))

    def logic(self, op, *args):
        args = [self.b(a) for a in args]
        return self.op(op, args, "bool", self.shape2(*args))

    def where(self, c, a, b):
        kind = next(v.kind for v in (a, b) if isinstance(v, Value)) if any(isinstance(v, Value) for v in (a, b)) else "float"
        if kind == "bool":
            return self.b(self.where(c, self.f(a), self.f(b)))
        words = [v.name if isinstance(v, Value) else number(v, kind) for v in (a, b)]
        return self.raw(f"where({c.name}, {words[0]}, {words[1]})", kind, self.shape2(c, a, b))

    # Over axes.

    def red(self, op, x, axes, keep, **attrs):
        x = self.f(x)
        axes = sorted({a % x.rank for a in axes}) if x.rank else []
        if keep:
            shape = [1 if k in axes else n for k, n in enumerate(x.shape)]
        else:
            shape = [n for k, n in enumerate(x.shape) if k not in axes]
        if not axes and op in ("sum", "mean", "max", "min", "prod", "logsumexp"):
            return x
        return self.op(op, [x], "float", shape, axis=axes, keepdims=bool(keep), **attrs)

    # Movement.

    def reshape(self, x, shape):
        shape = [int(n) for n in shape]
        if -1 in shape:
            rest = math.prod(n for n in shape if n != -1)
            shape[shape.index(-1)] = math.prod(x.shape) // rest if rest else 0
        if tuple(shape) == x.shape:
            return x
        return self.op("reshape", [x], x.kind, shape, shape=shape).of(x.dtype)

    def transpose(self, x, axes):
        if list(axes) == list(range(x.rank)):
            return x
        return self.op("transpose", [x], x.kind, [x.shape[a] for a in axes], axes=list(axes)).of(x.dtype)

    def slices(self, x, parts):
        """`parts` are Python slices, one for each axis."""
        shape, words = [], []
        for n, s in zip(x.shape, parts):
            r = range(n)[s]
            shape.append(len(r))
            if s == slice(None):
                words.append(":")
            elif not len(r):
                words.append("0:0")
            else:
                stop = r[-1] + (1 if r.step > 0 else -1)
                words.append(f"{r[0]}:{'' if stop < 0 else stop}:{r.step}")
        return self.raw(f"{x.name}[{', '.join(words)}]", x.kind, shape).of(x.dtype) if x.rank else x

    def part(self, x, axis, start, stop, step=1):
        parts = [slice(None)] * x.rank
        parts[axis % x.rank] = slice(start, stop, step)
        return self.slices(x, parts)

    def expand(self, x, shape):
        shape = np.broadcast_shapes(x.shape, tuple(int(n) for n in shape))
        if shape == x.shape:
            return x
        return self.op("broadcast_to", [x], x.kind, shape, shape=list(shape)).of(x.dtype)

    def concat(self, xs, axis):
        shape = list(xs[0].shape)
        axis %= len(shape)
        shape[axis] = sum(x.shape[axis] for x in xs)
        return self.op("concat", xs, xs[0].kind, shape, axis=axis).of(xs[0].dtype)

    def take(self, x, i, axis):
        axis %= x.rank
        shape = x.shape[:axis] + i.shape + x.shape[axis + 1:]
        return self.op("take", [x, i], x.kind, shape, axis=axis).of(x.dtype)

    def pad(self, x, widths, mode="constant", value=0):
        """`widths` is [before, after] of every axis; negative ones cut."""
        if any(w < 0 for pair in widths for w in pair):
            x = self.slices(x, [slice(max(0, -a), n - max(0, -b)) for n, (a, b) in zip(x.shape, widths)])
            widths = [(max(a, 0), max(b, 0)) for a, b in widths]
        if not any(w for pair in widths for w in pair):
            return x
        shape = [n + a + b for n, (a, b) in zip(x.shape, widths)]
        more = {} if mode != "constant" or value == 0 else {"value": value}
        return self.op("pad", [x], x.kind, shape, widths=[w for pair in widths for w in pair], mode=mode, **more).of(x.dtype)

    def flip(self, x, axis):
        return self.op("flip", [x], x.kind, x.shape, axis=axis % x.rank).of(x.dtype)

    def arange(self, n):
        return self.raw(f"arange(0, {n})", "float", [n])

    def draw(self, source, seed, shape):
        name = f"x{self.n}"
        self.n += 1
        self.lines.append(f"const {name}: [{', '.join(map(str, shape))}] = {source}(seed = {int(seed)})")
        return Value(name, "float", shape)

    def full(self, value, shape):
        return self.raw(f"full({number(value, 'float')}, shape = [{', '.join(map(str, map(int, shape)))}])", "float", shape)

    def matmul(self, a, b):
        a, b = self.f(a), self.f(b)
        sa = a.shape if a.rank > 1 else (1,) + a.shape
        sb = b.shape if b.rank > 1 else b.shape + (1,)
        shape = list(np.broadcast_shapes(sa[:-2], sb[:-2])) + [sa[-2], sb[-1]]
        if b.rank == 1:
            shape.pop()
        if a.rank == 1:
            shape.pop(-1 if b.rank == 1 else -2)
        return self.op("matmul", [a, b], "float", shape)

    # Number types.

    def typed(self, x, dtype):
        """A result as an ONNX type holds it: whole numbers wrap round."""
        kind = kind_of(dtype)
        if kind != "int" or dtype in (T.INT64, T.UINT64):
            return self.to(x, kind).of(dtype)
        bits, signed = INTS[dtype]
        low = -(2 ** (bits - 1)) if signed else 0
        x = self.f(x)
        x = self.op("mod", [self.sub(x, low) if low else x, float(2**bits)], "float", x.shape)
        return self.i(self.add(x, low) if low else x).of(dtype)

    def rounded(self, x, dtype, saturate=True):
        """Floats as a smaller type holds them: to the nearest, of two the even one."""
        bits, least, most, inf = FLOATS[dtype]
        size = self.op("maximum", [self.un("abs", x), 2.0**least], "float", x.shape)
        exponent = self.un("floor", self.un("log2", size))
        # Beside a power of two the logarithm may be one off; a fraction outside of [1, 2) tells.
        power = self.op("pow", [self.full(2.0, []), exponent], "float", x.shape)
        fraction = self.div(size, power)
        power = self.where(self.cmp("greater_equal", fraction, 2.0), self.mul(power, 2.0),
                           self.where(self.cmp("less", fraction, 1.0), self.mul(power, 0.5), power))
        unit = self.mul(power, 2.0**-bits)
        y = self.mul(self.un("round", self.div(x, unit)), unit)
        finite = self.cmp("less", self.un("abs", x), math.inf)
        y = self.where(finite, y, x)
        over = self.cmp("greater", self.un("abs", y), most)
        small = dtype not in (T.FLOAT16, T.BFLOAT16, T.FLOAT)
        if dtype == T.FLOAT4E2M1:  # it has no NaN
            y = self.where(self.cmp("equal", x, x), y, 0.0)
        if dtype == T.FLOAT4E2M1 or (small and saturate):
            y = self.where(over, self.mul(self.un("sign", y), most), y)
        elif small and not inf:
            y = self.where(over, math.nan, y)
        else:
            y = self.where(over, self.mul(self.un("sign", y), math.inf), y)
        if dtype in (T.FLOAT8E4M3FNUZ, T.FLOAT8E5M2FNUZ) and not saturate:
            y = self.where(finite, y, math.nan)
        return y

    def cast(self, x, dtype, saturate=True):
        kind = kind_of(dtype)
        if x.dtype == dtype:
            return x
        if kind == "float":
            y = self.f(x)
            order = [T.DOUBLE, T.FLOAT, T.FLOAT16]
            wider = x.dtype in order and dtype in order and order.index(dtype) <= order.index(x.dtype)
            small = x.dtype in FLOATS and dtype in (T.FLOAT, T.DOUBLE) and x.dtype not in order
            if not wider and not small and FLOATS[dtype] and not (x.kind == "bool"):
                y = self.rounded(y, dtype, saturate)
            return y.of(dtype)
        if kind == "bool":
            return self.b(x).of(dtype)
        y = self.i(x)
        return self.typed(y, dtype)


class Node:
    """An ONNX node with its inputs, for the functions that rewrite it."""

    def __init__(self, g, proto, inputs, opset):
        self.g, self.proto, self.x, self.opset = g, proto, inputs, opset
        self.attrs = {a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute}
        self.attrs = {k: v.decode() if isinstance(v, bytes) else v for k, v in self.attrs.items()}
        self.outputs = len(proto.output)

    def get(self, name, default=None):
        return self.attrs.get(name, default)

    def has(self, k):
        return len(self.x) > k and self.x[k] is not None

    def param(self, k, default=None):
        """An input that ONNX treats as a parameter."""
        return np.asarray(self.x[k].known()) if self.has(k) else default

    def ints(self, k, name=None, default=None):
        if self.has(k):
            return [int(n) for n in np.asarray(self.x[k].known()).reshape(-1)]
        value = self.get(name) if name else None
        return default if value is None else [int(n) for n in np.atleast_1d(value)]

    def wants(self, k):
        return len(self.proto.output) > k and self.proto.output[k] != ""


def rewrites(*names):
    def keep(function):
        for name in names:
            REWRITES[name] = function
        return function
    return keep


def known_outputs(proto, inputs, opset):
    """The values of a node's outputs where its inputs are known, asked for by parameters alone."""
    memo = []

    def run():
        if not memo:
            graph = onnx.helper.make_graph(
                [proto], "g", [onnx.helper.make_tensor_value_info(n, v.dtype, None) for n, v in
                               {n: v for n, v in zip(proto.input, inputs) if v is not None}.items()],
                [onnx.helper.make_tensor_value_info(n, T.UNDEFINED, None) for n in proto.output if n])
            model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)])
            feeds = {n: v.known() for n, v in zip(proto.input, inputs) if v is not None}
            results = iter(ReferenceEvaluator(model).run(None, feeds))
            memo.append([next(results) if n else None for n in proto.output])
        return memo[0]

    return [lambda k=k: run()[k] for k in range(len(proto.output))]


def rewrite(g, model, leaves):
    """Writes the graph of a model; the values of its outputs."""
    opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 25)
    return run_graph(g, model.graph, leaves, opset)


def run_graph(g, graph, scope, opset):
    """Writes a graph whose inputs are in scope. A node is written when something asks for it."""
    values = dict(scope)
    for t in graph.initializer:
        values[t.name] = lambda t=t: g.leaf(onnx.numpy_helper.to_array(t), t.data_type)
    if graph.sparse_initializer:
        raise Unsaid("sparse tensors")

    def force(name):
        value = values[name]
        if callable(value):
            values[name] = value = value()
        return value

    def run(proto):
        inputs = [force(n) if n else None for n in proto.input]
        if proto.op_type not in REWRITES:
            raise Unsaid(f"{proto.op_type} is not rewritten")
        node = Node(g, proto, inputs, opset)
        node.scope = values
        outputs = REWRITES[proto.op_type](node)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        if any(a.type == onnx.AttributeProto.GRAPH for a in proto.attribute):
            return outputs
        known = None
        data = any(v is not None and v.kind == "float" and v.shape and math.prod(v.shape) > 1 for v in inputs)
        if proto.op_type in ("Shape", "Size"):
            lengths = np.array(inputs[0].shape[node.get("start", 0):node.get("end")], np.int64)
            known = [lambda: np.array(lengths.prod(), np.int64) if proto.op_type == "Size" else lengths]
        elif not data:  # no parameter follows from an array of floats
            known = known_outputs(proto, inputs, opset)
        made = []
        for k, y in enumerate(outputs):
            if y is not None:
                y = half(g, proto, inputs, y)
                y = Value(y.name, y.kind, y.shape, y.dtype, known[k] if known and k < len(known) else None, y.leaf)
            made.append(y)
        return made

    for proto in graph.node:
        memo = []

        def later(k, proto=proto, memo=memo):
            if not memo:
                memo.append(run(proto))
            return memo[0][k]

        for k, name in enumerate(proto.output):
            if name:
                values[name] = lambda k=k, later=later: later(k)
    return [force(o.name) for o in graph.output]


def half(g, proto, inputs, y):
    """Where all floats that go in have 16 bits, so has what comes out."""
    types = {v.dtype for v in inputs if v is not None and v.kind == "float"}
    if proto.op_type.startswith(("Cast", "Dequantize", "Quantize")) or y.kind != "float" or len(types) != 1:
        return y
    dtype = types.pop()
    return g.rounded(y, dtype).of(dtype) if dtype == T.BFLOAT16 else y.of(dtype) if dtype == T.FLOAT16 else y
