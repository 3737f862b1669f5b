"""`nnlab explain`: the short answer to a question of the course, or a step of a run in numbers."""

import sys
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from nnlab.cli.arguments import run_names, saved_run
from nnlab.cli.commands import Command
from nnlab.cli.explain_step import StepFormat, print_step, write_exercise
from nnlab.cli.options import Debug, Json
from nnlab.config.suggest import near_key
from nnlab.console.stream import say
from nnlab.errors import UsageError
from nnlab.runs.find import find_run
from nnlab.study.answers import TOPICS, answers
from nnlab.text import clipped, printable

app = typer.Typer()

OF_STEPS = "One step of a run"


def _complete(incomplete: str) -> list[str]:
    """Return the topics and the runs that begin with `incomplete`, for the shell."""
    topics = [name for name in TOPICS if name.startswith(incomplete)]
    return [*topics, *run_names(incomplete)]


What = Annotated[
    str,
    typer.Argument(
        metavar="TOPIC|RUN",
        autocompletion=_complete,
        help=f"One of {', '.join(TOPICS)}; or with --step a run of cubic: its directory, its "
        "name, the start of its name, last, or last:cubic.",
        rich_help_panel="Arguments",
    ),
]
Step = Annotated[
    int | None,
    typer.Option(
        "--step", metavar="N",
        help="Explain the step that follows N steps, in numbers; with --exercise: another N, "
        "another exercise.",
        rich_help_panel=OF_STEPS,
    ),
]  # fmt: skip
Units = Annotated[
    int | None,
    typer.Option(
        "--units", metavar="K", rich_help_panel=OF_STEPS,
        help="Write out every number of a small network with K units in each layer (1 to 4), "
        "trained with the config of the run. Of a batch of more than "
        "16 samples, only the first sample is written out.",
    ),
]  # fmt: skip
Exercise = Annotated[
    bool,
    typer.Option(
        "--exercise", metavar="", rich_help_panel=OF_STEPS,
        help="Write a step to compute by hand, and its key to another file.",
    ),
]  # fmt: skip
Student = Annotated[
    str | None,
    typer.Option(
        "--student", metavar="NAME", rich_help_panel=OF_STEPS,
        help="Whose exercise it is: each name has other numbers.",
    ),
]  # fmt: skip
Format = Annotated[
    StepFormat | None,
    typer.Option(
        "--format", "-f", metavar="FORMAT", rich_help_panel=OF_STEPS,
        help="text, markdown or latex (default: text; of an exercise markdown).",
    ),
]  # fmt: skip
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FOLDER", rich_help_panel=OF_STEPS,
        help="Folder of an exercise and its key (default: exercise). No file is replaced.",
    ),
]  # fmt: skip


@app.command(
    cls=Command,
    epilog="nnlab explain batch-size\n"
    "nnlab explain last:cubic --step 100\n"
    "nnlab explain last:cubic --step 100 --units 2 --format latex > step.tex\n"
    "nnlab explain last:cubic --step 0 --exercise --student Ada -o ada",
)
def explain(  # noqa: PLR0913 - the flags of the command
    what: What,
    *,
    step: Step = None,
    units: Units = None,
    exercise: Exercise = False,
    student: Student = None,
    wanted: Format = None,
    output: Output = None,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Explain batch size, epoch or shuffle with measured numbers; or a step of a run."""
    flags = {
        "--units": units, "--exercise": exercise or None, "--student": student,
        "--format": wanted, "-o": output,
    }  # fmt: skip
    given = [flag for flag, value in flags.items() if value is not None]
    if step is None:
        if given:
            raise UsageError(f"{given[0]} is for one step of a run; add --step N")
        _answer(what, json=json)
        return
    if json:
        raise UsageError("--json is for a topic; a step has --format text, markdown or latex")
    if what in TOPICS and not (find_run(what) / "run.json").is_file():
        raise UsageError(f"{what} is a topic and has no steps; leave out --step, or give a run")
    if not exercise:
        if student is not None or output is not None:
            flag = "--student" if student is not None else "-o"
            raise UsageError(f"{flag} is for an exercise; add --exercise, or leave {flag} out")
        print_step(saved_run(what), step, units, wanted or "text")
    elif student is None or not student.strip():
        raise UsageError("--exercise needs a name: --student NAME; each name has other numbers")
    else:
        write_exercise(saved_run(what), step, units, student, wanted or "markdown", output)


def _answer(topic: str, *, json: bool) -> None:
    """Print the answer to a question of the course."""
    from nnlab.study.load import names
    from nnlab.study.printed import print_answer

    topic = topic.removesuffix("s") if topic.removesuffix("s") in TOPICS else topic
    if topic not in TOPICS:
        if topic in names():
            raise UsageError(f"{topic} is a study, not a topic; to run it: nnlab study {topic}")
        if _is_run(topic):
            raise UsageError(f"{printable(topic)} is a run; add the step to explain: --step N")
        meant = near_key(topic, TOPICS)
        hint = f"did you mean {meant}?" if meant else f"its topics are {', '.join(TOPICS)}"
        raise UsageError(f"nnlab cannot explain {clipped(printable(topic), 60)!r}; {hint}")
    asked, known = TOPICS[topic], answers()
    if json:
        found = {name: known.get(name) for name in asked.studies}
        told = {"topic": topic, **asked._asdict(), "studies": found}
        say(dumps(told, indent=2, ensure_ascii=False), sys.stdout)
    else:
        print_answer(asked, known)


def _is_run(text: str) -> bool:
    """Return whether a run is meant."""
    try:
        return (find_run(text) / "run.json").is_file()
    except (UsageError, OSError, ValueError):  # several runs, none, or a name that cannot be
        return False
