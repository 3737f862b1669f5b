"""A trained network as ONNX; its input and output are those of `nnlab.fashion.plain_network`.

It computes in float32, also where the network was trained in mixed precision.

Keras stores images as (batch, height, width, channels), ONNX as (batch, channels, height, width).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np

from nnlab.exports.onnx_file import BATCH, Graph
from nnlab.fashion.augment import Augment
from nnlab.fashion.parts import Network
from nnlab.fashion.plain_network import INPUT, OUTPUT
from nnlab.fashion.residual import Shortcut
from nnlab.fashion.tta import windows

CHANNELS_FIRST, CHANNELS_LAST = (0, 3, 1, 2), (0, 2, 3, 1)


def network_file(network: Network, side: int, classes: int, facts: Mapping[str, object]) -> bytes:
    """Return the ONNX file of a network for images of `side` x `side` pixels.

    Raises:
        UsageError: the package onnx is not installed.
    """
    graph = Graph("fashion", INPUT, [BATCH, side, side, 1], "float32")
    scaled = graph.node("Div", INPUT, graph.constant("scale", np.float32(255)))
    x = graph.node("Transpose", scaled, perm=CHANNELS_FIRST)
    if not (network.mirrored or network.moved):
        return graph.model(_probabilities(graph, network, x, to=OUTPUT), classes, facts)
    each = [_probabilities(graph, network, view) for view in _views(graph, network, x, side)]
    return graph.model(graph.node("Mean", *each, to=OUTPUT), classes, facts)


def _views(graph: Graph, network: Network, x: str, side: int) -> Iterator[str]:
    """Add the views of the image `x`, as `nnlab.fashion.tta.views`; yield them."""
    pixels, axes = network.moved, graph.constant("rows and columns", np.array([2, 3]))
    pads = graph.constant("padding", np.array([0, 0, pixels, pixels] * 2))
    padded = graph.node("Pad", x, pads)
    columns = graph.constant("mirrored columns", np.arange(side)[::-1])
    for corner in windows(pixels):
        start = graph.constant(f"corner {corner}", np.array(corner))
        end = graph.constant(f"end {corner}", np.array(corner) + side)
        moved = graph.node("Slice", padded, start, end, axes)
        yield moved
        if network.mirrored:
            yield graph.node("Gather", moved, columns, axis=3)


def _probabilities(graph: Graph, network: Network, x: str, to: str = "") -> str:
    """Add all layers and the softmax; return the output."""
    entered: dict[str, str] = {}  # by layer: what came in
    for layer in network.layers:
        entered[layer.name] = x
        if isinstance(layer, Shortcut):
            x = graph.node("Add", x, entered[layer.start])
        else:
            x = _apply(graph, layer, x)
    return graph.node("Softmax", x, axis=-1, to=to)


def _apply(graph: Graph, layer: Any, x: str) -> str:
    """Add one layer as it is outside training; return its output."""
    match layer:
        case keras.layers.Conv2D():
            x = graph.node("Conv", x, *_weights(graph, layer), pads=_same(layer.kernel_size))
        case keras.layers.Dense():
            operator = "Gemm" if layer.use_bias else "MatMul"
            x = graph.node(operator, x, *_weights(graph, layer))
        case keras.layers.MaxPooling2D():  # at the right and at the bottom, odd pixels are left out
            x = graph.node("MaxPool", x, kernel_shape=layer.pool_size, strides=layer.strides)
        case keras.layers.BatchNormalization():
            x = graph.node("BatchNormalization", x, *_weights(graph, layer), epsilon=layer.epsilon)
        case keras.layers.ReLU():
            return graph.node("Relu", x)
        case keras.layers.Flatten():
            return graph.node("Flatten", graph.node("Transpose", x, perm=CHANNELS_LAST))
        case keras.layers.Dropout() | Augment():
            return x
        case _:
            raise TypeError(f"no ONNX operator for {layer!r}")
    if getattr(layer, "activation", None) is keras.activations.relu:
        x = graph.node("Relu", x)
    return x


def _weights(graph: Graph, layer: Any) -> list[str]:
    """Add a layer's weights in Keras's order, which is ONNX's; a kernel with its channels first."""
    return [
        graph.constant(
            f"{layer.name}/{variable.name}",
            variable.numpy().transpose(3, 2, 0, 1)  # (height, width, in, out) -> (out, in, h, w)
            if isinstance(layer, keras.layers.Conv2D) and variable.name == "kernel"
            else variable.numpy(),
        )
        for variable in layer.weights
    ]


def _same(kernel_size: tuple[int, int]) -> list[int]:
    """Return the padding that keeps the size of the image: top, left, bottom, right.

    Where it is odd, TensorFlow has the larger part at the bottom and at the right.
    """
    before = [(side - 1) // 2 for side in kernel_size]
    return [*before, *(side - 1 - first for side, first in zip(kernel_size, before, strict=True))]
