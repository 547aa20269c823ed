"""The code of `docs/python.md` runs, and so does the notebook."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "python.md"


def test_the_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) > 5
    names: dict[str, object] = {}
    for block in blocks:
        if "import torch" in block:
            try:
                import torch  # noqa: F401
            except ImportError:
                continue
        exec(compile(block, str(PAGE), "exec"), names)
    said = capsys.readouterr().out
    assert "every wrong entry is 0.5 times what is measured" in said
    report = re.search(r"```text\n( input.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    # What a slope may be off by hangs on how the machine rounds.
    assert report and re.sub("± .*", "", report[1]) == re.sub("± .*", "", str(names["verdict"]))


def test_the_docstring():
    import doctest

    import graphrun

    assert doctest.testmod(graphrun).failed == 0 and doctest.testmod(graphrun).attempted > 3


def test_the_notebook(tmp_path):
    """Its assertions hold that graph and NumPy give the same; what it shows is looked at here."""
    for name in ("nbclient", "nbformat", "ipykernel"):
        pytest.importorskip(name, reason=f"{name} is not installed")
    import nbclient
    import nbformat

    notebook = nbformat.read(DOCS / "backpropagation.ipynb", as_version=4)
    codes = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert not any(cell.outputs or cell.execution_count for cell in codes), "it is kept without outputs"
    where = {"metadata": {"path": str(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=300, resources=where).execute()

    pictures, refused = 0, []
    for cell in codes:
        shown = [output.data for output in cell.outputs if "data" in output]
        pictures += any("<svg" in data.get("text/html", "") for data in shown)
        refused += [output.text for output in cell.outputs if output.get("name") == "stderr"]
        assert cell.source.startswith("%%graph") == any("image/svg+xml" in data for data in shown)
    assert pictures >= 9 and not refused, refused
    slip = next(cell for cell in codes if cell.source.startswith("%%graph slipped"))
    assert "every entry is 1/3 times the true one" in slip.outputs[-1].data["text/plain"]
