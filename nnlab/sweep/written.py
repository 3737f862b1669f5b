"""Write what a sweep found into its directory: trials.csv, the pictures, the page."""

import io
from pathlib import Path

from nnlab import files
from nnlab.reports.page import render
from nnlab.sweep.importance import importances
from nnlab.sweep.page import sweep_page
from nnlab.sweep.store import SweepDirectory
from nnlab.sweep.table import trials_csv
from nnlab.sweep.trial import Results

TRIALS, PAGE = "trials.csv", "report.html"


def write_results(results: Results, directory: SweepDirectory) -> list[Path]:
    """Write trials.csv, the pictures and report.html; return their paths, the page first.

    Raises:
        OSError: a file cannot be written.
    """
    from nnlab.sweep.pictures import CAPTIONS, figures  # loads Matplotlib

    directory.write(TRIALS, trials_csv(results))
    drawn = []
    shown = figures(results, importances(results))
    for name in CAPTIONS:
        path = directory.path / name
        if name not in shown:
            path.unlink(missing_ok=True)  # of fewer trials
            continue
        file = io.BytesIO()
        shown[name].savefig(file, format="png")
        files.write_bytes(path, file.getvalue())
        drawn.append(path)
    directory.write(PAGE, render(sweep_page(results, directory, drawn)))
    return written_files(directory)


def written_files(directory: SweepDirectory) -> list[Path]:
    """Return the files that tell what a sweep found, the page first; [] if they may be outdated.

    Whatever works on a sweep notes that first, in sweep.json; so a page that is newer tells all.
    """
    page, record = directory.path / PAGE, directory.path / "sweep.json"
    try:
        current = page.stat().st_mtime_ns >= record.stat().st_mtime_ns
    except FileNotFoundError:
        return []
    pictures = sorted(directory.path.glob("*.png"))
    return [page, directory.path / TRIALS, *pictures] if current else []
