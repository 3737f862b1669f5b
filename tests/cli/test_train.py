"""The command line: help, what it loads, and one message for each kind of bad input."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from nnlab import __version__
from nnlab.fashion.dataset.locate import FILES, find, path_of
from tests.conftest import ENVIRONMENT, Nnlab

HEAVY = (
    "numpy", "scipy", "tensorflow", "keras", "matplotlib", "PIL", "pooch", "requests", "jinja2",
    "onnx", "optuna", "plotext", "ray", "rich", "sklearn",
)  # fmt: skip


def loaded(code: str, modules: tuple[str, ...]) -> str:
    """Return which of `modules` Python has loaded after `code`."""
    code += f"; import sys; print([m for m in {modules!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], env=ENVIRONMENT, text=True, capture_output=True, check=True
    )
    return done.stdout


def test_the_command_line_loads_nothing_heavy_with_all_commands() -> None:
    load = "from typer.main import get_command; from nnlab.cli.app import app; "
    assert loaded(load + "dict(get_command(app).commands)", HEAVY) == "[]\n"


def test_a_command_loads_no_other_command() -> None:
    others = ("nnlab.experiments", "nnlab.cli.train", "pydantic", "yaml")
    load = "from typer.main import get_command; from nnlab.cli.app import app; "
    assert loaded(load + "get_command(app).commands['data']", others) == "[]\n"


def test_help_names_every_command_and_key(nnlab: Nnlab) -> None:
    for words in ((), ("--help",), ("-h",)):
        said = nnlab(*words).stdout
        assert all(name in said for name in ("cubic", "fashion", "data"))
    said = nnlab("cubic", "--help").stdout
    for part in ("--hidden", "--no-shuffle", "--print-config", "default: 125", ">= 1"):
        assert part in said


def test_print_config_tells_each_source_and_runs_nothing(nnlab: Nnlab, tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("epochs: 3\n")
    done = nnlab("fashion", "-c", "c.yaml", "--lr", "1e-2", "--filters", "8,16", "--print-config")
    assert done.returncode == 0, done.stderr
    sources = {line.split("#")[0].strip(): line.split("#")[1].strip()
               for line in done.stdout.splitlines()}  # fmt: skip
    assert sources["epochs: 3"] == "c.yaml:1"
    assert sources["lr: 0.01"] == "--lr"
    assert sources["filters: [8, 16]"] == "--filters"
    assert sources["batch_size: 32"] == "default"
    assert not (tmp_path / "runs").exists()


def test_a_switch_that_is_off_is_recorded_as_it_was_typed(nnlab: Nnlab) -> None:
    said = nnlab("cubic", "--no-gif", "--shuffle", "--print-config").stdout
    lines = [line.partition("#") for line in said.splitlines()]
    sources = {line.strip(): source.strip() for line, _, source in lines}
    assert (sources["gif: false"], sources["shuffle: true"]) == ("--no-gif", "--shuffle")


def test_a_path_is_taken_as_it_is_typed(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab("fashion", "--data-dir", "007", "--print-config")
    assert f"data_dir: {tmp_path}/007" in done.stdout


BAD_INPUT = {
    "unknown key": (["cubic", "-c", "unknown.yaml"], 2, "did you mean hidden?"),
    "wrong type": (["cubic", "--lr", "fast"], 2, '--lr: lr got "fast"'),
    "out of range": (["cubic", "--hidden", "0"], 2, "at least 1"),
    "not a number": (["cubic", "--lr", ".nan"], 2, "finite number"),
    "infinity": (["cubic", "--init-scale", ".inf"], 2, "finite number"),
    "no YAML": (["cubic", "-c", "broken.yaml"], 2, "broken.yaml:2: not valid YAML"),
    "repeated key": (["cubic", "-c", "twice.yaml"], 2, "twice.yaml:2: lr is given twice"),
    "no mapping": (["cubic", "-c", "list.yaml"], 2, "a config must be a mapping"),
    "no such config": (["cubic", "-c", "none.yaml"], 2, "none.yaml: cannot read"),
    "config is a folder": (["cubic", "-c", "."], 2, "cannot read"),
    "no such flag": (["cubic", "--hiden", "3"], 2, "--hidden"),
    "no such command": (["cubik"], 2, "cubic"),
    "run exists": (["cubic", "--run-dir", "taken"], 2, "never overwrites"),
    "unwritable": (["cubic", "--run-dir", "/proc/nnlab/run"], 1, "/proc/nnlab"),
    "a file on the way": (["cubic", "--run-dir", "list.yaml/run"], 2, "list.yaml/run"),
    "batch larger than set": (["cubic", "--samples", "3", "--batch-size", "4"], 2, "batch_size 4"),
    "dropout of one": (["fashion", "--conv-dropout", "1"], 2, "at most 0.99"),
    "no filters": (["fashion", "--filters", "[]"], 2, "1 or more items, not 0"),
    "a filter that is no number": (
        ["fashion", "--filters", "8,true"],
        2,
        "filters[1] got true; it",
    ),
    "a key of a block": (["fashion", "--filters", "[{filter: 3}]"], 2, "did you mean filters?"),
    "pooled away": (
        ["fashion", "--filters", "8,8,8,8,8"],
        2,
        "filters[4] leaves no pixel: it pools 2 x 2 pixels",
    ),
    "negative dropout": (["fashion", "--dense-dropout", "-0.5"], 2, "at least 0"),
    "no such schedule": (["fashion", "--lr-schedule", "step"], 2, "'cosine' or 'one-cycle'"),
    "all held out": (["fashion", "--validation-split", "1.0"], 2, "less than 1"),
    "patience in the dark": (
        ["fashion", "--validation-split", "0", "--patience", "3"],
        2,
        "validation_split above 0",
    ),
    "decay in Adam": (["fashion", "--weight-decay", "0.1"], 2, "set optimizer: adamw"),
    "tta without flip": (["fashion", "--tta"], 2, "set augment: [flip]"),
    "tta_shift beyond shift": (
        ["fashion", "--augment", "shift", "--shift-pixels", "1", "--tta-shift", "2"],
        2,
        "tta_shift 2 is more than the 1 pixels by which augment shifts",
    ),
    "no such change": (["fashion", "--augment", "flip,turn"], 2, "'flip', 'shift' or 'erase'"),
    "a change twice": (["fashion", "--augment", "flip,flip"], 2, "a change twice"),
    "a contradiction, and where it is": (
        ["fashion", "-c", "best.yaml", "--augment", "[]"],
        2,
        "(augment: --augment, tta: best.yaml:2)",
    ),
    "nesterov in Adam": (["fashion", "--nesterov"], 2, "set optimizer: sgd"),
    "a key twice in a block": (
        ["fashion", "--filters", "{filters: 1, filters: 2}"],
        2,
        "filters is given twice",
    ),
    "a block without filters": (
        ["fashion", "--filters", "{pool: 1}"],
        2,
        "filters[0] has no 'filters'",
    ),
    "nothing to train on": (
        ["fashion", "--data", "sample", "--validation-split", "0.9999"],
        2,
        "for training",
    ),
    "no such precision": (["fashion", "--precision", "float16"], 2, "'mixed_float16'"),
    "batch larger than the sample": (
        ["fashion", "--data", "sample", "--batch-size", "1700"],
        2,
        "more than the 1,600 images",
    ),
    "no such device": (["fashion", "--device", "tpu"], 2, "'auto', 'cpu' or 'gpu'"),
    "no such data folder": (["fashion", "--data-dir", "none"], 1, "none: no such folder"),
    "sample elsewhere": (["fashion", "--data", "sample", "--data-dir", "."], 2, "--data-dir"),
    "nothing to verify": (["data", "verify", "--data-dir", "none"], 1, "none: no such folder"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input(nnlab: Nnlab, tmp_path: Path, case: str) -> None:
    (tmp_path / "unknown.yaml").write_text("hiden: 3\n")
    (tmp_path / "broken.yaml").write_text("lr: 1\n  hidden: 2\n")
    (tmp_path / "twice.yaml").write_text("lr: 1\nlr: 2\n")
    (tmp_path / "best.yaml").write_text("augment: [flip]\ntta: true\n")
    (tmp_path / "list.yaml").write_text("- 1\n")
    (tmp_path / "taken").mkdir()
    before = sorted(tmp_path.iterdir())
    arguments, code, said = BAD_INPUT[case]
    done = nnlab(*arguments)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "loading TensorFlow" not in done.stderr
    assert done.stdout == ""
    left = [p for p in tmp_path.rglob("*") if p not in before and p.name != "runs"]
    assert left == []


def bad_data(folder: Path, name: str, change: bytes | None, at: int) -> None:
    """Lay out the real files in `folder`, with one of them cut or changed at a byte."""
    real = find(say=lambda _: None)
    if real is None:
        pytest.skip("the full data are not on this machine: make data")
    folder.mkdir()
    for each in FILES:
        path = path_of(real, each)
        assert path
        (folder / path.name).symlink_to(path)
    with gzip.open(folder / f"{name}.gz") as file:
        plain = file.read()
    damaged = plain[:at] if change is None else plain[:at] + change + plain[at + 1 :]
    (folder / f"{name}.gz").unlink()
    (folder / f"{name}.gz").write_bytes(gzip.compress(damaged, 1))


@pytest.mark.parametrize(
    ("name", "change", "at", "said"),
    [
        ("train-images-idx3-ubyte", None, 1000, "ends after"),
        ("train-images-idx3-ubyte", b"\x07", 2, "begins with the bytes"),
        ("train-labels-idx1-ubyte", b"\xc8", 100, "the label 200"),
        ("t10k-images-idx3-ubyte", b"\x55", 5000, "other data"),
    ],
)
def test_bad_data_is_named_and_leaves_no_run(
    nnlab: Nnlab, tmp_path: Path, name: str, change: bytes | None, at: int, said: str
) -> None:
    bad_data(tmp_path / "data", name, change, at)
    done = nnlab("fashion", "--data-dir", "data")
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.glob("runs/*")) == []


def test_a_named_folder_without_data_is_told(nnlab: Nnlab, tmp_path: Path) -> None:
    said = nnlab("data", "path", NNLAB_DATA=str(tmp_path / "nowhere")).stderr
    assert f"NNLAB_DATA: {tmp_path}/nowhere: no such folder; looking elsewhere" in said


WITHOUT_DEBIANS_COPY = """
import sys
from importlib import metadata
from pathlib import Path
from nnlab.cli import app
from nnlab.fashion.dataset import locate
locate.DEBIAN = Path("/nonexistent")
app.main()
"""


@pytest.mark.parametrize("words", [["fashion"], ["data", "fetch"], ["data", "path"]])
def test_data_that_is_nowhere_and_no_network(tmp_path: Path, words: list[str]) -> None:
    here = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "KERAS_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DEBIANS_COPY, *words], cwd=tmp_path, text=True,
        env=ENVIRONMENT | here | {"NNLAB_MIRROR": "http://127.0.0.1:1"}, capture_output=True,
        timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    said: tuple[str, ...] = ("nnlab data fetch",)
    if words != ["data", "path"]:
        said += ("http://127.0.0.1:1", "--data-dir", "apt install dataset-fashion-mnist")
    for part in said:
        assert part in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.glob("runs/*")) == []


def test_a_fault_in_nnlab_is_one_line_and_with_debug_a_traceback(
    nnlab: Nnlab, tmp_path: Path
) -> None:
    """A module that shadows scipy stands in for a broken installation."""
    (tmp_path / "scipy.py").write_text("raise RuntimeError('broken')\n")
    done = nnlab("cubic", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert (
        done.stderr == "nnlab: a bug in nnlab, RuntimeError: broken (--debug shows the traceback)\n"
    )
    done = nnlab("cubic", "--debug", PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" in done.stderr


def test_version(nnlab: Nnlab) -> None:
    assert nnlab("--version").stdout == f"nnlab {__version__}\n"


def test_a_notebooks_backend_does_no_harm(nnlab: Nnlab) -> None:
    inline = "module://matplotlib_inline.backend_inline"
    done = nnlab("cubic", "--samples", 30, "--hidden", 3, "--no-gif", MPLBACKEND=inline)
    assert done.returncode == 0, done.stderr


def test_a_failed_run_is_told_as_json_too(nnlab: Nnlab) -> None:
    done = nnlab("cubic", "--lr", "1e3", "--samples", 300, "--json", "--quiet")
    assert done.returncode == 3
    assert json.loads(done.stdout)["status"] == "diverged"
    assert json.loads(done.stdout)["run_dir"] == "runs/cubic-0001"
    assert nnlab("cubic", "--json", "--hidden", 0).stdout == ""


def test_debug_keeps_the_exit_code(nnlab: Nnlab) -> None:
    for words in (("cubic", "--debug", "--hidden", 0), ("--debug", "cubic", "--hidden", 0)):
        done = nnlab(*words)
        assert done.returncode == 2
        assert "Traceback" in done.stderr


def test_data_commands_name_the_folder_and_the_digests(nnlab: Nnlab) -> None:
    folder = find(say=lambda _: None)
    if folder is None:
        pytest.skip("the full data are not on this machine: make data")
    for words in (("data", "path"), ("data", "fetch")):
        assert nnlab(*words).stdout == f"{folder}\n"
    assert json.loads(nnlab("data", "path", "--json").stdout) == {"folder": str(folder)}
    told = json.loads(nnlab("data", "verify", "--json").stdout)
    assert told == {"folder": str(folder), "sha256": FILES}
    said = nnlab("data", "verify", "--data-dir", folder).stdout
    assert all(digest in said for digest in FILES.values())
