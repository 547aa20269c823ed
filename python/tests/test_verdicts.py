"""Checks, judgements, explanations, pictures."""

import numpy as np
import pytest
from conftest import GRAPHS

import graphrun


def test_a_right_graph_is_true():
    check = graphrun.load(GRAPHS / "buy_apple.toml").check()
    assert check and check.word == "ok" and check["tax"].ok == 1
    check.raise_for_verdict()
    assert check["tax"].digits[0] > 14 and "agrees" in str(check)


def test_a_slip_is_found_and_located():
    graph = graphrun.load(GRAPHS / "wrong" / "missing_path.graph")
    check = graph.check()
    assert not check and check.word == "wrong"
    finding = check["x"].findings[0]
    assert finding.index == (0, 0) and finding.backward == pytest.approx(-3.333333333333333)
    assert finding.measured is None or finding.measured == pytest.approx(-7.333333333333333)
    (culprit,) = check.culprits
    assert culprit.of == "centre" and culprit.line == 7 and "mean" in culprit.slips[0]
    assert [block.verdict for block in check.blocks] == ["wrong"]
    with pytest.raises(graphrun.VerdictError, match="lacks what comes back") as raised:
        check.raise_for_verdict()
    assert raised.value.verdict is check
    assert graph.check(quick=True).word == "wrong"


def test_kinks_and_undecided_entries():
    kink = graphrun.parse("input x = [0, 1]\ny = sum(relu(x))").check()
    assert kink and kink.word == "kink" and kink["x"].kink == 1
    undecided = graphrun.parse("input x = [0, 1]\ny = sum(1 / x)").check()
    assert not undecided and undecided.word == "undecided"
    undecided.raise_for_verdict(allow_undecided=True)
    with pytest.raises(graphrun.VerdictError):
        undecided.raise_for_verdict()


def test_a_check_is_of_what_is_given():
    graph = graphrun.parse("input x = [1, 2]\ny = sum(relu(x))")
    assert graph.check().word == "ok" and graph.given(x=[0, 0]).check().word == "kink"


def test_what_has_no_gradient_cannot_be_checked():
    with pytest.raises(graphrun.Refused, match="nowhere to start"):
        graphrun.parse("const x = 1\ny = x * 2").check()


def layer(scale=1.0):
    """A product in f32 with its gradients, one of them off by a factor."""
    random = np.random.RandomState(3)
    x, W, dy = (random.randn(*shape).astype(np.float32) for shape in ((8, 4), (4, 3), (8, 3)))
    return {
        "x": x,
        "W": W,
        "upstream(y)": dy,
        "y": x @ W,
        "grad(W)": (x.T @ dy) * np.float32(scale),
        "grad(x)": dy @ W.T,
    }


LAYER = (
    "input x: [n, i] = zeros(shape = [8, 4])\nparam W: [i, o] = zeros(shape = [4, 3])\ny = x @ W\noutput y"
)


def test_numbers_of_another_program():
    graph = graphrun.parse(LAYER)
    judged = graph.against(layer())
    assert judged and judged.word == "ok" and judged["grad(W)"].format == "f32"
    wrong = graph.against(layer(scale=2.0))
    assert not wrong and wrong["grad(W)"].verdict == "wrong" and wrong["y"].verdict == "ok"
    assert "2 times" in wrong["grad(W)"].slip
    finding = wrong["grad(W)"].findings[0]
    assert finding.got == pytest.approx(2 * finding.precise)
    with pytest.raises(graphrun.VerdictError, match="off by more than rounding explains"):
        wrong.raise_for_verdict()


