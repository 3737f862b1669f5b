"""Print what `nnlab diff` found, on stdout."""

import sys
from collections.abc import Iterator, Sequence

from nnlab.console.stream import say
from nnlab.replays.diff import Diff
from nnlab.reports.parting import Parting
from nnlab.reports.table import print_table
from nnlab.runs.saved import SavedRun
from nnlab.text import entry, printable

HUGE = 10**6
MOST_SAMPLES = 5  # of a batch that are printed


def print_diff(found: Diff, runs: Sequence[SavedRun]) -> None:
    """Print the keys as a table, then where the runs part."""
    names = _names(runs)
    if found.keys:
        print_table(("key", *names), [(key.name, *key.values) for key in found.keys])
    else:
        say("their configs are the same", sys.stdout)
    say("", sys.stdout)
    if found.parting:
        _print_parting(found.parting, names)
    elif found.row:
        place, was, now, more = found.row[1:]
        text = f"metrics.csv differs first at {place}: {was} and {now}"
        say(printable(f"{text} ({more})" if more else text), sys.stdout)
    else:
        say("metrics.csv is the same in both, but for the columns that measure time", sys.stdout)
    if not found.parting:
        kind = runs[0].experiment
        say(
            f"diff does not replay {kind}: the step at which the runs part is not known", sys.stdout
        )


def _names(runs: Sequence[SavedRun]) -> list[str]:
    """Return what to call the runs: their names, or their paths where those are the same."""
    names = [saved.path.absolute().name for saved in runs]
    return names if names[0] != names[1] else [str(saved.path) for saved in runs]


def _print_parting(found: Parting, names: Sequence[str]) -> None:
    """Print at which step two trajectories part, in which blocks, and what the step used."""
    say(_headline(found), sys.stdout)
    if found.blocks:
        say("", sys.stdout)
        print_table(
            ("block", "numbers that differ", "largest difference", "relative", "ulps", "at"),
            [
                (block.name, f"{block.differ:,} of {block.of:,}", f"{block.largest:.3g}",
                 f"{block.relative:.2g}", _count(block.ulps), entry(block.name, block.at))
                for block in found.blocks
            ],
            right=("numbers that differ", "largest difference", "relative", "ulps"),
        )  # fmt: skip
    if found.visits:
        say(f"\nstep {found.step:,} used", sys.stdout)
        rows = list(_visited(found, names))
        print_table(("run", "epoch", "sample", "x", "y"), rows, right=("epoch", "sample", "x", "y"))
    if found.blocks:
        say("\nindices and samples count from 1", sys.stdout)
    for note in found.notes:
        say(f"note: {printable(note)}", sys.stdout)


def _headline(found: Parting) -> str:
    """Return the result as a sentence."""
    if found.step is None and not found.total:
        return "no step can be compared"
    beyond = f" by more than {found.tolerance:.2g} of its largest number" * bool(found.tolerance)
    how = f"{found.total:,} steps compared; replays of each run: {found.replays}"
    if found.step is None:
        what = "they do not part" if found.tolerance else "their trajectories are equal"
        return f"{what}: no block differs{beyond} ({how})"
    block, alone = found.most, len(found.blocks) == 1
    which = f"{'only ' * alone}{block.name} differs{' most' * (not alone)}{beyond}"
    size = f"by {block.largest:.3g}, {_count(block.ulps)} ulp{'s' * (block.ulps != 1)}"
    if not found.step:
        return f"they start apart: {which} ({size})"
    return f"they part at step {found.step:,}: {which} ({size}; {how})"


def _count(ulps: int) -> str:
    """Return a number of ulps; three digits of a huge one."""
    return f"{ulps:,}" if ulps < HUGE else f"{ulps:.3g}"


def _visited(found: Parting, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each sample of the step; of a large batch the first ones."""
    same = found.visits[0] == found.visits[1]
    for name, visit in zip(names, found.visits, strict=True):
        for sample in visit.samples[:MOST_SAMPLES]:
            yield ("both" if same else name, f"{visit.epoch:,}", f"{sample.at + 1:,}",
                   repr(sample.x), repr(sample.y))  # fmt: skip
        if (more := len(visit.samples) - MOST_SAMPLES) > 0:
            yield "both" if same else name, "", f"and {more:,} more", "", ""
        if same:
            return
