"""Cells of notebooks."""

import pytest

import graphrun

IPython = pytest.importorskip("IPython", reason="IPython is not installed")

CELL = "param W = [[1, -2], [3, 4]]\ny = sum(relu(W))\n"


@pytest.fixture
def shell(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda thing, raw=False: shown.append(thing))
    shell.run_line_magic("load_ext", "graphrun")
    shell.shown = shown
    yield shell
    InteractiveShell.clear_instance()


def test_a_cell_is_run_and_drawn(shell):
    shell.run_cell_magic("graph", "net", CELL)
    (bundle,) = shell.shown
    assert bundle["image/svg+xml"].startswith("<svg") and "<style>." in bundle["text/html"]
    assert "8" in bundle["text/plain"]
    assert shell.user_ns["net"].run()["y"] == 8


def test_a_cell_is_checked(shell):
    shell.run_cell_magic("graph", "--check", CELL)
    _, check = shell.shown
    assert check and "<strong" in check._repr_html_()


def test_values_of_python_are_given(shell):
    shell.user_ns["W"] = [[1.0, 1.0], [1.0, 5.0]]
    shell.run_cell_magic("graph", "net --given W --to text", CELL)
    assert shell.user_ns["net"].run()["y"] == 8 and shell.shown[0].kind == "text"
    shell.run_cell_magic("graph", "net --given 'W=[[0, 0], [0, 1]]' --forward", CELL)
    assert shell.user_ns["net"].run()["y"] == 1


def test_a_refusal_is_told_without_a_traceback(shell, capsys):
    shell.run_cell_magic("graph", "", "y = relu(x)\n")
    err = capsys.readouterr().err
    assert err.startswith("error: unknown name `x`") and "Traceback" not in err and not shell.shown
    with pytest.raises(ValueError, match="unrecognized arguments"):
        shell.run_cell_magic("graph", "--nonsense", CELL)


def test_graphs_and_runs_show_themselves():
    graph = graphrun.parse(CELL)
    assert graph._repr_mimebundle_().keys() == {"text/plain", "text/html", "image/svg+xml"}
    assert "10" in graph.run(W=[[1, 2], [3, 4]])._repr_html_()


def test_what_is_too_large_to_draw_is_a_table():
    lines = ["x0 = x * 2"] + [f"x{n} = x{n - 1} * 2" for n in range(1, 4000)]
    graph = graphrun.parse("input x = 1\n" + "\n".join(lines))
    assert graph._repr_html_().startswith("<pre>")
