"""Loading, running, and what comes out."""

import contextlib
import pickle
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

import graphrun

NET = """
title "A net"
const x: [batch, 3] = [[1, -2, 0.5], [0, 1, 2]]
const t: int[batch] = [0, 1]
param W: [3, 2] = [[0.1, -0.2], [0.3, 0.4], [-0.5, 0.6]]
param b: [2] = [0.01, -0.02]
scores = x -> affine(W, b) -> relu
loss = softmax_loss(scores, t)
output loss
"""


def softmax_net(x, t, W, b):
    scores = x @ W + b
    active = scores > 0
    scores = np.where(active, scores, 0)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    loss = -np.log(p[range(len(t)), t]).mean()
    back = (p - np.eye(2)[t]) / len(t) * active
    return loss, x.T @ back, back.sum(axis=0)


def test_values_and_gradients_are_those_of_numpy():
    graph = graphrun.parse(NET)
    run = graph.run()
    x, t, W, b = (graph.leaf(name) for name in ("x", "t", "W", "b"))
    loss, dW, db = softmax_net(x, t, W, b)
    np.testing.assert_allclose(run["loss"], loss, rtol=1e-14)
    np.testing.assert_allclose(run.grad("W"), dW, rtol=1e-13)
    np.testing.assert_allclose(run.grads["b"], db, rtol=1e-13)
    assert run["loss"].shape == () and run["t"].dtype == np.int64 and run["scores.affine1"].shape == (2, 2)


def test_leaves_are_given_for_one_run_and_in_other_shapes():
    graph = graphrun.parse(NET)
    random = np.random.default_rng(0)
    for batch in (2, 5, 2, 7, 5):
        x, t = random.normal(size=(batch, 3)), random.integers(2, size=batch)
        W = random.normal(size=(3, 2))
        run = graph.run(x=x, t=t, W=W)
        loss, dW, _ = softmax_net(x, t, W, np.array([0.01, -0.02]))
        np.testing.assert_allclose(run["loss"], loss, rtol=1e-13)
        np.testing.assert_allclose(run.grad("W"), dW, rtol=1e-12, atol=1e-15)
    # What is given to a run is that run's alone.
    assert graph.run()["loss"] == graphrun.parse(NET).run()["loss"]


def test_a_shape_that_was_run_before_takes_its_other_leaves_from_the_text():
    graph = graphrun.parse("const x: [n] = [1, 2]\nparam w: [n] = [3, 4]\ny = sum(x * w)")
    assert graph.run(x=[1, 1, 1], w=[1, 2, 3])["y"] == 6
    with pytest.raises(graphrun.Refused, match="n"):
        graph.run(x=[1, 1, 1])
    assert graph.run(x=[5, 6])["y"] == 39


@pytest.mark.parametrize(
    "given",
    [
        2,
        2.0,
        np.float32(2),
        np.array(2, dtype=np.int8),
        [2],
        (2.0,),
        np.array([2.0]),
        np.array([2], dtype=np.uint16),
        np.array([2.0, 9.0])[:1],
        np.array([[9.0, 2.0], [9.0, 9.0]])[:1, 1],
        np.array([2.0], dtype=">f8"),
        np.array([2], dtype=np.float16),
    ],
)
def test_all_that_is_a_number_or_an_array_is_taken(given):
    scalar = graphrun.parse("input x = 1\ny = x * x")
    vector = graphrun.parse("input x: [n] = [1]\ny = sum(x * x)")
    graph = scalar if np.ndim(given) == 0 else vector
    for run in (graph.run(x=given), graph.given(x=given).run()):
        assert run["y"] == 4 and run.grad("x").sum() == 4


def test_ints_and_bools_are_taken_and_given_as_such():
    graph = graphrun.parse(
        "const i: int[2] = [0, 1]\nconst m: bool[2] = [true, false]\n"
        "param x = [3, 4]\ny = where(m, take(x, i), 0)"
    )
    run = graph.run(i=np.array([1, 0]), m=np.array([True, True]))
    assert run["i"].dtype == np.int64 and run["m"].dtype == np.bool_
    assert run["m"].tolist() == [True, True] and run["y"].tolist() == [4, 3]
    assert graph.run(i=[1.0, 1.0])["y"].tolist() == [4, 0]
    with pytest.raises(graphrun.Refused, match="holds other numbers than ints"):
        graph.run(i=[0.5, 1])


@pytest.mark.parametrize("given", ["text", {"a": 1}, [1, [2]], [1j], object(), None])
def test_what_is_no_array_is_a_type_error(given):
    graph = graphrun.parse("input x: [n] = [1]\ny = sum(x)")
    with pytest.raises(TypeError):
        graph.run(x=given)


