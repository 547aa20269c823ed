"""Gradients against slopes, without a spec."""

import numpy as np
import pytest

import graphrun
from graphrun.slopes import noise, slopes

RANDOM = np.random.RandomState(0)

#: Right gradients, each at plain and awkward points: forward, backward, input, verdict.
RIGHT = {
    "tanh": (np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2), RANDOM.randn(3, 4), "ok"),
    "exp of large": (np.exp, lambda g, x: g * np.exp(x), np.array([20.0, 30.0]), "ok"),
    "log of small": (np.log, lambda g, x: g / x, np.array([1e-4, 1e-6]), "ok"),
    "square of small": (np.square, lambda g, x: g * 2 * x, np.array([1e-7, -1e-8]), "ok"),
    "square of large": (np.square, lambda g, x: g * 2 * x, np.array([1e7, -1e6]), "ok"),
    "high frequency": (
        lambda x: np.sin(1e3 * x),
        lambda g, x: g * 1e3 * np.cos(1e3 * x),
        RANDOM.randn(4),
        "ok",
    ),
    "a small loss on a large": (lambda x: 1e8 + (x * x).sum(), lambda g, x: g * 2 * x, RANDOM.randn(3), "ok"),
    "lost in saturation": (
        lambda x: x[0] - np.logaddexp.reduce(x),
        lambda g, x: g * (np.eye(3)[0] - np.exp(x - np.logaddexp.reduce(x))),
        np.array([300.0, 0.0, -50.0]),
        "ok",
    ),
    "f32 within": (
        lambda x: np.exp(x.astype(np.float32)).astype(float),
        lambda g, x: g * np.exp(x),
        RANDOM.randn(6),
        ("ok", "undecided"),
    ),
    "relu": (lambda x: np.maximum(x, 0), lambda g, x: g * (x > 0), np.array([0.0, 1.0, -1.0]), "kink"),
    "relu near its kink": (
        lambda x: np.maximum(x, 0),
        lambda g, x: g * (x > 0),
        np.array([1e-7, -1e-7]),
        "ok",
    ),
    "abs": (np.abs, lambda g, x: g * np.sign(x), np.array([0.0, 2.0]), "kink"),
    "a step": (lambda x: np.floor(x), lambda g, x: 0 * g, np.array([0.0, 1.5]), "undecided"),
    "a pole": (lambda x: 1 / x, lambda g, x: -g / x**2, np.array([0.0, 1.0]), "undecided"),
    "not used": (lambda x: 3 + 0 * x, lambda g, x: 0 * g, RANDOM.randn(2), "ok"),
    "a scalar": (lambda x: x**3, lambda g, x: 3 * g * x**2, np.array(2.0), "ok"),
}


@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
@pytest.mark.parametrize("name", RIGHT)
def test_no_false_alarm(name):
    forward, backward, x, word = RIGHT[name]
    verdict = graphrun.gradcheck(forward, x, backward=backward)
    assert verdict.word in word, verdict.report


