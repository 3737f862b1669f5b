"""Find a study: one that comes with nnlab, or a file of one's own."""

import hashlib
import pkgutil
import traceback
from dataclasses import dataclass
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from pydantic import ValidationError

from nnlab import inputs
from nnlab.config.suggest import near_key
from nnlab.errors import UsageError
from nnlab.study import claims
from nnlab.study.study import Study
from nnlab.text import clipped, printable

MOST_BYTES = 1_000_000  # of a study's file
ATTRIBUTE = "STUDY"


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


def load(reference: str) -> Loaded:
    """Load a study by its name or by the path of its file (`mine.py`).

    A file of one's own is a Python program: it is run, as `python mine.py` would.

    Raises:
        UsageError: the name is unknown; or the file is missing or faulty, or declares no study.
    """
    if reference in names():
        module = import_module(f"{claims.__name__}.{reference.replace('-', '_')}")
        return Loaded(_declared(module, reference), reference, _digest(Path(module.__file__ or "")))
    if not reference.endswith(".py"):
        known = ", ".join(names())
        meant = near_key(reference, names())
        hint = f"; did you mean {meant}?" if meant else "."
        raise UsageError(
            f"nnlab has no study {printable(reference)!r}{hint} Its studies are {known}. "
            "A study of your own is a Python file: nnlab study ./mine.py"
        )
    path = Path(reference).absolute()
    digest = _digest(path)
    return Loaded(_declared(_run(path), str(path)), str(path), digest)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(inputs.read(path, MOST_BYTES, "a study's file")).hexdigest()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; it should be a study's file") from None
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None


def _run(path: Path) -> ModuleType:
    """Run the Python file at `path` and return its module."""
    spec = spec_from_file_location(f"nnlab_study_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{path}: Python cannot load this file")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ValidationError as error:
        raise UsageError(f"{path}:{_line(error, path)} {_faults(error)}") from None
    except Exception as error:  # noqa: BLE001 - a user's program can fail in any way
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


def _line(error: Exception, path: Path) -> str:
    """Return the line of `path` in which the error arose, as "12:"; "" if it is not known."""
    if isinstance(error, SyntaxError):
        return f"{error.lineno}:"
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    return f"{lines[-1]}:" if lines else ""


def _faults(error: ValidationError) -> str:
    """Return all faults of a declaration in one line: where, and what is wrong."""
    told = []
    for fault in error.errors(include_url=False):
        where = ".".join(str(part) for part in fault["loc"] if not isinstance(part, int))
        missing = fault["type"] == "missing"
        said = "is missing" if missing else fault["msg"].removeprefix("Value error, ")
        told.append(f"`{where}` {said}" if where else said)
    return f"{error.title}: {clipped('; '.join(dict.fromkeys(told)), 500)}"
