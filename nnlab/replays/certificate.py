"""Reproduce all runs of a folder on several cores, and certify it."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnlab.console.view import View
from nnlab.errors import UsageError
from nnlab.jobs.task import Task
from nnlab.jobs.where import Workers
from nnlab.replays.proof import Proof
from nnlab.replays.reproduce import failed
from nnlab.runs.provenance import describe
from nnlab.runs.saved import SavedRun
from nnlab.text import printable

WORK = "nnlab.replays.reproduce:work"
GOOD = {"identical", "not proven"}


def runs_in(folder: Path) -> list[SavedRun]:
    """Return the runs in a folder, by name.

    Raises:
        UsageError: there is none.
    """
    if found := SavedRun.find_all(folder):
        return found
    what = "is no folder" if not folder.is_dir() else "has no runs"
    for kind in (each for each in ("sweep", "study") if (folder / f"{each}.json").exists()):
        what = f"is a {kind}; its runs: --all {printable(folder / 'runs')}"
    if (folder / "run.json").exists():
        what = "is a run, not a folder of runs; leave out --all"
    raise UsageError(f"{printable(folder)} {what}")


def reproduce_all(
    runs: Sequence[SavedRun], scratch: Path, pool: Workers, view: View, command: str
) -> list[Proof]:
    """Return the proof of each run, in the order of `runs`.

    Args:
        runs: the runs.
        scratch: an empty folder for the reruns, each of which is removed when it is compared.
        pool: where they run.
        view: shows how it goes.
        command: what started this, for run.json of the reruns.

    Raises:
        Interrupted: a signal arrived.
    """
    tasks = [
        Task(
            saved.path.name, WORK, home=scratch,
            arguments={"run": str(saved.path), "again": saved.path.name, "command": command},
        )
        for saved in runs
    ]  # fmt: skip
    proofs: dict[str, Proof] = {}
    for end in pool.map(tasks):
        run = Path(end.task.arguments["run"])
        found = failed(run, end.error) if end.error else end.result
        proofs[str(run)] = found
        if found.verdict not in GOOD:
            view.note(f"{run.name}: {found.verdict}: {found.first}")
        view.overall("reproducing", len(proofs), len(runs), "runs", None)
    return [proofs[str(saved.path)] for saved in runs]


def certificate(proofs: Sequence[Proof]) -> dict[str, Any]:
    """Return the certificate: where the runs were reproduced, and what came of each.

    It holds no time of day: the same runs on the same machine have the same certificate.
    """
    counts = Counter(proof.verdict for proof in proofs)
    return {
        **describe(),
        "verdicts": dict(sorted(counts.items())),
        "runs": [proof.as_json() for proof in proofs],
    }


def all_good(proofs: Sequence[Proof]) -> bool:
    """Return whether a run is identical, and none is different or failed."""
    verdicts = {proof.verdict for proof in proofs}
    return "identical" in verdicts and verdicts <= GOOD
