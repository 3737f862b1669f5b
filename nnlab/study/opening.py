"""Begin a study, or open one that was begun, after everything that can be checked was checked."""

from dataclasses import replace
from pathlib import Path
from typing import Literal

from nnlab.errors import UsageError
from nnlab.paths import expanded
from nnlab.runs import provenance
from nnlab.runs.collection import meant
from nnlab.runs.same_code import refuse_other_code
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
    return StudyDirectory.make_next(parent, record.study, record)


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
    opened = StudyDirectory.open(meant("study", expanded(directory), parent))
    if opened.is_own and (file is None or file.absolute() != Path(opened.record.reference)):
        raise UsageError(
            f"{printable(opened.path)} is a study of your own, and its file is a program; if you "
            f"trust it, name it: {opened.command(word)}"
        )
    loaded = load(opened.record.reference, opened.record.digest)
    if word == "resume":
        refuse_other_code(opened)
    return loaded, opened
