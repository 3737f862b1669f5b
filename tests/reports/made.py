"""Runs for the pages of reports: made by hand, with all that a page shows."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nnlab.fashion.data import CLASSES
from tests.reports.logged import made

TIMES: dict[str, Any] = {
    "started": "2026-01-01T10:00:00+00:00",
    "finished": "2026-01-01T10:00:09+00:00",
    "seconds": 9.0,
}
ROWS: dict[str, list[dict[str, float]]] = {
    "cubic": [
        {"step": step, "epoch": 1, "loss": 9 / step, "rmse": 3 / step, "max_error": 5 / step,
         "seconds": step / 100}
        for step in range(100, 1100, 100)
    ],
    "fashion": [
        {"epoch": 1, "loss": 1.5, "accuracy": 0.4, "val_loss": 1.2, "val_accuracy": 0.5,
         "lr": 0.001, "seconds": 3.0, "images_per_second": 800.0},
        {"epoch": 2, "loss": 1.1, "accuracy": 0.6, "val_loss": 0.9, "val_accuracy": 0.7,
         "lr": 0.001, "seconds": 6.0, "images_per_second": 810.0},
    ],
}  # fmt: skip
SUMMARY = {
    "cubic": {"rmse": 0.003, "max_error": 0.005, "loss": 0.009, "step": 1000, "seconds": 10.0},
    "fashion": {"test_accuracy": 0.9, "test_loss": 0.3, "val_accuracy": 0.7, "epoch": 2},
}


def make_run(path: Path, experiment: str = "cubic", **record: Any) -> Path:
    """Write the directory of a finished run; `record` overrides entries of its run.json."""
    about = {
        **TIMES,
        "command": f"nnlab {experiment}",
        "versions": {"python": "3.11.7", "nnlab": "0.2.0"},
        "machine": {"processor": "a processor", "cores": 2},
        "process": {"pid": 4321, "host": "my-secret-host"},
        "device": {"asked": "cpu", "used": "cpu"},
        "parameters": 16126,
        "verdict": "learned: well",
        "summary": SUMMARY[experiment],
    }
    made(path, experiment, {}, ROWS[experiment], **(about | record))
    (path / "plots").mkdir()
    return path


def add_pictures(run: Path, still: str = "fit.png", moving: str = "training.gif") -> None:
    """Write a PNG and a GIF of two frames, red and blue, to the run's plots."""
    red, blue = (Image.new("RGB", (40, 30), colour) for colour in ("red", "blue"))
    red.save(run / "plots" / still)
    red.save(run / "plots" / moving, save_all=True, append_images=[blue], duration=50, loop=0)


def add_tested(run: Path, names: tuple[str, ...] = CLASSES) -> None:
    """Write a report.json: 100 images a class, 90 of them right, the others taken for the next."""
    count = len(names)
    confusion = 90 * np.eye(count, dtype=int) + 10 * np.roll(np.eye(count, dtype=int), 1, axis=1)
    one = {"precision": 0.9, "recall": 0.9, "f1": 0.9, "support": 100}
    bins = [
        {"low": low / 15, "high": (low + 1) / 15, "count": 0, "confidence": 0.0, "accuracy": 0.0}
        for low in range(15)
    ]
    bins[14] |= {"count": 100 * count, "confidence": 0.97, "accuracy": 0.9}
    (run / "report.json").write_text(json.dumps({
        "data": "Fashion-MNIST sample", "images": 100 * count, "accuracy": 0.9, "loss": 0.3,
        "expected_calibration_error": 0.07, "classes": [{"name": name, **one} for name in names],
        "confusion": confusion.tolist(), "calibration": bins,
    }))  # fmt: skip
