"""The errors that nnlab raises on purpose; `nnlab.cli.app` prints them and sets the exit code.

A message says what is wrong, where (file, key, step), and what to do.
"""

from signal import Signals
from typing import Any, ClassVar


class NnlabError(Exception):
    """Base of the errors that a user can act on.

    It can be pickled, whatever its class's constructor takes: a worker process sends it home.
    """

    exit_code: ClassVar[int] = 1

    def __reduce__(self) -> tuple[Any, ...]:
        # Python's own would call the constructor with the message as its only argument.
        return _unpickled, (type(self), self.args), self.__dict__


class UsageError(NnlabError):
    """A flag, a config or a path that cannot be used as given."""

    exit_code = 2


class DataError(NnlabError):
    """Data that is missing, damaged, or not the expected data."""


class DeviceError(NnlabError):
    """The requested device cannot be used."""


class DivergedError(NnlabError):
    """Training diverged: the loss or a parameter is not finite at step `step` (counted from 1)."""

    exit_code = 3

    def __init__(self, step: int, lr: float, loss: float, *, what: str = "the loss is") -> None:
        super().__init__(
            f"{what} not finite at step {step:,} (loss {loss:.4g}, lr {lr:g}): "
            "the steps are too large; try a smaller --lr"
        )


class StoppedError(NnlabError):
    """A signal ended a run that had begun; the process ends by the same signal (`nnlab.ending`)."""

    def __init__(self, message: str, signal: Signals) -> None:
        super().__init__(message)
        self.signal = signal


def _unpickled(kind: type[NnlabError], args: tuple[Any, ...]) -> NnlabError:
    """Return an error of class `kind` with the message in `args`; its constructor is not called."""
    return kind.__new__(kind, *args)


def missing_package(what: str, extra: str, error: ImportError) -> UsageError:
    """Return the error for `what`, which needs a package of nnlab's extra `extra`."""
    return UsageError(
        f"{what} needs a package that is not installed ({error}): "
        f"pip install 'nnlab-bench[{extra}]'"
    )
