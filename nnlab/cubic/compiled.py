"""Gradient descent compiled by Numba: the equations of `nnlab.cubic.network`, written as loops.

Most of a step's time goes into reading W2, so a step reads it only twice. The first sweep computes
z2 = W2 h1 + b2. Once d2 is known, the second sweep uses each row of W2 while the processor has it
at hand: it adds the row's part of d1 = W2^T d2 and then updates the row, W2 - lr d2 h1^T. A batch
of few samples needs the same two sweeps: each row is used for all samples of the batch. For a
larger batch the matrix products of BLAS are faster: they use a weight for many samples while it is
in a register.

The wrong gradients of `nnlab.cubic.gradients` are compiled from the same functions, with a second
sweep of their own. `mistakes` and `wrong` are None for the exact gradient; the compiler then leaves
out whatever depends on them, so that the exact steps cost nothing more.

A call of `exp` would prevent the compiler from using vector instructions. The logistic function is
therefore computed as a rational function: s(z) = (1 + tanh(z/2)) / 2, where tanh comes from
Lambert's continued fraction

    tanh u = u / (1 + u^2 / (3 + u^2 / (5 + u^2 / (7 + u^2 / 9))))
           = u (945 + 105 u^2 + u^4) / (945 + 420 u^2 + 15 u^4) = n / d

at u = z / 32. The identity tanh 2u = 2 tanh u / (1 + tanh^2 u) = 2 n d / (d^2 + n^2) doubles the
argument. It is applied three times to n and d, which gives tanh(z / 4), and a fourth time together
with the only division: s(z) = (d + n)^2 / (2 (d^2 + n^2)). The absolute error is at most 1e-15 in
float64 and 3e-7 in float32, for every z; a test checks this.

All compiled functions are in this file: Numba's cache on disk notices a change of the file of a
function, but not of the files of the functions that it calls.

The compiler may reorder floating-point sums (`reassoc`); otherwise it could not vectorize them.
It must keep nan and infinity (no `nnan`, no `ninf`), because the caller checks for overflow.

Source: J. H. Lambert, "Mémoire sur quelques propriétés remarquables des quantités transcendentes
circulaires et logarithmiques" (1768); NIST Digital Library of Mathematical Functions, 4.39.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from numba import njit, prange

from nnlab.cubic.gradients import Diagonal, WrongUnit
from nnlab.cubic.network import Array, Backpropagation, Parameters, shapes

FAR = 36  # for z >= 36, s(z) differs from 1 by at most 2e-16, so z is limited to -36 .. 36
FAST = {"reassoc", "contract", "arcp", "nsz"}
FEW = 8  # from so many samples on, BLAS is faster than the sweeps (`benchmarks/cubic.py`)

Mistakes = tuple[bool, bool]
"""Whether a gradient has error 1, the wrong unit, and error 2, the diagonal."""

Wrong = tuple[Array, Array, bool, bool]
"""Factors of dW2 = left^T right, both (batch, hidden); then the Mistakes."""

Function = TypeVar("Function", bound=Callable[..., None])


def compiled(function: Function, *, parallel: bool = False) -> Function:
    """Compile `function` on its first call with new types; cache the machine code on disk.

    Without a writable cache folder, the function is compiled again in every process.
    """
    compile_ = partial(njit, function, fastmath=FAST, error_model="numpy", parallel=parallel)
    try:
        made: Function = compile_(cache=True)
    except RuntimeError:  # Numba found no writable cache folder
        made = compile_()
    return made


@compiled
def sigmoid(z: Array) -> None:
    """Replace z, (units,), by s(z)."""
    number = z.dtype.type  # constants of z's type: others would turn float32 into float64
    for i in range(len(z)):
        u = min(max(z[i], -number(FAR)), number(FAR)) / number(32)
        u2 = u * u
        n = u * (number(945) + u2 * (number(105) + u2)) / number(945)
        d = (number(945) + u2 * (number(420) + u2 * number(15))) / number(945)
        for _ in range(3):
            n, d = number(2) * n * d, d * d + n * n
        z[i] = (d + n) * (d + n) / (number(2) * (d * d + n * n))


@compiled
def _first_sweep(W2: Array, b2: Array, h1: Array, h2: Array) -> None:
    """Store z2 = W2 h1 + b2 in h2; h1 and h2 are (samples, hidden)."""
    for i in range(len(b2)):
        for s in range(len(h1)):
            z2 = b2[i]
            for j in range(len(b2)):
                z2 += W2[i, j] * h1[s, j]
            h2[s, i] = z2


@compiled
def _second_sweep(W2: Array, b2: Array, h1: Array, d1: Array, d2: Array, lr: float) -> None:
    """Add W2^T d2 to d1, then update W2 and b2; h1, d1 and d2 are (samples, hidden)."""
    hidden, samples = len(b2), len(h1)
    for i in range(hidden):
        for s in range(1, samples):
            for j in range(hidden):
                d1[s, j] += d2[s, i] * W2[i, j]
        for j in range(hidden):  # first sample: d1 and the update in one pass
            w = W2[i, j]
            d1[0, j] += d2[0, i] * w
            W2[i, j] = w - lr * d2[0, i] * h1[0, j]
        for s in range(1, samples):
            for j in range(hidden):
                W2[i, j] -= lr * d2[s, i] * h1[s, j]
        for s in range(samples):
            b2[i] -= lr * d2[s, i]


@compiled
def _store_factors(
    W3: Array, h1: Array, h2: Array, d2: Array, errors: Array, share: float, wrong: Wrong
) -> None:
    """Store the factors of dW2. With error 1, s'(z2) belongs to the right one."""
    left, right, wrong_unit, _ = wrong
    for s in range(len(errors)):
        for i in range(len(W3)):
            if wrong_unit:
                left[s, i] = share * errors[s] * W3[i]
                right[s, i] = h2[s, i] * (W3.dtype.type(1) - h2[s, i]) * h1[s, i]
            else:
                left[s, i] = d2[s, i]
                right[s, i] = h1[s, i]


