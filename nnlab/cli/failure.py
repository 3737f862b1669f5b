"""The one message, and the exit code, of every error that can end a command."""

import errno
import re
from collections.abc import Iterator

from nnlab.errors import NnlabError
from nnlab.text import clipped, printable

LONGEST_LINE = 1000  # characters of a message: a path may be long, what a file holds has no end
PLACE = "; choose a place that you may write to"
ROOM = "; free some space, or choose another disk"
FILES = "; allow more of them (ulimit -n 1024), or end what else runs"
MEMORY = "try a smaller network or batch"
WAYS_OUT = {
    errno.EACCES: PLACE,
    errno.EPERM: PLACE,
    errno.EROFS: "; choose a place that can be written to",
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EMFILE: FILES,
    errno.ENFILE: FILES,
}
# How those say it that have no MemoryError: TensorFlow's kernels, XLA, the C++ library, mmap.
NO_MEMORY = (
    "out of memory", "oom when allocating", "bad_alloc", "resource_exhausted",
    "cannot allocate memory", "failed to map segment",
)  # fmt: skip
NO_FILES = "too many open files"  # how the loader of shared libraries says EMFILE


def describe(error: Exception) -> tuple[int, str]:
    """Return the exit code for `error`, and what a user is told: its notes are lines of it."""
    code, text = _classify(error)
    lines = [*f"nnlab: {text}".splitlines(), *getattr(error, "__notes__", [])]
    return code, "\n".join(clipped(printable(line), LONGEST_LINE) for line in lines)


def _classify(error: Exception) -> tuple[int, str]:
    if isinstance(error, NnlabError):
        return error.exit_code, str(error)
    for cause in _causes(error):
        said = str(cause).lower()
        if isinstance(cause, OSError) and cause.errno in {errno.EMFILE, errno.ENFILE}:
            return 1, _of_system(cause)
        if NO_FILES in said:
            return 1, f"too many open files{FILES}"
        if isinstance(cause, MemoryError) or _is_exhausted(cause, said):
            return 1, f"out of memory ({_first_line(cause)}): {MEMORY}"
    if isinstance(error, OSError):
        return 1, _of_system(error)
    return 1, f"a fault in nnlab itself, {type(error).__name__}: {error} (see --debug)"


def _is_exhausted(error: BaseException, said: str) -> bool:
    """Tell whether a library without a MemoryError of its own means one."""
    kind = type(error).__name__
    library = isinstance(error, ImportError | RuntimeError | OSError) or "tensorflow" in str(
        type(error).__module__
    )
    return kind == "ResourceExhaustedError" or (library and any(w in said for w in NO_MEMORY))


def _of_system(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}{WAYS_OUT.get(error.errno or 0, '')}"


def _first_line(error: BaseException) -> str:
    """Return the start of what an error says, without the graph's nodes that TensorFlow names."""
    said = re.sub(r"\{\{.*?\}\} *", "", str(getattr(error, "message", "") or error)).strip()
    return (said.splitlines() or [type(error).__name__])[0][:200]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield `error` and those that it came from, the nearest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
