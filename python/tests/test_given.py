"""Values of leaves that are odd in memory, or that no graph can take."""

import numpy as np
import pytest

import graphrun

SUM = "input x: [n, 2] = [[1, 2]]\ny = sum(x * x)"


def unaligned(values, offset=1):
    values = np.asarray(values)
    packed = np.zeros(values.shape, [("before", f"V{offset}"), ("it", values.dtype)])
    packed["it"] = values
    assert not packed["it"].flags.aligned or values.dtype.itemsize == 1
    return packed["it"]


def unaligned_in_order(values):
    """Without gaps between its elements."""
    values = np.asarray(values)
    array = np.frombuffer(b"-" + values.tobytes(), values.dtype, offset=1).reshape(values.shape)
    assert array.flags.c_contiguous and not array.flags.aligned
    return array


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i4"])
@pytest.mark.parametrize("lay", [unaligned, unaligned_in_order])
def test_unaligned_arrays_are_taken(lay, dtype):
    graph = graphrun.parse(SUM)
    x = lay(np.array([[1, 2], [3, 4]], dtype))
    for run in (graph.run(x=x), graph.given(x=x).run(), graphrun.parse(SUM, x=x).run()):
        assert run["y"] == 30
    # In the shape that the graph has.
    assert graph.run(x=lay(np.array([[3, 4]], dtype)))["y"] == 25
    assert graph.run(upstream={"y": lay(np.array(2, dtype))}).grad("x").tolist() == [[4, 8]]
    gradient = lay(np.array([[2, 4]], "f8"))
    assert graph.against({"x": lay(np.array([[1, 2]], dtype)), "grad(x)": gradient})


@pytest.mark.parametrize("lay", [unaligned, unaligned_in_order])
def test_unaligned_ints_and_bools_are_taken(lay):
    graph = graphrun.parse(
        "const i: int[2] = [0, 1]\nconst m: bool[2] = [true, false]\n"
        "param x = [3, 4]\ny = where(m, take(x, i), 0)"
    )
    i, m = lay(np.array([1, 0])), unaligned(np.array([True, True]))
    for run in (graph.run(i=i, m=m), graph.given(i=i, m=m).run()):
        assert run["y"].tolist() == [4, 3]


def test_any_byte_but_0_is_true():
    graph = graphrun.parse("const m: bool[2] = [true, false]\ny = where(m, [1, 2], 0)")
    assert graph.run(m=np.array([0, 7], np.uint8).view(bool))["y"].tolist() == [0, 2]


@pytest.mark.parametrize("element", [np.float64(1), np.float32(1), np.int64(1), np.int8(1), np.True_])
def test_more_elements_than_a_limit_allows_are_refused_before_they_are_copied(element):
    huge = np.broadcast_to(element, (10**9, 2))
    graph = graphrun.parse(SUM)
    ways = [
        lambda: graph.run(x=huge),
        lambda: graph.given(x=huge),
        lambda: graphrun.parse(SUM, x=huge),
        lambda: graphrun.parse(SUM, graphrun.Reading(upstream={"y": huge})),
        lambda: graph.run(upstream={"y": huge}),
        lambda: graph.against({"x": huge}),
        lambda: graph.against({"grad(x)": huge}),
    ]
    for way in ways:
        with pytest.raises(graphrun.Refused, match=r"\[1000000000, 2\]: 2000000000 elements: the limit is"):
            way()


def test_bytes_of_all_arrays_of_a_call_are_held_against_the_limit():
    text = "input x: [n] = [1]\ninput w: [n] = [1]\ny = sum(x * w)"
    graph = graphrun.parse(text, graphrun.Reading(limits={"bytes": "20kB"}))
    one, many = np.ones(10), np.ones(2000)
    assert graph.run(x=one, w=one)["y"] == 10
    for run in (graph.run, graph.given):
        with pytest.raises(graphrun.Refused, match="`w` is given with shape"):
            run(x=many[:1500], w=many)
    with pytest.raises(graphrun.Refused, match="elements"):
        graphrun.parse(text, graphrun.Reading(limits={"elements": 5}), x=[1.0] * 6, w=[1.0] * 6)


