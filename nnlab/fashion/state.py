"""All that training changes in a network, put in and out, and what is random in an epoch."""

from collections.abc import Iterator, Mapping
from typing import Any

from nnlab import seeds
from nnlab.fashion.augment import Augment
from nnlab.fashion.layers import BitDropout
from nnlab.fashion.parts import Network


def weights(network: Network) -> dict[str, Any]:
    """Return the arrays of the network by name: `conv1/kernel`, `conv1/bias`, ..., `classes/bias`.

    Those of batch normalization are `norm1/gamma`, `beta`, `moving_mean` and `moving_variance`.
    """
    return {name: variable.numpy() for name, variable in _variables(network)}


def _variables(network: Network) -> Iterator[tuple[str, Any]]:
    for layer in network.layers:
        for variable in layer.weights:
            yield f"{layer.name}/{variable.name}", variable


def collect(network: Network) -> dict[str, Any]:
    """Return all arrays that training changes: `weights`, and the optimizer's step and moments.

    With them at an epoch's end, and all that is random derived from (seed, epoch), training goes
    on to the bit.
    """
    optimizer = network.optimizer
    if not optimizer.built:  # before its first step; a second time, some would begin anew
        optimizer.build(network.trainable_variables)
    return weights(network) | {v.path: v.numpy() for v in optimizer.variables}


def restore(network: Network, arrays: Mapping[str, Any]) -> None:
    """Put back what `collect` returned for a network of the same config."""
    for name, variable in _variables(network):
        variable.assign(arrays[name])
    for variable in network.optimizer.variables:
        variable.assign(arrays[variable.path])


def average(network: Network) -> None:
    """Put the averaged weights (`ema`) in the place of the weights; without `ema` do nothing."""
    network.optimizer.finalize_variable_values(network.trainable_variables)


def seed_layers(network: Network, seed: int, epoch: int) -> None:
    """Let what is random in `epoch` (from 0) depend on (seed, layer, epoch, step) alone."""
    dropouts: list[Any] = [la for la in network.layers if isinstance(la, BitDropout) and la.rate]
    changes: list[Any] = [la for la in network.layers if isinstance(la, Augment)]
    for purpose, layers in ((seeds.Purpose.DROPOUT, dropouts), (seeds.Purpose.AUGMENT, changes)):
        for index, layer in enumerate(layers):
            start = seeds.sequence(seed, purpose, epoch, index).generate_state(1)
            layer.seed_generator.state.assign([int(start[0]), 0])
