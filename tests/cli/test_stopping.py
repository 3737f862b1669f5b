"""Ctrl-C is one sentence in a command that computes first, and prints at its end."""

import signal

import pytest

from nnlab.cli.stopping import stoppable
from nnlab.console.view import Silent
from nnlab.errors import StoppedError


class Closed(Silent):
    """A view that remembers that it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


def test_ctrl_c_closes_the_view_and_says_that_nothing_was_written() -> None:
    view = Closed()
    with pytest.raises(StoppedError, match="stopped; nothing was written") as stop, stoppable(view):
        signal.raise_signal(signal.SIGINT)
    assert stop.value.signal == signal.SIGINT
    assert view.closed


def test_the_view_is_closed_at_the_end_and_after_an_error() -> None:
    for error in (None, ValueError("bad")):
        view = Closed()
        try:
            with stoppable(view):
                if error:
                    raise error
        except ValueError as raised:
            assert raised is error
        assert view.closed
