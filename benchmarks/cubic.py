"""Measure a gradient step of `nnlab cubic`, compared with C and other libraries, and by size.

    python benchmarks/cubic.py [others] [sizes] [--pictures]

`others` and `sizes` measure only that. Needs the extra `fast`. Libraries that are not installed
are named and skipped; `make bench` installs all.
"""

import os
import platform
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np
import peers
from peers import Run
from threadpoolctl import threadpool_limits
from timing import alternate, print_table

from nnlab.cubic.blas import stochastic_descent
from nnlab.cubic.compiled import compiled_descent
from nnlab.cubic.config import blas_threads
from nnlab.cubic.network import Array, Parameters, initial_parameters, minibatch_descent
from nnlab.plots import BLUE, ORANGE, new_figure

LR = 0.01
HIDDEN = 125
ROUNDS = 7
NUMPY_BAR = 1.8  # times C: engine numpy in float64
NUMBA_BAR = 1.0  # times engine numpy: engine numba at each size
REST = 0.03  # seconds, in which the threads of the other engine's BLAS go to sleep
SIZES = (32, 64, 125, 250, 500, 1000, 2048)
BATCHES = (1, 4, 16, 64, 256, 1024)
IMAGES = Path(__file__).parent.parent / "docs/images"


def start(hidden: int, samples: int, dtype: str) -> tuple[Parameters, Array, Array]:
    """Return initial parameters as nnlab draws them, and points."""
    rng = np.random.default_rng(0)
    parameters = initial_parameters(hidden, 0.05, rng, dtype)
    x = rng.uniform(-2, 2, (samples, 1)).astype(dtype)
    return parameters, x, x**3


def descend(
    parameters: Parameters, x: Array, y: Array, batch: int, engine: str = "numpy", lr: float = LR
) -> None:
    """Take the steps as `nnlab cubic` does with this engine and batch size."""
    if engine == "numba":
        compiled_descent(parameters, x, y, lr, batch)
    elif batch == 1:
        stochastic_descent(parameters, x, y, lr)
    else:
        minibatch_descent(parameters, x, y, lr, batch)


def nnlab_run(engine: str, p: Parameters, x: Array, y: Array, lr: float) -> Run:
    """Return nnlab's descent with the interface of `peers`."""
    p = {name: value.copy() for name, value in p.items()}
    return Run(partial(descend, p, x, y, 1, engine, lr), lambda: p)


C = "C, -O3 -march=native -ffast-math"
MAKERS: Mapping[str, tuple[Callable[..., Run], int]] = {  # with the number of steps to time
    C: (peers.c_program, 10_000),
    "nnlab, engine numba": (partial(nnlab_run, "numba"), 10_000),
    "nnlab, engine numpy": (partial(nnlab_run, "numpy"), 4000),
    "plain NumPy loop": (peers.plain, 2000),
    "jax.lax.scan under jit": (peers.jax_scan, 5000),
    "scikit-learn MLPRegressor": (peers.scikit_learn, 500),
    "PyTorch": (peers.pytorch, 500),
    "Keras fit": (peers.keras_fit, 500),
}


def beside_others(dtype: str) -> None:
    """Print the cost of a step at hidden 125, batch 1, for nnlab and all peers, in turn."""
    runs, steps, apart, missing = {}, {}, {}, []
    for name, (make, count) in MAKERS.items():
        parameters, x, y = start(HIDDEN, count, dtype)
        try:
            run = make(parameters, x, y, LR)
        except ImportError as error:
            missing.append(f"{name} ({error})")
            continue
        run.steps()
        descend(parameters, x, y, 1)
        apart[name] = largest_difference(run.parameters(), parameters)
        runs[name], steps[name] = run.steps, count
    seconds = alternate(runs, ROUNDS)
    us = {name: 1e6 * s / steps[name] for name, s in seconds.items()}
    reference = us.get(C, float("nan"))
    rows = [
        [name, f"{t:.2f}", f"{t / reference:.2f}", f"{apart[name]:.0e}", f"{steps[name]:,}"]
        for name, t in us.items()
    ]
    header = ["", "µs per step", "times C", "difference from engine numpy", "after steps"]
    print_table(f"A step at hidden {HIDDEN}, batch 1, {dtype}: medians of {ROUNDS}", header, rows)
    if dtype == "float64":
        bar("engine numpy / C", us["nnlab, engine numpy"] / reference, NUMPY_BAR)
    for name in missing:
        print(f"\nNot measured: {name}")


