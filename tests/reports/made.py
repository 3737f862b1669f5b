"""Run directories made by hand: all that a report reads, without a training."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nnlab.config.resolve import resolve
from nnlab.experiments import EXPERIMENTS
from nnlab.fashion.data import CLASSES

TIMES: dict[str, Any] = {
    "started": "2026-01-01T10:00:00+00:00",
    "finished": "2026-01-01T10:00:09+00:00",
    "seconds": 9.0,
}
ROWS = {
    "cubic": "step,epoch,loss,rmse,max_error,seconds\n"
    + "".join(f"{s},1,{9 / s},{3 / s},{5 / s},{s / 100}\n" for s in range(100, 1100, 100)),
    "fashion": "epoch,loss,accuracy,val_loss,val_accuracy,lr,seconds,images_per_second\n"
    "1,1.5,0.4,1.2,0.5,0.001,3.0,800.0\n2,1.1,0.6,0.9,0.7,0.001,6.0,810.0\n",
}
SUMMARY = {
    "cubic": {"rmse": 0.003, "max_error": 0.005, "loss": 0.009, "step": 1000, "seconds": 10.0},
    "fashion": {"test_accuracy": 0.9, "test_loss": 0.3, "val_accuracy": 0.7, "epoch": 2},
}


def make_run(
    path: Path, experiment: str = "cubic", keys: dict[str, object] | None = None, **record: Any
) -> Path:
    """Write the directory of a finished run; `record` overrides entries of its run.json."""
    resolved = resolve(EXPERIMENTS[experiment].config, None, keys or {})
    (path / "plots").mkdir(parents=True)
    (path / "config.yaml").write_text(f"# nnlab {experiment}\n\n{resolved.yaml()}")
    (path / "metrics.csv").write_text(ROWS[experiment])
    about = {
        "experiment": experiment,
        "status": "completed",
        "command": f"nnlab {experiment}",
        **TIMES,
        "config": resolved.config.model_dump(mode="json"),
        "versions": {"python": "3.11.7", "nnlab": "0.2.0"},
        "machine": {"processor": "a processor", "cores": 2},
        "process": {"pid": 4321, "host": "my-secret-host"},
        "device": {"asked": "cpu", "used": "cpu"},
        "parameters": 16126,
        "verdict": "learned: well",
        "summary": SUMMARY[experiment],
    }
    (path / "run.json").write_text(json.dumps(about | record))
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
