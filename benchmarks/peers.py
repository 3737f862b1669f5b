"""The same stochastic gradient descent in other libraries: same parameters, same samples.

A peer is a function (parameters, x, y, lr) -> a run. `run()` continues from its current parameters
and takes a step for each sample in order; `run.parameters()` returns W1 b1 W2 b2 W3 b3. Libraries
that are not installed are skipped. Each library is used as its documentation shows, in its fast
form: a scan under jit for JAX, plain tensors (no DataLoader) for PyTorch, `fit` on arrays for
Keras.
"""

import ctypes
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from shutil import which
from typing import Any, NamedTuple

import numpy as np

from nnlab.cubic.network import Array, Parameters

NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")


class Run(NamedTuple):
    """A descent that is ready to run."""

    steps: Callable[[], object]
    parameters: Callable[[], Parameters]


def plain(p: Parameters, x: Array, y: Array, lr: float) -> Run:
    """Plain NumPy: whole expressions, as in the equations."""
    W1, b1, W2, b2, W3, b3 = (p[name].copy() for name in NAMES)
    W1, W3 = W1[:, 0], W3[0]

    def steps() -> None:
        nonlocal W1, b1, W2, b2, W3, b3
        for xi, yi in zip(x[:, 0], y[:, 0], strict=True):
            h1 = 1 / (1 + np.exp(-(W1 * xi + b1)))
            h2 = 1 / (1 + np.exp(-(W2 @ h1 + b2)))
            f = W3 @ h2 + b3
            d3 = -2 * (yi - f)
            d2 = W3 * d3 * h2 * (1 - h2)
            d1 = W2.T @ d2 * h1 * (1 - h1)
            W3 = W3 - lr * d3 * h2
            b3 = b3 - lr * d3
            W2 = W2 - lr * np.outer(d2, h1)
            b2 = b2 - lr * d2
            W1 = W1 - lr * d1 * xi
            b1 = b1 - lr * d1

    return Run(
        steps, lambda: dict(zip(NAMES, (W1[:, None], b1, W2, b2, W3[None], b3), strict=True))
    )


def c_program(p: Parameters, x: Array, y: Array, lr: float) -> Run:
    """sgd.c, compiled here; ImportError if there is no compiler."""
    compiler = which("cc")
    if not compiler:
        raise ImportError("no C compiler (cc)")
    real = "float" if x.dtype == np.float32 else "double"
    source = Path(__file__).with_name("sgd.c")
    with tempfile.TemporaryDirectory() as folder:
        library, compiled = Path(folder, "sgd.so"), Path(folder, "sgd.o")
        flags = ["-O3", "-march=native", "-ffast-math", f"-DREAL={real}", "-fPIC"]
        subprocess.run([compiler, *flags, "-c", str(source), "-o", str(compiled)], check=True)
        # Linked with -ffast-math it would flush denormal numbers to 0 in the whole process.
        subprocess.run([compiler, "-shared", str(compiled), "-o", str(library), "-lm"], check=True)
        descend = ctypes.CDLL(str(library)).descend
    p = {name: value.copy() for name, value in p.items()}
    buffers = np.empty((4, len(p["b1"])), x.dtype)
    # data_as keeps its array alive.
    arrays = [p[name].ctypes.data_as(ctypes.c_void_p) for name in NAMES]
    points = [a.ctypes.data_as(ctypes.c_void_p) for a in (x, y)]
    n, samples = ctypes.c_ssize_t(len(p["b1"])), ctypes.c_ssize_t(len(x))
    rate, room = ctypes.c_double(lr), buffers.ctypes.data_as(ctypes.c_void_p)

    def steps() -> None:
        descend(n, *arrays, samples, *points, rate, room)

    return Run(steps, lambda: p)


