"""A trained network in layers of Keras alone, so that programs without nnlab can load it.

    images: float32 (batch, side, side, 1), pixels from 0 to 255
      -> / 255 -> the layers of `nnlab.fashion.network` -> softmax
    probabilities: float32 (batch, classes)

A network with `tta` gives the mean of the probabilities of the image and of its mirror image.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import keras

from nnlab.fashion.augment import Augment
from nnlab.fashion.layers import BitDropout, WholeBatchNorm
from nnlab.fashion.parts import Network

INPUT, OUTPUT = "images", "probabilities"
IN_KERAS = {  # nnlab's layer -> Keras's, with the same result outside training
    BitDropout: keras.layers.Dropout,
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
    if network.mirrored:
        inner = keras.Sequential([keras.Input((side, side, 1)), *layers], name="network")
        sides = [inner(scaled), inner(keras.ops.flip(scaled, axis=2))]
        output = keras.layers.Average(name=OUTPUT, dtype="float32")(sides)
    else:
        output = scaled
        for layer in layers:
            output = layer(output)
    plain = keras.Model(pixels, output, name="network_of_nnlab")
    trained = [layer for layer in network.layers if not isinstance(layer, Augment)]
    for layer, source in zip(layers, trained, strict=False):  # the softmax has no source
        layer.set_weights(source.get_weights())
    return plain


def _plain_layers(network: Network) -> Iterator[Any]:
    """Yield a layer of Keras for each layer of the network, and the softmax."""
    count: Counter[str] = Counter()
    for layer in network.layers:
        if isinstance(layer, Augment):
            continue
        kind = IN_KERAS.get(type(layer), type(layer))
        count[kind.__name__] += 1
        config = layer.get_config()
        if not layer.weights:  # Keras numbers all layers of a process
            config["name"] = f"{kind.__name__.lower()}{count[kind.__name__]}"
        yield kind.from_config(config)
    yield keras.layers.Softmax(name=OUTPUT if not network.mirrored else "softmax", dtype="float32")
