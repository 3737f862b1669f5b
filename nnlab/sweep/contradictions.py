"""Options of a sweep that do not go together."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from nnlab.errors import missing_package
from nnlab.sweep import grid
from nnlab.sweep.aim import Aim
from nnlab.sweep.options import Options
from nnlab.sweep.plan import MOST_TRIALS, Axis, Choices, Search

RACE_SEEDS = 4  # a setting is dropped after 3 seeds at the earliest, so fewer spare nothing


def contradictions(
    options: Options,
    space: Mapping[str, Axis],
    search: Search,
    goal: Aim | None,
    where: Mapping[str, str],
) -> Iterator[str]:
    """Yield a line for each option that does not go with the others, or with the space.

    Args:
        options: the options.
        space: the axes.
        search: how settings are chosen.
        goal: what the sweep makes better, if that is known.
        where: where each option was given.
    """
    ranges = [key for key, axis in space.items() if not isinstance(axis, Choices)]
    at = where.get("search", "--search grid")
    points, trials = grid.size(space) if space else None, options.trials
    if search == "grid" and ranges:
        yield (
            f"  {at}: a grid has no range, as {', '.join(ranges)} is; list its values, or use "
            "--search random or --search tpe"
        )
    elif search == "grid" and points is not None and points > (trials or MOST_TRIALS):
        most = f"--trials {trials:,}" if trials else f"the most, {MOST_TRIALS:,}"
        larger = f"raise --trials to {points}, " * (points <= MOST_TRIALS)
        yield (
            f"  {where.get('trials', at)}: the grid has {points:,} settings, more than {most}; "
            f"{larger}take values out, or use --search random"
        )
    elif search != "grid" and points is not None and points < (trials or 0):
        yield (
            f"  {where['trials']}: the space has only {points:,} settings; for all of them: "
            f"--trials {points}, or lists of values in place of ranges and --search grid"
        )
    if search == "tpe" and find_spec("optuna") is None:
        error = ModuleNotFoundError("No module named 'optuna'")
        missing = missing_package("--search tpe", "sweep", error)
        yield f"  {missing}; or use --search random, which needs no package"
    if options.race and (options.seeds or 1) < RACE_SEEDS:
        yield (
            f"  {where['race']}: a race needs --seeds {RACE_SEEDS} or more, not "
            f"{options.seeds or 1}; add --seeds {RACE_SEEDS}, or leave out --race"
        )
    if options.prune and goal and goal.at_the_end:
        yield (
            f"  {where['prune']}: {goal.metric} is measured only at the end of a run, too late to "
            "stop it early; leave out --prune, or choose another --metric"
        )
