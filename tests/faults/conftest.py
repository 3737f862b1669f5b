"""What several tests compare with is made once, also by several processes of pytest-xdist."""

import pytest

from tests.faults import harness


@pytest.fixture(autouse=True, scope="session")
def _shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    base = tmp_path_factory.getbasetemp()
    harness.SHARED = (base if worker_id == "master" else base.parent) / "undisturbed"
    harness.SHARED.mkdir(exist_ok=True)
