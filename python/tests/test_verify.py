"""Functions against graphs: NumPy's always, torch's and jax's where they are installed."""

import sys
from pathlib import Path

import numpy as np
import pytest

import graphrun

RECORDED = Path(__file__).parent / "recorded"

AFFINE = """
input x: [n, i] = randn(shape = [6, 4])
param W: [i, o] = randn(shape = [4, 3])
param b: [o] = randn(shape = [3])
y = tanh(x @ W + b)
"""

LAYER_NORM = """
use "std/norm"
input x: [n, d] = randn(shape = [16, 32])
param w: [d] = randn(shape = [32])
param b: [d] = randn(shape = [32])
y, mean, rstd = layer_norm(x, w, b)
output y
"""


@pytest.fixture
def torch():
    return pytest.importorskip("torch", reason="torch is not installed")


@pytest.fixture
def jax():
    return pytest.importorskip("jax", reason="jax is not installed")


def affine(x, W, b):
    return np.tanh(x @ W + b)


def back(upstream, x, W, b):
    before = upstream * (1 - np.tanh(x @ W + b) ** 2)
    return before @ W.T, x.T @ before, before.sum(axis=0)


@pytest.mark.parametrize("dtype", ["float64", "float32", np.float64])
def test_numpy_with_a_backward(dtype):
    spec = graphrun.parse(AFFINE)
    verified = graphrun.verify(affine, spec, dtype=dtype, backward=back)
    assert verified, verified.report
    verified.raise_for_verdict()
    assert {array.name for array in verified.against.arrays} == {"y", "grad(x)", "grad(W)", "grad(b)"}
    assert not verified.nondeterministic and not verified.changed


def test_a_spec_may_be_a_file(tmp_path):
    (tmp_path / "affine.graph").write_text(AFFINE)
    assert graphrun.verify(affine, tmp_path / "affine.graph", backward=back)


def test_a_slip_in_numpy():
    def slip(upstream, x, W, b):
        dx, dW, db = back(upstream, x, W, b)
        return dx, dW / len(x), db

    verified = graphrun.verify(affine, graphrun.parse(AFFINE), backward=slip)
    assert verified.word == "wrong" and verified.against["grad(W)"].verdict == "wrong"
    assert verified.against["grad(x)"].verdict == "ok"
    with pytest.raises(graphrun.VerdictError, match=r"grad\(W\)"):
        verified.raise_for_verdict()


class Affine:
    """A layer as textbooks write them."""

    def forward(self, x, W, b):
        self.x, self.W, self.y = x, W, np.tanh(x @ W + b)
        return self.y

    def backward(self, dout):
        before = dout * (1 - self.y**2)
        return before @ self.W.T, self.x.T @ before, before.sum(axis=0)


def test_an_object_with_forward_and_backward():
    assert graphrun.verify(Affine(), graphrun.parse(AFFINE))


def test_what_changes_from_run_to_run_and_what_writes_into_its_inputs():
    calls = iter(range(100))

    def jittering(x, W, b):
        return affine(x, W, b) * np.float32(1 + 2e-7 * (next(calls) % 2))

    verified = graphrun.verify(jittering, graphrun.parse(AFFINE), backward=back)
    assert verified.nondeterministic == ("y",) and "two runs" in verified.report

    def writing(x, W, b):
        y = affine(x, W, b)
        x[:] = 0
        return y

    changed = graphrun.verify(writing, graphrun.parse(AFFINE), backward=lambda g, x, W, b: back(g, x, W, b))
    assert changed.word == "wrong"


def test_leaves_go_where_they_are_called():
    spec = graphrun.parse("param W = [[1, 2], [3, 4]]\ninput x = [[1, 1]]\ny = x @ W")
    by_name = graphrun.verify(lambda x, W: x @ W, spec, backward=lambda g, x, W: (g @ W.T, x.T @ g))
    said = graphrun.verify(
        lambda a, c: a @ c, spec, backward=lambda g, a, c: (g @ c.T, a.T @ g), args=("x", "W")
    )
    assert by_name and said
    with pytest.raises(TypeError, match="which leaf goes where"):
        graphrun.verify(lambda a: a, spec, backward=lambda g, a: g)
    with pytest.raises(TypeError, match="no leaf is called"):
        graphrun.verify(lambda a: a, spec, backward=lambda g, a: g, args=("z",))
    with pytest.raises(TypeError, match="there are bfloat16, float16"):
        graphrun.verify(lambda x, W: x @ W, spec, dtype="fp4")
    with pytest.raises(TypeError, match="written in"):
        graphrun.verify(lambda x, W: x @ W, spec)


def test_several_outputs_and_names_of_the_graph():
    spec = graphrun.parse("input x = randn(shape = [5])\ny = sin(x)\nz = cos(x)\noutput y, z")

    def gradient(dy, dz, x):
        return dy * np.cos(x) - dz * np.sin(x)

    assert graphrun.verify(lambda x: (np.sin(x), np.cos(x)), spec, backward=gradient)
    assert graphrun.verify(lambda x: {"y": np.sin(x), "z": np.cos(x)}, spec, backward=gradient)
    with pytest.raises(TypeError, match="gives 1 outputs"):
        graphrun.verify(np.sin, spec, backward=lambda dy, x: dy, args=("x",))


