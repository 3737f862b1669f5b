"""Every command of the lessons runs, and prints what the lesson shows."""

import math
import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import Nnlab
from tests.sessions import PICTURE, numbers, session, words

LESSONS = Path(__file__).parents[1] / "docs/lessons"
PAGES = sorted(LESSONS.glob("[1-9]-*.md"))
# Another processor rounds otherwise. That changes few digits of cubic, and more of TensorFlow.
CLOSE = 0.01


def test_there_are_five_lessons_with_two_exercises_each() -> None:
    index = (LESSONS / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"\((\d-[\w-]+\.md)\)", index) == [page.name for page in PAGES]
    assert len(PAGES) == 5
    for page in PAGES:
        exercises = page.read_text(encoding="utf-8").partition("## Exercises\n")[2]
        asked = re.split(r"^\d\. ", exercises, flags=re.MULTILINE)[1:]
        assert len(asked) == 2, page.name
        assert all("Check: " in text and session(text) for text in asked), page.name


def test_every_picture_is_written_by_a_command_of_its_lesson() -> None:
    shown = [name for page in PAGES for _, name in PICTURE.findall(page.read_text("utf-8"))]
    linked = re.findall(r"\(images/(.*?)\)", "".join(page.read_text("utf-8") for page in PAGES))
    assert shown == linked
    assert sorted(shown) == sorted(path.name for path in (LESSONS / "images").iterdir())


def same(shown: str, printed: str, *, to_the_number: bool) -> bool:
    """Say whether a line is the one that was printed."""
    if words(shown) != words(printed):
        return False
    pairs = zip(numbers(shown), numbers(printed), strict=True)
    return not to_the_number or all(math.isclose(a, b, rel_tol=CLOSE) for a, b in pairs)


def test_a_line_with_another_word_or_number_is_not_the_same() -> None:
    line = "rmse       last  0.105 (n 1)    1.23e-05, 20,000 steps"
    assert same(line, "rmse  last  0.1051 (n 1)  1.23e-05, 20,000 steps", to_the_number=True)
    assert not same(line, line.replace("0.105", "0.115"), to_the_number=True)
    assert same(line, line.replace("0.105", "0.115"), to_the_number=False)
    assert not same(line, line.replace("rmse", "loss"), to_the_number=False)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.long] * ("nnlab fashion" in page.read_text("utf-8")))
        for page in PAGES
    ],
    ids=lambda page: page.stem,
)
def test_the_commands_print_what_the_lesson_shows(tmp_path: Path, nnlab: Nnlab, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for shown in session(text):
        program, *arguments = shlex.split(shown.command)
        assert program == "nnlab"
        done = nnlab(*arguments)
        assert done.returncode == shown.code, (shown.command, done.stderr)
        printed = (done.stdout + done.stderr).splitlines()
        for line in shown.lines:
            assert any(
                same(line, other, to_the_number="nnlab fashion" not in text) for other in printed
            ), (shown.command, line, printed)
    for source, _ in PICTURE.findall(text):
        assert (tmp_path / source).stat().st_size > 0, source
