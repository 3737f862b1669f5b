"""What the benchmarks share: timing alternatives in turn, and printing a table."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence

ROUNDS = 7


def alternate(
    alternatives: Mapping[str, Callable[[], object]], rounds: int = ROUNDS
) -> dict[str, float]:
    """Run every alternative once a round, in turn, and return each one's median seconds.

    What slows the machine for a while slows them all alike. One round before is not counted.
    """
    seconds: dict[str, list[float]] = {name: [] for name in alternatives}
    for _ in range(rounds + 1):
        for name, run in alternatives.items():
            begin = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - begin)
    return {name: statistics.median(taken[1:]) for name, taken in seconds.items()}


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a Markdown table, so that it can go into the docs as it is."""
    print(f"\n{title}\n")
    for row in (header, ["---"] * len(header), *rows):
        print("| " + " | ".join(map(str, row)) + " |")
