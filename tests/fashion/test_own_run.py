"""`nnlab fashion --data own` from end to end, on scikit-learn's 8 x 8 digits."""

import gzip
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits

from nnlab.fashion.restored import restored
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab
from tests.fashion.dataset.idx_files import idx
from tests.test_docs import ROOT

# One name is no formula, and one has a letter that the font of the pictures lacks.
DIGITS = ("zero", "one", "two", r"$\frac{$", "\N{HIRAGANA LETTER SI}", *"56789")


@pytest.mark.slow
def test_digits_are_learned_named_and_resumed_with_the_same_bytes_only(
    nnlab: Nnlab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs/own-data.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    exec(script, {})  # noqa: S102 - ours; it writes the four files
    (tmp_path / "digits/labels.txt").write_text("\n".join(DIGITS), encoding="utf-8")
    done = nnlab(
        "fashion", "--preset", "fast", "--data", "own", "--data-dir", "digits", "--epochs", 20,
        "--augment", "shift", "--shift-pixels", 1, "--lr-schedule", "constant", "--lr", 0.003,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "own data (digits): 1,400 + 397 images of 8 x 8 pixels, 10 classes: zero" in done.stderr
    run = SavedRun(tmp_path / "runs/fashion-own-0001")
    assert run.summary["test_accuracy"] > 0.95
    data = run.record["data"]
    assert (data["name"], data["side"], data["classes"]) == ("own data (digits)", 8, list(DIGITS))
    for name in ("run.json", "report.json", "config.yaml"):
        assert "Fashion-MNIST" not in (run.path / name).read_text(encoding="utf-8")
    assert "Fashion-MNIST" not in done.stdout + done.stderr
    report = json.loads((run.path / "report.json").read_text(encoding="utf-8"))
    assert [entry["name"] for entry in report["classes"]] == list(DIGITS)

    built = restored(run)
    assert (built.side, built.classes) == (8, DIGITS)
    digits = load_digits()
    images = np.round(digits.images[1400:, ..., None] * 255 / 16).astype("float32") / 255
    logits = built.network.predict(images, verbose=0)
    right = np.mean(logits.argmax(axis=1) == digits.target[1400:])
    assert right == pytest.approx(run.summary["test_accuracy"], abs=1e-6)

    shutil.move(tmp_path / "digits", tmp_path / "moved")
    shutil.copytree(tmp_path / "moved", tmp_path / "other")
    digits.target[7] ^= 1
    other = gzip.compress(idx(digits.target[:1400]))
    (tmp_path / "other/train-labels-idx1-ubyte.gz").write_bytes(other)
    for folder, code, said in (
        ("digits", 1, "no such folder"),
        ("other", 2, "began with other data: train-labels had another SHA-256"),
        ("moved", 0, "continuing after epoch 20 of 21"),
    ):
        done = nnlab("resume", run.path, "--data-dir", folder, "--epochs", 21)
        assert done.returncode == code
        assert said in done.stderr
        assert SavedRun(run.path).status == "completed"
    assert SavedRun(run.path).record["data"]["name"] == "own data (moved)"
