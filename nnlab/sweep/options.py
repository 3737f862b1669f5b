"""The options of a sweep: flags of the command line over the keys of a YAML file."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from nnlab.config.base import Seed
from nnlab.config.resolve import flag, validate
from nnlab.config.strict import StrictModel, Whole
from nnlab.config.yamlfile import Entries, Entry
from nnlab.experiments import Experiment, configs
from nnlab.sweep.plan import MOST_SEEDS, MOST_TRIALS, Direction, Search

OF_THE_COMMAND = ("jobs", "ray", "time_budget", "name", "sweeps_dir")  # options, but no keys


class Options(StrictModel):
    """The keys of a sweep's YAML file; all but `experiment` and `space` are also flags.

    Attributes:
        experiment: the experiment's name, for a reader of the file.
        search, trials, seed, metric, direction, seeds, race, prune, reruns: as in
            `nnlab.sweep.plan.Plan`; None where nothing was given.
        space: the space; `nnlab.sweep.space` reads it.
    """

    experiment: str | None = None
    search: Search | None = None
    trials: Whole | None = Field(None, ge=1, le=MOST_TRIALS)
    seed: Seed | None = None
    metric: str | None = None
    direction: Direction | None = None
    seeds: Whole | None = Field(None, ge=1, le=MOST_SEEDS)
    race: bool | None = None
    prune: bool | None = None
    reruns: Whole | None = Field(None, ge=0, le=MOST_SEEDS)
    space: Any = None


def options_of(row: Experiment, entries: Mapping[str, Entry]) -> tuple[Options, list[str]]:
    """Return the options without those that have faults, and one line for each fault.

    Args:
        row: the experiment of the command line.
        entries: what was given for each option.
    """
    faults = [
        f"  {entry.where}: {key} is a key of nnlab {row.name}; put it below space:, or give a "
        "config with --base"
        for key, entry in entries.items()
        if key in row.config.model_fields.keys() - Options.model_fields.keys()
    ]
    rest = {key: entry for key, entry in entries.items() if key not in row.config.model_fields}
    rest |= {key: entries[key] for key in Options.model_fields if key in entries}
    faults += [
        f"  {rest.pop(key).where}: {flag(key)} is given on the command line, not in a file"
        for key in OF_THE_COMMAND
        if key in rest
    ]
    space = rest.pop("space", None)
    if space and not (space.value is None or isinstance(space.value, Entries)):
        faults.append(f"  {space.where}: space should be a mapping, one 'key: values' per line")
    valid, wrong = validate(Options, rest, configs())
    if valid is None:
        able = {key: entry for key, entry in rest.items() if validate(Options, {key: entry}, {})[0]}
        valid = Options.model_validate({key: entry.value for key, entry in able.items()})
    return valid, faults + wrong
