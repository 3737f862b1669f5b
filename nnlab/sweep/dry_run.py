"""What a sweep would run, and what it would take: found without making the sweep."""

import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from nnlab.console.stream import say
from nnlab.console.view import View
from nnlab.cores import cores
from nnlab.doctor.machine import free_memory
from nnlab.errors import DataError
from nnlab.jobs.pool import Pool
from nnlab.jobs.task import Task
from nnlab.jobs.training import said
from nnlab.reports.table import in_terminal, print_table
from nnlab.sweep.plan import Keys, Plan
from nnlab.sweep.probe import MOST_SECONDS, SECONDS, Probe
from nnlab.sweep.proposals import Proposals
from nnlab.sweep.words import key_text
from nnlab.text import size, span

SHOWN = 20  # trials in a terminal


@dataclass(frozen=True)
class Foretold:
    """What a sweep would run and take.

    Attributes:
        plan: what it is asked.
        settings: the settings that are known before the first run.
        jobs: runs at a time.
        probes: what was measured; each of another setting.
        free: bytes of memory that are free; None if the system does not tell.
    """

    plan: Plan
    settings: Sequence[Keys]
    jobs: int
    probes: Sequence[Probe]
    free: float | None

    @property
    def runs(self) -> int:
        """The number of runs, if nothing is stopped early."""
        return self.plan.trials * self.plan.seeds + self.plan.reruns

    @property
    def run_seconds(self) -> float:
        """Seconds of a run in a worker that has loaded its libraries."""
        return min(each.before for each in self.probes) + fmean(p.seconds for p in self.probes)

    @property
    def seconds(self) -> float:
        """Seconds of the sweep: in rounds of `jobs` runs, after each worker loaded libraries."""
        loading = max(p.before for p in self.probes) - min(p.before for p in self.probes)
        return loading + self.run_seconds * -(-self.runs // self.jobs)

    @property
    def run_disk(self) -> float | None:
        """Bytes of a run directory; None if nothing was saved while the settings were trained."""
        known = [each.disk for each in self.probes if each.disk is not None]
        return fmean(known) if known else None

    @property
    def disk(self) -> int | None:
        """Bytes of all run directories."""
        return None if self.run_disk is None else round(self.run_disk * self.runs)

    @property
    def memory(self) -> int:
        """Bytes of all workers."""
        return self.worker_memory * self.jobs

    @property
    def worker_memory(self) -> int:
        """The most bytes that a worker holds."""
        return max(each.memory for each in self.probes)

    def as_json(self) -> dict[str, Any]:
        """Return it for `--json`; bytes and seconds as numbers."""
        return {
            "plan": self.plan.model_dump(mode="json"),
            "trials": [{"trial": n, **keys} for n, keys in enumerate(self.settings)],
            "runs": self.runs,
            "jobs": self.jobs,
            "seconds": self.seconds,
            "disk": self.disk,
            "memory": self.memory,
            "free_memory": self.free,
        }


def foretold(plan: Plan, jobs: int, view: View) -> Foretold:
    """Train up to three settings for some seconds each in a temporary directory.

    Args:
        plan: what the sweep is asked.
        jobs: runs at a time.
        view: shows what is being done.

    Raises:
        DataError: a run cannot begin.
        Interrupted: a signal arrived.
    """
    settings = Proposals(plan).cohort(0, [])
    # The last axis varies fastest, so these differ in every axis of a grid.
    chosen = sorted({0, len(settings) // 2, len(settings) - 1})
    view.note(f"training {len(chosen)} of the settings for {SECONDS:g} s each, to see their pace")
    probes = []
    # Two at a time, as workers disturb each other; a third would leave none that has loaded before.
    pool = Pool(min(jobs, 2), max(1, cores() // jobs), view)
    with tempfile.TemporaryDirectory(prefix="nnlab-") as folder, pool:
        tasks = (_task(plan, settings[number], Path(folder), f"t{number}") for number in chosen)
        for done in pool.map(tasks):
            if done.error:
                raise DataError(f"trial {done.task.name[1:]} cannot begin: {said(done.error)}")
            probes.append(done.result)
    return Foretold(plan, settings, min(jobs, plan.trials * plan.seeds), probes, free_memory())


def _task(plan: Plan, setting: Keys, home: Path, name: str) -> Task:
    arguments: Mapping[str, Any] = {
        "experiment": plan.experiment, "keys": plan.keys(setting, plan.first_seed), "name": name,
    }  # fmt: skip
    return Task(name, "nnlab.sweep.probe:probed", arguments, home)


def print_foretold(found: Foretold) -> None:
    """Print the trials, and what the sweep would take, on stdout."""
    space = found.plan.space
    shown = found.settings[: SHOWN if in_terminal() else None]
    rows = [
        [str(number), *(key_text(space[key], value) for key, value in keys.items())]
        for number, keys in enumerate(shown)
    ]
    print_table(["trial", *space], rows, right={"trial", *space})
    say("\n".join(_lines(found, len(shown))), sys.stdout)


def _lines(found: Foretold, shown: int) -> list[str]:
    plan, jobs = found.plan, found.jobs
    lines = []
    if (hidden := len(found.settings) - shown) > 0:
        lines.append(f"... and {hidden:,} more")
    if (unborn := plan.trials - len(found.settings)) > 0:
        lines.append(f"... and {unborn:,} more, which follow from the results of those before them")
    free = "" if found.free is None else f"; {size(round(found.free))} are free"
    lines += [
        "",
        f"runs    {found.runs:,}: {_product(plan)}",
        f"time    about {span(found.seconds)}: {span(found.run_seconds)} a run, {jobs:,} at a time",
        f"disk    {_disk(found)}",
        f"memory  about {size(found.memory)}: {size(found.worker_memory)} a worker{free}",
        (
            f"a rough guess: {len(found.probes)} of the settings were trained for some seconds"
            f"{_less(plan)}"
        ),
    ]
    if found.free is not None and found.memory > found.free:
        lines.append(f"warning: {jobs:,} workers need more memory than is free: give fewer --jobs")
    return lines


def _disk(found: Foretold) -> str:
    if found.disk is None or found.run_disk is None:
        return f"not known: a run saves nothing in its first {MOST_SECONDS:g} s"
    return f"about {size(found.disk)}: {size(round(found.run_disk))} a run directory"


def _product(plan: Plan) -> str:
    seeds = f" on {plan.seeds:,} seeds" * (plan.seeds > 1)
    again = f", and the best again on {plan.reruns:,} fresh seeds" * bool(plan.reruns)
    return f"{plan.trials:,} settings{seeds}{again}"


def _less(plan: Plan) -> str:
    early = [flag for flag, on in (("--race", plan.race), ("--prune", plan.prune)) if on]
    return f"; {' and '.join(early)} can make it shorter" * bool(early)
