"""Compare a JSON file of a run and of its rerun, such as report.json."""

import json

from nnlab.errors import DataError
from nnlab.replays.difference import MISSING, Difference, apart
from nnlab.runs.saved import SavedRun


def first_value_apart(run: SavedRun, again: SavedRun, name: str) -> Difference | None:
    """Return where the JSON file `name` of two runs first differs; None if it does not.

    Raises:
        DataError: a file is damaged.
    """
    was, now = run.json(name), again.json(name)
    if was is None or now is None:
        if was is now:
            return None
        raise DataError(f"{(again if was else run).path / name} is missing")
    return value_apart(name, "", was, now)


def value_apart(file: str, place: str, was: object, now: object) -> Difference | None:
    """Return the first value of a JSON file that differs, at `place` or below it; None for none."""
    if isinstance(was, dict) and isinstance(now, dict):
        pairs = [(f"{place}.{key}".removeprefix("."), was.get(key, MISSING), now.get(key, MISSING))
                 for key in {**now, **was}]  # fmt: skip
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        pairs = [(f"{place}[{at}]", *both) for at, both in enumerate(zip(was, now, strict=True))]
    else:
        one, other = json.dumps(was), json.dumps(now)
        return Difference(file, place, one, other, apart(one, other)) if one != other else None
    found = (value_apart(file, *pair) for pair in pairs)
    return next(filter(None, found), None)
