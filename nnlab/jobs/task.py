"""What a worker does, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from nnlab.errors import NnlabError


@dataclass(frozen=True)
class Task:
    """A call of a function in a worker process.

    It must be safe to call the function again: a worker may be killed at any point of it.

    Attributes:
        name: what messages call the task.
        call: the function, "module:function"; the worker imports the module.
        arguments: its arguments by keyword: numbers, text, lists, dicts.
        home: the folder that the call works in; the call gets it as its argument `home`. Another
            machine gives it another folder. None if the call writes no files.
        writes: the files and directories in `home` that the call makes, or goes on with, as paths
            relative to `home`. Another machine sends them back.
    """

    name: str
    call: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    home: Path | None = None
    writes: tuple[str, ...] = ()

    @property
    def keywords(self) -> dict[str, Any]:
        """All arguments of the call on this machine."""
        return {**self.arguments, **({} if self.home is None else {"home": self.home})}


class Done(NamedTuple):
    """What came of a task.

    Attributes:
        task: the task.
        result: what its function returned; None if it failed.
        error: what its function raised, or WorkerLost; None if it did not fail.
    """

    task: Task
    result: Any
    error: Exception | None


class WorkerLost(NnlabError):  # noqa: N818 - what happened
    """The worker process of a task ended before the task did, in every try."""


class WorkerTraceback(Exception):  # noqa: N818 - what it shows
    """The cause of an error that was raised in a worker: the traceback there, as text."""
