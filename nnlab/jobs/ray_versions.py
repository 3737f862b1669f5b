"""What the numbers of a run depend on, beside its config: the code and the libraries of a machine.

A node runs this file before anything else, so it needs nothing that has to be installed.
"""

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
CODE = "nnlab"
ALWAYS = ("numpy", "scipy", "pydantic", "numba", "llvmlite")
MISSING = "not installed"


@cache
def versions(names: tuple[str, ...] = ALWAYS) -> dict[str, str]:
    """Return the version of Python, the digest of nnlab's code, and the versions of libraries."""
    found = {"Python": platform.python_version(), CODE: code_digest()}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = MISSING
    return found


@cache
def code_digest() -> str:
    """Return the start of the SHA-256 of all modules of nnlab, names and contents."""
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*.py")):
        digest.update(str(path.relative_to(PACKAGE)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def difference(wanted: Mapping[str, str], node: str) -> str:
    """Return how this machine differs from the driver, in one sentence; "" if it does not.

    A library that only this machine has changes nothing.

    Args:
        wanted: the `versions` of the driver.
        node: what to call this machine.
    """
    found = versions(tuple(name for name in wanted if name not in {"Python", CODE}))
    differing = [
        f"{name} {found[name]} instead of {version}"
        for name, version in wanted.items()
        if found[name] != version != MISSING
    ]
    if not differing:
        return ""
    return (
        f"node {node} has {', '.join(differing)}; the numbers of a run depend on them: "
        "install the same versions on all nodes"
    )
