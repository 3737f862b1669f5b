"""The network of Part 1 and its backpropagation, vectorized over the samples of a batch.

Forward pass for one sample (x, y):

    h1 = s(W1 x + b1)                 s(z) = 1 / (1 + e^-z), the logistic function
    h2 = s(W2 h1 + b2)
    f  = W3 h2 + b3
    L  = (y - f)^2                    averaged over the batch

Backward pass: the chain rule, from the output back to the input. The delta d_k is the derivative
of L with respect to the input z of layer k; * multiplies element by element:

    d3 = dL/df = -2 (y - f)
    d2 = (W3^T d3) * h2 * (1 - h2)    s'(z) = s(z) (1 - s(z)) = h (1 - h): no second exponential
    d1 = (W2^T d2) * h1 * (1 - h1)

The gradients follow from the deltas:

    dW3 = d3 h2^T    dW2 = d2 h1^T    dW1 = d1 x^T
    db3 = d3         db2 = d2         db1 = d1

Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors",
Nature 323 (1986); Nielsen, "Neural Networks and Deep Learning", chapter 2.

In the code each sample is a row. So `W2 h1` becomes `h1 @ W2.T`, and the sum of the outer products
`d2 h1^T` over the batch becomes one matrix product, `d2.T @ h1`.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]


def shapes(hidden: int) -> dict[str, tuple[int, ...]]:
    """Return the shape of each parameter."""
    return {
        "W1": (hidden, 1), "b1": (hidden,),
        "W2": (hidden, hidden), "b2": (hidden,),
        "W3": (1, hidden), "b3": (1,),
    }  # fmt: skip


def initial_parameters(
    hidden: int,
    scale: float,
    rng: np.random.Generator,
    dtype: str = "float64",
    *,
    recycled: bool = False,
) -> Parameters:
    """Draw every parameter from a normal distribution with mean 0 and standard deviation `scale`.

    With `recycled`, all rows of W2 are equal, as in the assignment's code: it draws only `hidden`
    numbers for W2 and repeats them in every row. The units of the second layer then start with
    the same W2 and differ only in b2 and W3.

    Returns:
        W1 (hidden, 1), b1 (hidden,), W2 (hidden, hidden), b2 (hidden,), W3 (1, hidden), b3 (1,).
    """
    drawn = shapes(hidden) | ({"W2": (1, hidden)} if recycled else {})
    parameters = {name: (scale * rng.standard_normal(s)).astype(dtype) for name, s in drawn.items()}
    if recycled:
        parameters["W2"] = parameters["W2"].repeat(hidden, axis=0)
    return parameters


def sigmoid(z: Array) -> Array:
    """Replace z by s(z) = 1 / (1 + e^-z), in place.

    Where e^-z overflows to infinity, s(z) is 0, which is correct.
    """
    np.negative(z, out=z)
    if z.dtype.kind == "c":
        np.minimum(z, 709, out=z)  # limits the real part: 1 / (complex infinity) is nan
    np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


class Backpropagation:
    """Forward and backward pass for one batch size; the buffers are allocated once and reused.

    `parameters` is shared with the caller, not copied: `descend` changes the arrays in place.
    Call `forward`, `backward` and `descend` in this order: each one uses the results of the one
    before. Complex parameters give a complex output, which `nnlab check` needs for the complex-step
    derivative.

    Attributes:
        h1, h2: hidden activations, (batch, hidden).
        f: output of the network, (batch, 1).
        error: f - y, (batch, 1).
        d1, d2, d3: deltas of the mean loss over the batch; shapes of h1, h2 and f.
        slope: s'(z) of one layer, (batch, hidden).
        gradients: gradients of the mean loss over the batch, by parameter name; each has the
            shape of its parameter.
    """

    def __init__(self, parameters: Parameters, batch_size: int) -> None:
        self.parameters = parameters
        hidden, dtype = len(parameters["b1"]), parameters["W2"].dtype
        self.h1, self.d1 = (np.empty((batch_size, hidden), dtype) for _ in range(2))
        self.h2, self.d2 = (np.empty((batch_size, hidden), dtype) for _ in range(2))
        self.slope = np.empty((batch_size, hidden), dtype)
        self.f, self.error, self.d3 = (np.empty((batch_size, 1), dtype) for _ in range(3))

    @cached_property
    def gradients(self) -> Parameters:
        """Buffers of the gradients. Allocated on first use; a forward pass needs none."""
        return {name: np.empty_like(p) for name, p in self.parameters.items()}

    @np.errstate(over="ignore")  # e^-z may overflow: see `sigmoid`
    def forward(self, x: Array) -> Array:
        """Return f(x) for x of shape (batch, 1), in the same shape; the next call overwrites it."""
        p, h1, h2 = self.parameters, self.h1, self.h2
        np.multiply(x, p["W1"].T, out=h1)  # (batch, hidden)
        h1 += p["b1"]
        sigmoid(h1)
        np.dot(h1, p["W2"].T, out=h2)  # (batch, hidden)
        h2 += p["b2"]
        sigmoid(h2)
        np.dot(h2, p["W3"].T, out=self.f)  # (batch, 1)
        self.f += p["b3"]
        return self.f

    def backward(self, x: Array, y: Array) -> Parameters:
        """Return `gradients` for the targets y and the same x as in `forward`, both (batch, 1)."""
        p, g, h1, h2 = self.parameters, self.gradients, self.h1, self.h2
        d1, d2, d3 = self.d1, self.d2, self.d3
        np.subtract(self.f, y, out=self.error)
        np.multiply(self.error, 2 / len(y), out=d3)  # (batch, 1)
        np.multiply(d3, p["W3"], out=d2)  # (batch, hidden)
        d2 *= self._slope(h2)
        np.dot(d2, p["W2"], out=d1)  # (batch, hidden)
        d1 *= self._slope(h1)
        for layer, delta, given in (("3", d3, h2), ("2", d2, h1), ("1", d1, x)):
            np.dot(delta.T, given, out=g["W" + layer])  # (outputs, inputs)
            np.sum(delta, axis=0, out=g["b" + layer])  # (outputs,)
        return g

    def _slope(self, h: Array) -> Array:
        """Return s'(z) = h (1 - h), (batch, hidden); the next call overwrites it."""
        np.subtract(1, h, out=self.slope)
        return np.multiply(self.slope, h, out=self.slope)

    def descend(self, lr: float) -> None:
        """Take one step in place: parameter -= lr * gradient. This overwrites `gradients`."""
        for name, gradient in self.gradients.items():
            self.parameters[name] -= np.multiply(gradient, lr, out=gradient)


