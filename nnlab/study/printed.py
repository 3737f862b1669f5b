"""Print what studies found: a table of the claims, and what to do next."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nnlab.console.stream import say
from nnlab.reports.table import print_heading, print_table, print_text
from nnlab.study.answers import Topic, answers
from nnlab.study.outcome import Outcome
from nnlab.study.page import SMOKE, counted, next_step
from nnlab.study.study import Study
from nnlab.study.verdicts import summary
from nnlab.text import printable, span

SHOWN = 3  # columns of the numbers of a claim
STYLES = {
    "supported": "bold green", "refuted": "bold red", "depends": "bold yellow",
    "undecided": "bold",
}  # fmt: skip


def print_study(outcome: Outcome, written: Sequence[Path]) -> None:
    """Print the verdicts of a study; `written` are its files, the page first."""
    study, record = outcome.loaded.study, outcome.directory.record
    print_heading(f"{study.name}: {study.question}")
    if record.quick:
        say(SMOKE, sys.stdout)
    _print_claims([summary(each) for each in outcome.judged])
    page, *others = written
    more = ", ".join(path.name for path in others)
    say(counted(outcome.judged) + " (smoke test)" * record.quick, sys.stdout)
    say(f"study directory: {printable(outcome.directory.path)}  ({printable(more)})", sys.stdout)
    say(f"page: {printable(page)}", sys.stdout)
    if step := next_step(outcome):
        say(f"{step.why}: {outcome.directory.again(step.seeds)}", sys.stdout)
    if record.quick:
        say(SMOKE, sys.stdout)  # once more, where it is read last


def print_answer(topic: Topic, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Print the answer to a question of the course.

    Args:
        topic: the question.
        known: what each study found (`nnlab.study.answers.answers`).
    """
    print_heading(topic.question)
    print_text(topic.means)
    for name in topic.studies:
        if name not in known:
            say(f"\nnot measured yet; to measure it: nnlab study {name}", sys.stdout)
            continue
        found = known[name]
        print_heading(found["question"])
        if found["quick"]:
            say(SMOKE, sys.stdout)
        _print_claims([(c["says"], c["verdict"], c["because"]) for c in found["claims"]])
        for claim in found["claims"]:
            if len(claim["numbers"]["rows"]) > 1:  # its reason names the settings alone
                say(f"\n{claim['says']}", sys.stdout)
                _print_numbers(claim["numbers"])
        say(f"measured with {found['seeds']} seeds on {found['machine']}", sys.stdout)
        say(f"to measure it again: {found['command']}", sys.stdout)


def print_list(studies: Sequence[Study], *, as_json: bool) -> None:
    """Print studies, with the time that their runs took when they were last measured."""
    known = answers()
    seconds = {each.name: known[each.name]["seconds"] for each in studies if each.name in known}
    if as_json:
        content = [
            {
                "name": each.name, "question": each.question,
                "claims": [claim.says for claim in each.claims],
                **({"seconds": seconds[each.name]} if each.name in seconds else {}),
            }
            for each in studies
        ]  # fmt: skip
        say(json.dumps(content, indent=2, ensure_ascii=False), sys.stdout)
        return
    header = ["study", "question", "claims", "runs take"]
    rows = [
        [each.name, each.question, f"{len(each.claims)}", _time(seconds.get(each.name))]
        for each in studies
    ]
    shown = len(header) - (not seconds)
    print_table(
        header[:shown], [row[:shown] for row in rows], right=("claims", "runs take"),
        wrapped=("question",),
    )  # fmt: skip


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else span(seconds)


def _print_claims(rows: Sequence[tuple[str, str, str]]) -> None:
    header = ("claim", "verdict", "because")
    print_table(header, rows, wrapped=("claim", "because"), styles=STYLES)


def _print_numbers(table: Mapping[str, Any]) -> None:
    """Print the first columns of a table of `page_tables.tests_table`: measure, verdict, effect."""
    rows = [row[:SHOWN] for row in table["rows"]]
    print_table(table["header"][:SHOWN], rows, wrapped=table["header"][:1], styles=STYLES)
