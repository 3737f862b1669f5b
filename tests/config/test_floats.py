"""Bounds in the type that computes: refused before anything is loaded or written."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlab.config.floats import fault, rounded
from nnlab.fashion.config import FashionConfig
from tests.conftest import Nnlab

F32 = ("--dtype", "float32")
SMALL, BELOW = "the smallest that works is 1.18e-38", "the largest that works is 0.9999999"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("cubic", *F32, "--lr", "1e-50"), f"lr 1e-50 is too small for float32; {SMALL}"),
        (("cubic", "--lr", "1e-310"), "lr 1e-310 is too small for float64"),
        (("cubic", *F32, "--lr", "1e39"), "lr 1e+39 is too large for float32"),
        (("cubic", *F32, "--init-scale", "1e-50"), "init_scale 1e-50 is too small for float32"),
        (("check", "--init-scale", "1e-320"), "is too small for float64"),
        (("fashion", "--lr", "1e-50"), f"lr 1e-50 is too small for float32; {SMALL}"),
        (("fashion", "--lr", "1e39"), "the largest that works is 3.4e+38"),
        (("fashion", "--momentum", "0.9999999999"), f"is 1 in float32; {BELOW}"),
        (("fashion", "--ema", "0.999999999999"), "ema 0.999999999999 is 1 in float32"),
        (("fashion", "--ema", "1e-50"), "ema 1e-50 is too small"),
        (("fashion", "--label-smoothing", "0.9999999999"), "label_smoothing 0.9999999999 is 1 in"),
        (("fashion", "--optimizer", "sgd", "--weight-decay", "1e-50"), "weight_decay 1e-50 is too"),
        (("fashion", "--conv-dropout", "0.99999"), "should be at most 0.99"),
        (("fashion", "--dense-dropout", "1e-6"), "should be 0 or at least 1.53e-05"),
        (("fashion", "--filters", "[{filters: 8, dropout: 0.995}]"), "at most 0.99"),
        (("fashion", "--lr", "1e-50", "--ema", "1e-50"), "ema 1e-50"),
    ],
)  # fmt: skip
def test_what_does_not_work_in_the_type_that_computes_is_refused(
    nnlab: Nnlab, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = nnlab(*arguments)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert f"{arguments[-2].replace('_', '-')}" in done.stderr  # where it was given
    assert "TensorFlow" not in done.stderr
    assert not list(tmp_path.iterdir())


@given(value=st.floats(-1e39, 1e39, allow_nan=False))
def test_what_is_accepted_works(value: float) -> None:
    if fault(value, "float32", below_one=value < 1) is None:
        with np.errstate(all="raise"):
            there = np.float32(value)
        assert there == rounded(value, "float32")
        assert np.isfinite(there)
        assert (there == 0) == (value == 0)
        assert (there < 1) == (value < 1)


@pytest.mark.parametrize("value", [2.0**-126, 0.9999999, 3.4e38, 0.0])
def test_the_limits_that_are_named_work(value: float) -> None:
    assert fault(value, "float32", below_one=value < 1) is None


@pytest.mark.parametrize("rate", [0.0, 1.53e-05, 0.99])
def test_the_dropout_rates_that_are_named_work(rate: float) -> None:
    assert FashionConfig(dense_dropout=rate).dense_dropout == rate
