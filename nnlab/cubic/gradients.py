"""The exact gradient, and those with the errors of the assignment's code.

Two lines of the printed code differ from the backward pass of `nnlab.cubic.network`. For one
sample, with dh = dL/dh, s'_1 = h1 (1 - h1) and s'_2 = h2 (1 - h2):

    exact                                    as printed
    dW2[i,j] = dh2[i] s'_2[i] h1[j]          dW2[i,j] = dh2[i] s'_2[j] h1[j]     1: wrong-unit
    dh1[i]   = sum_k db2[k] W2[k,i]          dh1[i]   = db2[i] W2[i,i]           2: diagonal

In both, db1 = dh1 * s'_1 (element by element) and dW1 = db1 x, so the error in dh1 also makes db1
and dW1 wrong. The gradients of W3, b3 and b2 are exact. The kind `wrong-unit` has error 1 alone,
`diagonal` error 2 alone, and `as-printed` both. docs/errata.md shows the effect on training.

Source: the assignment's code, as quoted in docs/errata.md.
"""

import numpy as np

from nnlab.cubic.config import GradientKind
from nnlab.cubic.network import Array, Backpropagation, Parameters, shapes

WRONG_UNIT = {
    "W2": "the derivative h2 (1 - h2) is taken at unit j, where the weight comes from. The right "
    "place is unit i, where the weight goes to.",
}
DIAGONAL = {
    "W1": "dW1 = db1 x, and db1 is wrong.",
    "b1": "dL/dh1[i] is computed as db2[i] W2[i,i], from the diagonal of W2 only. The right "
    "formula is the sum over k of db2[k] W2[k,i]: a unit of layer 1 acts on all units of layer 2.",
}
EXPLANATIONS: dict[GradientKind, dict[str, str]] = {
    "exact": {},
    "wrong-unit": WRONG_UNIT,
    "diagonal": DIAGONAL,
    "as-printed": WRONG_UNIT | DIAGONAL,
}
"""Why each wrong block of a gradient is wrong, by kind of gradient and name of the block."""


class WrongUnit(Backpropagation):
    """The backward pass with error 1: dW2[i,j] = dh2[i] s'_2[j] h1[j]."""

    def backward(self, x: Array, y: Array) -> Parameters:
        """Return the gradients with error 1; arguments as in `Backpropagation.backward`."""
        super().backward(x, y)
        dh2 = self.d3 * self.parameters["W3"]  # (batch, hidden)
        np.dot(dh2.T, self._slope(self.h2) * self.h1, out=self.gradients["W2"])
        return self.gradients


class Diagonal(Backpropagation):
    """The backward pass with error 2: dh1[i] = db2[i] W2[i,i], also used for db1 and dW1."""

    def backward(self, x: Array, y: Array) -> Parameters:
        """Return the gradients with error 2; arguments as in `Backpropagation.backward`."""
        super().backward(x, y)
        np.multiply(self.d2, np.diagonal(self.parameters["W2"]), out=self.d1)  # (batch, hidden)
        self.d1 *= self._slope(self.h1)
        np.dot(self.d1.T, x, out=self.gradients["W1"])
        np.sum(self.d1, axis=0, out=self.gradients["b1"])
        return self.gradients


class AsPrinted(Diagonal, WrongUnit):
    """The assignment's backward pass: each parent's `backward` calls the next and adds its error.

    The order is that of `AsPrinted.__mro__`: the exact gradients first, then error 1, then error 2.
    """


NETWORKS: dict[GradientKind, type[Backpropagation]] = {
    "exact": Backpropagation,
    "wrong-unit": WrongUnit,
    "diagonal": Diagonal,
    "as-printed": AsPrinted,
}


def gradients(
    parameters: Parameters, x: Array, y: Array, kind: GradientKind = "exact"
) -> Parameters:
    """Return the gradients of the mean of (y - f)^2 over the batch, by parameter name.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, each with as many numbers as in `network.shapes`, in any
            shape. They are not changed.
        x: inputs, (batch,) or (batch, 1).
        y: targets, same shape as x.
        kind: `exact`, `wrong-unit`, `diagonal` or `as-printed` (see above).

    Returns:
        New arrays with the shapes of `network.shapes` and the dtype of W2.

    Raises:
        ValueError: x and y have different numbers of samples, or a parameter has the wrong size.
    """
    if np.size(x) != np.size(y):
        raise ValueError(f"x has {np.size(x)} samples, y has {np.size(y)}")
    dtype, wanted = np.asarray(parameters["W2"]).dtype, shapes(np.size(parameters["b1"]))
    own = {n: np.array(parameters[n], dtype, order="C").reshape(s) for n, s in wanted.items()}
    x, y = (np.reshape(a, (-1, 1)).astype(dtype) for a in (x, y))
    network = NETWORKS[kind](own, len(x))
    network.forward(x)
    return network.backward(x, y)
