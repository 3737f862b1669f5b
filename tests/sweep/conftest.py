"""A real sweep that several tests look at."""

from pathlib import Path

import pytest

from tests.sweep.disturbed import SMALL, whole


@pytest.fixture(scope="session")
def swept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a whole sweep of `SMALL`, which no test changes, and its trials."""
    folder = tmp_path_factory.mktemp("sweep")
    return folder, whole(folder, *SMALL, "--jobs", 2)