def test_arrays_lie_in_the_run_and_outlive_it():
    graph = graphrun.parse("input x = [1, 2, 3]\ny = x * x")
    run = graph.run()
    first, again = run["y"], run["y"]
    assert np.shares_memory(first, again) and first.flags.writeable and first.flags.c_contiguous
    gradient = run.grad("x")
    del run, again
    # Runs use arenas that nobody looks into any more, and only those.
    others = [graph.run(x=[k, k, k]) for k in range(5)]
    assert first.tolist() == [1, 4, 9] and gradient.tolist() == [2, 4, 6]
    assert [other["y"][0] for other in others] == [0, 1, 4, 9, 16]
    np.testing.assert_array_equal(np.from_dlpack(first), first)


def test_a_leaf_that_no_output_hangs_on_has_a_gradient_of_zeros():
    run = graphrun.parse("input x = [1, 2]\ninput z = [1, 1]\ny = sum(x)\nw = z * 2\noutput y").run()
    assert run.grad("z").tolist() == [0, 0]


def test_names_that_there_are_not():
    graph = graphrun.parse("input apple = [1, 2]\nconst c = 2\ny = sum(c * apple)")
    run = graph.run()
    with pytest.raises(KeyError, match="did you mean `apple`"):
        run["appel"]
    with pytest.raises(KeyError, match="const"):
        run.grad("c")
    with pytest.raises(KeyError, match="forward alone"):
        graph.forward().grad("apple")
    with pytest.raises(KeyError):
        graph.leaf("y")
    with pytest.raises(graphrun.Refused, match="did you mean `apple`"):
        graph.run(appel=1)


def test_a_run_is_a_mapping_of_what_the_file_names():
    run = graphrun.parse(NET).run()
    assert list(run) == ["x", "t", "W", "b", "scores", "loss"] and len(run) == 6
    assert {name: array.shape for name, array in run.items()}["scores"] == (2, 2)
    assert "loss" in run and "scores.affine1" not in list(run)


def test_a_graph_says_what_it_is_made_of():
    graph = graphrun.parse(NET)
    assert graph.title == "A net" and graph.file == "graph" and graph.outputs == ("loss",)
    assert graph.wanted == ("W", "b")
    assert graph.leaves["t"] == graphrun.Value("t", "const", "int", (2,))
    assert graph.nodes["scores.affine1"].what == "affine" and "x" not in graph.nodes
    assert "A net" in repr(graph) and "loss" in repr(graph.run())


def test_readings(tmp_path: Path):
    np.save(tmp_path / "x.npy", np.array([1.0, 2.0]))
    text = 'param x = npy("x.npy")\nparam w = randn(shape = [2])\ny = x * w\nz = sum(y)\noutput z'
    (tmp_path / "a.graph").write_text(text)
    graph = graphrun.load(tmp_path / "a.graph")
    assert graph.file.endswith("a.graph")
    np.testing.assert_array_equal(graph.leaf("w"), np.random.RandomState(0).randn(2))
    reading = graphrun.Reading(output="y", wrt=["x"], seed=7, upstream={"y": [1, 10]}, data=str(tmp_path))
    for graph in (graphrun.load(tmp_path / "a.graph", reading), graphrun.parse(text, reading)):
        w = np.random.RandomState(7).randn(2)
        assert graph.wanted == ("x",) and graph.outputs == ("y",)
        np.testing.assert_array_equal(graph.run().grad("x"), w * [1, 10])
        np.testing.assert_array_equal(graph.given(x=[0, 0]).run().grad("x"), w * [1, 10])
    toml = '[inputs]\nx = 3\n[nodes]\ny = "x * x"\n'
    assert graphrun.parse(toml, graphrun.Reading(spelling="toml")).run()["y"] == 9


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        ({"output": "w"}, "w"),
        ({"wrt": "y"}, "y"),
        ({"upstream": {"x": 1}}, "backward does not start"),
        ({"upstream": {"y": [1, 2]}}, "has shape"),
        ({"upstream": {"y": np.nan}}, "not finite"),
        ({"limits": {"node": 3}}, "did you mean `nodes`"),
        ({"limits": {"nodes": "many"}}, "is a number"),
        ({"limits": {"nodes": 1}}, "nodes"),
        ({"spelling": "yaml"}, "spelling"),
    ],
)
def test_readings_that_are_refused(reading, words):
    with pytest.raises(graphrun.Refused, match=words):
        graphrun.parse("input x = 1\nk = x * 2\ny = k * x", graphrun.Reading(**reading))


