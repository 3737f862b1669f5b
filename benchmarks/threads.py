"""Find where a second BLAS thread makes `nnlab cubic` faster (nnlab.cubic.config.blas_threads).

python benchmarks/threads.py
"""

from collections.abc import Callable
from functools import partial

from cubic import descend, start
from threadpoolctl import threadpool_limits
from timing import alternate, print_table

from nnlab.cubic.config import blas_threads


def limited(threads: int | None, run: Callable[[], None]) -> None:
    """Run `run` with this many BLAS threads; None: all threads."""
    with threadpool_limits(threads, "blas"):
        run()


def main() -> None:
    """Print, for each size, the cost of a step on one thread and the speed-up with all threads."""
    rows = []
    for hidden in (64, 125, 250, 500, 1000, 2000):
        for batch in (1, 32, 1024):
            steps = max(3, min(1000, int(1e9 / (6 * hidden**2 * batch + 1e5 * batch))))
            parameters, x, y = start(hidden, steps * batch, "float64")
            step = partial(descend, parameters, x, y, batch)
            seconds = alternate(
                {"one": partial(limited, 1, step), "all": partial(limited, None, step)}, rounds=5
            )
            ratio = seconds["one"] / seconds["all"]
            chosen = "one" if blas_threads(hidden, batch) == 1 else "all"
            us = 1e6 * seconds["one"] / steps
            rows.append([hidden, batch, f"{us:,.0f}", f"{ratio:.2f}", chosen])
    header = ["hidden", "batch", "one thread, µs per step", "one / all threads", "nnlab takes"]
    print_table("BLAS threads, float64, medians of 5", header, rows)


if __name__ == "__main__":
    main()
