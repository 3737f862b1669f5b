"""What a reader must know of a run before its numbers: how it ended, and what is damaged."""

from collections.abc import Callable
from typing import TypeVar

from nnlab.errors import NnlabError
from nnlab.runs.saved import SavedRun
from nnlab.text import resume_line

Value = TypeVar("Value")

ENDS = {  # status -> what it means for the numbers of a run
    "running": "This run was still at work when this was written.",
    "killed": "This run was killed: its process has ended, and the run has no end.",
    "interrupted": "This run was stopped before its end.",
    "diverged": "This run diverged: its numbers grew until they were not finite.",
    "failed": "This run failed.",
}
UNFINISHED = {"killed", "interrupted", "failed"}  # what nnlab resume can continue


def end_notes(saved: SavedRun) -> list[str]:
    """Return how a run ended, with its error; for a completed run, whether its pictures are drawn.

    Raises:
        UsageError: run.json is missing or damaged.
    """
    end = ENDS.get(saved.status)
    if end:
        return [f"{end} {saved.record.get('error', '')}".strip()]
    return (
        []
        if saved.plots
        else [f"This run has no pictures. To draw them: {resume_line(saved.path)}"]
    )


def or_empty(get: Callable[[], Value], empty: Value, notes: list[str]) -> Value:
    """Return what `get` reads; if its file is damaged, `empty`, and a note is added to `notes`."""
    try:
        return get()
    except NnlabError as error:
        notes.append(str(error))
        return empty
