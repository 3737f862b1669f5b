"""A trained network in layers of Keras alone, so that programs without nnlab can load it.

    images: float32 (batch, side, side, 1), pixels from 0 to 255
      -> / 255 -> the layers of `nnlab.fashion.network` -> softmax
    probabilities: float32 (batch, classes)

A network with `tta` or `tta_shift` gives the mean of the probabilities of several views.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import keras

from nnlab.fashion.augment import Augment
from nnlab.fashion.layers import BitDropout, WholeBatchNorm
from nnlab.fashion.parts import Network
from nnlab.fashion.residual import Shortcut
from nnlab.fashion.tta import windows

INPUT, OUTPUT = "images", "probabilities"
IN_KERAS = {  # nnlab's layer -> Keras's, with the same result outside training
    BitDropout: keras.layers.Dropout,
    Shortcut: keras.layers.Add,
    WholeBatchNorm: keras.layers.BatchNormalization,
}


def plain_network(network: Network, side: int) -> Any:
    """Return a Keras model with the weights of `network` for images of `side` x `side` pixels.

    It computes in the types of `network`, so its probabilities are the same.
    """
    pixels = keras.Input((side, side, 1), name=INPUT, dtype="float32")
    # In float32, as in training: a lower precision begins in the first layer.
    scaled = keras.layers.Rescaling(1 / 255, name="scale", dtype="float32")(pixels)
    layers = list(_plain_layers(network))
    if network.mirrored or network.moved:
        one = keras.Input((side, side, 1))
        inner = keras.Model(one, _through(layers, one, "softmax"), name="network")
        each = [inner(view) for view in _views(network, scaled)]
        output = keras.layers.Average(name=OUTPUT, dtype="float32")(each)
    else:
        output = _through(layers, scaled, OUTPUT)
    plain = keras.Model(pixels, output, name="network_of_nnlab")
    for source, layer in layers:
        layer.set_weights(source.get_weights())
    return plain


def _views(network: Network, image: Any) -> Iterator[Any]:
    """Yield the views of an image, as `nnlab.fashion.tta.views`."""
    side = image.shape[1]
    padded = keras.layers.ZeroPadding2D(network.moved, name="padded", dtype="float32")(image)
    for top, left in windows(network.moved):
        moved = padded[:, top : top + side, left : left + side]
        yield moved
        if network.mirrored:
            yield keras.ops.flip(moved, axis=2)


def _plain_layers(network: Network) -> Iterator[tuple[Any, Any]]:
    """Yield each layer of the network that works outside training, and a layer of Keras for it."""
    count: Counter[str] = Counter()
    for layer in network.layers:
        if isinstance(layer, Augment):
            continue
        kind = IN_KERAS.get(type(layer), type(layer))
        count[kind.__name__] += 1
        config = layer.get_config()
        config.pop("start", None)  # of a Shortcut
        if not layer.weights:  # Keras numbers all layers of a process
            config["name"] = f"{kind.__name__.lower()}{count[kind.__name__]}"
        yield layer, kind.from_config(config)


def _through(layers: Sequence[tuple[Any, Any]], x: Any, output: str) -> Any:
    """Apply the layers of Keras to `x`, then a softmax with the name `output`."""
    entered: dict[str, Any] = {}  # by layer of the network: what came in
    for source, layer in layers:
        entered[source.name] = x
        x = layer([x, entered[source.start]] if isinstance(source, Shortcut) else x)
    return keras.layers.Softmax(name=output, dtype="float32")(x)
