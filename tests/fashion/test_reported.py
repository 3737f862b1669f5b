"""Recompute the losses and accuracies that `nnlab fashion` reports, in NumPy from model.npz."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import log_softmax, logsumexp

from nnlab.fashion.data import load
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab, weights

AGREEMENT = 4e-6  # float32 against float64


class Block(NamedTuple):
    kernel: int
    pool: int


class Case(NamedTuple):
    options: tuple[object, ...]
    blocks: tuple[Block, ...]
    smoothing: float = 0.0
    tta: bool = False


CASES = {
    "everything": Case(
        ("--filters", "6,{filters: 5, kernel: 3, pool: 1}", "--hidden", 16, "--batch-norm",
         "--augment", "flip,shift", "--tta", "--ema", 0.9, "--patience", 2, "--epochs", 4,
         "--label-smoothing", 0.1, "--batch-size", 64, "--lr", 0.01),
        (Block(2, 2), Block(3, 1)), smoothing=0.1, tta=True,
    ),
    "overfitting, with probabilities that Keras would clip": Case(
        ("--filters", "16,16", "--conv-dropout", 0, "--dense-dropout", 0, "--lr", 0.005,
         "--epochs", 30),
        (Block(2, 2), Block(2, 2)),
    ),
}  # fmt: skip


def convolved(x: Any, kernel: Any) -> Any:
    """Correlate x (n, h, w, c) with kernel (k, k, c, filters), padded to the same size."""
    k = len(kernel)
    before = (k - 1) // 2
    padded = np.pad(x, [(0, 0), *[(before, k - 1 - before)] * 2, (0, 0)])
    windows = sliding_window_view(padded, (k, k), (1, 2))  # (n, h, w, c, k, k)
    return np.einsum("nhwcij,ijcf->nhwf", windows, kernel, optimize=True)


def logits(arrays: dict[str, Any], case: Case, x: Any) -> Any:
    def normalized(x: Any, layer: str) -> Any:
        if f"{layer}/gamma" not in arrays:
            return x
        gamma, beta, mean, variance = (
            arrays[f"{layer}/{name}"]
            for name in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return gamma * (x - mean) / np.sqrt(variance + 1e-3) + beta

    for number, block in enumerate(case.blocks, 1):
        x = convolved(x, arrays[f"conv{number}/kernel"]) + arrays.get(f"conv{number}/bias", 0)
        n, h, w, c = x.shape
        side = h // block.pool
        x = x.reshape(n, side, block.pool, w // block.pool, block.pool, c).max((2, 4))
        x = np.maximum(normalized(x, f"norm{number}"), 0)
    x = x.reshape(len(x), -1) @ arrays["dense/kernel"] + arrays.get("dense/bias", 0)
    x = np.maximum(normalized(x, "norm_dense"), 0)
    return x @ arrays["classes/kernel"] + arrays["classes/bias"]


def loss_and_accuracy(run: Path, case: Case, images: Any, labels: Any) -> tuple[float, float]:
    arrays = {name: array.astype(np.float64) for name, array in weights(run).items()}
    x = (images.astype(np.float32) / np.float32(255))[..., None].astype(np.float64)
    log_p = log_softmax(logits(arrays, case, x), 1)
    if case.tta:
        mirrored = log_softmax(logits(arrays, case, x[:, :, ::-1]), 1)
        log_p = logsumexp([log_p, mirrored], 0) - np.log(2)
    wanted = np.full(log_p.shape, case.smoothing / 10)
    wanted[np.arange(len(labels)), labels] += 1 - case.smoothing
    return -(wanted * log_p).sum(1).mean(), float(np.mean(log_p.argmax(1) == labels))


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_what_is_reported_is_what_the_weights_give(nnlab: Nnlab, tmp_path: Path, name: str) -> None:
    case, sample = CASES[name], load("sample")
    done = nnlab("fashion", "--data", "sample", *case.options, "--run-dir", "a")
    assert done.returncode == 0, done.stderr
    said = SavedRun(tmp_path / "a").record["summary"]
    for kind, images, labels in (
        ("val", sample.x_train[1600:], sample.y_train[1600:]),
        ("test", sample.x_test, sample.y_test),
    ):
        loss, accuracy = loss_and_accuracy(tmp_path / "a", case, images, labels)
        assert said[f"{kind}_loss"] == pytest.approx(loss, abs=AGREEMENT)
        assert said[f"{kind}_accuracy"] == pytest.approx(accuracy, abs=1e-7)
