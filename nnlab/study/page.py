"""What the page of a study says, gathered from its outcome: plain data, no markup."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, NamedTuple

from nnlab.reports.embedded import pictures
from nnlab.reports.environment import environment
from nnlab.reports.parts import Command, Picture, Table
from nnlab.study.outcome import Outcome
from nnlab.study.page_tables import arms_table, foretold_table, one_seed_table, tests_table
from nnlab.study.plan import SEEDS
from nnlab.study.verdicts import Judged, Verdict

ORDER: tuple[Verdict, ...] = ("supported", "refuted", "depends", "undecided")
MOST_SEEDS = 100  # a study of more is a plan, not the next step
SMOKE = "This is a smoke test (--quick): its verdicts and numbers mean nothing."


class Decided(NamedTuple):
    """A claim on the page.

    Attributes:
        name: for links.
        says: the claim, as a textbook says it.
        verdict: one of ORDER.
        because: why, in one sentence.
        numbers: the table of its tests.
    """

    name: str
    says: str
    verdict: Verdict
    because: str
    numbers: Table


@dataclass(frozen=True)
class StudyPage:
    """The content of the page of a study.

    Attributes:
        status: "smoke test" or "".
        findings: how many claims have which verdict.
        notes: what a reader must know first.
        foretold: what was predicted before the runs that test it, and what came.
        one_seed: what single pairs of runs say.
        arms: the settings of each part of the study.
        others: pictures that the page does not show, each with the reason.
        sources: papers and books.
    """

    template: ClassVar[str] = "study.html"
    experiment: ClassVar[str] = "study"

    name: str
    question: str
    status: str
    findings: Sequence[str]
    notes: Sequence[str]
    claims: Sequence[Decided]
    method: str
    pictures: Sequence[Picture]
    others: Sequence[tuple[str, str]]
    foretold: Table
    one_seed: Table
    arms: Sequence[Table]
    sources: Sequence[str]
    environment: Table
    commands: Sequence[Command]


def study_page(outcome: Outcome, drawn: Sequence[Path]) -> StudyPage:
    """Return the content of the page of a study; `drawn` are its pictures."""
    study, record = outcome.loaded.study, outcome.directory.record
    captions = {f"{each.name}.png": each.caption for each in study.pictures}
    shown, others = pictures(drawn, captions)
    return StudyPage(
        name=study.name,
        question=study.question,
        status="smoke test" if record.quick else "",
        findings=[counted(outcome.judged)],
        notes=[SMOKE] if record.quick else [],
        claims=[
            Decided(each.claim.name, each.claim.says, each.verdict, each.because, tests_table(each))
            for each in outcome.judged
        ],
        method=study.method,
        pictures=[each._replace(name=_in_words(each.name)) for each in shown],
        others=others,
        foretold=foretold_table(outcome.prediction, outcome.results),
        one_seed=one_seed_table(outcome.judged),
        arms=[arms_table(part, record.settings, outcome.results) for part in study.parts],
        sources=study.sources,
        environment=Table(
            "Environment",
            ("what", "value"),
            [
                *environment(record.model_dump()),
                ("engine of nnlab cubic, where a part names none", record.engine),
                ("SHA-256 of the study's file", record.digest),
            ],
        ),
        commands=commands(outcome),
    )


def _in_words(file: str) -> str:
    """Return the name of a picture's file as a heading: "by-scale.png" is "By scale"."""
    return Path(file).stem.replace("-", " ").capitalize()


def counted(judged: Sequence[Judged]) -> str:
    """Return how many claims have which verdict: "3 claims: 2 supported, 1 undecided"."""
    number = {verdict: sum(each.verdict == verdict for each in judged) for verdict in ORDER}
    told = ", ".join(f"{count} {verdict}" for verdict, count in number.items() if count)
    return f"{len(judged)} claim{'s' * (len(judged) > 1)}: {told}"


def again(outcome: Outcome, seeds: int | None = None) -> str:
    """Return the command that makes the study again, with its seeds or with `seeds`.

    It names no folder of this machine: a page may be given to others.
    """
    directory = outcome.directory
    reference = directory.record.reference
    name = f"./{Path(reference).name}" if directory.is_own else reference
    return shlex.join(["nnlab", "study", name, *directory.size(seeds)])


def wanted_seeds(judged: Sequence[Judged], seeds: int) -> int | None:
    """Return how many seeds, more than `seeds` but no large number, decide an open claim or more.

    None: no claim is open, or only thousands of seeds would decide it.
    """
    numbers = [each.seeds_needed or 0 for each in judged if each.verdict == "undecided"]
    within = [int(number) for number in numbers if seeds < number <= MOST_SEEDS]
    return max(within, default=None)


def commands(outcome: Outcome) -> list[Command]:
    """Return what to type to make the study again, larger, or without its runs."""
    show = "Decide it again from its runs, without training; type it in the study's directory"
    directory = outcome.directory
    own = ["--file", f"FOLDER/{Path(directory.record.reference).name}"] * directory.is_own
    where = f"; type it in the folder of {Path(directory.record.reference).name}"
    step = next_step(outcome)
    return [
        Command("Run it again" + where * directory.is_own, again(outcome)),
        *([Command(step.why, again(outcome, step.seeds))] if step else []),
        Command(show, shlex.join(["nnlab", "study", "show", ".", *own])),
    ]


class Step(NamedTuple):
    """What is worth doing next: why, and with how many seeds."""

    why: str
    seeds: int


def next_step(outcome: Outcome) -> Step | None:
    """Return the next useful step; None if all is decided that a few more seeds can decide."""
    record = outcome.directory.record
    if record.quick:
        return Step("Run it in earnest", outcome.loaded.study.seeds or SEEDS)
    if wanted := wanted_seeds(outcome.judged, record.seeds):
        return Step("Decide more, with more seeds; runs that exist are used again", wanted)
    return None
