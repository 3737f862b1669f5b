"""`nnlab explain`: the topics, and one message for others; tests/test_questions.py has the rest."""

import re

import pytest

from nnlab.study.answers import PATH, TOPICS
from tests.conftest import Typed

NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:e-?\d+)?")


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_is_defined_and_says_which_study_measures_it(typed: Typed, topic: str) -> None:
    code, out, fault = typed("explain", topic)
    assert (code, fault) == (0, "")
    assert out.splitlines()[1] == TOPICS[topic].question
    assert TOPICS[topic].means in out
    for study in TOPICS[topic].studies:
        assert f"nnlab study {study}" in out


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("batchsize", "did you mean batch-size?"),
        ("shuffling", "did you mean shuffle?"),
        ("momentum", "its topics are batch-size, epoch, shuffle"),
        ("\x1b[31m", "its topics are batch-size, epoch, shuffle"),
    ],
)
def test_an_unknown_topic_is_one_message(typed: Typed, given: str, hint: str) -> None:
    code, out, fault = typed("explain", given)
    assert (code, out) == (2, "")
    assert fault.startswith("nnlab: nnlab cannot explain ")
    assert fault.endswith(f"; {hint}\n")
    assert "\x1b" not in fault


def test_what_comes_with_nnlab_has_no_number_that_was_not_measured(typed: Typed) -> None:
    measured = set(NUMBER.findall(PATH.read_text(encoding="utf-8")))
    for topic in TOPICS:
        assert set(NUMBER.findall(typed("explain", topic)[1])) <= measured


def test_both_spellings_of_an_epoch_and_a_study_that_is_no_topic(typed: Typed) -> None:
    assert typed("explain", "epochs") == typed("explain", "epoch")
    code, _, fault = typed("explain", "gradient")
    assert (code, fault) == (
        2, "nnlab: gradient is a study, not a topic; to run it: nnlab study gradient\n",
    )  # fmt: skip