WRONG = {
    "half": (np.square, lambda g, x: g * x),
    "off by 1e-5 of itself": (np.square, lambda g, x: g * 2 * x * (1 + 1e-5)),
    "upstream forgotten": (np.square, lambda g, x: 2 * x),
    "upstream squared": (np.square, lambda g, x: g * g * 2 * x),
    "a path forgotten": (lambda x: x - x.mean(axis=0), lambda g, x: g),
    "nothing": (np.square, lambda g, x: None),
    "a wrong side": (lambda x: np.maximum(x, 0), lambda g, x: g * (x > np.median(x))),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_no_slip_is_missed(name, scale):
    forward, backward = WRONG[name]
    verdict = graphrun.gradcheck(forward, scale * RANDOM.randn(4, 3), backward=backward)
    assert verdict.word == "wrong", verdict.report
    with pytest.raises(graphrun.VerdictError):
        verdict.raise_for_verdict()


def test_what_is_said_of_a_slip():
    half = graphrun.gradcheck(np.square, np.array([[1.0, 2.0]]), backward=lambda g, x: g * x)
    (given,) = half.inputs
    assert given.wrong == 2 and given.factor == pytest.approx(2) and "0.5 times" in half.report
    finding = given.findings[0]
    assert finding.index == (0, 0) and finding.output == (0, (0, 0))
    assert finding.backward == 1 and finding.measured == pytest.approx(2, abs=1e-10) and finding.error < 1e-10
    lost = graphrun.gradcheck(np.square, RANDOM.randn(3), backward=lambda g, x: None)
    assert lost.inputs[0].detached and "nothing comes back" in lost.report


def test_a_kink_with_a_slope_of_neither_side_is_wrong():
    relu = graphrun.gradcheck(lambda x: np.maximum(x, 0), np.array([0.0]), backward=lambda g, x: 2 * g)
    assert relu.word == "wrong" and relu.inputs[0].findings[0].right == pytest.approx(1)


def test_several_inputs_by_name_and_ints_handed_on():
    def fn(x, i, w):
        return (x[i] * w).sum()

    def backward(g, x, i, w):
        dx = np.zeros_like(x)
        np.add.at(dx, i, g * w)
        return dx, None, g * x[i]

    given = (RANDOM.randn(4), np.array([0, 2, 2]), RANDOM.randn(3))
    verdict = graphrun.gradcheck(fn, given, backward=backward)
    assert verdict.word == "ok" and [check.name for check in verdict.inputs] == ["x", "w"]
    named = graphrun.gradcheck(fn, dict(zip("abc", given)), backward=backward)
    assert named["a"].ok == 4 and named["c"].entries == 3


def test_large_inputs_by_sample_and_direction():
    x, W = RANDOM.randn(40, 50), RANDOM.randn(50, 3)
    right = graphrun.gradcheck(lambda x: x @ W, x, backward=lambda g, x: g @ W.T)
    assert right.word == "ok" and right["x"].compared == 64 + 16

    def one_slip(g, x):
        gradient = g @ W.T
        gradient[7, 9] += 0.1
        return gradient

    # No entry of the sample need be the wrong one: directions go through all.
    assert graphrun.gradcheck(lambda x: x @ W, x, backward=one_slip).word == "wrong"


def test_what_changes_and_what_writes():
    calls = iter(range(10**6))
    jitter = graphrun.gradcheck(
        lambda x: np.sin(x) + 1e-9 * (next(calls) % 2), RANDOM.randn(3), backward=lambda g, x: g * np.cos(x)
    )
    assert jitter.nondeterministic and jitter.word != "wrong"

    class Writing:
        def forward(self, x):
            self.slope = np.cos(x)
            y = np.sin(x)
            x[:] = 0
            return y

        def backward(self, upstream):
            return upstream * self.slope

    assert graphrun.gradcheck(Writing(), RANDOM.randn(3)).word == "ok"


def test_gradients_of_another_shape_are_refused():
    with pytest.raises(TypeError, match="shape"):
        graphrun.gradcheck(np.sum, RANDOM.randn(3), backward=lambda g, x: g)


@pytest.mark.parametrize(("fn", "slope"), [(np.exp, 1.0), (np.sin, 1.0), (lambda t: np.sqrt(4 + t), 0.25)])
def test_slopes_are_as_near_as_their_errors_say(fn, slope):
    line = lambda t: np.array([fn(t)])  # noqa: E731
    at_zero = line(0.0)
    found = slopes(line, at_zero, noise(line, at_zero))
    assert abs(found.value[0] - slope) < 10 * found.error[0] < 1e-9
    assert abs(found.left[0] - slope) < 10 * found.left_error[0] < 1e-6 and not found.kinked[0]


def test_torch():
    torch = pytest.importorskip("torch", reason="torch is not installed")
    x = torch.randn(3, 4, dtype=torch.float64)
    assert graphrun.gradcheck(lambda x: torch.softmax(x, -1), x).word == "ok"
    assert graphrun.gradcheck(lambda x: x.detach() * x, x).word == "wrong"
    assert graphrun.gradcheck(torch.nn.Linear(4, 2), x).word == "ok"


def test_jax():
    jax = pytest.importorskip("jax", reason="jax is not installed")
    assert graphrun.gradcheck(jax.nn.softmax, jax.numpy.ones((2, 3))).word == "ok"
