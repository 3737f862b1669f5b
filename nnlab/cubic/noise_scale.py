"""How noisy the gradient of a batch is, and the batch size at which that stops mattering.

With g_i = dL_i/dtheta the gradient of point i, G their mean over the n points, and Sigma the
covariance matrix of the g_i, the trace of Sigma is the mean squared distance of a point's gradient
from G:

    tr(Sigma) = 1/n sum_i |g_i - G|^2 = 1/n sum_i |g_i|^2 - |G|^2

The gradient of a batch of B points, drawn with replacement, is a mean of B of the g_i. Its mean
squared distance from G is tr(Sigma) / B, so the distance falls as B^(-1/2). (B different points
come closer: tr(Sigma) / B * (n - B) / (n - 1).) Noise and gradient are equal at the batch size

    B_simple = tr(Sigma) / |G|^2

No g_i is needed to compute |g_i|^2. The gradient of a layer's W is an outer product, delta a^T,
where a is the layer's input, and that of its b is delta; hence

    |g_i|^2 = sum over the layers of |delta|^2 (|a|^2 + 1)

and one pass over the points gives tr(Sigma) exactly.

Source: S. McCandlish et al., "An empirical model of large-batch training", arXiv:1812.06162,
eq. 2.9 (B_simple); I. Goodfellow, "Efficient per-example gradient computations", arXiv:1510.01799
(the norm of an outer product).
"""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from nnlab.cubic.full_gradient import THREADS, by_layer, in_float64, passes, squares
from nnlab.cubic.network import Array, Backpropagation, Parameters


@dataclass(frozen=True)
class GradientNoise:
    """The gradient over all points, and the noise of one point's gradient.

    Attributes:
        mean: G by parameter name, with the shapes of the parameters, float64.
        trace: the part of tr(Sigma) of each block of parameters, by its name.
    """

    mean: Parameters
    trace: dict[str, float]

    @property
    def traces(self) -> dict[str, float]:
        """The part of tr(Sigma) of each layer, `1`, `2` and `3`, and tr(Sigma), `all`."""
        return by_layer(self.trace)

    @property
    def squared_norms(self) -> dict[str, float]:
        """The part of |G|^2 of each layer, and |G|^2, `all`."""
        return by_layer(squares(self.mean))

    @property
    def scales(self) -> dict[str, float]:
        """B_simple of each layer alone, and B_simple, `all`, in samples; inf where G is 0."""
        norms = self.squared_norms
        return {
            layer: trace / norms[layer] if norms[layer] else float("inf")
            for layer, trace in self.traces.items()
        }


def gradient_noise(parameters: Parameters, x: Array, y: Array) -> GradientNoise:
    """Return G and tr(Sigma) over the points, exactly but for rounding, from one pass over them.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, with the shapes of `network.shapes`; the numbers are computed
            in float64.
        x: inputs, (samples, 1).
        y: targets, (samples, 1).
    """
    with threadpool_limits(THREADS, "blas"):
        mean, square = _moments(in_float64(parameters), x, y)
    norms = squares(mean)
    trace = {name: max(0.0, square[name] - norms[name]) for name in square}  # rounding: not < 0
    return GradientNoise(mean, trace)


def _moments(parameters: Parameters, x: Array, y: Array) -> tuple[Parameters, dict[str, float]]:
    """Return G, and 1/n sum_i |g_i|^2 of each block; arguments as in `gradient_noise`."""
    n = len(x)
    mean = {name: np.zeros_like(p) for name, p in parameters.items()}
    square = dict.fromkeys(parameters, 0.0)
    for points, net in passes(parameters, x, y):
        size = points.stop - points.start
        for name, gradient in net.gradients.items():
            mean[name] += gradient * (size / n)
        for layer, d, a in (("1", net.d1, x[points]), ("2", net.d2, net.h1), ("3", net.d3, net.h2)):
            delta_squared = size**2 * _row_squares(
                d
            )  # (size,): d is of the mean loss, delta / size
            square["W" + layer] += float(delta_squared @ _row_squares(a)) / n
            square["b" + layer] += float(delta_squared.sum()) / n
    return mean, square


def batch_deviation(
    parameters: Parameters, x: Array, y: Array, mean: Parameters,
    batch_size: int, batches: int, rng: np.random.Generator,
) -> dict[str, float]:  # fmt: skip
    """Return the mean of |g_B - G|^2 over random batches, with g_B the gradient of a batch.

    It estimates tr(Sigma) / batch_size by the definition alone, so it checks `gradient_noise`.

    Args:
        parameters: as in `gradient_noise`.
        x: inputs, (samples, 1).
        y: targets, (samples, 1).
        mean: G by parameter name, of the same parameters and points.
        batch_size: points in each batch, drawn with replacement.
        batches: number of batches.
        rng: draws them.

    Returns:
        The part of each layer, `1`, `2` and `3`, and the whole, `all`.
    """
    network = Backpropagation(in_float64(parameters), batch_size)
    total = dict.fromkeys(mean, 0.0)
    with threadpool_limits(THREADS, "blas"):
        for _ in range(batches):
            drawn = rng.integers(len(x), size=batch_size)  # (batch,)
            network.forward(x[drawn])
            gradients = network.backward(x[drawn], y[drawn])
            for name, square in squares({n: g - mean[n] for n, g in gradients.items()}).items():
                total[name] += square / batches
    return by_layer(total)


def _row_squares(rows: Array) -> Array:
    """Return |row|^2 of each row of (samples, units), (samples,)."""
    squared: Array = np.einsum("su,su->s", rows, rows)
    return squared
