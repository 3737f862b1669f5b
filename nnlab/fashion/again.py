"""Train a run again from its own config, to look at its network after its epochs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from nnlab.console.view import View
from nnlab.errors import NnlabError, StoppedError
from nnlab.fashion.config import FashionConfig
from nnlab.fashion.train import Watch, train
from nnlab.runs.recorded import recorded_config
from nnlab.runs.run import Run
from nnlab.runs.saved import SavedRun


@contextmanager
def trained_again(saved: SavedRun, watch: Watch, view: View, command: str) -> Iterator[SavedRun]:
    """Train a run again in a temporary folder, and yield the new run; its folder is then removed.

    Args:
        saved: The run.
        watch: As in `train`; it may end the training with a Paused.
        view: Shows how the training goes.
        command: What asks for it.

    Raises:
        NnlabError: As `train`; StoppedError after Ctrl-C.
    """
    resolved = recorded_config(saved, FashionConfig)
    with TemporaryDirectory(prefix="nnlab-again-") as folder:
        path = Path(folder, "run")
        run = Run("fashion", resolved, view, command=command, path=path, pictures=False)
        try:
            with run:
                train(resolved.config, run, watch)
        except StoppedError as stopped:
            raise StoppedError("stopped; nothing was written", stopped.signal) from None
        except NnlabError as error:
            error.__notes__ = []  # they name the temporary folder
            raise
        yield run.saved()
