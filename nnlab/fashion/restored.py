"""The network of a saved run of `nnlab fashion`."""

from typing import Any, NamedTuple

from nnlab.config.resolve import resolve
from nnlab.console.view import Silent
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.device import load_tensorflow
from nnlab.fashion.progress import Progress
from nnlab.fashion.recorded import recorded
from nnlab.runs.checkpoint_file import Expected
from nnlab.runs.saved import SavedRun
from nnlab.runs.trained import (
    final_weights,
    is_finished,
    newest_checkpoint,
    require_weights,
    unfinished,
)


class Restored(NamedTuple):
    """A network that can predict.

    Attributes:
        network: The Keras network: images (n, side, side, 1) in [0, 1] -> logits (n, classes).
        config: The config of the run.
        classes: The name of each label.
        side: Side of an image, in pixels.
        note: For an unfinished run, which checkpoint the weights are from; else "".
    """

    network: Any
    config: FashionConfig
    classes: tuple[str, ...]
    side: int
    note: str


def restored(saved: SavedRun) -> Restored:
    """Build the network of a run, on the CPU, with the weights that its test used.

    An unfinished run has no such weights yet: then they are those of its newest checkpoint, with
    `ema` the averages, as in its validation.

    Raises:
        UsageError: config.yaml or run.json is missing or damaged.
        DataError: the weights are missing or damaged, or are not of this config.
        DeviceError: this program has already used TensorFlow in another way.
    """
    config = resolve(FashionConfig, saved.path / "config.yaml", {}).config
    data = recorded(saved)
    require_weights(saved)
    network, note = blank_network(saved, config), ""
    if is_finished(saved):
        from nnlab.fashion import state

        state.set_weights(network, final_weights(saved, state.weights(network)))
    else:
        note = _restore_newest(saved, config, network)
    return Restored(network, config, tuple(data.classes), data.side, note)


def blank_network(saved: SavedRun, config: FashionConfig) -> Any:
    """Build the network of a run on the CPU, untrained.

    Raises:
        DataError: what run.json says of the data is damaged.
        DeviceError: this program has already used TensorFlow in another way.
    """
    data = recorded(saved)
    load_tensorflow(config.model_copy(update={"device": "cpu", "jit_compile": "off"}), Silent())
    from nnlab.fashion import network as networks

    return networks.build(config, side=data.side, classes=len(data.classes))


def expected_checkpoint(config: FashionConfig, network: Any) -> Expected[Progress]:
    """Return what a checkpoint must match; give the `network` of `config` loss and optimizer."""
    from nnlab.fashion import network as networks
    from nnlab.fashion import state

    steps = config.epochs  # any number: only a training needs the learning rates of its steps
    networks.compile_for_training(network, config, steps)
    return Expected(state.collect(network), Progress, config)


def _restore_newest(saved: SavedRun, config: FashionConfig, network: Any) -> str:
    """Load the newest checkpoint into `network`; return the sentence that says so."""
    from nnlab.fashion import state

    found, file = newest_checkpoint(saved, expected_checkpoint(config, network))
    state.restore(network, found.arrays)
    state.average(network)
    return unfinished(saved, file, f"after epoch {found.about.facts.epoch} of {config.epochs}")
