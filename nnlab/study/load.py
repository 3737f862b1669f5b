"""Find a study: one that comes with nnlab, or a file of one's own."""

import hashlib
import pkgutil
import sys
import traceback
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from nnlab import inputs
from nnlab.config.suggest import near_key
from nnlab.errors import UsageError
from nnlab.study import claims
from nnlab.study import study as declarations
from nnlab.study.study import Study
from nnlab.text import clipped, listed, printable

MOST_BYTES = 1_000_000  # of a study's file
ATTRIBUTE = "STUDY"
OWN = ".py"  # the end of the name of a study's file


@dataclass(frozen=True)
class Loaded:
    """A study and the file that declares it.

    Attributes:
        study: the study.
        reference: what loads it again, in another process: its name, or the path of its file.
        digest: SHA-256 of the file, so that a changed file is noticed.
    """

    study: Study
    reference: str
    digest: str


def names() -> list[str]:
    """Return the names of the studies that come with nnlab, sorted."""
    found = (module.name for module in pkgutil.iter_modules(claims.__path__))
    return sorted(name.replace("_", "-") for name in found)


def load(reference: str, digest: str | None = None) -> Loaded:
    """Load a study by its name or by the path of its file (`mine.py`).

    A file of one's own is a Python program: it is run, as `python mine.py` would.

    Args:
        reference: the name or the path.
        digest: SHA-256 of the file when the study began; None for a new study.

    Raises:
        UsageError: the name is unknown; or the file is missing or faulty, declares no study, or has
            changed.
    """
    if reference not in names() and f"{reference}s" in names():
        reference += "s"  # epoch: the topic of nnlab explain
    if reference in names():
        module = import_module(f"{claims.__name__}.{reference.replace('-', '_')}")
        found = _digest(_read(Path(module.__file__ or "")), digest, reference)
        return Loaded(_declared(module, reference), reference, found)
    if not reference.endswith(OWN):
        known = ", ".join(names())
        meant = near_key(reference, names())
        hint = f"; did you mean {meant}?" if meant else "."
        raise UsageError(
            f"nnlab has no study {printable(reference)!r}{hint} Its studies are {known}. "
            "A study of your own is a Python file: nnlab study ./mine.py"
        )
    path = Path(reference).absolute()
    source = _read(path)
    found = _digest(source, digest, str(path))
    return Loaded(_declared(_run(path, source), str(path)), str(path), found)


def _read(path: Path) -> bytes:
    try:
        return inputs.read(path, MOST_BYTES, "a study's file")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; it should be a study's file") from None
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None


def _digest(source: bytes, expected: str | None, where: str) -> str:
    """Return the SHA-256 of a study's file; raise UsageError if it is not the one expected."""
    found = hashlib.sha256(source).hexdigest()
    if expected not in {None, found}:
        if not where.endswith(OWN):
            raise UsageError(
                f"nnlab's own study {where} has changed since: another version made this "
                f"directory; start it again: nnlab study {where}"
            )
        raise UsageError(
            f"{where} has changed since the study began, and a study is fixed before its first "
            "run: put the file back, or start a new study: it uses the finished runs again where "
            "their configs are the same"
        )
    return found


def _run(path: Path, source: bytes) -> ModuleType:
    """Run the Python program at `path`, whose bytes are `source`, and return its module."""
    module = ModuleType(f"nnlab_study_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # pydantic looks types up there
    try:
        exec(compile(source, str(path), "exec"), vars(module))  # noqa: S102 - the user asks for it
    except ValidationError as error:
        raise UsageError(f"{path}:{_line(error, path)} {_faults(error)}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a program can fail in any way
        said = clipped(f"{type(error).__name__}: {error}", 300)
        raise UsageError(f"{path}:{_line(error, path)} {said}") from None
    return module


def _declared(module: ModuleType, where: str) -> Study:
    study = getattr(module, ATTRIBUTE, None)
    if not isinstance(study, Study):
        raise UsageError(
            f"{where} declares no study: it needs {ATTRIBUTE} = Study(...) from nnlab.study.study"
        )
    return study


def _line(error: BaseException, path: Path) -> str:
    """Return the line of `path` in which the error arose, as "12:"; "" if it is not known."""
    if isinstance(error, SyntaxError):
        return f"{error.lineno}:"
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{lines[-1]}:" if lines else ""


def _said(fault: Any, model: str) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    """Return what is wrong with one field of a declaration."""
    if fault["type"] == "missing":
        return "is missing"
    if fault["type"] == "extra_forbidden":
        known = getattr(declarations, model).model_fields
        meant = near_key(str(fault["loc"][-1]), known)
        return (
            f"is unknown; did you mean {meant}?"
            if meant
            else f"is unknown; it has {listed([*known])}"
        )
    if fault["type"] == "string_pattern_mismatch":
        return "should have only small letters, digits, dots and hyphens (a-z 0-9 . -)"
    return str(fault["msg"]).removeprefix("Value error, ")


def _faults(error: ValidationError) -> str:
    """Return all faults of a declaration in one line: where, and what is wrong."""
    told = []
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"] if not isinstance(part, int))
        said = _said(fault, error.title)
        told.append(f"`{where}` {said}" if where else said)
    return f"{error.title}: {clipped('; '.join(dict.fromkeys(told)), 500)}"
