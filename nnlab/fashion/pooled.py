"""A convolution with relu and the max pooling after it, with a gradient that costs less.

    y = relu(x * W + b)          x: (batch, side, side, channels), y: (batch, side, side, filters)
    p = maxpool(y)               p: (batch, side / pool, side / pool, filters)

    g  = dL/dp [p > 0]           relu's gradient
    db = sum of g                over all but the filters
    dy = g where y is the first largest pixel of its window, else 0
    dW, dx                       from dy, as of any convolution

TensorFlow's own gradient takes relu's gradient and the sum for b of dy, which is pool^2 times as
large as g, and mostly 0. The values are the same: p > 0 exactly where its largest y is, and a
window hands its whole gradient to one pixel. Only the order of the additions in db differs.
"""

from typing import Any

import keras
import tensorflow as tf

ONE = [1, 1, 1, 1]  # strides


def can_pool(layer: Any, following: Any) -> bool:
    """Whether `conv_relu_pool` computes these two layers; in 16 bits Keras has to convert."""
    return (
        isinstance(layer, keras.layers.Conv2D)
        and isinstance(following, keras.layers.MaxPooling2D)
        and layer.activation is keras.activations.relu
        and layer.compute_dtype == "float32"
    )


def conv_relu_pool(inputs: Any, conv: Any, pool: Any) -> Any:
    """Return what the Keras layers `conv` and `pool` make of `inputs`.

    Args:
        inputs: (batch, side, side, channels), float32.
        conv: A built Conv2D layer with bias, relu, "same" padding and strides of 1.
        pool: A MaxPooling2D layer with "valid" padding and its size as strides.
    """
    window = [1, *pool.pool_size, 1]

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def compute(x: Any, kernel: Any, bias: Any) -> Any:
        y = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, kernel, ONE, "SAME"), bias))
        p = tf.nn.max_pool2d(y, window, window, "VALID")

        def gradient(upstream: Any) -> tuple[Any, Any, Any]:
            g = tf.raw_ops.ReluGrad(gradients=upstream, features=p)
            dy = tf.raw_ops.MaxPoolGrad(
                orig_input=y, orig_output=p, grad=g, ksize=window, strides=window, padding="VALID"
            )
            dx = tf.raw_ops.Conv2DBackpropInput(
                input_sizes=tf.shape(x), filter=kernel, out_backprop=dy, strides=ONE, padding="SAME"
            )
            dw = tf.raw_ops.Conv2DBackpropFilter(
                input=x, filter_sizes=kernel.shape, out_backprop=dy, strides=ONE, padding="SAME"
            )
            return dx, dw, tf.reduce_sum(g, axis=[0, 1, 2])

        return p, gradient

    return compute(inputs, tf.convert_to_tensor(conv.kernel), tf.convert_to_tensor(conv.bias))
