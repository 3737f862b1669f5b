"""The message and the exit code for every error that can end a command."""

import errno
import re
from collections.abc import Iterator
from typing import Any

from nnlab.errors import NnlabError
from nnlab.text import clipped, printable

LONGEST_LINE = 1000  # characters: a path may be long, and text from a file endless
PLACE = "; choose a folder that you may write to"
ROOM = "; free some space, or choose another disk"
FILES = "; raise the limit (ulimit -n 1024), or close other programs"
MEMORY = "try a smaller network or batch"
WAYS_OUT = {
    errno.EACCES: PLACE,
    errno.EPERM: PLACE,
    errno.EROFS: "; choose a folder on a writable disk",
    errno.ENOSPC: ROOM,
    errno.EDQUOT: ROOM,
    errno.EMFILE: FILES,
    errno.ENFILE: FILES,
}
# Words of libraries that raise no MemoryError: TensorFlow's kernels, XLA, the C++ library, mmap.
NO_MEMORY = (
    "out of memory", "oom when allocating", "bad_alloc", "resource_exhausted",
    "cannot allocate memory", "failed to map segment",
)  # fmt: skip
UNPARSED = r"Input should be a valid (\w+), unable to parse string as an? \w+"
NO_FILES = "too many open files"  # the words of the loader of shared libraries for EMFILE


def describe(error: Exception) -> tuple[int, str]:
    """Return the exit code and the message for `error`; each of its notes is a line."""
    of_typer = hasattr(error, "format_message")
    code, text = (2, _of_typer(error)) if of_typer else _classify(error)
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
    return 1, f"a bug in nnlab, {type(error).__name__}: {error} (--debug shows the traceback)"


def _of_typer(error: Any) -> str:  # noqa: ANN401 - of a class that Typer keeps to itself
    """Return the message for an error that Typer found in the command line."""
    said = re.sub("Value error, ", "", error.format_message()).removesuffix(".")
    said = re.sub(UNPARSED, r"it should be a \1", said).replace("a integer", "a whole number")
    missing = type(error).__name__ == "MissingParameter" and error.ctx
    example = ((missing and error.ctx.command.epilog) or "").partition("\n")[0]
    hint = f"; such as: {example}" * bool(example)
    hint += f"; for help: {error.ctx.command_path} --help" if error.ctx else ""
    return f"{said[:1].lower()}{said[1:]}{hint}"


def _is_exhausted(error: BaseException, said: str) -> bool:
    """Return whether a library that raises no MemoryError reports that memory is full."""
    kind = type(error).__name__
    library = isinstance(error, ImportError | RuntimeError | OSError) or "tensorflow" in str(
        type(error).__module__
    )
    return kind == "ResourceExhaustedError" or (library and any(w in said for w in NO_MEMORY))


def _of_system(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{error.strerror or error}{WAYS_OUT.get(error.errno or 0, '')}"


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's message, without TensorFlow's names of graph nodes."""
    said = re.sub(r"\{\{.*?\}\} *", "", str(getattr(error, "message", "") or error)).strip()
    return (said.splitlines() or [type(error).__name__])[0][:200]


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield `error`, then its cause, then the cause of that, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
