"""Fixtures: nnlab as its users run it, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Nnlab = Callable[..., subprocess.CompletedProcess[str]]

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("NNLAB_")} | {
    "COLUMNS": "100",
    "NO_COLOR": "1",
}


def command(*arguments: object) -> list[str]:
    """Return the command line of an nnlab process, in which a warning is an error.

    But for one that Keras 3.15 earns with NumPy 2 when h5py reads its variables.
    """
    but = "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
    return [sys.executable, "-W", "error", "-W", but, "-m", "nnlab", *map(str, arguments)]


@pytest.fixture
def nnlab(tmp_path: Path) -> Nnlab:
    """Run `nnlab ARGUMENTS` in an empty folder; return what it printed and its exit code."""

    def run(
        *arguments: object, timeout: float = 300, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command(*arguments), cwd=tmp_path, env=ENVIRONMENT | environment, text=True,
            capture_output=True, timeout=timeout, check=False,
        )  # fmt: skip

    return run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the quick tests first."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
