"""The film of a run of fashion: each epoch is what a run of so many epochs has."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnlab.console.view import Lines, Silent
from nnlab.errors import DataError, UsageError
from nnlab.fashion.film import film, last_epoch
from nnlab.reports.film import Gallery, Grid
from nnlab.runs.saved import SavedRun
from tests.reports.made import make_run
from tests.runs.trained import bare

KEYS: dict[str, Any] = {
    "data": "sample", "filters": [4, 3], "hidden": 8, "samples": 300, "ema": 0.9, "lr": 0.01,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("tensorflow")
def test_it_ends_at_the_weights_of_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = bare(tmp_path / "run", "fashion", epochs=1, **KEYS | {"samples": 100})
    capsys.readouterr()
    found = film(run, [0, 1], Lines())
    said = capsys.readouterr().err
    assert "training " in said
    assert "nnlab-again" not in said  # the temporary folder
    assert found.equal
    filters = found.panels[2]
    assert isinstance(filters, Grid)
    assert np.array_equal(filters.values[1][:2, :2], run.weights()["conv1/kernel"][:, :, 0, 0])


@pytest.mark.long
@pytest.mark.usefixtures("tensorflow")
def test_every_epoch_is_that_of_a_run_stopped_there(tmp_path: Path) -> None:
    runs = [bare(tmp_path / f"{n}", "fashion", epochs=n, **KEYS) for n in (1, 2)]
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "2").rglob("*")}
    found = film(runs[1], [0, 1, 2], Silent())
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "2").rglob("*")}
    assert (found.name, found.unit, found.at) == ("2", "epoch", [0, 1, 2])
    assert len(found.notes) == 1
    assert found.equal
    _, _, filters, confusion, gallery = found.panels
    assert isinstance(filters, Grid)
    assert isinstance(confusion, Grid)
    assert isinstance(gallery, Gallery)
    for epoch, run in enumerate(runs, 1):
        kernel = run.weights()["conv1/kernel"]  # (2, 2, 1, 4)
        shown = filters.values[epoch]  # (5, 5), with an empty row and column
        assert np.isnan(shown[2]).all()
        assert np.array_equal(shown[:2, :2], kernel[:, :, 0, 0])
        assert np.array_equal(shown[3:, 3:], kernel[:, :, 0, 3])
        tested = run.json("report.json")
        assert tested
        counts = np.array(tested["confusion"])
        assert np.allclose(confusion.values[epoch], counts / counts.sum(axis=1, keepdims=True))
        for name, key in (("accuracy", "test accuracy"), ("loss", "test loss")):
            assert found.numbers[key][epoch] == tested[name]
        assert found.numbers["training loss"][epoch] == run.metrics["loss"][-1]
    assert found.numbers["test accuracy"][0] < 0.3
    changes = gallery.predicted[2] != gallery.predicted[1]
    assert changes.all()
    assert len(changes) == min(24, int(found.numbers["changed"][2]))


def test_a_long_training_is_not_repeated(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", "fashion")
    assert last_epoch(SavedRun(run)) == 2
    rows = (run / "metrics.csv").read_text()
    (run / "metrics.csv").write_text(rows.replace(",6.0,", ",7200.0,"))
    with pytest.raises(UsageError, match=r"trained for 2 h.*which it does up to 1 h"):
        last_epoch(SavedRun(run))
    (run / "metrics.csv").write_text(rows.splitlines()[0] + "\n")
    with pytest.raises(DataError, match="has no epoch"):
        last_epoch(SavedRun(run))
