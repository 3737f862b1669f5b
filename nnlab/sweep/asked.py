"""Merge everything that a user asks of a sweep, and check it before anything starts.

The command line overrides the YAML file; both override the config under the space.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nnlab.config.presets import find_preset
from nnlab.config.resolve import flag, refuse_another
from nnlab.config.yamlfile import Entries, Entry, read_mapping
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS, Experiment, configs
from nnlab.sweep import grid
from nnlab.sweep.aim import aim
from nnlab.sweep.check import alone, checked
from nnlab.sweep.contradictions import contradictions
from nnlab.sweep.misfits import misfits
from nnlab.sweep.mistaken import refuse_other
from nnlab.sweep.options import options_of
from nnlab.sweep.plan import Axis, Choices, Plan, Search
from nnlab.sweep.space import FORMS, Item, typed, written

TRIALS = 20  # of random search and of TPE, by default
FLAGS = ("search", "trials", "seed", "metric", "direction", "seeds", "race", "prune", "reruns")


@dataclass(frozen=True)
class Asked:
    """What the user gave on the command line; None where nothing was given.

    Attributes:
        experiment: the experiment's name.
        items: the space, such as `lr=0.001..0.1:log`.
        file: the YAML file of the sweep.
        base: a config of the experiment under the space.
        preset: the name of a preset under the space.
        search, trials, seed, metric, direction, seeds, race, prune, reruns: as in `Plan`.
    """

    experiment: str
    items: Sequence[str] = ()
    file: Path | None = None
    base: Path | None = None
    preset: str | None = None
    search: str | None = None
    trials: int | None = None
    seed: int | None = None
    metric: str | None = None
    direction: str | None = None
    seeds: int | None = None
    race: bool | None = None
    prune: bool | None = None
    reruns: int | None = None


def planned(asked: Asked) -> tuple[Plan, list[str]]:
    """Return the checked plan, and notes for the user, one line each.

    Raises:
        UsageError: what was asked has faults; one message lists all, each with its place and what
            to do.
    """
    row = _row(asked.experiment)
    file = read_mapping(asked.file, pipes=True, nested="space") if asked.file else Entries()
    refuse_other(asked.file, row, file)
    given = file | {
        name: Entry(value, flag(name))
        for name in FLAGS
        if (value := getattr(asked, name)) is not None
    }
    where = {key: entry.where for key, entry in given.items()}
    options, faults = options_of(row, given)
    items, wrong = _items(asked, row, file)
    base, space, unfit = checked(row.config, items)
    goal, fault = aim(row, options.metric, options.direction, where.get("metric", "--metric"))
    faults += [*wrong, *unfit, *[fault] * bool(fault)]
    if not space and not (wrong or unfit):
        faults.append(f"  the space is empty: no key has several values; {FORMS}")
    first_seed = base.pop("seed", row.config.model_fields["seed"].default)
    search = options.search or _search(space)
    faults += contradictions(options, space, search, goal, where)
    _raise(faults)
    assert goal  # noqa: S101 - without it there are faults
    points = grid.size(space)
    some = options.trials or min(TRIALS, points or TRIALS)
    plan = Plan(
        experiment=row.name, base=base, space=space, search=search,
        trials=points if points and search == "grid" else some, seed=options.seed or 0,
        metric=goal.metric, direction=goal.direction, seeds=options.seeds or 1,
        first_seed=first_seed, race=bool(options.race), prune=bool(options.prune),
        reruns=Plan.model_fields["reruns"].default if options.reruns is None else options.reruns,
    )  # fmt: skip
    last = (*plan.paired, *plan.fresh)[-1]
    _raise(alone(row.config, "seed", last, where.get("seeds", "--seeds"))[1])
    _raise(misfits(plan, {key: item.where for key, item in items.items()}))
    if points and points < (options.trials or points):
        goal.notes.append(f"the grid has only {points:,} settings: fewer than --trials")
    return plan, goal.notes


def _row(name: str) -> Experiment:
    """Return the experiment. Raises UsageError if there is none, or it has nothing to search."""
    able = [row.name for row in EXPERIMENTS.values() if row.sought]
    if name in able:
        return EXPERIMENTS[name]
    if name in EXPERIMENTS:
        raise UsageError(f"nnlab {name} has nothing to search; sweep {' or '.join(able)}")
    near = difflib.get_close_matches(name, able, n=1)
    hint = f"did you mean {near[0]}?" if near else f"sweep {' or '.join(able)}"
    raise UsageError(f"there is no experiment {name!r}; {hint}")


def _items(asked: Asked, row: Experiment, file: Entries) -> tuple[dict[str, Item], list[str]]:
    """Return what was given for each key, and the faults: command line over file over base."""
    space = file["space"].value if "space" in file else None
    listed, wrong = written(space if isinstance(space, Entries) else Entries())
    given, faults = typed(asked.items)
    given = listed | given
    try:
        under = {k: Item((e.value,), e.where) for k, e in _base(asked, row).items()}
    except UsageError as error:
        under = {}
        faults.append(f"  {error}")
    # The keys of the space come first, in the order that the user gave.
    return given | {k: item for k, item in under.items() if k not in given}, wrong + faults


def _base(asked: Asked, row: Experiment) -> Mapping[str, Entry]:
    """Return the config under the space. Raises UsageError for a bad file, or two."""
    if asked.preset is not None and asked.base:
        raise UsageError("--base and --preset both give a config under the space; give one of them")
    if asked.preset is not None:
        path = find_preset(asked.preset, row.name).path
        return {
            key: entry._replace(where=f"preset {asked.preset}")
            for key, entry in read_mapping(path).items()
        }
    if not asked.base:
        return {}
    read = read_mapping(asked.base, pipes=True)
    if "space" in read and "space" not in row.config.model_fields:
        raise UsageError(f"{asked.base}: this is the file of a sweep: use --config {asked.base}")
    refuse_another(row.config, asked.base, read, configs())
    return read


def _search(space: Mapping[str, Axis]) -> Search:
    """Return how settings are chosen unless the user says."""
    return "grid" if all(isinstance(axis, Choices) for axis in space.values()) else "tpe"


def _raise(faults: Sequence[str]) -> None:
    """Raise UsageError if there are faults."""
    if faults:
        raise UsageError("\n".join(["the sweep has errors, so nothing was run:", *faults]))
