"""Ctrl-C in a command that computes first, and writes or prints at its end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from nnlab.console.view import View
from nnlab.errors import StoppedError


@contextmanager
def stoppable(view: View) -> Iterator[View]:
    """Yield a view that is closed at the end.

    Raises:
        StoppedError: Ctrl-C was pressed in the block.
    """
    try:
        yield view
    except KeyboardInterrupt:
        raise StoppedError("stopped; nothing was written", signal.SIGINT) from None
    finally:
        view.close()