@compiled
def _wrong_unit_sweep(
    W2: Array, b2: Array, d1: Array, d2: Array, left: Array, right: Array, lr: float
) -> None:
    """Do the second sweep with W2 - lr left^T right; all but W2 and b2 are (samples, hidden)."""
    hidden, samples = len(b2), len(d2)
    for i in range(hidden):
        for s in range(1, samples):
            for j in range(hidden):
                d1[s, j] += d2[s, i] * W2[i, j]
        delta, move = d2[0, i], lr * left[0, i]
        for j in range(hidden):
            w = W2[i, j]
            d1[0, j] += delta * w
            W2[i, j] = w - move * right[0, j]
        for s in range(1, samples):
            for j in range(hidden):
                W2[i, j] -= lr * left[s, i] * right[s, j]
        for s in range(samples):
            b2[i] -= lr * d2[s, i]


@compiled
def _diagonal_sweep(
    W2: Array, b2: Array, d1: Array, d2: Array, left: Array, right: Array, lr: float
) -> None:
    """Do the same, but with the diagonal of W2 alone in d1: error 2."""
    for i in range(len(b2)):
        for s in range(len(d2)):
            d1[s, i] = d2[s, i] * W2[i, i]
            b2[i] -= lr * d2[s, i]
        for s in range(len(d2)):
            move = lr * left[s, i]
            for j in range(len(b2)):
                W2[i, j] -= move * right[s, j]


@compiled
def _first_product(W2: Array, b2: Array, h1: Array, h2: Array) -> None:
    """Do the first sweep by BLAS."""
    np.dot(h1, W2.T, h2)
    for s in range(len(h1)):
        for i in range(len(b2)):
            h2[s, i] += b2[i]


