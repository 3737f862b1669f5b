"""Where a run came from, for run.json: command, versions, commit, machine."""

import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from nnlab import __version__

PACKAGES = ("numpy", "scipy", "tensorflow", "keras", "matplotlib")
COMMIT = "NNLAB_GIT_COMMIT"  # the commit of a copy of the code that travelled without its .git
COMPILERS = ("numba", "llvmlite")  # optional; the digits of a run depend on them, too


def command_line() -> str:
    """Return the command that this process was started with, ready to paste into a shell."""
    return shlex.join(["nnlab", *sys.argv[1:]])


def describe() -> dict[str, object]:
    """Return versions, git commit and machine, ready for run.json."""
    return {
        "versions": {"python": platform.python_version(), "nnlab": __version__} | _versions(),
        "git_commit": os.environ.get(COMMIT) or _git_commit(),
        "machine": machine(),
    }


def machine() -> dict[str, object]:
    """Return the system, the processor and its number of cores."""
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "vectors": _vectors(),
        "cores": os.cpu_count(),
    }


def to_json(record: Mapping[str, object]) -> str:
    """Return `record` as indented JSON with a final newline."""
    return json.dumps(record, indent=2, allow_nan=False) + "\n"


@cache
def _versions() -> dict[str, str]:
    """Return the installed versions, from the packages' metadata, so that nothing is imported.

    Reading the metadata takes 30 ms: too long for each of hundreds of runs.
    """
    names = PACKAGES + COMPILERS
    installed = {d.name for name in names for d in metadata.distributions(name=name)}
    return {name: metadata.version(name) for name in names if name in installed}


@cache
def _git_commit() -> str | None:
    """Return the commit of nnlab's git checkout ("-dirty" if changed); None if there is none.

    It is that of the code which this process has loaded: a later commit does not change it. Asking
    git takes 10 ms: long for each of a thousand short runs.
    """
    checkout = Path(__file__).parents[2]
    if not (checkout / ".git").exists():
        return None
    # Without --no-optional-locks, git would write its index and might conflict with a user's git.
    command = [
        "git",
        "--no-optional-locks",
        "-C",
        str(checkout),
        "describe",
        "--always",
        "--dirty",
        "--abbrev=40",
    ]
    try:
        done = subprocess.run(  # noqa: S603 - a constant command
            command, capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _processor() -> str:
    return _cpuinfo("model name") or platform.processor()


def _vectors() -> str:
    """Return the widest vector instructions of the processor.

    Libraries choose their loops by them, and so the order of their sums. Processors with the same
    name may differ here: an "AMD EPYC" may have AVX-512 or not.
    """
    flags = _cpuinfo("flags").split()
    return next((f for f in ("avx512f", "avx2", "avx", "sse4_2") if f in flags), platform.machine())


@cache
def _cpuinfo(key: str) -> str:
    """Return the entry `key` of the first processor in /proc/cpuinfo; empty if there is none."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