def test_a_refusal_is_rendered_as_on_the_terminal_and_has_its_places(tmp_path: Path):
    path = tmp_path / "two.graph"
    path.write_text("input apple = 1\nprice = appel * 2\ntax = appel2 * 3\n")
    with pytest.raises(graphrun.Refused) as refused:
        graphrun.load(path)
    first, second = refused.value.diagnostics
    assert (first.file, first.line, first.column) == (str(path), 2, 9)
    assert first.message == "unknown name `appel`" and first.help == ("did you mean `apple`?",)
    assert second.line == 3
    assert f"--> {path}:2:9" in str(refused.value) and "^^^^^" in str(first)
    assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)
    assert isinstance(refused.value, ValueError)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(graphrun.Refused, match="no such file"):
        graphrun.load(tmp_path / "none.graph")


def test_threads_run_one_graph_at_once():
    graph = graphrun.parse("input x: [n] = [1]\ny = sum(x * x)")
    wrong = []

    def work(k):
        for n in range(50):
            with contextlib.suppress(graphrun.Refused):
                graph.run(x=np.ones((1, 1)))
            run = graph.run(x=np.full(1 + (k + n) % 3, float(k)))
            if run["y"] != k * k * (1 + (k + n) % 3):
                wrong.append((k, n))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert not wrong


def test_given_leaves_stay_given():
    graph = graphrun.parse("input x: [n] = [1]\ninput w: [n] = [1]\ny = sum(x * w)")
    longer = graph.given(x=[1, 2, 3], w=[1, 1, 1])
    assert longer.run()["y"] == 6 and longer.given(x=[1, 0, 0]).run(w=[5, 5, 5])["y"] == 5
    assert graph.run()["y"] == 1


TWO = """
input x: [n] = [1, 2]
param w: [n] = [3, 4]
y = x * w
z = sum(y * y)
output y, z
"""


def test_leaves_are_given_in_a_dict_too():
    graph = graphrun.parse(TWO)
    assert graph.run({"x": [0, 1]}, w=[5, 6])["y"].tolist() == [0, 6]
    assert graph.forward({"x": [0, 1]})["y"].tolist() == [0, 4]
    assert graph.given({"x": [0, 1]}, w=[5, 6]).run()["y"].tolist() == [0, 6]
    named = graphrun.parse("param dtype = 2\ny = dtype * 3")
    assert named.run({"dtype": 5})["y"] == 15
    with pytest.raises(TypeError, match="given in a dict"):
        named.run(dtype=5.0)


def test_upstream_gradients_are_given_for_one_run():
    graph = graphrun.parse(TWO)
    x, w = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    of_z = 2 * x * w * w
    np.testing.assert_array_equal(graph.run().grad("x"), w + of_z)
    np.testing.assert_array_equal(graph.run(upstream={"y": [10, 0], "z": 0}).grad("x"), w * [10, 0])
    np.testing.assert_array_equal(graph.run(upstream={"z": -1}).grad("x"), w - of_z)
    # A row of the Jacobian of y for each, and none is left for the next run.
    rows = [graph.run(upstream={"y": row, "z": 0}).grad("x") for row in np.eye(2)]
    np.testing.assert_array_equal(rows, np.diag(w))
    np.testing.assert_array_equal(graph.run().grad("x"), w + of_z)
    run = graph.run(upstream={"y": [10, 0], "z": 0})
    assert "30" in run.picture("text") and "30" in run.table()
    kept = graph.given(upstream={"y": [10, 0], "z": 0})
    np.testing.assert_array_equal(kept.run().grad("x"), w * [10, 0])
    np.testing.assert_array_equal(kept.given(x=[0, 0]).run(upstream={"y": [1, 1]}).grad("x"), w)


def test_upstream_gradients_of_other_shapes():
    reading = graphrun.Reading(output="y", upstream={"y": [1, 10]})
    graph = graphrun.parse(TWO, reading)
    longer = {"x": [1, 1, 1], "w": [1, 2, 3]}
    with pytest.raises(graphrun.Refused, match="has shape"):
        graph.run(longer)
    for start in ([1, 0, 5], [0, 1, 0]):
        run = graph.run(longer, upstream={"y": start})
        np.testing.assert_array_equal(run.grad("x"), np.array([1, 2, 3]) * start)
    # What was laid out for a gradient of the call's is no layout for the graph's own.
    with pytest.raises(graphrun.Refused, match="has shape"):
        graph.run(longer)
    np.testing.assert_array_equal(graph.run().grad("x"), [3, 40])


