"""What a reader of a comparison must know beside its numbers."""

from collections.abc import Iterator, Mapping, Sequence

from nnlab.reports.changes import Change
from nnlab.reports.comparing import AXES
from nnlab.reports.groups import Group, Member, changed_keys
from nnlab.reports.statistics import CONFIDENCE
from nnlab.text import listed, rerun_command


def notes(groups: Sequence[Group], changes: Sequence[Change]) -> list[str]:
    """Return one line for each thing that a reader of the comparison must know."""
    members = [member for group in groups for member in group.members]
    return [
        *(_unfinished(member) for member in members if not member.complete),
        *_repeats(groups),
        *_missing(members),
        *_other_files(groups),
        *_left_out(changes),
        *_many(changes),
        *_alone(groups),
    ]


def _unfinished(member: Member) -> str:
    """Say how far an unfinished run came."""
    steps = member.axes.get("step")
    far = f"up to step {steps[-1]:,.0f}" if steps else "from its log points so far"
    status = member.saved.status
    off = "; its curve may leave the panels" if status == "diverged" else ""
    return f"{member.name} is {status}: it is a group of its own, with its values {far}{off}"


def _repeats(groups: Sequence[Group]) -> Iterator[str]:
    """Name the runs that repeat the config and the seed of another run."""
    for group in groups:
        if group.repeat > 1:
            names = listed([member.name for member in group.members])
            yield (
                f"{group.label} repeats the config and seeds of another group ({names}): "
                "a repeat is not a further sample of the seeds"
            )


def _missing(members: Sequence[Member]) -> Iterator[str]:
    """Name the runs that have no log points, or whose x axes are not all known."""
    for member in members:
        unknown = [name for name in AXES if name not in member.axes]
        if fault := member.saved.metrics_fault:
            yield f"{member.name} is damaged at {fault}: the rows before it are used"
        if not member.saved.metrics:
            yield f"{member.name} has no log points"
        elif unknown:
            yield f"{member.name} is not drawn over {listed(unknown)}: not known for this run"


def _other_files(groups: Sequence[Group]) -> Iterator[str]:
    """Name the groups whose data or input files had other bytes."""
    data = _parted({group.label: group.members[0].data for group in groups})
    if unknown := data.pop("", []) if len(data) > 1 else []:
        yield f"run.json has no SHA-256 of the data of {listed(unknown)}: it may be other data"
    if len(data) > 1:
        yield f"{_apart(data)} used different data (data in run.json): their metrics do not compare"
    changed = changed_keys(groups)
    keys = {key for group in groups for key in group.members[0].inputs}
    for key in sorted(keys - {*changed}):
        files = _parted({group.label: group.members[0].inputs.get(key, "") for group in groups})
        files.pop("", None)  # of a run that did not get so far
        if len(files) > 1:
            yield (
                f"{_apart(files)} have the same {key}, but the file had other bytes (inputs in "
                "run.json): they are different groups"
            )


def _parted(digests: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the labels of the groups by digest."""
    parts: dict[str, list[str]] = {}
    for label, digest in digests.items():
        parts.setdefault(digest, []).append(label)
    return parts


def _apart(parts: Mapping[str, Sequence[str]]) -> str:
    """Return `A, B and C` for the parts [A, B] and [C]."""
    return " and ".join(listed(labels) for labels in parts.values())


def _left_out(changes: Sequence[Change]) -> Iterator[str]:
    """Name the seeds that are in the means of a group, but not in its paired differences."""
    told = {
        f"seed {seed} of {label} has no partner in {other}, and is left out of the differences "
        f"{change.pair[1]} - {change.pair[0]}": None
        for change in changes
        for label, other, seeds in zip(
            change.pair, reversed(change.pair), change.left_out, strict=True
        )
        for seed in seeds
    }
    yield from told


def _many(changes: Sequence[Change]) -> Iterator[str]:
    """Say how many of many differences look real by chance."""
    count = sum(change.difference.half is not None for change in changes)
    if count > 1:
        yield (
            f"{count} differences have a 95% interval: if none of them were real, about "
            f"{(1 - CONFIDENCE) * count:.2g} would still be called better or worse by chance"
        )


def _alone(groups: Sequence[Group]) -> Iterator[str]:
    """Say how to get an interval, if no group has one."""
    if all(len(group.members) == 1 for group in groups):
        runs = [group.members[0] for group in groups]
        run = next((run for run in runs if run.complete), runs[0])
        again = rerun_command(run.saved.experiment, run.saved.path)
        yield (
            "one run of each config tells nothing about luck; for intervals train more seeds: "
            f"{again} --seed {run.seed + 1}"
        )
