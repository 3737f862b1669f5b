"""The directory of a study whose runs are measured, made by hand: every number is known."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nnlab.runs import provenance
from nnlab.study.load import load
from nnlab.study.store import StudyDirectory, StudyRecord
from tests.reports.made import make_run

SCRIPT = "</style><script>alert(1)</script>"
SEEDS = 8
WIGGLE = (0.03, -0.05, 0.08, -0.02, 0.06, -0.09, 0.01, 0.04)  # one a seed
WIDE = (0.9, -0.7, 0.5, -0.8, 1.0, -0.3, -0.6, 0.4)

SOURCE = """
from nnlab.study.measures import final
from nnlab.study.panels import Dots, panels
from nnlab.study.study import Claim, Equal, Paired, Part, Picture, Study, Within

PART = {"part": "first", "of": "b", "against": "a"}
RATIO = {"measure": "rmse", "log": True, "counts": 1.1}
STUDY = Study(
    name=NAME,
    question="Is `b` better than a?",
    method="Two arms." + MORE,
    parts=(
        Part(name="first", experiment="cubic", base={"samples": 500, "gif": False},
             arms={"a": {}, "b": {"lr": 0.02}}, measures=(final("rmse"),)),
        Part(name="second", experiment="cubic", arms={"c": {"hidden": 9}}, seeds=3,
             measures=(final("rmse"),), foretell=lambda _: {"best_width": 40.0, "unseen": 1.0}),
    ),
    claims=(
        Claim(name="less-error", says="The error of b is lower." + MORE,
              tests=(Paired(expect="less", **PART, **RATIO),)),
        Claim(name="other-way", says="The error of b is higher.",
              tests=(Paired(expect="more", **PART, **RATIO),)),
        Claim(name="two-ways", says="It falls, wherever it is measured.",
              differs="where it is measured",
              tests=(Paired(expect="less", setting="at the end", **PART, **RATIO),
                     Paired(expect="less", measure="loss", setting="on the way, early", **PART),
                     Paired(expect="less", measure="seconds", setting="on the clock", **PART))),
        Claim(name="luck", says="The noisy number falls.",
              tests=(Paired(measure="noisy", expect="less", **PART),)),
        Claim(name="shares", says="More images are right.",
              tests=(Paired(measure="accuracy", expect="more", cases=200, **PART),)),
        Claim(name="range", says="The width is between 30 and 50.",
              tests=(Within(part="second", measure="best_width", arm="c", low=30, high=50),)),
        Claim(name="same", says="The count is the same.",
              tests=(Equal(part="first", measure="count", tolerance=1e-9),)),
    ),
    pictures=(
        Picture(name="rmse", caption="Each dot is a run." + MORE,
                draw=panels("Errors", Dots(part="first", measure="rmse", y_label="RMSE"))),
    ),
    sources=("A book" + MORE,),
)
"""


def source(name: str = "made", more: str = "") -> str:
    """Return the file of a study; `more` is added to its texts."""
    return f"NAME, MORE = {name!r}, {more!r}\n{SOURCE}"


def rmse(arm: str, seed: int, factor: float = 0.5) -> float:
    """Return the RMSE of a run: b has `factor` times that of a, give or take a little."""
    return 0.1 * (factor * (1 + WIGGLE[seed]) if arm == "b" else 1 + WIGGLE[-1 - seed])


def noisy(arm: str, seed: int) -> float:
    """Return a number in whose pairs chance has the say."""
    return 5 + WIDE[seed] * (arm == "b")


def readings(part: str, arm: str, seed: int, factor: float) -> Iterator[tuple[str, float, str]]:
    """Yield what was measured on a run."""
    yield "diverged", 0, ""
    if part == "second":
        yield "best_width", 40 + 10 * WIGGLE[seed], ""
        return
    b = arm == "b"
    yield "rmse", rmse(arm, seed, factor), ""
    yield "loss", (2.0 + WIGGLE[seed] if b else 1.0), ""
    yield "seconds", (9.0 + WIGGLE[seed] if b else 8.0), ""
    yield "noisy", noisy(arm, seed), ""
    yield "accuracy", (0.82 + 0.01 * WIGGLE[seed] if b else 0.81), ""
    yield "count", 7.0, ""


def finished(
    folder: Path,
    *,
    file: str = "",
    reference: str = "",
    factor: float = 0.5,
    order: Sequence[int] = range(SEEDS),
    **record: Any,
) -> Path:
    """Make the directory of a finished study in `folder`/studies, and return it.

    Args:
        folder: an empty folder.
        file: the text of the study's file; by default `source()`.
        reference: the name of a study; by default the file mine.py, which is written.
        factor: of the error of arm b.
        order: the seeds, in the order in which their runs end.
        record: what differs in study.json.
    """
    mine = folder / "mine.py"
    mine.write_text(file or source())
    loaded = load(reference or str(mine))
    about: dict[str, Any] = {
        "study": loaded.study.name, "reference": loaded.reference, "digest": loaded.digest,
        "seeds": SEEDS, "quick": False, "full": False, "engine": "numpy", "status": "completed",
        "command": "nnlab study ./mine.py", **provenance.describe(),
    }  # fmt: skip
    directory = StudyDirectory.make_next(
        folder / "studies", loaded.study.name, StudyRecord(**about | record)
    )
    for seed in order:
        for part, arm in (("first", "a"), ("first", "b"), ("second", "c")):
            if part == "first" or seed < 3:
                name = f"{part}_{arm}_s{seed}"
                values = json.dumps(list(readings(part, arm, seed, factor)))
                (directory.path / f"measured/{name}.json").write_text(values)
                make_run(directory.path / "runs" / name)
    told = {"second": {"best_width": 40.0, "unseen": 1.0}}
    (directory.path / "prediction.json").write_text(json.dumps(told))
    return directory.path


def showing(directory: Path) -> tuple[str, ...]:
    """Return the words that show this study, whose file is the user's own."""
    return ("study", "show", str(directory), "--file", str(directory.parent.parent / "mine.py"))
