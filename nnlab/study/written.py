"""Write what a study found into its directory: verdicts, pictures, the page."""

import io
import json
from pathlib import Path
from typing import Any

from nnlab import files
from nnlab.errors import UsageError
from nnlab.reports.page import render
from nnlab.study.gathered import own_code
from nnlab.study.outcome import Outcome
from nnlab.study.page import SMOKE, study_page
from nnlab.study.study import Picture
from nnlab.study.verdicts import as_json

VERDICTS, PAGE = "verdicts.json", "report.html"


def write_outcome(outcome: Outcome) -> list[Path]:
    """Write verdicts.json, the pictures and report.html; return their paths, the page first.

    Raises:
        UsageError: a function that draws a picture failed.
        OSError: a file cannot be written.
    """
    outcome.directory.write(VERDICTS, json.dumps(told(outcome), indent=2) + "\n")
    drawn = [_draw(picture, outcome) for picture in outcome.loaded.study.pictures]
    outcome.directory.write(PAGE, render(study_page(outcome, drawn)))
    path = outcome.directory.path
    return [path / PAGE, path / VERDICTS, path / "results.csv", *drawn]


def told(outcome: Outcome) -> dict[str, Any]:
    """Return what a study found as plain values for JSON."""
    study, record = outcome.loaded.study, outcome.directory.record
    return {
        "study": study.name, "question": study.question, "seeds": record.seeds,
        "quick": record.quick, "full": record.full, **({"warning": SMOKE} if record.quick else {}),
        "claims": as_json(outcome.judged), "foretold": outcome.prediction,
    }  # fmt: skip


def _draw(picture: Picture, outcome: Outcome) -> Path:
    file = io.BytesIO()
    with own_code(outcome.loaded, f"draw of {picture.name}"):
        figure = picture.draw(outcome.results)
        if not hasattr(figure, "savefig"):
            raise UsageError(
                f"{outcome.loaded.reference}: draw of {picture.name} must return a matplotlib "
                f"Figure, not {type(figure).__name__}"
            )
        figure.savefig(file, format="png")
    path = outcome.directory.path / f"{picture.name}.png"
    files.write_bytes(path, file.getvalue())
    return path
