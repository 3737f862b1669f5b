"""Write what a sweep found into its directory: trials.csv, the pictures, the page."""

import io
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nnlab import files
from nnlab.reports.page import render
from nnlab.sweep.importance import importances
from nnlab.sweep.page import sweep_page
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.table import trials_csv
from nnlab.sweep.trial import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TRIALS, PAGE = "trials.csv", "report.html"


def write_results(results: Results, directory: SweepDirectory) -> list[Path]:
    """Write trials.csv, the pictures and report.html; return their paths, the page first.

    Raises:
        OSError: a file cannot be written; the others are.
    """
    from nnlab.sweep.pictures import CAPTIONS, figures  # loads Matplotlib

    faults: list[OSError] = []
    write = partial(_write, faults)
    write(directory.path / TRIALS, trials_csv(results).encode())
    shown = figures(results, importances(results))
    drawn = [
        path
        for path in (directory.path / name for name in CAPTIONS)
        if write(path, _png(shown[path.name]) if path.name in shown else None)
    ]
    write(directory.path / PAGE, render(sweep_page(results, directory, drawn)).encode())
    if faults:
        raise faults[0]
    return written_files(directory)


def _png(figure: "Figure") -> bytes:
    """Return a picture as a file holds it."""
    from nnlab.plots import write_png

    file = io.BytesIO()
    write_png(figure, file)
    return file.getvalue()


def _write(faults: list[OSError], path: Path, content: bytes | None) -> bool:
    """Write a file, or remove it without a content; return whether it is there now.

    A fault is added to `faults`.
    """
    try:
        if content is None:
            path.unlink(missing_ok=True)  # of fewer trials
        else:
            files.write_bytes(path, content)
    except OSError as error:
        faults.append(error)
        return False
    return content is not None


def written_files(directory: SweepDirectory) -> list[Path]:
    """Return the files that tell what a sweep found, the page first; [] if they may be outdated.

    Whatever works on a sweep notes that first, in sweep.json; so a page that is newer tells all.
    """
    page, record = directory.path / PAGE, directory.path / "sweep.json"
    try:
        current = page.stat().st_mtime_ns >= record.stat().st_mtime_ns
    except FileNotFoundError:
        return []
    found = [page, directory.path / TRIALS, *sorted(directory.path.glob("*.png"))]
    return [path for path in found if path.is_file()] if current and page.is_file() else []