def test_masked_elements_are_refused():
    graph = graphrun.parse("input x: [n] = [1, 2]\ny = sum(x)")
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    for way in (
        lambda: graph.run(x=masked),
        lambda: graph.run(x=np.ma.array([1, 2, 3], mask=[1, 0, 0])),
        lambda: graph.given(x=masked),
        lambda: graph.against({"x": masked}),
    ):
        with pytest.raises(graphrun.Refused, match="`x` is given as a masked array: 1 of"):
            way()
    scalar = graphrun.parse("input s = 1\ny = s * s")
    with pytest.raises(graphrun.Refused, match="masked"):
        scalar.run(s=np.ma.masked)
    # Where the mask hides nothing there is nothing to lose.
    assert graph.run(x=np.ma.array([3.0, 4.0]))["y"] == 7
    with pytest.raises(TypeError, match="masked"):
        graphrun.gradcheck(lambda x: x, masked, backward=lambda up, x: up)


INDEXED = {
    "gather": "const k: int[m] = [0, 1]\nparam x: [n] = [1, 2, 3]\ny = sum(gather(x, k, axis = 0))",
    "take": "const k: int[m] = [0, 1]\nparam x: [n] = [1, 2, 3]\ny = sum(take(x, k))",
    "computed": "const k: int[m] = [0, 1]\nparam x: [n] = [1, 2, 3]\nj = k + 0\ny = sum(take(x, j))",
    "labels": "const k: int[m] = [0, 1]\nparam x = [[1, 2, 3], [1, 0, 1]]\ny = softmax_loss(x, k)",
}


@pytest.mark.parametrize("text", INDEXED.values(), ids=INDEXED)
def test_an_index_out_of_range_is_refused_by_a_run_as_by_loading(text):
    graph = graphrun.parse(text)
    least = np.iinfo(np.int64).min
    for _ in range(2):
        for k in ([0, 9], [9, 0], [0, -9], [0, least], np.array([0, 9])):
            with pytest.raises(graphrun.Refused) as loading:
                graphrun.parse(text, k=k)
            with pytest.raises(graphrun.Refused) as running:
                graph.run(k=k)
            messages = [fault.value.diagnostics[0].message for fault in (loading, running)]
            assert messages[0] == messages[1] and "out of range" in messages[0]
        # What the text does not hold, and loading takes.
        for k in ([1, 1], [1, 0], [0, 1]):
            assert graph.run(k=k)["y"] == graphrun.parse(text, k=k).run()["y"]


def test_other_labels_are_taken_in_the_same_plan():
    text = "const t: int[m] = [0, 0]\nparam x = [[1, 2, 3], [1, 0, 1]]\ny = softmax_loss(x, t)"
    graph = graphrun.parse(text)
    for t in ([0, 1], [2, 0], [1, 2], [2, 2], [0, 0]):
        assert graph.run(t=np.array(t))["y"] == graphrun.parse(text, t=t).run()["y"]


@pytest.mark.parametrize(
    "line", ["y = sum(x[0:k])", "y = sum(x[k:])", "j = k + 1\ny = sum(x[0:j])", "y = sum(x[0:ks[1]])"]
)
def test_bounds_of_slices_are_those_of_the_run(line):
    text = f"const k: int = 1\nconst ks: int[2] = [1, 2]\nparam x: [n] = [1, 2, 4, 8]\n{line}\noutput y"
    graph = graphrun.parse(text)
    for k in (2, 3, 1, 3, 0):
        given = {"k": k, "ks": [0, k]}
        run, loaded = graph.run(given), graphrun.parse(text, **given).run()
        assert run["y"] == loaded["y"] and run.grad("x").tolist() == loaded.grad("x").tolist()
