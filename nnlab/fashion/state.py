"""Save and restore everything that training changes in a network; seed its random layers."""

from collections.abc import Iterator, Mapping
from typing import Any

from nnlab import seeds
from nnlab.fashion.augment import Augment
from nnlab.fashion.layers import BitDropout
from nnlab.fashion.parts import Network


def weights(network: Network) -> dict[str, Any]:
    """Return the weights by name: `conv1/kernel`, `conv1/bias`, ..., `classes/bias`.

    Batch normalization has `norm1/gamma`, `beta`, `moving_mean` and `moving_variance`.
    """
    return {name: variable.numpy() for name, variable in _variables(network)}


def _variables(network: Network) -> Iterator[tuple[str, Any]]:
    for layer in network.layers:
        for variable in layer.weights:
            yield f"{layer.name}/{variable.name}", variable


def collect(network: Network) -> dict[str, Any]:
    """Return all arrays that training changes: `weights`, and the optimizer's step and moments.

    Training that continues from these arrays at the end of an epoch gives the same bits as training
    without interruption, because all random numbers depend on (seed, epoch) only.
    """
    return weights(network) | {v.path: v.numpy() for v in network.optimizer.variables}


def set_weights(network: Network, arrays: Mapping[str, Any]) -> None:
    """Set the weights to those that `weights` returned for a network of this config."""
    for name, variable in _variables(network):
        variable.assign(arrays[name])


def restore(network: Network, arrays: Mapping[str, Any]) -> None:
    """Set the network's arrays to those that `collect` returned for a network of this config."""
    set_weights(network, arrays)
    for variable in network.optimizer.variables:
        variable.assign(arrays[variable.path])


def average(network: Network) -> None:
    """Replace the weights by their moving averages (`ema`); do nothing without `ema`."""
    network.optimizer.finalize_variable_values(network.trainable_variables)


def seed_layers(network: Network, seed: int, epoch: int) -> None:
    """Make the random numbers of `epoch` (from 0) depend only on (seed, layer, epoch, step)."""
    dropouts: list[Any] = [la for la in network.layers if isinstance(la, BitDropout) and la.rate]
    changes: list[Any] = [la for la in network.layers if isinstance(la, Augment)]
    for purpose, layers in ((seeds.Purpose.DROPOUT, dropouts), (seeds.Purpose.AUGMENT, changes)):
        for index, layer in enumerate(layers):
            start = seeds.sequence(seed, purpose, epoch, index).generate_state(1)
            layer.seed_generator.state.assign([int(start[0]), 0])
