"""`nnlab export`: where it writes, what it refuses, and what it says."""

import json
import os
from pathlib import Path

import pytest

from nnlab.errors import UsageError
from nnlab.exports.formats import FORMATS
from nnlab.exports.output import MARK, destination
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab
from tests.runs.trained import stopped, trained


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished run of cubic."""
    keys = {"hidden": 3, "samples": 60, "gif": False}
    return trained(tmp_path_factory.mktemp("runs") / "cubic-0001", "cubic", **keys).path


def test_the_file_gets_the_name_of_the_run(nnlab: Nnlab, tmp_path: Path, made: Path) -> None:
    done = nnlab("export", made, "--format", "onnx")
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == (
        "wrote cubic-0001.onnx\ninput: x: float64 (batch, 1)\noutput: f: float64 (batch, 1)\n", "",
    )  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["cubic-0001.onnx"]

    (tmp_path / "cubic-0001.onnx").write_text("mine")
    done = nnlab("export", made, "--format", "onnx")
    assert done.returncode == 2
    assert done.stderr == (
        "nnlab: cubic-0001.onnx exists: replace it with -o cubic-0001.onnx, or choose another -o\n"
    )
    assert (tmp_path / "cubic-0001.onnx").read_text() == "mine"
    assert nnlab("export", made, "-f", "onnx", "-o", "cubic-0001.onnx").returncode == 0
    assert (tmp_path / "cubic-0001.onnx").stat().st_size > 100


def test_json_is_one_object(nnlab: Nnlab, tmp_path: Path, made: Path) -> None:
    unfinished = stopped(SavedRun(made), tmp_path / "stopped").path
    done = nnlab("export", unfinished, "--format", "npz", "-o", "a.npz", "--json")
    printed = json.loads(done.stdout)
    assert printed["output"] == "a.npz"
    assert printed["run_dir"] == str(unfinished)
    assert printed["content"]["arrays"]["W2"] == "float64 (3, 3)"
    assert "is not finished (interrupted)" in printed["note"]
    assert printed["note"] in done.stderr


@pytest.mark.parametrize("name", ["keras", "savedmodel"])
def test_a_format_that_an_experiment_does_not_have(
    nnlab: Nnlab, tmp_path: Path, made: Path, name: str
) -> None:
    done = nnlab("export", made, "--format", name)
    assert done.returncode == 2
    assert done.stderr == (
        f"nnlab: a network of cubic cannot be exported as {name}; its formats: onnx, npz, csv\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_a_network(nnlab: Nnlab, tmp_path: Path, made: Path) -> None:
    record = {**SavedRun(made).record, "experiment": "check"}
    (tmp_path / "a").mkdir()
    (tmp_path / "a/run.json").write_text(json.dumps(record))
    done = nnlab("export", "a", "--format", "npz")
    assert done.returncode == 2
    assert "a is a run of check, which trains no network; give a run of cubic or" in done.stderr


def test_a_missing_package_is_told_and_nothing_is_written(
    nnlab: Nnlab, tmp_path: Path, made: Path
) -> None:
    (tmp_path / "packages/onnx").mkdir(parents=True)
    (tmp_path / "packages/onnx/__init__.py").write_text("raise ImportError('not there')")
    path = os.pathsep.join([str(tmp_path / "packages"), os.environ.get("PYTHONPATH", "")])
    done = nnlab("export", made, "--format", "onnx", PYTHONPATH=path)
    assert done.returncode == 2
    assert done.stderr == (
        "nnlab: --format onnx needs a package that is not installed (not there): "
        "pip install 'nnlab-bench[onnx]'\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["packages"]


def test_a_place_that_must_not_be_replaced(tmp_path: Path, made: Path) -> None:
    file, folder = FORMATS["npz"], FORMATS["savedmodel"]
    (tmp_path / "mine").mkdir()
    for form, asked, said in (
        (file, made / "model.npz", "is in the run directory"),
        (file, made / "plots/x.npz", "is in the run directory"),
        (file, tmp_path / "mine", "is a folder; name a file"),
        (folder, tmp_path / "mine", "is a folder that nnlab did not export"),
        (folder, made, "is in the run directory"),
        (folder, made / "new", "is in the run directory"),
    ):
        with pytest.raises(UsageError, match=said):
            destination(made, form, asked)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="is not a folder; name a folder"):
        destination(made, folder, tmp_path / "file")
    os.mkfifo(tmp_path / "pipe")
    for form in (file, folder):
        with pytest.raises(UsageError, match=r"pipe is (a device or a pipe|not a folder)"):
            destination(made, form, tmp_path / "pipe")
    assert (tmp_path / "pipe").is_fifo()
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    with pytest.raises(UsageError, match="is a link"):
        destination(made, folder, tmp_path / "link")
    (tmp_path / "mine" / MARK).parent.mkdir()
    (tmp_path / "mine" / MARK).touch()
    assert destination(made, folder, tmp_path / "mine") == tmp_path / "mine"
    assert destination(made, folder, tmp_path / "new") == tmp_path / "new"
    assert destination(made, folder, None) == Path("cubic-0001-savedmodel")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("-", "-o -: an export is a file: name one"),
        ("x.CSV", "-o x.CSV: .csv is the suffix of another format: take --format csv, or a name "),
        ("x.keras", "take --format keras, or a name that ends in .npz"),
    ],
)
def test_a_name_that_does_not_fit_the_format(made: Path, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        destination(made, FORMATS["npz"], Path(name))
    assert destination(made, FORMATS["npz"], Path("weights.txt")) == Path("weights.txt")


def test_a_folder_that_is_not_there(nnlab: Nnlab, made: Path) -> None:
    done = nnlab("export", made, "--format", "npz", "-o", "none/a.npz")
    assert done.returncode == 2
    assert "-o none/a.npz: there is no folder none" in done.stderr
