"""`nnlab data`: find, fetch and check Fashion-MNIST."""

from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from nnlab.cli.commands import Command, Group
from nnlab.cli.options import Json
from nnlab.console.view import Lines, Silent
from nnlab.errors import DataError
from nnlab.paths import expanded

app = typer.Typer(
    cls=Group,
    rich_markup_mode=None,
    help="Find, fetch and check Fashion-MNIST.",
    epilog="nnlab data fetch\nnnlab data verify --data-dir ~/fashion-mnist",
)


def _expanded(path: Path | None) -> Path | None:
    return path and expanded(path)


DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="PATH",
        callback=_expanded,
        help="Folder that holds the four IDX files.",
    ),
]

QuietFetch = Annotated[
    bool, typer.Option("--quiet", "-q", metavar="", help="Show no progress; print only the folder.")
]


@app.command(cls=Command, epilog="nnlab data fetch\nnnlab data fetch --data-dir ~/fashion-mnist")
def fetch(data_dir: DataDir = None, *, quiet: QuietFetch = False, json: Json = False) -> None:
    """Find Fashion-MNIST on this machine, or download it; print its folder."""
    from nnlab.fashion.dataset.fetch import fetch

    say = Silent().note if quiet else Lines().note
    _print_folder(fetch(data_dir, say=say, quiet=quiet), json=json)


@app.command(cls=Command, epilog="nnlab data verify\nnnlab data verify --data-dir ~/fashion-mnist")
def verify(data_dir: DataDir = None, *, json: Json = False) -> None:
    """Check every byte of the data that nnlab would use; print each file's SHA-256."""
    from nnlab.fashion.dataset.locate import FILES, locate

    found = locate(data_dir)
    if found is None:
        raise _nowhere()
    if json:
        digests = {name: file.sha256 for name, file in found.files.items()}
        typer.echo(dumps({"folder": str(found.folder), "sha256": digests}, indent=2))
        return
    typer.echo(f"{found.folder}: the {len(FILES)} files are the published ones")
    for name, file in found.files.items():
        typer.echo(f"  {name}  sha256 {file.sha256}")


@app.command(cls=Command, epilog="nnlab data path\nnnlab data path --data-dir ~/fashion-mnist")
def path(data_dir: DataDir = None, *, json: Json = False) -> None:
    """Print the folder of the data that nnlab would use; download nothing."""
    from nnlab.fashion.dataset.locate import find

    folder = find(data_dir)
    if folder is None:
        raise _nowhere()
    _print_folder(folder, json=json)


def _print_folder(folder: Path, *, json: bool) -> None:
    typer.echo(dumps({"folder": str(folder)}) if json else folder)


def _nowhere() -> DataError:
    return DataError("Fashion-MNIST is not on this machine; to download it: nnlab data fetch")