@compiled
def _other_products(
    W2: Array, b2: Array, buffers: tuple[Array, ...], left: Array, right: Array, lr: float,
    diagonal: bool,
) -> None:  # fmt: skip
    """Do the second sweep with W2 - lr left^T right by BLAS; the buffers are those of `_step`."""
    _, _, d1, d2, change = buffers
    if diagonal:
        for s in range(len(d2)):
            for i in range(len(b2)):
                d1[s, i] = d2[s, i] * W2[i, i]
    else:
        np.dot(d2, W2, d1)
    np.dot(left.T, right, change)
    for i in range(len(b2)):
        for j in range(len(b2)):
            W2[i, j] -= lr * change[i, j]
    for s in range(len(d2)):
        for i in range(len(b2)):
            b2[i] -= lr * d2[s, i]


@compiled
def _step(  # noqa: C901, PLR0912 - more functions would cost calls
    parameters: tuple[Array, ...], x: Array, y: Array, lr: float, buffers: tuple[Array, ...],
    errors: Array, wrong: Wrong | None,
) -> None:  # fmt: skip
    """Take one gradient step for a batch: x, y, errors (samples,).

    Buffers: h1, h2, d1 and d2 are (samples, hidden), `change` is (hidden, hidden).
    """
    W1, b1, W2, b2, W3, b3 = parameters
    h1, h2, d1, d2, _ = buffers
    number, hidden, samples = b1.dtype.type, len(b1), len(x)
    one, share = number(1), number(2) / number(samples)
    for s in range(samples):
        for i in range(hidden):
            h1[s, i] = W1[i] * x[s] + b1[i]
        sigmoid(h1[s])
    if samples < FEW:
        _first_sweep(W2, b2, h1, h2)
    else:
        _first_product(W2, b2, h1, h2)
    for s in range(samples):
        sigmoid(h2[s])
        f = b3[0]
        for i in range(hidden):
            f += W3[i] * h2[s, i]
        errors[s] = f - y[s]
        d3 = share * errors[s]
        for i in range(hidden):
            d2[s, i] = d3 * W3[i] * h2[s, i] * (one - h2[s, i])
            d1[s, i] = 0
    if wrong is not None:
        _store_factors(W3, h1, h2, d2, errors, share, wrong)
    for s in range(samples):  # update W3 only now: the loop above needs its old value
        move = lr * share * errors[s]
        b3[0] -= move
        for i in range(hidden):
            W3[i] -= move * h2[s, i]
    if wrong is None:
        if samples < FEW:
            _second_sweep(W2, b2, h1, d1, d2, lr)
        else:
            _other_products(W2, b2, buffers, d2, h1, lr, False)
    else:
        left, right, _, diagonal = wrong
        left, right = left[:samples], right[:samples]
        if samples >= FEW:
            _other_products(W2, b2, buffers, left, right, lr, diagonal)
        elif diagonal:
            _diagonal_sweep(W2, b2, d1, d2, left, right, lr)
        else:
            _wrong_unit_sweep(W2, b2, d1, d2, left, right, lr)
    for s in range(samples):
        for i in range(hidden):
            move = lr * d1[s, i] * h1[s, i] * (one - h1[s, i])
            b1[i] -= move
            W1[i] -= move * x[s]


@compiled
def descend(
    parameters: tuple[Array, ...], x: Array, y: Array, lr: float, batch_size: int, errors: Array,
    mistakes: Mistakes | None,
) -> None:  # fmt: skip
    """Take a step for each batch; W1 and W3 are (hidden,); x, y and errors are (samples,)."""
    hidden, dtype = len(parameters[1]), parameters[1].dtype
    h1 = np.empty((batch_size, hidden), dtype)
    h2, d1, d2 = np.empty_like(h1), np.empty_like(h1), np.empty_like(h1)
    change = np.empty((hidden if batch_size >= FEW else 0, hidden), dtype)
    wrong = None if mistakes is None else (np.empty_like(h1), np.empty_like(h1), *mistakes)
    for first in range(0, len(x), batch_size):
        end = min(first + batch_size, len(x))
        n = end - first
        buffers = (h1[:n], h2[:n], d1[:n], d2[:n], change)
        _step(parameters, x[first:end], y[first:end], lr, buffers, errors[first:end], wrong)


