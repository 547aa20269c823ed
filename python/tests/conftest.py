"""What the tests share."""

from pathlib import Path

pytest_plugins = ["pytester"]

#: The graph files of the project.
GRAPHS = Path(__file__).resolve().parents[2] / "graphs"
