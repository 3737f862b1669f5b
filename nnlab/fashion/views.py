"""What a network is shown, and what its first convolution makes of it."""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from nnlab.fashion import state
from nnlab.fashion.augment import Augment
from nnlab.fashion.batches import normalize


def augmented(network: Any, indices: NDArray[Any], seed: int) -> NDArray[np.float32]:
    """Return the images of the first batch of a training, as the network is shown them.

    Training is not changed: it seeds the layers again before each epoch.

    Args:
        network: The network, with its training images.
        indices: Which images the batch has, (batch,).
        seed: The seed of the training.

    Returns:
        Pixels from 0 to 1, (batch, side, side).
    """
    state.seed_layers(network, seed, epoch=0)
    pieces = network.pieces(network.images[indices])
    for layer in network.layers:
        if isinstance(layer, Augment):  # the parts take their random numbers one after the other
            pieces = [layer(piece, training=True) for piece in pieces]
    shown = np.concatenate([np.asarray(piece, np.float32) for piece in pieces])
    return shown[: len(indices), ..., 0]


def first_maps(network: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return what the filters of the first block make of images (n, side, side), after relu.

    Without batch normalization that is before the pooling, with it after the pooling, because the
    relu is there.

    Returns:
        The feature maps, (n, height, width, filters).
    """
    maps = normalize(images)
    for layer in network.layers:
        maps = layer(maps, training=False)
        relu = isinstance(layer, keras.layers.Conv2D) and layer.activation is keras.activations.relu
        if relu or isinstance(layer, keras.layers.ReLU):
            break
    return np.asarray(maps, np.float32)
