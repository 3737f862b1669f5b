"""The public Python face."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import nnlab
from nnlab.errors import UsageError
from tests.conftest import ENVIRONMENT, Nnlab, digest


def test_importing_nnlab_loads_nothing() -> None:
    """Neither another module of nnlab nor a library; Python itself may load its own."""
    code = """
import sys, typing
import nnlab
found = {name.partition(".")[0] for name in sys.modules}
print(sorted(found & {"numpy", "pydantic", "typer", "tensorflow", "keras", "matplotlib", "rich"}))
print([name for name in sys.modules if name.startswith("nnlab.")])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n[]\n"


def test_train_does_what_the_command_does(command_line: Nnlab, tmp_path: Path) -> None:
    run = nnlab.train("cubic", run_dir=tmp_path / "a", hidden=5, samples=200, seed=1, gif=False)
    command_line(
        "cubic", "--hidden", 5, "--samples", 200, "--seed", 1, "--no-gif", "--run-dir", "b"
    )
    assert run.status == "completed"
    assert digest(run.path) == digest(tmp_path / "b")
    assert run.config == nnlab.open_run(tmp_path / "b").config
    assert nnlab.open_run(tmp_path / "b/run.json").summary.keys() == run.summary.keys()


@pytest.fixture
def command_line(nnlab: Nnlab) -> Nnlab:
    """`nnlab`, the fixture, where the module has that name."""
    return nnlab


def test_a_wrong_experiment_key_or_path_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cubic, fashion, check"):
        nnlab.train("qubic")
    with pytest.raises(UsageError, match="did you mean lr"):
        nnlab.train("cubic", learning_rate=0.1, run_dir=tmp_path / "a")
    with pytest.raises(UsageError, match="no such run directory"):
        nnlab.open_run(tmp_path / "b")
    with pytest.raises(AttributeError):
        nnlab.nothing  # noqa: B018
    assert not (tmp_path / "a").exists()


def test_numpy_numbers_are_taken_and_other_objects_refused(tmp_path: Path) -> None:
    run = nnlab.train(
        "cubic", run_dir=tmp_path / "a", hidden=np.int64(3), samples=50, gif=np.bool_(False)
    )
    assert (run.config["hidden"], run.config["gif"]) == (3, False)
    with pytest.raises(UsageError, match="hidden got a value of type set"):
        nnlab.train("cubic", run_dir=tmp_path / "b", hidden={3})


def test_a_bad_points_file_hides_no_other_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        nnlab.train("cubic", points=tmp_path / "none.npy", epochs=0, run_dir=tmp_path / "a")
    assert "epochs" in str(error.value)
    with pytest.raises(UsageError, match="No such file"):
        nnlab.train("cubic", points=tmp_path / "none.npy", run_dir=tmp_path / "a")


def test_train_leaves_the_callers_matplotlib_style(tmp_path: Path) -> None:
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 22}):
        nnlab.train("cubic", run_dir=tmp_path / "a", hidden=2, samples=20)
        assert mpl.rcParams["font.size"] == 22


def test_gradients_are_those_of_the_network() -> None:
    rng = np.random.default_rng(0)
    shapes = {"W1": (2, 1), "b1": (2,), "W2": (2, 2), "b2": (2,), "W3": (1, 2), "b3": (1,)}
    parameters = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    found = nnlab.gradients(parameters, np.array([0.5]), np.array([0.125]))
    assert {name: g.shape for name, g in found.items()} == shapes
