"""Find a run by its directory, its name, the start of its name, or a file in its directory."""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from nnlab.errors import UsageError
from nnlab.paths import expanded
from nnlab.runs.run_json import RUNS
from nnlab.runs.saved import FILES, SavedRun
from nnlab.text import listed, printable

LAST = re.compile(r"last(?::(?P<experiment>.+))?")


def find_run(text: Path | str, parent: Path = RUNS) -> Path:
    """Return the directory of the run that a user means.

    Args:
        text: a run directory, its name in `parent`, the start of one name only, a file of the run;
            `last`: the run that was started or resumed last; `last:cubic`: the last of cubic.
        parent: the folder of the runs.

    Returns:
        The run directory; or `text` as a path, if there is no such run.

    Raises:
        UsageError: `text` is empty, several names begin with it, `last` of no runs, or it is the
            directory of a sweep or a study.
    """
    if not str(text).strip():
        raise UsageError("give a run, such as last; to see the runs: nnlab runs")
    path = run_of(Path(text), parent)
    _refuse_many(path)
    if _is_file(path / "run.json") or os.path.isdir(path):  # noqa: PTH112 - Path's raises for a name that cannot be
        return path
    if asked := LAST.fullmatch(str(text)):
        return _last(asked["experiment"], parent)
    begin = path if path.is_absolute() or len(path.parts) > 1 else parent / path
    named = runs_that_begin(begin.parent, begin.name)
    if len(named) > 1:
        names = listed([printable(run) for run in named], 5)
        raise UsageError(
            f"{printable(text)} is the start of several runs: {names}; type more of it"
        )
    return named[0] if named else path


def run_of(path: Path, parent: Path = RUNS) -> Path:
    """Return the run directory for `path`: `path`, `parent/path`, or the folder of a run's file."""
    path = expanded(path)
    meant = path.parent if path.name in FILES else path
    runs = (run for run in (meant, parent / meant) if _is_file(run / "run.json"))
    return next(runs, path)


def config_of(path: Path) -> Path:
    """Return the config file for `path`: `path`, or the config.yaml of a run."""
    path = expanded(path)
    config = run_of(path) / "config.yaml"
    plain = _is_file(path) and path.name != "run.json"
    return config if not plain and _is_file(config) else path


def runs_that_begin(parent: Path, begin: str) -> list[Path]:
    """Return the run directories in `parent` whose names start with `begin`, by name."""
    try:
        names = sorted(e.name for e in os.scandir(parent) if e.name.startswith(begin))
    except (OSError, ValueError):  # ValueError: a name that cannot be
        return []
    return [parent / name for name in names if _is_file(parent / name / "run.json")]


def latest_first(parent: Path = RUNS) -> Iterator[Path]:
    """Yield the run directories in `parent`; first the one that was started or resumed last."""
    runs = []
    for file in parent.glob("*/run.json"):
        try:
            runs.append((file.stat().st_mtime_ns, file.parent))
        except OSError:  # removed in the meantime
            continue
    for _, run in sorted(runs, reverse=True):
        yield run


def _refuse_many(path: Path) -> None:
    """Raise UsageError if `path` is the directory of a sweep or a study, and so of many runs."""
    for kind in ("sweep", "study"):
        if _is_file(path / f"{kind}.json"):
            show = shlex.join(["nnlab", kind, "show", str(path)])
            runs = shlex.join(["nnlab", "runs", "--runs-dir", str(path / "runs")])
            raise UsageError(f"{printable(path)} is a {kind}: {show}; to list its runs: {runs}")


def _last(experiment: str | None, parent: Path) -> Path:
    for run in latest_first(parent):
        if experiment is None or _experiment(run) == experiment:
            return run
    what = f"run of {printable(experiment)}" if experiment else "run"
    raise UsageError(f"there is no {what} in {printable(parent)}; to see its runs: nnlab runs")


def _experiment(run: Path) -> str:
    try:
        return SavedRun(run).experiment
    except UsageError:  # damaged: of no experiment
        return ""


def _is_file(path: Path) -> bool:
    return os.path.isfile(path)  # noqa: PTH113 - Path's raises for a name that cannot be
