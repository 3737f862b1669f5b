"""The curvature of the loss: products with its Hessian, and its sharpness.

With L the mean loss over all points, theta all parameters in one vector, and G(theta) = dL/dtheta,
the Hessian is H = dG/dtheta. The complex step gives its product with a vector v from one backward
pass, at the parameters theta + i h v:

    H v = Im G(theta + i h v) / h + O(h^2)

Nothing is subtracted, so h can be 1e-20 and the product is exact but for rounding. H is never
formed.

The sharpness is the largest eigenvalue of H. Along its eigenvector, a step of gradient descent
multiplies the distance from the minimum by 1 - lr * sharpness, so that full-batch descent on a
quadratic loss needs

    lr < 2 / sharpness

Training tends to raise the sharpness until it reaches 2 / lr, the edge of stability, and then holds
it there. The Lanczos method (here ARPACK's) finds the sharpness from some tens of products H v.

Source: J. Martins, P. Sturdza and J. Alonso, "The complex-step derivative approximation", ACM
Transactions on Mathematical Software 29 (2003); C. Lanczos, "An iteration method for the solution
of the eigenvalue problem of linear differential and integral operators" (1950); J. Cohen et al.,
"Gradient descent on neural networks typically occurs at the edge of stability", arXiv:2103.00065.
"""

from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh
from threadpoolctl import threadpool_limits

from nnlab.cubic.full_gradient import THREADS, full_gradient
from nnlab.cubic.network import Array, Parameters, shapes

H = 1e-20  # h
TOLERANCE = 1e-10  # relative, of an eigenvalue


def vector(parameters: Parameters) -> Array:
    """Return the numbers of W1 b1 W2 b2 W3 b3 in this order, (hidden^2 + 4 hidden + 1,)."""
    return np.concatenate([parameters[name].ravel() for name in shapes(1)])


def blocks(theta: Array, hidden: int) -> Parameters:
    """Return W1 b1 W2 b2 W3 b3, cut from the vector theta: the inverse of `vector`."""
    wanted = shapes(hidden)
    cuts = np.cumsum([np.prod(shape) for shape in wanted.values()])[:-1]
    parts = np.split(theta, cuts)
    return {name: part.reshape(wanted[name]) for name, part in zip(wanted, parts, strict=True)}


def hessian_product(parameters: Parameters, x: Array, y: Array) -> Callable[[Array], Array]:
    """Return the function v -> H v, for vectors v as `vector` returns them.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, with the shapes of `network.shapes`; the numbers are computed
            in float64.
        x: inputs, (samples, 1).
        y: targets, (samples, 1).
    """
    theta, hidden = vector(parameters).astype(np.complex128), len(parameters["b1"])

    def product(v: Array) -> Array:
        gradient = full_gradient(blocks(theta + H * 1j * v.ravel(), hidden), x, y)
        return vector(gradient).imag / H

    return product


def sharpness(parameters: Parameters, x: Array, y: Array) -> float:
    """Return the largest eigenvalue of the Hessian of the mean loss; arguments as above.

    The same arguments give the same number. It takes about 20 products H v.
    """
    product, size = hessian_product(parameters, x, y), len(vector(parameters))
    start = np.random.default_rng(0).standard_normal(size)  # ARPACK's own differs from call to call
    hessian = LinearOperator((size, size), matvec=product, dtype=np.float64)
    with threadpool_limits(THREADS, "blas"):
        found = eigsh(hessian, 1, which="LA", v0=start, tol=TOLERANCE, return_eigenvectors=False)
    return float(found[0])
