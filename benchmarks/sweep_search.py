"""Measure how `nnlab sweep` searches: the time of a proposal, the mirror, and how good TPE is.

python benchmarks/sweep_search.py
"""

import heapq
import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import optuna
from timing import print_table

from nnlab.sweep import told
from nnlab.sweep.mirror import Mirror
from nnlab.sweep.plan import GENERATION, Axis, Choices, Keys, Plan, Range
from nnlab.sweep.random import setting
from nnlab.sweep.tpe import Tpe
from nnlab.sweep.trial import Trial

Function = Callable[[Keys], float]
SEEDS = 40
TRIALS = 60
LONG = 600
LONG_SEEDS = 5

CLIFF: dict[str, Axis] = {
    "lr": Range(low=1e-4, high=10, log=True),
    "hidden": Range(low=4, high=256, log=True, whole=True),
    "act": Choices(values=["tanh", "relu", "sigmoid"]),
}
HARTMANN: dict[str, Axis] = {f"x{axis}": Range(low=0, high=1) for axis in range(6)}


def cliff(keys: Keys) -> float:
    """Return a loss that falls towards a learning rate from which on runs diverge."""
    lr = math.log10(keys["lr"])
    if lr > math.log10(keys["hidden"]) / -2 + 0.5:
        return math.inf
    slow = {"tanh": 0.0, "relu": 0.1, "sigmoid": 0.6}[keys["act"]]
    return (lr + 0.6) ** 2 + (math.log2(keys["hidden"]) - 5.5) ** 2 / 10 + slow


def hartmann(keys: Keys) -> float:
    """Return Hartmann's function of six variables; its least value is -3.3224."""
    A = np.array([
        [10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14],
        [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14],
    ])  # fmt: skip
    P = np.array([
        [1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991],
        [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381],
    ]) / 1e4  # fmt: skip
    exponents = (A * (np.array(list(keys.values())) - P) ** 2).sum(axis=1)  # (4,)
    return -float(np.array([1, 1.2, 3, 3.2]) @ np.exp(-exponents))


FUNCTIONS: dict[str, tuple[Function, dict[str, Axis]]] = {
    "a cliff, 3 axes": (cliff, CLIFF),
    "Hartmann, 6 axes": (hartmann, HARTMANN),
}


def ended(number: int, keys: Keys, value: float) -> Trial:
    """Return the trial of a setting with a value; of infinity a diverged one."""
    if math.isinf(value):
        return Trial(number, keys, "diverged")
    return Trial(number, keys, "complete", value)


def drawn(function: Function, space: Mapping[str, Axis], seed: int, trials: int) -> float:
    """Return the best value of random search."""
    return min(function(setting(space, seed, number)) for number in range(trials))


