"""What a study foretells: written before the runs that test it, and never changed."""

import json

from pydantic import TypeAdapter

from nnlab import inputs
from nnlab.errors import DataError
from nnlab.study.gathered import own_code
from nnlab.study.load import Loaded
from nnlab.study.results import Results
from nnlab.study.store import StudyDirectory
from nnlab.study.study import Part
from nnlab.study.work import encoded

PREDICTION = "prediction.json"
MOST_BYTES = 1_000_000  # of a prediction; it is a few numbers


def foretell(part: Part, loaded: Loaded, directory: StudyDirectory, results: Results) -> None:
    """Write what is predicted of `part`, once, before its first run.

    Raises:
        UsageError: the study's function fails.
        DataError: as `predictions`.
    """
    before = predictions(directory)
    if part.foretell is None or part.name in before:
        return
    with own_code(loaded, "foretell"):
        told = {name: encoded(value) for name, value in part.foretell(results).items()}
    directory.write(PREDICTION, json.dumps(before | {part.name: told}, indent=2) + "\n")


def predictions(directory: StudyDirectory) -> dict[str, dict[str, float]]:
    """Return what was foretold: part -> name -> number.

    Raises:
        DataError: prediction.json cannot be read, or is damaged.
    """
    path = directory.path / PREDICTION
    try:
        read = inputs.read(path, MOST_BYTES, "a prediction")
        return TypeAdapter(dict[str, dict[str, float]]).validate_json(read)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    except ValueError:
        raise DataError(
            f"{path} is damaged; it must not be made after the runs that test it: start the study "
            "again"
        ) from None
