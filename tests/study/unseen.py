"""Small runs of which nobody looks at the pictures."""

from pathlib import Path

from nnlab.config.resolve import resolve
from nnlab.experiments import EXPERIMENTS, launch
from nnlab.runs.saved import SavedRun


def trained(path: Path, **keys: object) -> SavedRun:
    """Train `nnlab cubic` in this process, without pictures; return the run in `path`."""
    cubic = EXPERIMENTS["cubic"]
    resolved = resolve(cubic.config, None, {"gif": False, **keys})
    return launch(cubic, resolved, command="a test", run_dir=path, pictures=False)
