"""Write what a study found into its directory: verdicts, pictures."""

import io
import json
from pathlib import Path

from nnlab import files
from nnlab.study.runner import Outcome
from nnlab.study.study import Picture
from nnlab.study.verdicts import as_json

VERDICTS = "verdicts.json"


def write_outcome(outcome: Outcome) -> list[Path]:
    """Write verdicts.json and the pictures; return the pictures.

    Raises:
        OSError: a file cannot be written.
    """
    outcome.directory.write(VERDICTS, json.dumps(as_json(outcome.judged), indent=2) + "\n")
    return [_draw(picture, outcome) for picture in outcome.loaded.study.pictures]


def _draw(picture: Picture, outcome: Outcome) -> Path:
    file = io.BytesIO()
    picture.draw(outcome.results).savefig(file, format="png")
    path = outcome.directory.path / f"{picture.name}.png"
    files.write_bytes(path, file.getvalue())
    return path
