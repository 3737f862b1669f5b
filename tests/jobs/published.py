"""Published data for tests: this process has them, the nodes do not."""

import os
from collections.abc import Mapping
from pathlib import Path
from tempfile import gettempdir

KEPT = Path(gettempdir()) / f"nnlab-test-published-{os.getppid()}"  # a node is a parent of workers


def place() -> Path:
    return Path(os.environ.get("NNLAB_TEST_DATA", KEPT))


def lacking() -> bool:
    return not place().exists()


def contents() -> dict[str, bytes]:
    return {"data": place().read_bytes()}


def keep(contents: Mapping[str, bytes]) -> None:
    assert lacking()
    place().write_bytes(contents["data"])


def text() -> str:
    return place().read_text()
