"""Shared by the benchmarks: time alternatives in turn, and print a table."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

ROUNDS = 7


def alternate(
    alternatives: Mapping[str, Callable[[], object]],
    rounds: int = ROUNDS,
    rest: float = 0,
    summary: Callable[[list[float]], float] = statistics.median,
) -> dict[str, float]:
    """Run every alternative once per round, in turn; return the `summary` seconds of each.

    If the machine is slow for a while, all alternatives are slow. A first round is not counted.
    Each run waits `rest` seconds first: the threads of the one before may still look for work.
    """
    seconds: dict[str, list[float]] = {name: [] for name in alternatives}
    for _ in range(rounds + 1):
        for name, run in alternatives.items():
            time.sleep(rest)
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    return {name: summary(taken[1:]) for name, taken in seconds.items()}


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table, ready for the docs."""
    print(f"\n{title}\n")
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(map(str, row)) + " |")