def generations(function: Function, space: Mapping[str, Axis], seed: int, trials: int) -> float:
    """Return the best value of our TPE."""
    search, values = Tpe(space, seed, "minimize"), list[float]()
    while len(values) < trials:
        for keys in search.ask(len(values) // GENERATION):
            values.append(function(keys))
            search.tell(ended(len(values) - 1, keys, values[-1]))
    return min(values[:trials])


def asynchronous(
    function: Function, space: Mapping[str, Axis], seed: int, trials: int, jobs: int = 2
) -> float:
    """Return the best value of Optuna's TPE with `jobs` trials in flight, of random lengths."""
    study = sampled(seed)
    lengths, clock, best = np.random.default_rng(seed), 0.0, math.inf
    flying: list[tuple[float, int, optuna.Trial]] = []
    for number in range(trials + jobs):
        if len(flying) == jobs or number >= trials:
            clock, _, trial = heapq.heappop(flying)
            value = function(told.setting(space, trial.params))
            study.tell(trial, value)
            best = min(best, value)
        if number < trials:
            asked = study.ask(told.distributions(space))
            heapq.heappush(flying, (clock + lengths.uniform(0.5, 1.5), number, asked))
    return best


def sequential(function: Function, space: Mapping[str, Axis], seed: int, trials: int) -> float:
    """Return the best value of Optuna's TPE, one trial after the other."""
    return asynchronous(function, space, seed, trials, jobs=1)


def sampled(seed: int) -> optuna.Study:
    """Return a study with Optuna's TPE sampler."""
    study = told.new_study("minimize")
    study.sampler = optuna.samplers.TPESampler(seed=seed)
    return study


def compare(
    title: str, searches: Mapping[str, Callable[..., float]], trials: int, seeds: int
) -> None:
    """Print the median best value of each search on each function, and its quartiles."""
    rows: list[Sequence[object]] = []
    for name, (function, space) in FUNCTIONS.items():
        for search, best in searches.items():
            values = [best(function, space, seed, trials) for seed in range(seeds)]
            low, middle, high = statistics.quantiles(values, n=4)
            rows.append([name, search, f"{middle:.4f}", f"{low:.4f} to {high:.4f}"])
    print_table(title, ["function", "search", "median best", "quartiles"], rows)


def random_trials(space: Mapping[str, Axis], count: int) -> list[Trial]:
    """Return trials of random settings and values."""
    values = np.random.default_rng(0).random(count)
    return [
        Trial(number, setting(space, 0, number), "complete", float(values[number]))
        for number in range(count)
    ]


def time_proposals(known: int = 1_000, trials: int = 200) -> None:
    """Print the time of ask and tell with 1,000 trials known, our TPE and Optuna's own.

    It is the processor's time: what else the machine does counts less.
    """
    more: dict[str, Axis] = {f"x{place}": Range(low=0, high=1) for place in range(5)}
    rows = []
    for count in (2, 3, 8):
        space = dict(list((CLIFF | more).items())[:count])
        values = np.random.default_rng(1).random(trials)
        ours, theirs = Tpe(space, 0, "minimize"), sampled(0)
        for trial in random_trials(space, known):
            ours.tell(trial)
            theirs.add_trial(told.frozen(space, "minimize", trial))
        spent = [0.0, 0.0]
        for first in range(0, trials, GENERATION):
            begin = time.process_time()
            for place, keys in enumerate(ours.ask(first // GENERATION), first):
                ours.tell(Trial(known + place, keys, "complete", float(values[place])))
            middle = time.process_time()
            for value in values[first : first + GENERATION]:
                theirs.tell(theirs.ask(told.distributions(space)), value)
            spent[0] += middle - begin
            spent[1] += time.process_time() - middle
        rows.append([count, *(f"{seconds / trials * 1e3:.1f}" for seconds in spent)])
    print_table(
        f"ask and tell a trial, at {known:,} trials, in ms", ["axes", "nnlab", "Optuna's own"], rows
    )


def time_mirror(most: int = 10_000) -> None:
    """Print the time of one trial more in the mirror, by the trials in it."""
    asked: dict[str, Any] = {"experiment": "cubic", "base": {}, "space": CLIFF, "seed": 0}
    asked |= {"search": "random", "trials": most, "metric": "rmse", "direction": "minimize"}
    spent = []
    with TemporaryDirectory() as folder:
        mirror = Mirror(Path(folder) / "journal.log", Plan.model_validate(asked), print)
        for trial in random_trials(CLIFF, most):
            begin = time.perf_counter()
            mirror.add(trial)
            spent.append(time.perf_counter() - begin)
    rows = [
        [f"{end:,}", f"{statistics.median(spent[end - 100 : end]) * 1e3:.2f}"]
        for end in (100, 1_000, most)
    ]
    print_table("one trial more in the mirror, in ms", ["trials in it", "time"], rows)


if __name__ == "__main__":
    time_proposals()
    time_mirror()
    searches = {
        "random": drawn,
        "TPE, nnlab: generations of 4": generations,
        "TPE, Optuna: asynchronous, 2 in flight": asynchronous,
        "TPE, Optuna: sequential": sequential,
    }
    compare(f"the best of {TRIALS} trials, {SEEDS} seeds", searches, TRIALS, SEEDS)
    del searches["random"], searches["TPE, Optuna: sequential"]
    compare(f"the best of {LONG} trials, {LONG_SEEDS} seeds", searches, LONG, LONG_SEEDS)