def bar(what: str, found: float, most: float) -> None:
    """Print whether a ratio is at most what it should be."""
    print(f"\n{what}: {found:.2f}, at most {most}: {'yes' if found <= most else 'NO'}")


def largest_difference(ours: Parameters, theirs: Parameters) -> float:
    """Return the largest difference of any block, relative to its norm."""
    return max(
        float(np.linalg.norm(ours[n] - theirs[n]) / np.linalg.norm(theirs[n])) for n in theirs
    )


def by_size() -> dict[tuple[int, int, str], float]:
    """Print the cost of a step by hidden units and batch size; return it in µs.

    It is that of the fastest run: where BLAS has two threads on two cores, any other program makes
    them wait for each other, often for 20 ms.
    """
    us: dict[tuple[int, int, str], float] = {}
    for hidden in SIZES:
        for batch in BATCHES:
            steps = max(2, int(1e8 / (6 * hidden**2 * batch + 1e4 * batch + 2e4)))
            parameters, x, y = start(hidden, steps * batch, "float64")
            engines = {
                engine: partial(descend, parameters, x, y, batch, engine, LR / 100)
                for engine in ("numpy", "numba")
            }
            with threadpool_limits(blas_threads(hidden, batch), "blas"):
                seconds = alternate(engines, rounds=9, rest=REST, summary=min)
            us |= {(hidden, batch, name): 1e6 * s / steps for name, s in seconds.items()}
    rows = []
    for hidden in SIZES:
        pairs = ((us[hidden, b, "numpy"], us[hidden, b, "numba"]) for b in BATCHES)
        rows.append([hidden, *(f"{n:,.0f} / {c:,.0f} ({n / c:.2f})" for n, c in pairs)])
    title = (
        "A step in µs, float64, the fastest of 9 runs: engine numpy / engine numba (their ratio)"
    )
    print_table(title, ["hidden", *(f"batch {b:,}" for b in BATCHES)], rows)
    times = {(h, b): us[h, b, "numba"] / us[h, b, "numpy"] for h in SIZES for b in BATCHES}
    hidden, batch = max(times, key=lambda size: times[size])
    where = f"engine numba / engine numpy at its worst, hidden {hidden}, batch {batch:,}"
    bar(where, times[hidden, batch], NUMBA_BAR)
    return us


def slope(x: list[int], y: list[float]) -> float:
    """Return the slope of log y over log x at the last three points."""
    return float(np.polyfit(np.log(x[-3:]), np.log(y[-3:]), 1)[0])


def draw(us: Mapping[tuple[int, int, str], float]) -> None:
    """Draw the cost of a step by hidden units at batch 1, and by batch size at hidden 125."""
    figure, axes = new_figure(1, 2, width=11, height=4.6)
    sweeps = (
        ("hidden units in each layer", "batch 1", {n: (n, 1) for n in SIZES}),
        ("samples in a batch", f"hidden {HIDDEN}", {n: (HIDDEN, n) for n in BATCHES}),
    )
    styles = {"numpy": (BLUE, "o-"), "numba": (ORANGE, "s--")}
    for ax, (label, title, sizes) in zip(axes, sweeps, strict=True):
        for engine, (colour, style) in styles.items():
            y = [us[*size, engine] for size in sizes.values()]
            name = f"engine {engine}, slope {slope(list(sizes), y):.2f} at the end"
            ax.plot(list(sizes), y, style, color=colour, linewidth=2, label=name)
        ax.set(xscale="log", yscale="log", xlabel=label, ylabel="µs a step", title=title)
        ax.set_xticks(list(sizes), [f"{n:,}" for n in sizes])
        ax.minorticks_off()
        ax.legend(loc="upper left", fontsize=11, frameon=False)
    figure.savefig(IMAGES / "cubic-cost.png")


def main() -> None:
    """Print the machine and the tables."""
    os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    asked = {"others", "sizes"} & {*sys.argv} or {"others", "sizes"}
    if "others" in asked:
        with threadpool_limits(1, "blas"):
            for dtype in ("float64", "float32"):
                beside_others(dtype)
    if "sizes" in asked:
        us = by_size()
        if "--pictures" in sys.argv:
            draw(us)


if __name__ == "__main__":
    main()
