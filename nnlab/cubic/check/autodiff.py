"""The gradient by TensorFlow's automatic differentiation, which shares no code with nnlab."""

import os

from nnlab.cubic.network import Array, Parameters
from nnlab.noise import without_noise


def tensorflow_gradients(parameters: Parameters, x: Array, y: Array) -> Parameters:
    """Return the gradients of the mean loss over x and y, both (batch, 1), by parameter name."""
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")  # a CPU is enough, and computes in float64
    with without_noise():
        import tensorflow as tf

        variables = {name: tf.Variable(p) for name, p in parameters.items()}
        W1, b1, W2, b2, W3, b3 = variables.values()
        with tf.GradientTape() as tape:
            h1 = tf.sigmoid(tf.matmul(x, W1, transpose_b=True) + b1)  # (batch, hidden)
            h2 = tf.sigmoid(tf.matmul(h1, W2, transpose_b=True) + b2)
            f = tf.matmul(h2, W3, transpose_b=True) + b3  # (batch, 1)
            loss = tf.reduce_mean(tf.square(y - f))
        found = tape.gradient(loss, variables)
    return {name: gradient.numpy() for name, gradient in found.items()}
