"""`nnlab export`: write a trained network to a file for another program."""

import json as json_text
import sys
from collections.abc import Callable
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any

import typer

from nnlab import files, folders
from nnlab.cli.arguments import RunArgument, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json
from nnlab.console.stream import say
from nnlab.errors import UsageError
from nnlab.experiments import experiment_of
from nnlab.exports.formats import FORMATS, Exported, FormatName
from nnlab.exports.output import destination
from nnlab.runs.saved import SavedRun
from nnlab.text import listed, printable

app = typer.Typer()

Wanted = Annotated[
    FormatName,
    typer.Option(
        "--format", "-f", metavar="FORMAT",
        help="keras: a .keras file; savedmodel: a folder for TensorFlow; onnx: for ONNX Runtime "
        "and others; npz, csv: the weights. cubic has onnx, npz and csv.",
    ),
]  # fmt: skip
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="PATH",
        help="File (savedmodel: folder) to write or to replace (default: the name of the run, "
        "here).",
    ),
]  # fmt: skip


@app.command(
    cls=Command,
    epilog="nnlab export last:fashion --format keras\n"
    "nnlab export runs/cubic-0001 --format onnx -o cube.onnx",
)
def export(
    run: RunArgument,
    *,
    wanted: Wanted,
    output: Output = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a trained network to a file that other programs can load."""
    saved = saved_run(run)
    write, form = _exporter(saved, wanted), FORMATS[wanted]
    path = destination(saved.path, form, output)
    replacing: Callable[[Path], Any] = folders.replacing if form.is_folder else files.replacing
    with replacing(path) as target:
        exported = write(saved, target)
    if exported.note:
        say(printable(exported.note), sys.stderr)
    if json:
        told = {"run_dir": str(saved.path), "format": wanted, "output": str(path)}
        say(json_text.dumps(told | exported._asdict(), indent=2), sys.stdout)
    else:
        say("\n".join(map(printable, [f"wrote {path}", *_lines(exported)])), sys.stdout)


def _exporter(saved: SavedRun, wanted: FormatName) -> Callable[[SavedRun, Any], Exported]:
    """Return the function that writes this format.

    Raises:
        UsageError: a run of this experiment cannot be exported so.
    """
    row = experiment_of(saved, "exports")
    if wanted not in row.exports:
        raise UsageError(
            f"a network of {row.name} cannot be exported as {wanted}; "
            f"its formats: {', '.join(row.exports)}"
        )
    function: Callable[[SavedRun, Any], Exported] = resolve_name(row.exports[wanted])
    return function


def _lines(exported: Exported) -> list[str]:
    """Return one line for each part of the content."""
    lines = []
    for name, part in exported.content.items():
        if isinstance(part, dict):
            lines += [f"{key}: {value}" for key, value in part.items()]
        else:
            lines.append(f"{name}: {listed(part) if isinstance(part, list) else part}")
    return lines