def test_bfloat16_of_ml_dtypes():
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="ml_dtypes is not installed")
    rounded = {name: array.astype(ml_dtypes.bfloat16) for name, array in layer().items()}
    x, W, dy = (rounded[name].astype(np.float32) for name in ("x", "W", "upstream(y)"))
    results = {"y": x @ W, "grad(W)": x.T @ dy, "grad(x)": dy @ W.T}
    rounded |= {name: array.astype(ml_dtypes.bfloat16) for name, array in results.items()}
    graph = graphrun.parse(LAYER)
    judged = graph.against(rounded)
    assert judged and judged["y"].format == "bf16"
    rounded["grad(W)"] = (results["grad(W)"] * 1.125).astype(ml_dtypes.bfloat16)
    assert graph.against(rounded)["grad(W)"].verdict == "wrong"


def test_arrays_that_fit_nothing_are_refused():
    graph = graphrun.parse(LAYER)
    with pytest.raises(graphrun.Refused, match="nothing of that name"):
        graph.against(layer() | {"z": np.zeros(3)})
    with pytest.raises(graphrun.Refused, match="has shape"):
        graph.against(layer() | {"y": np.zeros((3, 3), np.float32)})
    with pytest.raises(graphrun.Refused, match="no number format"):
        graph.against(layer(), precision="f8")


def test_explanations():
    graph = graphrun.load(GRAPHS / "buy_apple.toml")
    told = graph.explain("apple")
    assert "gradient of apple = 2.2" in str(told) and told.data
    assert "gradient of tax" in str(graph.explain())
    matrix = graphrun.parse("input x = [[1, 2], [3, 4]]\ny = sum(x * x)")
    assert "gradient of x[0, 1]" in str(matrix.explain(entry=(0, 1)))
    with pytest.raises(graphrun.Refused, match="has shape"):
        matrix.explain("x", (2, 0))
    with pytest.raises(graphrun.Refused, match="did you mean `apple`"):
        graph.explain("appel")
    with pytest.raises(graphrun.Refused, match="of which leaf"):
        graph.explain(entry=[0])


def test_pictures(tmp_path):
    graph = graphrun.load(GRAPHS / "buy_apple.toml")
    svg = graph.picture()
    assert svg.startswith("<svg") and "220.00000000000003" in svg and svg.kind == "svg"
    svg.save(tmp_path / "apple.svg")
    assert (tmp_path / "apple.svg").read_text() == svg
    assert graph.picture("html").startswith("<!")
    assert "apple" in graph.picture("text") and "digraph" in graph.picture("dot")
    assert "flowchart" in graph.picture("mermaid") and "tikz" in graph.picture("tikz")
    assert "2.2" not in graph.picture("text", gradients=False)
    assert "wrong" in graphrun.load(GRAPHS / "wrong" / "missing_path.graph").picture(check=True)
    with pytest.raises(graphrun.Refused, match="did you mean"):
        graph.picture(near="appel")
    for asked in ({"to": "gif"}, {"direction": "up"}, {"theme": "red"}):
        with pytest.raises(graphrun.Refused, match="there is no such"):
            graph.picture(**asked)


def test_a_run_is_drawn_and_written_at_its_own_values():
    graph = graphrun.load(GRAPHS / "buy_apple.toml")
    run = graph.run(apple=300)
    assert "660" in run.picture("text") and "660" in run.table() and "660" not in graph.table()


def test_the_picture_in_a_page_keeps_its_style_to_itself():
    picture = graphrun.load(GRAPHS / "buy_apple.toml").picture()
    page = picture._repr_html_()
    own = page.split('class="', 1)[1].split('"', 1)[0]
    assert f"<style>.{own} {{" in page and 'id="node-apple"' not in page and f'id="{own}-node-apple"' in page
    assert (
        page.count("<style>") == 1
        and "<iframe" in graphrun.parse("input x = 1\ny = x").picture("html")._repr_html_()
    )


def test_ops_and_blocks():
    affine = next(op for op in graphrun.ops() if op.name == "affine")
    assert affine.signature.startswith("affine(") and "x" in affine.backward and affine.doc.endswith(".")
    names = [block.name for block in graphrun.blocks()]
    assert names == sorted(names) and "layer_norm" in names
    block = next(block for block in graphrun.blocks() if block.name == "layer_norm")
    assert block.path == "std/norm" and block.source.startswith("block layer_norm")
