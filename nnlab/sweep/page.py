"""What the page of a sweep says, gathered from its results: plain data, no markup."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from nnlab.reports.embedded import pictures
from nnlab.reports.environment import environment
from nnlab.reports.parts import Command, Picture, Table
from nnlab.sweep.cautions import cautions
from nnlab.sweep.importance import lacking
from nnlab.sweep.page_tables import all_table, best_table, plan_table
from nnlab.sweep.store import SweepDirectory, run_name
from nnlab.sweep.trial import Results
from nnlab.sweep.words import counted, honest, reasons, unfinished
from nnlab.text import listed, rerun_command


@dataclass(frozen=True)
class SweepPage:
    """The content of the page of a sweep.

    Attributes:
        status: "unfinished" if trials are left; else "".
        findings: the best with its rerun, and how the trials ended.
        notes: what a reader must know first.
        reasons: why trials diverged or failed.
        others: pictures that the page does not show, each with the reason.
    """

    template: ClassVar[str] = "sweep.html"
    experiment: ClassVar[str] = "sweep"

    name: str
    question: str
    status: str
    findings: Sequence[str]
    notes: Sequence[str]
    reasons: Sequence[str]
    best: Table
    pictures: Sequence[Picture]
    others: Sequence[tuple[str, str]]
    trials: Table
    plan: Table
    environment: Table
    commands: Sequence[Command]


def sweep_page(results: Results, directory: SweepDirectory, drawn: Sequence[Path]) -> SweepPage:
    """Return the content of the page of a sweep; `drawn` are its pictures."""
    from nnlab.sweep.pictures import CAPTIONS  # loads Matplotlib

    plan = results.plan
    shown, others = pictures(drawn, CAPTIONS)
    lowest = "lowest" if plan.direction == "minimize" else "highest"
    if results.best is not None and (why := lacking(results)):
        others = [*others, ("importance.png", why)]
    return SweepPage(
        name=directory.path.name,
        question=f"Which values of {listed(list(plan.space))} give nnlab {plan.experiment} the "
        f"{lowest} {plan.metric}?",
        status="unfinished" if unfinished(results) else "",
        findings=[honest(results), counted(results)],
        notes=[*_notes(results), *map(_sentence, cautions(results))],
        reasons=reasons(results),
        best=best_table(results),
        pictures=[each._replace(name=Path(each.name).stem.capitalize()) for each in shown],
        others=others,
        trials=all_table(results),
        plan=plan_table(plan),
        environment=Table(
            "Environment", ("what", "value"), environment(directory.record.model_dump())
        ),
        commands=_commands(results),
    )


def _notes(results: Results) -> Iterator[str]:
    plan, best = results.plan, results.best
    if plan.metric.startswith("test_"):
        yield (
            f"The settings were chosen by {plan.metric}, so the best value is too good: these test "
            "images are no test of it any more."
        )
    if best is not None and not best.fresh:
        yield (
            "The best setting has no value on fresh seeds. The best of many is partly luck: expect "
            "a worse value of it."
        )
    if best is not None and best.fresh and best.fresh_lost:
        yield (
            f"Runs of the best setting were lost on {len(best.fresh_lost)} of {plan.reruns} fresh "
            "seeds. The mean of the others looks better than the setting is."
        )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _commands(results: Results) -> list[Command]:
    """Return what to type in the sweep's directory: a page names no folder of this machine."""
    plan, best = results.plan, results.best
    more = [] if plan.search == "grid" else ["--trials", str(2 * plan.trials)]
    go_on = Command(
        "Go on with the sweep" + ", with more trials" * bool(more),
        shlex.join(["nnlab", "sweep", "resume", ".", *more]),
    )
    show = Command("Show it as a table, or with --json or --csv", "nnlab sweep show .")
    if best is None:
        return [go_on, show]
    run = Path("runs") / run_name(best.number, plan.first_seed)
    again = rerun_command(plan.experiment, run)
    return [
        Command("Run the best again", again),
        Command("Run it on a fresh seed", f"{again} --seed {plan.fresh.stop}"),
        go_on,
        show,
    ]
