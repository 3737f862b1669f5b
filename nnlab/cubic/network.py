"""The network of Part 1 and its backpropagation, vectorized over the samples of a batch.

    h1 = s(W1 x + b1)                 s(z) = 1 / (1 + e^-z), the logistic function
    h2 = s(W2 h1 + b2)
    f  = W3 h2 + b3
    L  = (y - f)^2                    averaged over the batch

    d3 = dL/df = -2 (y - f)           the deltas: the loss's derivative by each layer's input
    d2 = (W3^T d3) * h2 * (1 - h2)    s'(z) = s(z) (1 - s(z)): no second exponential
    d1 = (W2^T d2) * h1 * (1 - h1)

    dW3 = d3 h2^T    dW2 = d2 h1^T    dW1 = d1 x^T
    db3 = d3         db2 = d2         db1 = d1

Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors",
Nature 323 (1986); Nielsen, "Neural Networks and Deep Learning", chapter 2.

In the code a sample is a row, so `W2 h1` reads `h1 @ W2.T`, and a sum over the batch of outer
products such as `d2 h1^T` is the matrix product `d2.T @ h1`.
"""

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]


def shapes(hidden: int) -> dict[str, tuple[int, ...]]:
    """Return each parameter's shape by its name."""
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
    """Draw every parameter from `scale` N(0, 1).

    With `recycled`, W2 is filled as the assignment's code fills it: with `hidden` numbers, again
    in every row, so that at first all units of the second layer differ by b2 and W3 alone.

    Returns:
        W1 (hidden, 1), b1 (hidden,), W2 (hidden, hidden), b2 (hidden,), W3 (1, hidden), b3 (1,).
    """
    drawn = shapes(hidden) | ({"W2": (1, hidden)} if recycled else {})
    parameters = {name: (scale * rng.standard_normal(s)).astype(dtype) for name, s in drawn.items()}
    if recycled:
        parameters["W2"] = parameters["W2"].repeat(hidden, axis=0)
    return parameters


def sigmoid(z: Array) -> Array:
    """Replace z by s(z) = 1 / (1 + e^-z), in place; where e^-z overflows, s(z) is rightly 0."""
    np.negative(z, out=z)
    if z.dtype.kind == "c":
        np.minimum(z, 709, out=z)  # by their real parts: complex infinity has no reciprocal
    np.exp(z, out=z)
    z += 1
    return np.reciprocal(z, out=z)


class Backpropagation:
    """Forward and backward pass for batches of one size, in buffers that are made once.

    `parameters` is shared, not copied: `descend` moves them in place. The calls go in order,
    `forward`, `backward`, `descend`; each reads what the one before left here. Complex parameters
    give a complex output (for the complex-step derivative, `nnlab.check`).

    Attributes:
        h1, h2: hidden activations, (batch, hidden).
        f: the network's output, (batch, 1).
        error: f - y, (batch, 1).
        d1, d2, d3: deltas of the batch's mean loss, shaped like h1, h2, f.
        gradients: of the batch's mean loss, by parameter name and of the parameter's shape.
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
        """Make the gradients' buffers when they are first needed: who only looks needs none."""
        return {name: np.empty_like(p) for name, p in self.parameters.items()}

    @np.errstate(over="ignore")  # of e^-z, see `sigmoid`
    def forward(self, x: Array) -> Array:
        """Return f(x), shape (batch, 1), for x of that shape; the next call overwrites it."""
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
        """Return `gradients` for the inputs x that `forward` had and the targets y, (batch, 1)."""
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
        """Return s'(z) = h (1 - h), shape (batch, hidden)."""
        np.subtract(1, h, out=self.slope)
        return np.multiply(self.slope, h, out=self.slope)

    def descend(self, lr: float) -> None:
        """Take one step, parameter -= lr gradient, in place; `gradients` are used up."""
        for name, gradient in self.gradients.items():
            self.parameters[name] -= np.multiply(gradient, lr, out=gradient)


@np.errstate(over="ignore", invalid="ignore")  # who descends looks at the errors
def minibatch_descent(
    parameters: Parameters,
    x: Array,
    y: Array,
    lr: float,
    batch_size: int,
    networks: dict[int, Backpropagation] | None = None,
    kind: type[Backpropagation] = Backpropagation,
) -> Array:
    """Take one gradient step for each batch of x, in order; `parameters` move in place.

    A last batch that is smaller counts its own samples.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, as `initial_parameters` shapes them.
        x: inputs, (samples, 1), of the parameters' dtype.
        y: targets, (samples, 1).
        lr: learning rate.
        batch_size: samples in a step.
        networks: buffers by batch size, kept from call to call.
        kind: what computes the gradient.

    Returns:
        f - y of each sample, before the step that it took part in; (samples, 1).
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
