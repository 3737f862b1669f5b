import re
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.study.load import load, names

WHOLE = """
from nnlab.study.measures import final
from nnlab.study.panels import Dots, panels
from nnlab.study.study import Claim, Paired, Part, Picture, Study

STUDY = Study(
    name="mine",
    question="Does it?",
    method="Both are trained.",
    parts=(
        Part(
            name="one", experiment="cubic", measures=(final("rmse"),),
            arms={"slow": {"lr": 0.01}, "fast": {"lr": 0.02}},
            base={"samples": 200, "hidden": 5},
        ),
    ),
    claims=(
        Claim(
            name="faster", says="A larger step learns faster.",
            tests=(
                Paired(part="one", measure="rmse", of="fast", against="slow", expect="less"),
            ),
        ),
    ),
    pictures=(
        Picture(
            name="end", draw=panels("End", Dots(part="one", measure="rmse", y_label="RMSE")),
            caption="A dot is a run.",
        ),
    ),
)
"""


def written(folder: Path, text: str) -> str:
    path = folder / "mine.py"
    path.write_text(text)
    return str(path)


def test_every_study_that_comes_with_nnlab_loads() -> None:
    assert names()
    for name in names():
        assert load(name).study.name == name


def test_a_file_of_ones_own_loads(tmp_path: Path) -> None:
    loaded = load(written(tmp_path, WHOLE))
    assert loaded.study.question == "Does it?"
    assert Path(loaded.reference).is_absolute()


@pytest.mark.parametrize("part", ["question", "method", "parts", "claims", "pictures"])
def test_a_missing_part_is_named(tmp_path: Path, part: str) -> None:
    without = re.sub(
        rf"^    {part}=(\(\n.*?^    \)|.*?),\n", "", WHOLE, flags=re.MULTILINE | re.DOTALL
    )
    assert len(without) < len(WHOLE)
    with pytest.raises(UsageError, match=rf"mine.py:\d+: Study: `{part}` is missing") as error:
        load(written(tmp_path, without))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('part="one", measure="rmse", of', 'part="two", measure="rmse", of', "no part 'two'"),
        ('measure="rmse", of', 'measure="seconds", of', "seconds alone never decide"),
        ('measure="rmse", of', 'measure="samples_per_second", of', "seconds alone never decide"),
        ('expect="less"', 'expect="smaller"', "'less' or 'more'"),
        ('expect="less"', 'expect="less", log=True', "ratio from 1"),
        ('name="one"', 'name="One run"', "only small letters, digits"),
        ('expect="less"', 'expect="less", count=1', "`count` is unknown; did you mean counts"),
        ('of="fast"', 'of="slow"', "`of` and `against` are both 'slow'"),
        ('name="one",', 'name="one", seeds=2,', "part one has seeds=2; a test needs 3 or more"),
        ('name="mine"', 'name="list"', "is a word of nnlab study"),
        ('of="fast"', 'of="quick"', "part one has no arm 'quick'; its arms are slow, fast"),
        ("claims=(", "claims=2 * (", "two of its claims have the name 'faster'"),
        ("STUDY =", "import sys\nsys.exit(3)\nSTUDY =", "SystemExit: 3"),
        ("STUDY =", "OTHER =", "declares no study"),
        ("STUDY = Study(", "STUDY = Study((", "mine.py:"),
        ("import Claim", "import Claims", "cannot import name"),
    ],
)
def test_a_faulty_file_is_one_message(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in WHOLE
    with pytest.raises(UsageError, match=said) as error:
        load(written(tmp_path, WHOLE.replace(old, new, 1)))
    assert "mine.py" in str(error.value)


@pytest.mark.parametrize("reference", ["gradent", "Gradient"])
def test_an_unknown_study_is_answered_with_the_one_that_was_meant(reference: str) -> None:
    with pytest.raises(UsageError, match="did you mean gradient"):
        load(reference)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for place in (tmp_path / "none.py", tmp_path):
        with pytest.raises(UsageError, match=str(place)):
            load(f"{place}/x.py" if place == tmp_path else str(place))
