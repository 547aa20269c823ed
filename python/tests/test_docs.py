"""The code of `docs/python.md` runs."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"


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
