"""The exact gradient, and the one that the assignment's code computes.

As printed, two lines of the backward pass differ from `nnlab.cubic.network`. Written for one
sample, with dh = dL/dh, s'_2 = h2 (1 - h2) and s'_1 = h1 (1 - h1), * element by element:

    exact                                    as printed
    dW2[i,j] = dh2[i] s'_2[i] h1[j]          dW2[i,j] = dh2[i] s'_2[j] h1[j]
    dh1[i]   = sum_k db2[k] W2[k,i]          dh1[i]   = db2[i] W2[i,i]

and db1 = dh1 * s'_1, dW1 = db1 x, in both, so that db1 and dW1 inherit what is wrong with dh1.
W3, b3 and b2 get their exact gradients. docs/errata.md shows what becomes of it.

Source: the assignment's code, as quoted in docs/errata.md.
"""

import numpy as np

from nnlab.cubic.config import GradientKind
from nnlab.cubic.network import Array, Backpropagation, Parameters, shapes

EXPLANATIONS = {
    "W1": "dW1 = db1 x, and db1 is wrong.",
    "b1": "dL/dh1[i] is taken as db2[i] W2[i,i], the diagonal of W2 alone, where the sum over k of "
    "db2[k] W2[k,i] belongs: a unit of layer 1 acts on all units of layer 2.",
    "W2": "the activation's derivative h2 (1 - h2) is taken at unit j, where the weight comes "
    "from, and belongs at unit i, where it goes to.",
}
"""Why a block of the gradient as printed is wrong."""


class AsPrinted(Backpropagation):
    """The assignment's backward pass, its two errors included, for batches of any size."""

    def backward(self, x: Array, y: Array) -> Parameters:
        """Return the gradients as printed; see `Backpropagation.backward`."""
        super().backward(x, y)
        self.derivative_at_the_wrong_unit()
        self.diagonal_for_the_sum(x)
        return self.gradients

    def derivative_at_the_wrong_unit(self) -> None:
        """Put dW2[i,j] = dh2[i] s'_2[j] h1[j] in place of the right gradient."""
        dh2 = self.d3 * self.parameters["W3"]  # (batch, hidden)
        np.dot(dh2.T, self._slope(self.h2) * self.h1, out=self.gradients["W2"])

    def diagonal_for_the_sum(self, x: Array) -> None:
        """Put what follows from dh1[i] = db2[i] W2[i,i] in place of layer 1's right gradients."""
        np.multiply(self.d2, np.diagonal(self.parameters["W2"]), out=self.d1)  # (batch, hidden)
        self.d1 *= self._slope(self.h1)
        np.dot(self.d1.T, x, out=self.gradients["W1"])
        np.sum(self.d1, axis=0, out=self.gradients["b1"])


NETWORKS: dict[GradientKind, type[Backpropagation]] = {
    "exact": Backpropagation,
    "as-printed": AsPrinted,
}


def gradients(
    parameters: Parameters, x: Array, y: Array, kind: GradientKind = "exact"
) -> Parameters:
    """Return the gradients of the batch's mean loss (y - f)^2 by parameter name.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, as many numbers as `network.shapes` has; left as they are.
        x: inputs, (batch,) or (batch, 1).
        y: targets, shaped like x.
        kind: `exact`, or `as-printed` for the assignment's formulas.

    Returns:
        A new array for each name, shaped as in `network.shapes`, of W2's type.

    Raises:
        ValueError: x and y have not the same number of samples, or a parameter not its size.
    """
    if np.size(x) != np.size(y):
        raise ValueError(f"x has {np.size(x)} samples, y has {np.size(y)}")
    dtype, wanted = np.asarray(parameters["W2"]).dtype, shapes(np.size(parameters["b1"]))
    own = {n: np.array(parameters[n], dtype, order="C").reshape(s) for n, s in wanted.items()}
    x, y = (np.reshape(a, (-1, 1)).astype(dtype) for a in (x, y))
    network = NETWORKS[kind](own, len(x))
    network.forward(x)
    return network.backward(x, y)
