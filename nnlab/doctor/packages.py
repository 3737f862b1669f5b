"""Python, and the packages that nnlab needs or can use."""

import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from typing import NamedTuple

from nnlab import __version__
from nnlab.finding import Result
from nnlab.runs.provenance import PACKAGES

DISTRIBUTION = "nnlab-bench"
FOR_DEVELOPERS = {"dev", "bench"}  # extras that a user does not miss
REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(?:\[[^]]*\])?[^;]*?(?:>=(?P<floor>[\w.]+))?[^;]*"
    r"(?:;.*extra == ['\"](?P<extra>[\w-]+)['\"])?"
)


class Requirement(NamedTuple):
    """A package that nnlab uses: the oldest version that works, and the extra that asks for it."""

    name: str
    floor: str
    extra: str


def python() -> Result:
    """Which Python runs; TensorFlow exists for 64 bits only."""
    bits = 64 if sys.maxsize > 2**32 else 32
    seen = f"{platform.python_version()}, {bits} bit, {sys.executable}"
    if bits == 32:  # noqa: PLR2004
        return Result("fault", seen, "install Python for 64 bits: TensorFlow needs it")
    return Result("ok", seen)


def packages() -> Result:
    """Whether every package that nnlab needs is there, in a version that works."""
    needed = [each for each in _requirements() if not each.extra]
    if not needed:
        return Result("warn", "nnlab runs without being installed: versions are not checked")
    lacking = [each for each in needed if not _is_there(each)]
    if lacking:
        wrong = ", ".join(f"{each.name} {_version(each.name) or 'missing'}" for each in lacking)
        wanted = " ".join(f"'{each.name}>={each.floor}'" for each in lacking)
        return Result("fault", wrong, f"pip install {wanted}")
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return Result("ok", f"nnlab {__version__} and all {len(needed)} it needs: {versions}, ...")


def extras() -> Result:
    """Which optional packages are there; nothing fails without them."""
    optional = [e for e in _requirements() if e.extra and e.extra not in FOR_DEVELOPERS]
    there = sorted({f"{e.name} {_version(e.name)}" for e in optional if _is_there(e)})
    missing = sorted({e.name for e in optional if not _is_there(e)})
    seen = ", ".join(there) or "none installed"
    return Result("ok", seen + f"; not installed: {', '.join(missing)}" * bool(missing))


def _requirements() -> Iterator[Requirement]:
    """Yield what nnlab says it needs, from its metadata."""
    try:
        texts = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:
        return
    for text in texts:
        if match := REQUIREMENT.fullmatch(text):
            yield Requirement(match["name"], match["floor"] or "0", match["extra"] or "")


def _version(name: str) -> str:
    """Return the installed version of a package, from its metadata; empty if it is missing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _is_there(needed: Requirement) -> bool:
    return _numbers(_version(needed.name)) >= _numbers(needed.floor)


def _numbers(version: str) -> list[int]:
    """Return the numbers at the start of a version: 2.21.0rc1 is [2, 21, 0]."""
    numbers = re.match(r"[\d.]*", version)
    return [int(each) for each in numbers[0].split(".") if each] if numbers else []
