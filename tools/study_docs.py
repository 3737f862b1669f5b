"""Write what the finished studies found: nnlab/study/answers.json, docs/questions.md, its pictures.

    python tools/study_docs.py                     from the newest finished studies in studies/
    python tools/study_docs.py --studies DIR       from those in DIR
    python tools/study_docs.py --to DIR            into DIR, smoke tests too; to try it
    python tools/study_docs.py --check             write nothing; exit 1 if questions.md is not
                                                   the page of answers.json

`make study` runs all studies, and then this. `nnlab explain` reads answers.json. A study that is
not in the folder keeps its earlier answer.
"""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nnlab.errors import UsageError
from nnlab.runs.saved import SavedRun
from nnlab.study.answers import PATH, TOPICS, answers
from nnlab.study.load import load, names
from nnlab.study.outcome import Outcome, decided
from nnlab.study.page import again
from nnlab.study.page_tables import tests_table
from nnlab.study.store import STUDIES, StudyDirectory
from nnlab.study.written import PAGE, write_outcome

ROOT = Path(__file__).parent.parent
TEMPLATE = "questions.md.jinja"
DOCS = ROOT / "docs"


def finished(studies: Path, *, quick: bool) -> Iterator[tuple[StudyDirectory, Outcome]]:
    """Yield the newest finished directory of each study in the folder, decided again."""
    newest: dict[str, StudyDirectory] = {}
    for path in sorted(studies.glob("*/study.json")):  # numbered: the newest comes last
        try:
            directory = StudyDirectory.open(path.parent)
        except UsageError as error:
            print(f"left out: {error}")
            continue
        record = directory.record
        if record.status == "completed" and record.reference in names() and quick >= record.quick:
            newest[record.study] = directory
    for directory in newest.values():
        loaded = load(directory.record.reference)
        if loaded.digest != directory.record.digest:
            print(f"left out: {directory.path}: its study has changed since")
            continue
        with directory:
            yield directory, decided(loaded, directory)


def answer(outcome: Outcome) -> dict[str, Any]:
    """Return what answers.json holds of one study."""
    study, directory = outcome.loaded.study, outcome.directory
    record = directory.record
    runs = sorted((directory.path / "runs").iterdir())
    return {
        "question": study.question, "method": study.method, "sources": list(study.sources),
        "seeds": record.seeds, "quick": record.quick, "full": record.full,
        "command": again(outcome), "machine": _machine(record.machine),
        "versions": record.versions, "runs": len(runs),
        "seconds": round(sum(float(SavedRun(run).record["seconds"]) for run in runs), 1),
        "foretold": dict(outcome.prediction),
        "claims": [
            {
                "claim": each.claim.name, "says": each.claim.says, "verdict": each.verdict,
                "because": each.because, "numbers": _table(tests_table(each)._asdict()),
            }
            for each in outcome.judged
        ],
        "pictures": [
            {"file": f"study-{study.name}-{each.name}.png", "name": each.name,
             "caption": each.caption}
            for each in study.pictures
        ],
    }  # fmt: skip


def _machine(machine: Mapping[str, Any]) -> str:
    return f"{machine.get('processor', '')}, {machine.get('cores', '')} cores"


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    return {"header": list(table["header"]), "rows": [list(row) for row in table["rows"]]}


def page(found: Mapping[str, Any]) -> str:
    """Return docs/questions.md: a function of answers.json alone."""
    jinja = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - Markdown
    )  # fmt: skip
    of_topics = {name for topic in TOPICS.values() for name in topic.studies}
    others = sorted(found.keys() - of_topics)
    text = jinja.get_template(TEMPLATE).render(topics=TOPICS, known=found, others=others)
    return f"{text.rstrip()}\n"


def write(found: Mapping[str, Any], pictures: Mapping[str, Path], folder: Path, docs: Path) -> None:
    """Write answers.json into `folder`; questions.md and the pictures into `docs`."""
    (docs / "images").mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True)
    (folder / PATH.name).write_text(f"{text}\n", encoding="utf-8")
    (docs / "questions.md").write_text(page(found), encoding="utf-8")
    for name, path in pictures.items():
        shutil.copy(path, docs / "images" / name)


def main(
    studies: Path = STUDIES,
    to: Annotated[Path | None, typer.Option()] = None,
    *,
    check: bool = False,
) -> None:
    """Write the answers and their page, or only check the page."""
    if check:
        if page(answers()) != (DOCS / "questions.md").read_text(encoding="utf-8"):
            sys.exit(
                "docs/questions.md is not the page of answers.json: python tools/study_docs.py"
            )
        return
    found, pictures = {} if to else dict(answers()), {}
    for directory, outcome in finished(studies, quick=to is not None):
        write_outcome(outcome)
        told = answer(outcome)
        found[outcome.loaded.study.name] = told
        for each in told["pictures"]:
            pictures[each["file"]] = directory.path / f"{each['name']}.png"
        print(f"from {directory.path / PAGE}")
    write(found, pictures, to or PATH.parent, to or DOCS)


if __name__ == "__main__":
    typer.run(main)
