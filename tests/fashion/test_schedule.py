"""Compare the learning rates with values calculated by hand and with Keras's cosine."""

import os
from typing import Any

import numpy as np
import pytest

from nnlab.fashion.config import FashionConfig

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tensorflow")]


def rates(steps: int, **keys: Any) -> Any:
    from nnlab.fashion.schedule import Schedule

    return np.asarray(Schedule(FashionConfig(**keys), steps)(np.arange(steps)))


def test_constant_is_constant() -> None:
    np.testing.assert_allclose(rates(7, lr=0.01), 0.01, rtol=1e-6)


def test_warmup_rises_in_equal_steps_to_the_rate() -> None:
    np.testing.assert_allclose(
        rates(10, lr=1.0, warmup=0.4), [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 1, 1, 1], rtol=1e-6
    )


def test_cosine_is_keras_own() -> None:
    import keras

    theirs = keras.optimizers.schedules.CosineDecay(0.02, decay_steps=50)
    ours = rates(50, lr=0.02, lr_schedule="cosine")
    np.testing.assert_allclose(ours, [float(theirs(t)) for t in range(50)], rtol=1e-4, atol=1e-8)
    assert ours[0] == pytest.approx(0.02)


def test_one_cycle_rises_from_a_25th_to_its_peak_and_falls_to_nothing() -> None:
    by_hand = [0.04, 0.52, 1.0, 0.5 + np.sqrt(0.5) / 2, 0.5, 0.5 - np.sqrt(0.5) / 2]
    np.testing.assert_allclose(
        rates(6, lr=1.0, lr_schedule="one-cycle", warmup=1 / 3), by_hand, rtol=1e-5
    )
    many = rates(1000, lr=0.3, lr_schedule="one-cycle")
    assert many.argmax() == 200  # a fifth rises by default
    assert many.max() == pytest.approx(0.3)
    assert many[-1] < 1e-5
    assert (np.diff(many[:200]) > 0).all()
    assert (np.diff(many[200:]) < 0).all()


@pytest.mark.parametrize("kind", ["constant", "cosine", "one-cycle"])
@pytest.mark.parametrize("warmup", [None, 0.0, 0.01, 0.99])
def test_every_step_of_every_length_has_a_rate(kind: str, warmup: float | None) -> None:
    for steps in (1, 2, 3, 100):
        found = rates(steps, lr=0.1, lr_schedule=kind, warmup=warmup)
        assert np.isfinite(found).all()
        assert (found > 0).all()
        assert found.max() <= 0.1 * (1 + 1e-6)
