"""What a reader of a comparison must know beside its numbers."""

from collections.abc import Iterator, Sequence

from nnlab.reports.comparing import AXES
from nnlab.reports.groups import Group, Member
from nnlab.text import listed, rerun_command


def notes(groups: Sequence[Group]) -> list[str]:
    """Return one line for each thing that a reader of the comparison must know."""
    members = [member for group in groups for member in group.members]
    return [
        *(_unfinished(member) for member in members if not member.complete),
        *_repeats(groups),
        *_missing(members),
        *_other_data(members),
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
                "a repeat is no further sample of the seeds"
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


def _other_data(members: Sequence[Member]) -> Iterator[str]:
    """Say whether runs used different data."""
    seen = {
        str(data["sha256"])
        for m in members
        if "sha256" in (data := m.saved.record.get("data") or {})
    }
    if len(seen) > 1:
        yield "the runs used different data (data in run.json), so their metrics do not compare"


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
