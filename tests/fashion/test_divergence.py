"""Each check for divergence raises DivergedError, and no other error becomes one."""

import os
from typing import Any

import numpy as np
import pytest

from nnlab.errors import DivergedError
from nnlab.fashion.config import FashionConfig

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("tensorflow")]


@pytest.fixture(scope="module")
def network() -> Any:
    from nnlab.fashion import network as networks

    config = FashionConfig(conv_dropout=0, hidden=0)
    network = networks.build(config)
    networks.compile_for_training(network, config, steps=1)
    return network


def callback(network: Any) -> Any:
    from nnlab.fashion.divergence import StopWhenDiverged

    made = StopWhenDiverged(lr=0.5)
    made.set_model(network)
    return made


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_a_loss_that_is_not_finite(network: Any, loss: float) -> None:
    checks = callback(network)
    checks.on_train_batch_end(0, {"loss": 1.0})
    with pytest.raises(DivergedError, match=rf"the loss is not finite .*\(loss {loss}, lr 0.5\)"):
        checks.on_train_batch_end(1, {"loss": loss})


def test_weights_are_checked_once_an_epoch(network: Any) -> None:
    checks = callback(network)
    checks.on_train_batch_end(0, {"loss": 1.5})
    checks.on_test_begin()
    checks.on_epoch_end(0, {"loss": 1.5})
    bias = network.layers[0].bias
    bias.assign(np.full(bias.shape, np.inf))
    told = r"the network is not finite .*\(loss 1.5, lr 0.5\)"
    with pytest.raises(DivergedError, match=told):
        checks.on_test_begin()
    with pytest.raises(DivergedError, match=told):  # no validation, so no `on_test_begin`
        checks.on_epoch_end(0, {"loss": 1.5})
    checks.on_epoch_end(0, {"loss": 1.5, "val_loss": 1.5})
    bias.assign(np.zeros(bias.shape))


@pytest.mark.parametrize("loss", [np.nan, np.inf])
def test_the_failed_check_of_the_loss_is_a_diverged_error(network: Any, loss: float) -> None:
    from nnlab.fashion.divergence import check_finite, diverged_errors

    with (
        pytest.raises(DivergedError, match=rf"at step 1 \(loss {loss}, lr 0.5\)"),
        diverged_errors(network, lr=0.5),
    ):
        check_finite(np.array([1.0, loss], np.float32))


def test_another_error_of_tensorflow_stays_as_it_is(network: Any) -> None:
    import tensorflow as tf

    from nnlab.fashion.divergence import diverged_errors

    with pytest.raises(tf.errors.InvalidArgumentError), diverged_errors(network, lr=0.5):
        tf.debugging.check_numerics(np.array([np.nan]), "something else")
