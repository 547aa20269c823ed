"""Pictures as text that a notebook shows as what they are."""

from __future__ import annotations

import hashlib
import html
import re
import warnings
from os import PathLike
from pathlib import Path
from typing import Any


class Png(bytes):
    """A picture in pixels, made by :meth:`Graph.picture`; as ``bytes`` it is the file itself."""

    __slots__ = ()

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the picture to a file.

        Raises:
            OSError: it cannot be written.
        """
        Path(path).write_bytes(self)

    def _repr_png_(self) -> bytes:
        return bytes(self)

    def __repr__(self) -> str:
        return f"<picture: {len(self)} bytes of png>"


class Picture(str):
    """A picture in one of the formats of :meth:`Graph.picture`; as a ``str`` it is the file itself."""

    __slots__ = ("kind",)

    #: ``svg``, ``html``, ``text``, ``dot``, ``mermaid`` or ``tikz``.
    kind: str

    def __new__(cls, text: str, kind: str) -> Picture:
        picture = super().__new__(cls, text)
        picture.kind = kind
        return picture

    def save(self, path: str | PathLike[str]) -> None:
        """Writes the picture to a file.

        Raises:
            OSError: it cannot be written.
        """
        Path(path).write_text(self, encoding="utf-8")

    def _repr_html_(self) -> str:
        if self.kind == "svg":
            return scoped(self)
        if self.kind == "html":
            page = html.escape(self, quote=True)
            return f'<iframe srcdoc="{page}" style="width: 100%; height: 640px; border: 0"></iframe>'
        return preformatted(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        shown = str(self) if self.kind == "text" else f"<picture: {len(self)} characters of {self.kind}>"
        printer.text(shown)


def unwritable(text: str | None) -> None:
    """Warns of a text in a png that no font of this machine can write, if there is one."""
    if text is not None:
        words = f"no font of this machine can write {text!r}, which is blank in the picture: install one, "
        warnings.warn(words + "for Japanese fonts-noto-cjk; or take an svg", stacklevel=3)


def preformatted(text: str) -> str:
    """Text for a page, in characters of one width, which Jupyter's own `pre` has not among outputs."""
    style = (
        "overflow-x: auto; white-space: pre; line-height: 1.3; "
        "font-family: var(--jp-code-font-family, ui-monospace, monospace); "
        "font-size: var(--jp-code-font-size, 13px)"
    )
    return f'<pre style="{style}">{html.escape(text)}</pre>'


#: How pages of notebooks say that they are dark, and light: JupyterLab and nbconvert; Sphinx; Colab; VS Code.
DARK = ":is([data-jp-theme-light=false], [data-theme=dark], [theme=dark], .vscode-dark)"
LIGHT = ":is([data-jp-theme-light=true], [data-theme=light], [theme=light], .vscode-light)"


def scoped(svg: str) -> str:
    """An svg whose rules of style and whose ids are its own, for a page that has others.

    The rules are nested into one for this picture alone, named by a digest of its text: the same picture
    has the same name wherever it is made. One that is light or dark as the reader's screen is follows the
    page instead, where that says which it is.
    """
    own = "graphrun-" + hashlib.sha256(svg.encode()).hexdigest()[:12]
    style = re.compile(r"<style>(.*?)</style>", re.DOTALL)
    svg = re.sub(r'\bid="([^"]*)"', rf'id="{own}-\1"', svg)
    svg = style.sub(lambda rules: f"<style>.{own} {{{_following(rules[1])}}}</style>", svg, count=1)
    return svg.replace("<svg ", f'<svg class="{own}" style="max-width: 100%; height: auto" ', 1)


def _following(rules: str) -> str:
    """Rules of which those for a dark screen follow the page."""
    of_dark = re.compile(r"@media \(prefers-color-scheme: dark\) \{\n(.*?)^\}$", re.DOTALL | re.MULTILINE)

    def follow(dark: re.Match[str]) -> str:
        unsaid = f":root:not({LIGHT}) > body:not({LIGHT}) &"
        return f"@media (prefers-color-scheme: dark) {{ {unsaid} {{\n{dark[1]}}} }}\n{DARK} & {{\n{dark[1]}}}"

    return of_dark.sub(follow, rules, count=1)


Picture.__module__ = Png.__module__ = "graphrun"