@compiled
def _descend_one(
    parameters: tuple[Array, ...], samples: tuple[Array, ...], lr: float, batch_size: int, n: int,
    mistakes: Array | None,
) -> None:  # fmt: skip
    """Take the steps of the first n samples: x, y and errors, each (most samples,)."""
    x, y, errors = samples
    made = None if mistakes is None else (mistakes[0], mistakes[1])
    descend(parameters, x[:n], y[:n], lr, batch_size, errors[:n], made)


@partial(compiled, parallel=True)
def descend_together(
    parameters: tuple[Array, ...], samples: tuple[Array, ...], lr: float, batch_size: int,
    which: Array, counts: Array, mistakes: Array | None,
) -> None:  # fmt: skip
    """Let replica which[k] take the steps of its first counts[k] samples, for each k.

    `samples` are x, y and errors, each (replicas, most samples). W2 is (replicas, hidden, hidden),
    b3 (replicas, 1), each other parameter (replicas, hidden). `mistakes` are an array, since Numba
    cannot hand a tuple to another thread.
    """
    W1, b1, W2, b2, W3, b3 = parameters
    x, y, errors = samples
    for k in prange(len(which)):
        r = which[k]
        own = W1[r], b1[r], W2[r], b2[r], W3[r], b3[r]
        _descend_one(own, (x[r], y[r], errors[r]), lr, batch_size, counts[k], mistakes)


def compiled_descent(
    parameters: Parameters,
    x: Array,
    y: Array,
    lr: float,
    batch_size: int,
    kind: type[Backpropagation] = Backpropagation,
) -> Array:
    """Take one gradient step for each batch of x, in order; change `parameters` in place.

    Args:
        parameters: W1 b1 W2 b2 W3 b3, with the shapes of `network.shapes`.
        x: inputs, (samples, 1), with the dtype of the parameters.
        y: targets, (samples, 1).
        lr: learning rate.
        batch_size: samples in each step.
        kind: a class of `nnlab.cubic.gradients.NETWORKS`: which gradient is computed.

    Returns:
        f - y of each sample, computed before the step that used the sample; (samples, 1).
    """
    p, errors = parameters, np.empty_like(y)
    arrays = (p["W1"][:, 0], p["b1"], p["W2"], p["b2"], p["W3"][0], p["b3"])
    rate = x.dtype.type(lr)
    descend(arrays, x[:, 0], y[:, 0], rate, batch_size, errors[:, 0], mistakes_of(kind))
    return errors


def mistakes_of(kind: type[Backpropagation]) -> Mistakes | None:
    """Return the mistakes of a kind of gradient; None for the exact gradient."""
    if kind is Backpropagation:
        return None
    return issubclass(kind, WrongUnit), issubclass(kind, Diagonal)


def load(dtype: str, kind: type[Backpropagation] = Backpropagation, batch_size: int = 1) -> None:
    """Load the compiled steps from the disk cache, or compile them (some seconds).

    A step is taken, too: it loads BLAS where such batches need it. The number of threads can be
    limited only of a library that is loaded.
    """
    parameters = {name: np.zeros(shape, dtype) for name, shape in shapes(1).items()}
    samples = np.zeros((min(batch_size, FEW), 1), dtype)
    mend_cache(partial(compiled_descent, parameters, samples, samples, 0, FEW, kind))


def mend_cache(call: Callable[[], object]) -> None:
    """Call a compiled function; if the cache is damaged, delete it and call again.

    A power failure, for example, can damage the cache.
    """
    try:
        call()
    except Exception:
        folder = descend.stats.cache_path  # type: ignore[attr-defined] # Numba's
        if folder is None:
            raise
        for kept in Path(folder).glob(f"{Path(__file__).stem}*.nb[ic]"):
            kept.unlink(missing_ok=True)  # another process may mend it, too
        call()
