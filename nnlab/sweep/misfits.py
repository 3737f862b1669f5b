"""Check whole settings of a plan, before anything starts: some rules are about several keys."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any

from nnlab.config.base import Config
from nnlab.config.resolve import to_yaml, validate
from nnlab.config.yamlfile import Entry
from nnlab.experiments import EXPERIMENTS
from nnlab.sweep import grid
from nnlab.sweep.plan import Axis, Choices, Keys, Plan
from nnlab.sweep.space import MOST_LETTERS
from nnlab.text import clipped

MOST_CHECKED = 20_000  # settings; that takes about a second
MOST_SHOWN = 5  # faults in a message
EARLY = 2  # log points of a run that can be stopped early
GOLDEN = (5**0.5 - 1) / 2


def misfits(plan: Plan, where: Mapping[str, str]) -> list[str]:
    """Return a line for each fault of the settings that the experiment cannot run.

    All trials of a grid or a random search are checked, or `MOST_CHECKED` of them. The trials of
    TPE are not known yet: the ends of their ranges and the values of their lists are checked.

    Args:
        plan: the plan.
        where: where each key was given.
    """
    model = EXPERIMENTS[plan.experiment].config
    first: dict[str, str] = {}  # fault -> the first setting that has it
    count: Counter[str] = Counter()
    for name, setting in probes(plan):
        keys = plan.base | setting
        entries = {key: Entry(value, where[key]) for key, value in keys.items()}
        config, faults = validate(model, entries, {})
        if config:
            faults = list(_unusable(plan, config))
        for fault in faults:
            count[fault] += 1
            if len(first) < MOST_SHOWN and fault not in first:
                first[fault] = f"{name} ({_shown(setting)})"
    lines = [
        f"  {named}{f' and {more:,} more' * bool(more)}: {fault.strip()}"
        for fault, named in first.items()
        for more in [count[fault] - 1]
    ]
    others = len(count) - len(first)
    return [*lines, *[f"  and {others:,} more faults of this kind"] * bool(others)]


def _unusable(plan: Plan, config: Config) -> Iterator[str]:
    """Yield why a run that can be trained is of no use to the sweep."""
    if lacking := config.lacks(plan.metric):
        yield f"{lacking}; choose another --metric"
    if plan.prune and config.log_points < EARLY:
        yield "a run has one log point, its end, too late to stop it; leave out --prune"


def _shown(setting: Keys) -> str:
    return clipped(", ".join(to_yaml(*each) for each in setting.items()), 2 * MOST_LETTERS)


def probes(plan: Plan) -> Iterator[tuple[str, Keys]]:
    """Yield the settings to check, at most `MOST_CHECKED`, each with the name of its trial."""
    if plan.search == "tpe":
        yield from (
            ("a setting", setting) for setting in islice(_one_by_one(plan.space), MOST_CHECKED)
        )
        return
    if plan.search == "random":  # the first ones: the others are drawn as they are
        from nnlab.sweep.random import settings

        drawn = islice(settings(plan.space, plan.seed), min(plan.trials, MOST_CHECKED))
        yield from ((f"trial {number}", setting) for number, setting in enumerate(drawn))
        return
    numbers: Iterable[int] = range(plan.trials)
    if plan.trials > MOST_CHECKED:
        # Spread evenly, and without a period that an axis of a grid could share.
        numbers = sorted({int(each * GOLDEN % 1 * plan.trials) for each in range(MOST_CHECKED)})
    points = enumerate(islice(grid.settings(plan.space), plan.trials))
    wanted = set(numbers)
    yield from ((f"trial {number}", point) for number, point in points if number in wanted)


def _one_by_one(space: Mapping[str, Axis]) -> Iterator[Keys]:
    """Yield settings in which one key has each of its values, and the others their first.

    Then all settings of the ends and values of all keys: two keys may not go together.
    """
    values = {key: _ends(axis) for key, axis in space.items()}
    first = {key: each[0] for key, each in values.items()}
    yield first
    for key, each in values.items():
        yield from ({**first, key: value} for value in each[1:])
    for point in product(*values.values()):
        setting = dict(zip(values, point, strict=True))
        if sum(setting[key] != first[key] for key in values) > 1:  # not among those above
            yield setting


def _ends(axis: Axis) -> list[Any]:
    if isinstance(axis, Choices):
        return axis.values
    return [int(end) if axis.whole else end for end in (axis.low, axis.high)]
