"""Cells of notebooks."""

import os
import re
import shutil
import subprocess
from pathlib import Path

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


def test_a_verdict_shows_its_report_in_a_terminal_too(shell):
    shell.run_cell_magic("graph", "--check", CELL)
    _, check = shell.shown
    data, _ = shell.display_formatter.format(check)
    assert data["text/plain"] == str(check) and repr(check).startswith("<Check ok")


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
    assert graph._repr_html_().startswith("<pre ")


@pytest.fixture(scope="module")
def browser():
    named = os.environ.get("GRAPHRUN_BROWSER")
    found = named or next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if not found:
        pytest.skip("there is no browser: install chromium, or name one in GRAPHRUN_BROWSER")
    return found


def colors(browser, folder: Path, body: str, of: str):
    """What a page has the browser fill the elements in that are chosen."""
    script = (
        f"const found = [...document.querySelectorAll({of!r})].map((e) => getComputedStyle(e).fill);"
        "document.querySelector('output').textContent = found.join(';');"
    )
    page = folder / "page.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{body}<output></output><script>{script}</script>")
    words = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}", "--dump-dom"]
    done = subprocess.run([browser, *words, page.as_uri()], capture_output=True, text=True, timeout=120)
    found = re.search(r"<output>(.+?)</output>", done.stdout, re.DOTALL)
    assert found, done.stderr
    return found[1].split(";")


WHITE, DARK, BLACK = "rgb(255, 255, 255)", "rgb(22, 24, 28)", "rgb(0, 0, 0)"


@pytest.mark.parametrize(
    ("says", "paper"),
    [
        ("data-jp-theme-light=true", WHITE),
        ("data-jp-theme-light=false", DARK),
        ("class=vscode-dark", DARK),
        ("data-theme=dark", DARK),
        ("data-theme=light", WHITE),
    ],
)
def test_pictures_are_as_dark_as_the_page(browser, tmp_path, says, paper):
    picture = graphrun.parse(CELL)._repr_html_()
    assert set(colors(browser, tmp_path, f"<body {says}>{picture}", ".paper")) == {paper}


def test_styles_of_a_picture_touch_nothing_else(browser, tmp_path):
    graph = graphrun.parse(CELL)
    light, dark = (graph.picture(theme=theme)._repr_html_() for theme in ("light", "dark"))
    other = "<svg><rect class=paper /><text class=value>a</text></svg>"
    body = f"<body data-jp-theme-light=false>{light}{dark}{other}"
    assert colors(browser, tmp_path, body, ".paper") == [WHITE, DARK, BLACK]
    *values, last = colors(browser, tmp_path, body, "text.value")
    assert set(values) == {"rgb(11, 87, 164)", "rgb(140, 188, 255)"} and last == BLACK
