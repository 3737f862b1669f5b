"""Begin a study, or open one that was begun, after everything that can be checked was checked."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from nnlab.errors import UsageError
from nnlab.paths import expanded
from nnlab.runs import provenance
from nnlab.study.load import Loaded, load
from nnlab.study.plan import (
    MOST_SEEDS,
    QUICK_SEEDS,
    SEEDS,
    Settings,
    fastest_engine,
    planned,
)
from nnlab.study.results import Results
from nnlab.study.store import STUDIES, StudyDirectory, StudyRecord
from nnlab.study.study import LEAST_SEEDS
from nnlab.text import printable


def settings_of(loaded: Loaded, seeds: int | None, *, quick: bool, full: bool) -> Settings:
    """Return how large a study is to be. Raises UsageError for too few or too many seeds."""
    own = QUICK_SEEDS if quick else loaded.study.seeds or SEEDS
    count = own if seeds is None else seeds
    if count < LEAST_SEEDS:
        raise UsageError(
            f"--seeds {count}: a study needs {LEAST_SEEDS} seeds or more; "
            "from one or two runs nobody can tell luck from effect"
        )
    if count > MOST_SEEDS:
        raise UsageError(f"--seeds {count:,}: at most {MOST_SEEDS:,} can be asked for")
    return Settings(count, quick, full, fastest_engine())


def check(loaded: Loaded, settings: Settings) -> None:
    """Check every config that is known before the first run. Raises UsageError for a fault.

    A smoke test checks those of the whole study, too: a fault there should show early.
    """
    for part in loaded.study.parts:
        if not callable(part.arms):
            planned(part, settings, Results([]))
            planned(part, replace(settings, quick=False), Results([]))


def made(loaded: Loaded, settings: Settings, parent: Path, command: str) -> StudyDirectory:
    """Make the directory of a new study."""
    record = StudyRecord(
        study=loaded.study.name, reference=loaded.reference, digest=loaded.digest,
        seeds=settings.seeds, quick=settings.quick, full=settings.full, engine=settings.engine,
        status="running", command=command,
        **provenance.describe(),  # type: ignore[arg-type]
    )  # fmt: skip
    return StudyDirectory.make(parent, record)


def reopened(
    directory: Path | None,
    word: Literal["resume", "show"],
    file: Path | None,
    parent: Path = STUDIES,
) -> tuple[Loaded, StudyDirectory]:
    """Return the study in a directory, to go on with it or to show it.

    Args:
        directory: the directory, its name in `parent`, or `last`.
        word: what is asked.
        file: the file of a study of one's own.
        parent: the folder of the studies.

    Raises:
        UsageError: it is none; its file has changed, or is the user's and was not named; or other
            code would go on with it.
    """
    if directory is None:
        raise UsageError(f"name the directory: nnlab study {word} studies/gradient-0001")
    opened = StudyDirectory.open(_meant(expanded(directory), parent))
    if opened.is_own and (file is None or file.absolute() != Path(opened.record.reference)):
        raise UsageError(
            f"{printable(opened.path)} is a study of your own, and its file is a program; if you "
            f"trust it, name it: {opened.command(word)}"
        )
    loaded = load(opened.record.reference, opened.record.digest)
    then, now = _code(opened.record.versions, opened.record.git_commit), _code_now()
    if word == "resume" and then != now:
        differing = ", ".join(
            f"{name} {then.get(name, 'missing')} (now {now.get(name, 'missing')})"
            for name in sorted(then.keys() | now.keys())
            if then.get(name) != now.get(name)
        )
        raise UsageError(
            f"{printable(opened.path)} was begun with {differing}; runs of two versions cannot be "
            f"compared: start a new study, or {_back(then, now)}"
        )
    return loaded, opened


def _meant(path: Path, parent: Path) -> Path:
    """Return the directory of a study for its path, its name in `parent`, or `last`."""
    if (path / "study.json").exists():
        return path
    if str(path) == "last" and (found := begun(parent)):
        return max(found, key=lambda each: (each / "study.json").stat().st_mtime_ns)
    return parent / path if (parent / path / "study.json").exists() else path


def begun(parent: Path = STUDIES) -> list[Path]:
    """Return the directories of the studies in a folder, by name."""
    return sorted(file.parent for file in parent.glob("*/study.json"))


def _back(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return how to get the code back with which a study began."""
    commit = then["git commit"]
    others = any(then.get(key) != now.get(key) for key in {*then, *now} - {"git commit"})
    ways = [f"git checkout {commit}"] if commit not in {now["git commit"], "none"} else []
    return " and ".join([*ways, *["install those again"] * (others or not ways)])


def _code(versions: Mapping[str, str], commit: str | None) -> dict[str, str]:
    """Return what the numbers of a run depend on: name -> version."""
    return {**versions, "git commit": commit or "none"}


def _code_now() -> dict[str, str]:
    facts: dict[str, Any] = provenance.describe()
    return _code(facts["versions"], facts["git_commit"])
