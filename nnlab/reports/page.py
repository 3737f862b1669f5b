"""Render a report: one file that needs nothing else, asks for nothing, and runs nothing.

The page's content security policy forbids every request, every style but its own sheet, and every
script; the page of `nnlab scrub` has one, which is admitted by its digest. So "works offline, leaks
nothing" is a property of the file, whatever a run holds.
"""

import base64
import hashlib
from pathlib import Path
from typing import ClassVar, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nnlab import __version__, inputs
from nnlab.text import printable

TEMPLATES = Path(__file__).parent / "templates"
GENERATOR = '<meta name="generator" content="nnlab '  # what tells a report from other files
GENERATOR_WITHIN = 500  # bytes from the start of the file


class Page(Protocol):
    """The content of a page: plain data, which its template shows.

    Attributes:
        template: the name of the template, in `TEMPLATES`.
    """

    template: ClassVar[str]


def render(page: Page, *, style: str = "", script: str = "") -> str:
    """Return the HTML of a report; the same bytes for the same content.

    Args:
        page: its content.
        style: a style sheet in `TEMPLATES` that comes after that of all reports.
        script: a script in `TEMPLATES`; "" for none.
    """
    sheets = [
        (TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", style) if name
    ]
    code = (TEMPLATES / script).read_text(encoding="utf-8") if script else ""
    styles = "".join(sheets)
    jinja = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        finalize=_on_one_line, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    return jinja.get_template(page.template).render(
        page=page, version=__version__, styles=styles, script=code, policy=policy(styles, code)
    )


def policy(styles: str, script: str = "") -> str:
    """Return the content security policy of a page whose only style sheet is `styles`.

    Args:
        styles: the style sheet.
        script: the only script; "" for none.
    """
    scripts = f" script-src '{_digest(script)}';" if script else ""
    return (
        f"default-src 'none'; style-src '{_digest(styles)}';{scripts} img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def is_report(path: Path) -> bool:
    """Return whether the file at `path` is a report that nnlab wrote."""
    try:
        with inputs.open_plain(path) as file:
            return GENERATOR.encode() in file.read(GENERATOR_WITHIN)
    except (OSError, ValueError):
        return False


def _on_one_line(value: object) -> object:
    """Make text safe to show: no control characters, no text that runs from right to left."""
    return value if hasattr(value, "__html__") else printable(value)
