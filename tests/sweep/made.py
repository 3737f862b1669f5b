"""Made-up results of a sweep: the plan, and trials with values that follow a formula."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from nnlab.sweep.plan import Axis, Choices, Keys, Plan, Range
from nnlab.sweep.trial import Results, State, Trial

SPACE: dict[str, Axis] = {
    "lr": Range(low=0.001, high=0.1, log=True),
    "hidden": Range(low=10, high=200, whole=True),
    "init": Choices(values=["gaussian", "recycled"]),
}

LISTS: dict[str, Axis] = {
    "filters": Choices(values=[[16, 32], [32, 64], [32, 64, 128]]),
    "batch_norm": Choices(values=[True, False]),
    "dropout": Range(low=0, high=0.5),
    "batch_size": Choices(values=[32, 64, 128, 256]),
}
FASHION = {
    "experiment": "fashion", "space": LISTS, "metric": "val_accuracy", "direction": "maximize",
}  # fmt: skip


def made_plan(**about: Any) -> Plan:
    told: dict[str, Any] = {
        "experiment": "cubic", "base": {"samples": 1000}, "space": SPACE, "search": "random",
        "trials": 40, "seed": 0, "metric": "rmse", "direction": "minimize",
    }  # fmt: skip
    return Plan(**(told | about))


def rmse(keys: Keys) -> float:
    """Return a value from 0.01 on: lowest at lr 0.02, falling with hidden."""
    far = math.log10(float(keys.get("lr", 0.02)) / 0.02)
    twice = 2 if keys.get("init") == "recycled" else 1
    return 0.01 * math.pow(10, far**2) * (1 + 20 / float(keys.get("hidden", 100))) * twice


def accuracy(keys: Keys) -> float:
    """Return a value below 1: higher with more layers and with batch_norm."""
    layers = 0.05 * len(keys["filters"]) / 3
    return 0.8 + layers + 0.03 * bool(keys["batch_norm"]) - 0.1 * abs(float(keys["dropout"]) - 0.2)


def made_results(
    plan: Plan | None = None, *, value: Callable[[Keys], float] = rmse, lost: bool = True
) -> Results:
    """Return results whose trials are complete but for a few; the best was run again."""
    plan = plan or made_plan()
    chance = np.random.default_rng(0)
    trials = [_trial(plan, number, chance, value, lost) for number in range(plan.trials)]
    best = Results(plan, trials).best
    if best is not None and best.value is not None:
        worse = 1 if plan.direction == "minimize" else -1
        fresh = tuple(best.value * (1 + worse * (3 + k % 3) / 50) for k in range(plan.reruns))
        trials[best.number] = replace(best, fresh=fresh)
    return Results(plan, trials)


def _trial(
    plan: Plan, number: int, chance: np.random.Generator, value: Callable[[Keys], float], lost: bool
) -> Trial:
    keys = {key: _drawn(axis, chance) for key, axis in plan.space.items()}
    values = tuple(value(keys) * (1 + 0.05 * chance.random()) for _ in plan.paired)
    mean = sum(values) / len(values)
    state: State = "complete"
    why = ""
    if lost and number % 10 == 7:
        state, why = ("diverged", "loss is not finite at step 200")
    elif lost and number % 19 == 5:
        state, why = ("failed", "no space left on the device")
    elif lost and number % 5 == 3:
        state, why = ("pruned", "worse than 3 of 9 at log point 6")
    if state in {"diverged", "failed"}:
        return Trial(number, keys, state, why=why, seconds=1.0)
    return Trial(number, keys, state, mean, values * (state == "complete"), {}, why, 2.0)


def _drawn(axis: Axis, chance: np.random.Generator) -> Any:
    if isinstance(axis, Choices):
        return axis.values[chance.integers(len(axis.values))]
    if axis.log:
        drawn = math.exp(chance.uniform(math.log(axis.low), math.log(axis.high)))
    else:
        drawn = chance.uniform(axis.low, axis.high)
    return round(drawn) if axis.whole else drawn
