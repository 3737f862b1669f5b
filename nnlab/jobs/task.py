"""What a worker does, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Self

from nnlab.config.base import Config
from nnlab.errors import NnlabError


@dataclass(frozen=True)
class Needs:
    """What a call needs that another machine may lack. Here it is there.

    Attributes:
        packages: libraries on whose versions its numbers depend, beside those of every call.
        files: files and folders of the user's; another machine must have the same at these paths.
        data: the module that finds, reads and keeps published data
            (`nnlab.config.base.Config.published`); "" for none.
        gpu: whether the call can use a GPU.
    """

    packages: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    data: str = ""
    gpu: bool = False

    @classmethod
    def of(cls, config: Config, *files: Path) -> Self:
        """Return what a run of `config` needs, and a call that reads `files`, too."""
        gpu = getattr(config, "device", "cpu") != "cpu"
        return cls(config.packages, (*config.own_files, *files), config.published, gpu)


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
        needs: what another machine needs for the call.
    """

    name: str
    call: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    home: Path | None = None
    writes: tuple[str, ...] = ()
    needs: Needs = Needs()

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


class ClusterLost(NnlabError):  # noqa: N818 - what happened
    """The cluster ended, or cannot work; what has come back is kept."""

    def as_error(self, left: str) -> NnlabError:
        """Return the error to show to the user; `left` says how to go on, "" if nothing began."""
        return NnlabError("; ".join(filter(None, [str(self), left])))


class WorkerTraceback(Exception):  # noqa: N818 - what it shows
    """The cause of an error that was raised in a worker: the traceback there, as text."""