@np.errstate(over="ignore", invalid="ignore")  # the caller checks for overflow
def minibatch_descent(
    parameters: Parameters,
    x: Array,
    y: Array,
    lr: float,
    batch_size: int,
    networks: dict[int, Backpropagation] | None = None,
    kind: type[Backpropagation] = Backpropagation,
) -> Array:
    """Take one gradient step for each batch of x, in order; change `parameters` in place.

    If the last batch is smaller, its loss is the mean over the samples that it has.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, with the shapes of `shapes`.
        x: inputs, (samples, 1), with the dtype of the parameters.
        y: targets, (samples, 1).
        lr: learning rate.
        batch_size: samples in each step.
        networks: networks by batch size. Pass the same dict again to reuse their buffers.
        kind: class of these networks; its `backward` computes the gradient.

    Returns:
        f - y of each sample, computed before the step that used the sample; (samples, 1).
    """
    networks = {} if networks is None else networks
    errors = np.empty_like(y)
    for start in range(0, len(x), batch_size):
        batch = slice(start, min(start + batch_size, len(x)))
        size = batch.stop - start
        if size not in networks:
            networks[size] = kind(parameters, size)
        network = networks[size]
        network.forward(x[batch])
        network.backward(x[batch], y[batch])
        errors[batch] = network.error
        network.descend(lr)
    return errors
