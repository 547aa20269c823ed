"""The pytest plugin: graph files are tests, and the fixture ``graph`` loads them in others.

Every ``*.graph`` file, and every ``*.toml`` file that is a graph, is collected as one item, and judged as
``graphrun test`` judges it: its expectations, and each gradient entry. A failure shows the report for people.
``tags`` of a file are markers, so that ``-m`` chooses by them; those that pytest itself acts on, such as a
tag ``skipif``, are words for ``-k`` alone. The statements ``skip`` and ``xfail`` of a file are told to pytest
once it was judged. ``graphrun.toml`` counts as there.
``pytest -p no:graphrun`` leaves all of it out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest

from . import _core
from .graph import Graph, Reading, load

#: Markers that change what becomes of a test. A tag chooses files, and says nothing of how they fare.
ACTED_ON = frozenset(
    {"filterwarnings", "parametrize", "skip", "skipif", "tryfirst", "trylast", "usefixtures", "xfail"}
)


class LoadGraph(Protocol):
    """What the fixture ``graph`` is."""

    def __call__(
        self, path: str | os.PathLike[str], reading: Reading | None = None, /, **leaves: Any
    ) -> Graph:
        """Loads a graph file beside the test, as :func:`graphrun.load` does."""
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("graphrun", "graph files as tests")
    group.addoption(
        "--graphrun-data",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder for data files, after a graph file's own (repeatable)",
    )
    group.addoption(
        "--graphrun-allow-undecided",
        action="store_true",
        help="undecided entries do not fail a graph file",
    )
    parser.addini("graphrun_data", "folders for data files of graph files", type="paths", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> GraphFile | None:
    if file_path.suffix not in (".graph", ".toml"):
        return None
    tags, warnings, errors = _core.tags(_below(file_path))
    if tags is None and not errors:
        return None
    file: GraphFile = GraphFile.from_parent(parent, path=file_path)
    file.tags, file.warnings, file.errors = tags or [], warnings, errors
    return file


class GraphFile(pytest.File):
    """A graph file."""

    tags: list[str]
    #: Of the settings of its folder.
    warnings: str
    errors: str

    def collect(self) -> Iterator[GraphItem]:
        if self.errors:
            raise self.CollectError(self.errors)
        if self.warnings:
            self.warn(pytest.PytestCollectionWarning(self.warnings))
        item: GraphItem = GraphItem.from_parent(self, name="graphrun")
        for tag in self.tags:
            if tag in ACTED_ON or tag.startswith("_"):
                # pytest makes no marker of a name with an underscore before it.
                item.extra_keyword_matches.add(tag)
                continue
            self.config.addinivalue_line("markers", f"{tag}: a tag of graph files")
            item.add_marker(getattr(pytest.mark, tag))
        yield item


class GraphItem(pytest.Item):
    """The test that a graph file is."""

    def runtest(self) -> None:
        config = self.config
        color = config.get_terminal_writer().hasmarkup
        outcome, reason, report = _core.test(
            _below(self.path), _data(config), config.getoption("graphrun_allow_undecided"), color
        )
        if outcome == "skipped":
            # The place is the file's, and not this one.
            raise pytest.skip.Exception(reason or "", _use_item_location=True)
        if outcome == "xfailed" and not config.getoption("runxfail"):
            pytest.xfail(reason or "")
        if outcome != "passed":
            raise GraphFailed(report)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, GraphFailed):
            # Its first line is the path, as is the title that pytest sets above it.
            return excinfo.value.args[0].strip("\n").partition("\n")[2]
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, str(_below(self.path))


class GraphFailed(Exception):
    """A graph file that failed; its words are the report."""


@pytest.fixture
def graph(request: pytest.FixtureRequest) -> LoadGraph:
    """Loads a graph file that lies beside the test: ``graph("affine.graph", x=x)``."""

    def loaded(path: str | os.PathLike[str], reading: Reading | None = None, /, **leaves: Any) -> Graph:
        reading = reading or Reading(data=_data(request.config))
        return load(request.path.parent / path, reading, **leaves)

    return loaded


def _data(config: pytest.Config) -> list[str]:
    typed: list[str] = config.getoption("graphrun_data")
    return [*typed, *map(str, config.getini("graphrun_data"))]


def _below(path: Path) -> Path:
    """The path from the folder that one is in, where it goes down from there: so it is shown."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
