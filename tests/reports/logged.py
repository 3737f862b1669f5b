"""Run directories made by hand, so that a test knows every number and trains nothing."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from nnlab.experiments import EXPERIMENTS
from nnlab.runs.saved import SavedRun

CUBIC_COLUMNS = ("step", "epoch", "loss", "rmse", "max_error", "seconds")
FASHION_COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "lr", "seconds")


def made(
    path: Path,
    experiment: str,
    config: dict[str, Any],
    rows: Sequence[dict[str, float]],
    *,
    status: str = "completed",
    **record: Any,
) -> SavedRun:
    """Make the run directory `path`; keys that `config` lacks have their defaults."""
    path.mkdir(parents=True)
    every = EXPERIMENTS[experiment].config(**config).model_dump(mode="json")
    (path / "config.yaml").write_text(yaml.safe_dump(every))
    facts = {
        "experiment": experiment, "status": status, "command": "by hand", "config": every,
        "seed": every["seed"], **record,
    }  # fmt: skip
    (path / "run.json").write_text(json.dumps(facts))
    if rows:
        with (path / "metrics.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return SavedRun(path)


def cubic(
    path: Path,
    rmse: Sequence[float],
    *,
    every: int = 100,
    speed: float = 0.001,
    status: str = "completed",
    **config: Any,
) -> SavedRun:
    """Make a run of cubic that logged these RMSEs, one after `every` steps."""
    rows = [
        dict(
            zip(
                CUBIC_COLUMNS,
                (step, 1, value**2, value, 2 * value, step * speed),
                strict=True,
            )
        )
        for step, value in zip(range(every, every * len(rmse) + 1, every), rmse, strict=True)
    ]
    keys = {"samples": max(1, every * len(rmse)), "log_every": every} | config
    return made(path, "cubic", keys, rows, status=status)


def fashion(
    path: Path,
    val_accuracy: Sequence[float],
    *,
    images: int | None = 1600,
    test_accuracy: float | None = None,
    status: str = "completed",
    report: dict[str, Any] | None = None,
    **config: Any,
) -> SavedRun:
    """Make a run of fashion that logged these validation accuracies, one an epoch."""
    rows = [
        dict(
            zip(
                FASHION_COLUMNS,
                (epoch, 1 - value, value, 1 - value, value, 0.001, 2.0 * epoch),
                strict=True,
            )
        )
        for epoch, value in enumerate(val_accuracy, 1)
    ]
    facts: dict[str, Any] = {} if images is None else {"training_images": images}
    if test_accuracy is not None:
        facts["summary"] = {"test_accuracy": test_accuracy}
    saved = made(path, "fashion", {"data": "sample"} | config, rows, status=status, **facts)
    if report:
        (path / "report.json").write_text(json.dumps(report))
    return saved


def report(confusion: Sequence[Sequence[int]], names: Sequence[str]) -> dict[str, Any]:
    """Return a report.json for the counts by true class (row) and predicted class (column)."""
    images = sum(map(sum, confusion))
    right = [confusion[k][k] for k in range(len(names))]
    return {
        "data": "animals",
        "images": images,
        "accuracy": sum(right) / images,
        "loss": 0.5,
        "expected_calibration_error": 0.01,
        "classes": [
            {
                "name": name,
                "precision": 0.5,
                "recall": right[k] / max(sum(confusion[k]), 1),
                "f1": 0.5,
                "support": sum(confusion[k]),
            }
            for k, name in enumerate(names)
        ],
        "confusion": [list(row) for row in confusion],
        "calibration": [
            {"low": b / 15, "high": (b + 1) / 15, "count": 0, "confidence": 0, "accuracy": 0}
            for b in range(15)
        ],
    }
