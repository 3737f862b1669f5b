"""Errors come home from worker processes."""

import pickle
from signal import SIGINT

import pytest

from nnlab.errors import DataError, DivergedError, NnlabError, StoppedError, UsageError

ERRORS = [
    NnlabError("one"),
    UsageError("two"),
    DataError("three"),
    DivergedError(7, 0.5, float("nan"), what="b1 is"),
    StoppedError("interrupted by Ctrl-C", SIGINT),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_can_be_pickled(error: NnlabError) -> None:
    error.add_note("a note")
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - just written
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)
    assert back.__notes__ == ["a note"]
