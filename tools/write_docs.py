"""Write the generated parts of README and docs: tables, the help of each command, and pictures.

    python tools/write_docs.py               the tables and the help
    python tools/write_docs.py --pictures    the same, and the pictures from new runs
    python tools/write_docs.py --check       write nothing; exit 1 if a page is out of date

A generated part is between `<!-- NAME -->` and `<!-- end -->`.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import typer
from typer.main import get_command
from typer.testing import CliRunner

from nnlab.cli.app import app
from nnlab.config.base import Config
from nnlab.config.fields import bounds, default_of, metavar
from nnlab.experiments import EXPERIMENTS
from nnlab.metric import Metric

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "docs/commands.md", "docs/keys.md", "docs/running.md")
COLUMNS = 80
ALWAYS = "0, 1, 2"  # the exit codes of every command
STOPPED = "0, 1, 2, 129, 130, 143"  # and of those that end in order by a signal
TRAINING = "0, 1, 2, 3, 129, 130, 143"  # and of those that train
PICTURES = (
    (("cubic",), ("fit.png", "units.png", "learning.png", "training.gif")),
    (("check",), ("steps.png",)),
    (("fashion",), ("accuracy.png", "confusion.png", "mistakes.png", "calibration.png",
                    "filters.png")),
    (("fashion", "--data", "sample", "--epochs", "1", "--augment", "flip,shift,erase"),
     ("samples.png",)),
)  # fmt: skip
"""The arguments of a run with the defaults, and its pictures that the docs show."""


def keys(model: type[Config]) -> str:
    """Return the table of a config's keys."""
    rows = ["| key | default | values | meaning |", "| --- | --- | --- | --- |"]
    for name, field in model.model_fields.items():
        values = ", ".join([metavar(field) or "true, false", *bounds(field)]).replace("|", ", ")
        rows.append(f"| `{name}` | {default_of(field)} | {values} | {field.description} |")
    return "\n".join(rows)


def commands() -> str:
    """Return the table of the commands."""
    rows = ["| command | what it does |", "| --- | --- |"]
    for name, text in _walk(get_command(app)):
        rows.append(f"| [nnlab {name}](#nnlab-{name.replace(' ', '-')}) | {text} |")
    return "\n".join(rows)


def _walk(group: object, prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from _walk(command, f"{prefix}{name} ")
        else:
            yield prefix + name, (command.help or "").strip()


def help_pages() -> str:
    """Return the help of each command as a terminal shows it, and the command's exit codes."""
    pages = []
    for name, _ in _walk(get_command(app)):
        codes = TRAINING if name in {*EXPERIMENTS, "resume"} else ALWAYS
        codes = STOPPED if name in {"study", "sweep"} else codes
        shown = _shown(*name.split(), "--help")
        pages.append(f"## nnlab {name}\n\n```text\n{shown}```\n\nExit codes: {codes}.\n")
    return "\n".join(["", *pages])


def presets() -> str:
    """Return the list of the presets as a terminal shows it."""
    return f"```text\n$ nnlab presets\n{_shown('presets')}```"


def _shown(*words: str) -> str:
    """Return what a command prints to stdout."""
    shown = CliRunner().invoke(app, words, prog_name="nnlab", env={"COLUMNS": str(COLUMNS)})
    if shown.exit_code:
        raise RuntimeError(f"nnlab {' '.join(words)}: {shown.output}")
    return shown.stdout


def metrics(declared: Sequence[Metric]) -> str:
    """Return the table of an experiment's metrics."""
    rows = ["| metric | unit | better | meaning |", "| --- | --- | --- | --- |"]
    rows += [f"| `{m.name}` | {m.unit} | {m.direction} | {m.meaning} |" for m in declared]
    return "\n".join(rows)


TABLES: dict[str, Callable[[], str]] = {
    "commands": commands,
    "help": help_pages,
    "presets": presets,
}
for _name, _row in EXPERIMENTS.items():
    TABLES[f"keys of {_name}"] = partial(keys, _row.config)
    TABLES[f"metrics of {_name}"] = partial(metrics, _row.metrics)


def fill(page: str, tables: Mapping[str, Callable[[], str]]) -> str:
    """Return the text of a page with its generated parts written again."""

    def table(match: re.Match[str]) -> str:
        return f"<!-- {match[1]} -->\n{tables[match[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- (\w[\w ]*) -->\n.*?<!-- end -->", table, page, flags=re.DOTALL)


def draw() -> None:
    """Run the experiments, and copy their pictures to docs/images."""
    images = ROOT / "docs/images"
    images.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, (arguments, pictures) in enumerate(PICTURES):
            run = Path(folder, str(number))
            command = [sys.executable, "-m", "nnlab", *arguments, "--run-dir", str(run)]
            subprocess.run(command, check=True)
            for picture in pictures:
                shutil.copy(run / "plots" / picture, images / f"{arguments[0]}-{picture}")


def main(*, check: bool = False, pictures: bool = False) -> None:
    """Write the pages, and with `pictures` the pictures; or only check the pages."""
    stale = []
    for name in PAGES:
        page = ROOT / name
        old = page.read_text(encoding="utf-8")
        new = fill(old, TABLES)
        if new != old:
            stale.append(name)
        if not check:
            page.write_text(new, encoding="utf-8")
    if pictures:
        draw()
    if check and stale:
        sys.exit(f"out of date: {', '.join(stale)}; run: python tools/write_docs.py")


if __name__ == "__main__":
    typer.run(main)
