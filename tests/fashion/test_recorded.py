"""What run.json says about the data is enough to build the network of a run again."""

from pathlib import Path
from typing import Any

import pytest

from nnlab.errors import DataError
from nnlab.fashion.data import CLASSES
from nnlab.fashion.recorded import recorded
from nnlab.runs.saved import SavedRun


def saved(data: Any) -> SavedRun:
    return SavedRun(Path("runs/a"), {"experiment": "fashion", "status": "completed", "data": data})


def test_runs_of_nnlab_0_2_are_of_fashion_mnist() -> None:
    for older in (None, {"name": "Fashion-MNIST", "source": "/data", "sha256": {"a": "0"}}):
        found = recorded(saved(older))
        assert (found.side, tuple(found.classes)) == (28, CLASSES)


@pytest.mark.parametrize(
    ("key", "value"), [("side", 7), ("side", 65), ("side", "28"), ("classes", ["a"]), ("name", 1)]
)
def test_a_damaged_record_is_one_message(key: str, value: object) -> None:
    with pytest.raises(DataError, match=f"runs/a/run.json: data is damaged: {key}"):
        recorded(saved({key: value}))
