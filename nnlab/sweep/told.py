"""The axes and trials of a sweep in Optuna's terms: what its sampler and its dashboard are told."""

import json
import math
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState, create_trial

from nnlab.sweep.plan import Axis, Choices, Direction, Keys
from nnlab.sweep.trial import State, Trial

STATES: dict[State, TrialState] = {  # what has no line here is told as FAIL: samplers ignore it
    "complete": TrialState.COMPLETE,
    "dropped": TrialState.COMPLETE,  # its mean so far is worse than the best, and known
    "pruned": TrialState.PRUNED,
    "diverged": TrialState.COMPLETE,  # with the worst value: the sampler keeps away from there
}
WORST = {"minimize": math.inf, "maximize": -math.inf}


def new_study(direction: Direction, storage: optuna.storages.BaseStorage | None = None) -> Study:
    """Return an empty study, in memory unless `storage` is given; Optuna prints only errors."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna.create_study(storage=storage, study_name="sweep", direction=direction)


def distributions(space: Mapping[str, Axis]) -> dict[str, BaseDistribution]:
    """Return the axes as Optuna's distributions."""
    return {key: _distribution(axis) for key, axis in space.items()}


def setting(space: Mapping[str, Axis], params: Mapping[str, Any]) -> Keys:
    """Return the setting that Optuna's `params` stand for."""
    return {key: _value(axis, params[key]) for key, axis in space.items()}


def frozen(space: Mapping[str, Axis], direction: Direction, trial: Trial) -> FrozenTrial:
    """Return a trial as a study takes it.

    A diverged trial has the worst value, infinity. A trial without a value is told as failed.
    """
    value = WORST[direction] if trial.state == "diverged" else trial.value
    state = STATES.get(trial.state, TrialState.FAIL)
    if state == TrialState.COMPLETE and (value is None or math.isnan(value)):
        state = TrialState.FAIL
    return create_trial(
        state=state,
        value=None if state == TrialState.FAIL else value,
        params={key: _param(axis, trial.keys[key]) for key, axis in space.items()},
        distributions=distributions(space),
        user_attrs={"trial": trial.number, "state": trial.state},
        intermediate_values=dict(trial.rungs),
    )


def _distribution(axis: Axis) -> BaseDistribution:
    if isinstance(axis, Choices):
        return CategoricalDistribution([_label(value) for value in axis.values])
    if axis.whole:
        return IntDistribution(int(axis.low), int(axis.high), log=axis.log)
    return FloatDistribution(axis.low, axis.high, log=axis.log)


def _label(value: Any) -> str | float | bool | None:  # noqa: ANN401 - a value can be of any type
    """Return a value as Optuna takes it: a list or a mapping as its JSON text."""
    return json.dumps(value) if isinstance(value, list | dict) else value


def _param(axis: Axis, value: Any) -> Any:  # noqa: ANN401 - the same
    return _label(value) if isinstance(axis, Choices) else value


def _value(axis: Axis, param: Any) -> Any:  # noqa: ANN401 - the same
    """Return the value of an axis that Optuna's `param` stands for."""
    if isinstance(axis, Choices):
        return axis.values[[_label(value) for value in axis.values].index(param)]
    return int(param) if axis.whole else float(param)
