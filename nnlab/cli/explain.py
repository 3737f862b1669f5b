"""`nnlab explain`: the short answer to a question of the course, with measured numbers."""

import sys
from json import dumps
from typing import Annotated

import typer

from nnlab.cli.commands import Command
from nnlab.cli.options import Debug, Json
from nnlab.config.suggest import near_key
from nnlab.console.stream import say
from nnlab.errors import UsageError
from nnlab.study.answers import TOPICS, answers
from nnlab.text import clipped, printable

app = typer.Typer()


def _complete(incomplete: str) -> list[str]:
    """Return the topics that begin with `incomplete`, for the shell."""
    return [name for name in TOPICS if name.startswith(incomplete)]


What = Annotated[
    str,
    typer.Argument(metavar="TOPIC", autocompletion=_complete, help=f"One of: {', '.join(TOPICS)}."),
]


@app.command(cls=Command, epilog="nnlab explain batch-size\nnnlab explain shuffle --json")
def explain(topic: What, *, json: Json = False, debug: Debug = False) -> None:
    """Answer what batch size, epoch or shuffle do, with numbers that were measured."""
    from nnlab.study.load import names
    from nnlab.study.printed import print_answer

    topic = topic.removesuffix("s") if topic.removesuffix("s") in TOPICS else topic
    if topic not in TOPICS:
        if topic in names():
            raise UsageError(f"{topic} is a study, not a topic; to run it: nnlab study {topic}")
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