@pytest.mark.parametrize(
    ("upstream", "words"),
    [
        ({"x": [1, 1]}, "backward does not start"),
        ({"yy": [1, 1]}, "did you mean `y`"),
        ({"y": [1, 2, 3]}, "has shape"),
        ({"y": [1, np.inf]}, "not finite"),
    ],
)
def test_upstream_gradients_that_are_refused(upstream, words):
    graph = graphrun.parse(TWO)
    for call in (graph.run, graph.given):
        with pytest.raises(graphrun.Refused, match=words):
            call(upstream=upstream)
    assert graph.run()["z"] == 73


def test_float32_is_that_of_numpy():
    graph = graphrun.parse(NET)
    x, W, b = (graph.leaf(name).astype(np.float32) for name in ("x", "W", "b"))
    run = graph.run(dtype="float32")
    assert run.dtype == "f32" and run["t"].dtype == np.int64
    scores = run["scores.affine1"]
    assert scores.dtype == np.float32 and run.grad("W").dtype == np.float32
    np.testing.assert_allclose(scores, x @ W + b, rtol=1e-6)
    assert not np.array_equal(scores, graph.run()["scores.affine1"])
    for same in (np.float32, np.dtype("float32"), "f32", "float"):
        np.testing.assert_array_equal(graph.run(dtype=same)["loss"], run["loss"])
    assert graph.run(dtype=np.float64)["loss"].dtype == np.float64
    assert graph.forward(dtype="f32")["loss"] == run["loss"]


def test_other_formats_round_every_op_once():
    graph = graphrun.parse("input x: [n] = [1, 0.1]\ninput s = 0.1\ny = x * 3.0\nz = sum(y + s)")
    half = graph.run(dtype="float16")
    third = np.float16(0.1) * 3.0
    assert half["y"].dtype == np.float16 and half["y"].tolist() == [3, np.float16(third)]
    # Kernels get single numbers in f32.
    assert half["s"].dtype == np.float32 and half["s"] == np.float32(0.1)
    given = graph.run(x=[0.2, 1, 7], dtype="f16", upstream={"z": 3})
    assert given["x"].tolist() == [np.float16(0.2), 1, 7] and given.grads["x"].tolist() == [9, 9, 9]
    assert graph.run(dtype="tf32")["y"].dtype == np.float32
    with pytest.raises(graphrun.Refused, match="no number format is called"):
        graph.run(dtype="float128")


def test_bfloat16_needs_a_type_for_it(monkeypatch):
    graph = graphrun.parse("input x: [n] = [1, 0.1]\ny = x * x")
    monkeypatch.setitem(sys.modules, "ml_dtypes", None)
    with pytest.raises(ImportError, match="pip install ml_dtypes"):
        graph.run(dtype="bf16")


def test_bfloat16_and_float8():
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    graph = graphrun.parse("input x: [n] = [1, 0.1]\ny = x * x")
    run = graph.run(dtype=ml_dtypes.bfloat16)
    tenth = ml_dtypes.bfloat16(0.1)
    assert run["y"].dtype == ml_dtypes.bfloat16 and run["y"][1] == ml_dtypes.bfloat16(float(tenth) ** 2)
    # Judged as what it is: right, in bf16.
    verdict = graph.against({"x": run["x"], "y": run["y"], "grad(x)": run.grad("x")})
    assert verdict and verdict["y"].format == "bf16"
    assert graph.run(dtype="fp8_e4m3")["y"].dtype == ml_dtypes.bfloat16


def test_pictures_and_tables_show_what_was_run():
    graph = graphrun.parse("input x = 0.1234\ny = x * x")
    run = graph.run(dtype="f16")
    shown = str(run["y"])
    for words in (run.table(), run.picture("text"), graph.table(dtype="f16"), graph.picture(dtype="float16")):
        assert shown in words
    assert shown not in graph.table()


def test_png(tmp_path: Path):
    graph = graphrun.parse(TWO)
    try:
        png = graph.picture("png")
    except graphrun.Refused as refused:
        assert "font" in str(refused)
        pytest.skip("no font is installed")
    assert isinstance(png, bytes) and png.startswith(b"\x89PNG\r\n") and png._repr_png_() == png

    def size(png):
        return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")

    (width, height), small = size(png), graph.run().picture("png", scale=1)
    assert abs(size(small)[0] * 2 - width) <= 2 and abs(size(small)[1] * 2 - height) <= 2
    png.save(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == png and repr(png).endswith("bytes of png>")
    assert graph.picture("png", theme="dark") != png
    with pytest.raises(graphrun.Refused, match="is no scale"):
        graph.picture("png", scale=1000)