def jax_scan(p: Parameters, x: Array, y: Array, lr: float) -> Run:
    """`jax.lax.scan` over the samples under jit, with JAX's own gradient."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", val=True)

    def loss(p: Any, x: Any, y: Any) -> Any:
        h1 = jax.nn.sigmoid(p["W1"][:, 0] * x + p["b1"])
        h2 = jax.nn.sigmoid(p["W2"] @ h1 + p["b2"])
        return (y - (p["W3"][0] @ h2 + p["b3"][0])) ** 2

    def step(p: Any, sample: Any) -> Any:
        gradient = jax.grad(loss)(p, *sample)
        return {name: p[name] - x.dtype.type(lr) * gradient[name] for name in p}, None

    scan = jax.jit(lambda p, x, y: jax.lax.scan(step, p, (x, y))[0])
    now = {name: jnp.asarray(value) for name, value in p.items()}
    xs, ys = jnp.asarray(x[:, 0]), jnp.asarray(y[:, 0])

    def steps() -> None:
        nonlocal now
        now = jax.block_until_ready(scan(now, xs, ys))

    return Run(steps, lambda: {name: np.asarray(value) for name, value in now.items()})


def scikit_learn(p: Parameters, x: Array, y: Array, lr: float) -> Run:
    """MLPRegressor, sgd without momentum at batch size 1; its loss is (y - f)^2 / 2."""
    from sklearn.neural_network import MLPRegressor

    n = len(p["b1"])
    model = MLPRegressor(
        hidden_layer_sizes=(n, n), activation="logistic", solver="sgd", alpha=0, batch_size=1,
        momentum=0, nesterovs_momentum=False, learning_rate_init=2 * lr, shuffle=False,
    )  # fmt: skip
    model.partial_fit(x[:1], y[:1, 0])  # allocates its arrays
    for k in (1, 2, 3):
        model.coefs_[k - 1][...] = p[f"W{k}"].T
        model.intercepts_[k - 1][...] = p[f"b{k}"]

    def parameters() -> Parameters:
        weights = {f"W{k + 1}": w.T for k, w in enumerate(model.coefs_)}
        return weights | {f"b{k + 1}": b for k, b in enumerate(model.intercepts_)}

    return Run(lambda: model.partial_fit(x, y[:, 0]), parameters)


def keras_fit(p: Parameters, x: Array, y: Array, lr: float) -> Run:
    """Keras `fit` at batch size 1 on a CPU."""
    import keras

    keras.config.set_floatx(x.dtype.name)
    n = len(p["b1"])
    layers = [keras.layers.Dense(n, "sigmoid"), keras.layers.Dense(n, "sigmoid")]
    model = keras.Sequential([keras.Input((1,)), *layers, keras.layers.Dense(1)])
    model.set_weights([a for k in "123" for a in (p[f"W{k}"].T, p[f"b{k}"])])
    model.compile(keras.optimizers.SGD(lr), "mse")

    def parameters() -> Parameters:
        arrays = iter(model.get_weights())
        return {f"{kind}{k}": next(arrays).T for k in "123" for kind in "Wb"}

    return Run(lambda: model.fit(x, y, batch_size=1, shuffle=False, verbose=0), parameters)


def pytorch(p: Parameters, x: Array, y: Array, lr: float) -> Run:
    """PyTorch on a CPU with one thread: nn.Linear, autograd, torch.optim.SGD at batch size 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a machine without a GPU
        import torch

    torch.set_num_threads(1)
    n, dtype = len(p["b1"]), getattr(torch, x.dtype.name)
    linear = [torch.nn.Linear(*shape, dtype=dtype) for shape in ((1, n), (n, n), (n, 1))]
    model = torch.nn.Sequential(
        linear[0], torch.nn.Sigmoid(), linear[1], torch.nn.Sigmoid(), linear[2]
    )
    with torch.no_grad():
        for k, layer in enumerate(linear, 1):
            layer.weight.copy_(torch.from_numpy(p[f"W{k}"]))
            layer.bias.copy_(torch.from_numpy(p[f"b{k}"]))
    optimizer = torch.optim.SGD(model.parameters(), lr)
    xs, ys = torch.from_numpy(x), torch.from_numpy(y)

    def steps() -> None:
        for xi, yi in zip(xs, ys, strict=True):
            optimizer.zero_grad()
            ((yi - model(xi)) ** 2).sum().backward()
            optimizer.step()

    def parameters() -> Parameters:
        arrays = (a.detach().numpy() for a in model.parameters())
        return dict(zip(NAMES, arrays, strict=True))

    return Run(steps, parameters)