def test_what_torch_gave_in_bf16():
    """Recorded by `tests/reference/record_torch.py`."""
    with np.load(RECORDED / "layer_norm.npz") as recorded:
        arrays = dict(recorded)
    slip = arrays.pop("slip")
    spec = graphrun.parse(LAYER_NORM)
    judged = spec.against(arrays, precision="bf16")
    assert judged, judged.report
    wrong = spec.against(arrays | {"grad(x)": slip}, precision="bf16")
    assert wrong["grad(x)"].verdict == "wrong" and wrong["y"].verdict == "ok"


def test_torch_functions_in_every_precision(torch):
    def layer_norm(x, w, b):
        return torch.nn.functional.layer_norm(x.float(), w.shape, w.float(), b.float()).to(x.dtype)

    spec = graphrun.parse(LAYER_NORM)
    for dtype in ("float32", "bfloat16", torch.float16):
        verified = graphrun.verify(layer_norm, spec, dtype=dtype)
        assert verified, verified.report
    assert verified.against["y"].format == "f16"


def test_a_slip_in_an_autograd_function_in_bf16(torch):
    class LayerNorm(torch.autograd.Function):
        """A fused kernel would look like this: all in f32 within, stored in bf16."""

        @staticmethod
        def forward(ctx, x, w, b):
            wide = x.float()
            rstd = torch.rsqrt(wide.var(-1, unbiased=False, keepdim=True) + 1e-5)
            normal = (wide - wide.mean(-1, keepdim=True)) * rstd
            ctx.save_for_backward(normal, rstd, w)
            return (normal * w.float() + b.float()).to(x.dtype)

        @staticmethod
        def backward(ctx, upstream):
            normal, rstd, w = ctx.saved_tensors
            dy, own = upstream.float(), upstream.float() * w.float()
            # The mean of `own` is forgotten.
            dx = rstd * (own - normal * (own * normal).mean(-1, keepdim=True))
            return dx.to(w.dtype), (dy * normal).sum(0).to(w.dtype), dy.sum(0).to(w.dtype)

    verified = graphrun.verify(LayerNorm, graphrun.parse(LAYER_NORM), dtype="bfloat16")
    assert verified.word == "wrong"
    verdicts = {array.name: array.verdict for array in verified.against.arrays}
    assert verdicts == {"y": "ok", "grad(x)": "wrong", "grad(w)": "ok", "grad(b)": "ok"}


def test_torch_modules(torch):
    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = torch.nn.Linear(4, 3)

        def forward(self, x):
            return torch.tanh(self.fc(x))

    spec = graphrun.parse(
        "input x: [n, 4] = randn(shape = [6, 4])\nparam W: [3, 4] = randn()\nparam b: [3] = randn()\n"
        "y = tanh(x @ transpose(W) + b)"
    )
    net = Net()
    before = net.fc.weight.detach().clone()
    verified = graphrun.verify(net, spec, parameters={"W": "fc.weight", "b": "fc.bias"})
    assert verified and "grad(W)" in {array.name for array in verified.against.arrays}
    assert torch.equal(before, net.fc.weight) and net.fc.weight.dtype == torch.float32
    with pytest.raises(TypeError, match="parameters"):
        graphrun.verify(net, spec, parameters={"W": "weight"})


def test_torch_tensors_come_in_and_go_out(torch):
    spec = graphrun.parse("param x: [n] = [1]\ny = sum(x * x)")
    x = torch.arange(3.0, requires_grad=True)
    run = spec.run(x=x)
    assert run["y"] == 5 and torch.from_dlpack(run.grad("x")).tolist() == [0, 2, 4]
    bf16 = {"x": x.bfloat16(), "y": torch.tensor(5.0).bfloat16()}
    assert spec.against(bf16)["y"].format == "bf16"


def test_jax_functions(jax):
    def net(x, W, b):
        return jax.numpy.tanh(x @ W + b)

    spec = graphrun.parse(AFFINE)
    for fn in (net, jax.jit(net)):
        for dtype in ("float32", "float64", jax.numpy.float16):
            verified = graphrun.verify(fn, spec, dtype=dtype)
            assert verified, verified.report


def test_ints_that_jax_gives(jax):
    def best(x):
        return jax.numpy.max(x * x, axis=1), jax.numpy.argmax(x * x, axis=1), jax.numpy.any(x > 9, axis=1)

    spec = graphrun.parse(
        "input x: [n, m] = randn(shape = [4, 3])\ny = max(x * x, axis = 1)\ni = argmax(x * x, axis = 1)\n"
        "far = max(x, axis = 1) > 9\noutput y, i, far"
    )
    for fn in (best, jax.jit(best)):
        verified = graphrun.verify(fn, spec)
        assert verified, verified.report
    assert graphrun.gradcheck(best, jax.numpy.asarray([[1.0, 2.0], [3.0, -4.0]]))


def test_a_slip_in_custom_vjp(jax):
    @jax.custom_vjp
    def square(x):
        return x * x

    square.defvjp(lambda x: (x * x, x), lambda x, upstream: (upstream * x,))
    spec = graphrun.parse("input x = randn(shape = [7])\ny = x * x")
    verified = graphrun.verify(square, spec, dtype="bfloat16")
    assert verified.word == "wrong" and "1/2 times" in verified.against["grad(x)"].slip
    run = spec.run(x=jax.numpy.ones(7))
    np.testing.assert_array_equal(jax.numpy.asarray(run.grad("x")), 2)


def test_nothing_is_imported_that_is_not_used():
    import subprocess

    words = (
        "import sys, graphrun; print([m for m in ('torch', 'jax', 'IPython', 'pytest') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
