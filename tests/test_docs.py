"""The docs and the shipped configs agree with the code."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import nnlab as nnlab_package
from nnlab import errors
from nnlab.cli.app import app
from nnlab.config.base import Config
from nnlab.config.resolve import resolve
from nnlab.cubic.config import CubicConfig
from nnlab.experiments import EXPERIMENTS
from nnlab.exports.formats import FORMATS
from nnlab.fashion.config import FashionConfig
from nnlab.python import train
from nnlab.runs import signals
from tests.conftest import ENVIRONMENT, Nnlab, Typed
from tests.runs.trained import trained

ROOT = Path(__file__).parent.parent
PAGES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").rglob("*.md")),
    )
}
MODELS: dict[str, type[Config]] = {"cubic": CubicConfig, "fashion": FashionConfig}
CONFIGS = sorted(set((ROOT / "configs").glob("*.yaml")) - set((ROOT / "configs").glob("sweep-*")))


def test_the_generated_parts_are_those_of_the_code() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools/write_docs.py", "--check"],
        env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_a_shipped_config_shows_every_key_with_print_config(typed: Typed, path: Path) -> None:
    name = path.read_text().split()[2]
    code, printed, fault = typed(name, "--config", str(path), "--print-config")
    assert code == 0, fault
    values = yaml.safe_load(printed)
    assert list(values) == list(MODELS[name].model_fields)
    again = MODELS[name].model_validate_json(json.dumps(values))
    assert again == resolve(MODELS[name], path, {}).config


def commands() -> list[str]:
    """Return the commands in the code blocks of all pages, each once."""
    lines = [
        line
        for name, text in PAGES.items()
        if not name.startswith("docs/lessons/")  # tests/test_lessons.py runs them
        for line in re.findall(r"^(?:    |\$ )(nnlab .*)$", text, re.MULTILINE)
    ]
    return sorted({line.split("#")[0].split("|")[0].split(">")[0].strip() for line in lines})


@pytest.mark.parametrize("line", commands())
def test_a_command_in_the_docs_is_accepted(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("my.yaml").touch()
    arguments = shlex.split(line)[1:]
    if arguments[0] in {*MODELS, "check"}:
        arguments.append("--print-config")
    if arguments[0] in {
        "doctor",
        "compare",
        "export",
        "diff",
        "landscape",
        "predict",
        "replay",
        "report",
        "reproduce",
        "scrub",
        "study",
        "sweep",
    }:  # tests/cli runs them
        arguments.append("--help")
    if arguments[0] == "--install-completion":  # tests/cli/test_completion.py does, in its own home
        arguments = ["--help"]
    if arguments[:1] == ["explain"] and "--step" in arguments:  # tests/cli does
        arguments.append("--help")
    if arguments[0] == "resume":
        train("cubic", samples=100, gif=False, run_dir=arguments[1])
    if arguments[0] == "show":
        train("cubic", samples=100, gif=False)
    code, _, fault = typed(*arguments)
    assert code == 0, fault


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_the_links_of_a_page_exist(name: str) -> None:
    page = ROOT / name
    for link in re.findall(r"\]\((?!http)([^)]+)\)", PAGES[name]):
        path, _, anchor = link.partition("#")
        to = page.parent / path if path else page
        assert to.exists(), link
        assert not anchor or anchor in anchors(to.read_text(encoding="utf-8")), link


def test_the_index_lists_every_page() -> None:
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", PAGES["docs/README.md"]))
    assert linked == {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}


def test_the_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for text in PAGES.values()
        for target in re.findall(r"(?:`|^    )make ([a-z-]+)", text, re.MULTILINE)
    }
    assert {"run", "test", "docs", "bench"} <= named <= targets


def test_a_link_to_a_file_of_code_names_the_file() -> None:
    for name, text in PAGES.items():
        for said, path in re.findall(r"\[([^]]+)\]\(([\w./-]+\.py)\)", text):
            assert Path(said).stem == Path(path).stem, f"{name}: {said}"


def test_the_exit_codes_are_those_of_the_code() -> None:
    table = re.search(r"\| code \| meaning \|\n(.*?)\n\n", PAGES["docs/running.md"], re.DOTALL)
    assert table
    told = {int(code) for row in re.findall(r"^\| ([\d, ]+) \|", table[1], re.MULTILINE)
            for code in row.split(",")}  # fmt: skip
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    stops = {128 + number for number in signals.NAMES}
    codes = {kind.exit_code for kind in kinds if issubclass(kind, errors.NnlabError)}
    assert told == {0} | codes | stops


def test_the_map_shows_the_folders_of_the_package() -> None:
    block = re.search(r"## The map\n\n```text\n(.*?)```", PAGES["CONTRIBUTING.md"], re.DOTALL)
    assert block
    shown = [line.split()[0].removesuffix("/") for line in block[1].splitlines()]
    package = ROOT / "nnlab"
    folders = [package, *(path for path in package.rglob("*") if path.is_dir())]
    assert sorted(shown) == sorted(
        str(folder.relative_to(ROOT))
        for folder in folders
        if folder.name != "__pycache__" and any(path.is_file() for path in folder.iterdir())
    )
    assert all(len(line.split()) > 1 for line in block[1].splitlines())


def test_the_files_that_the_docs_name_exist() -> None:
    for name, text in PAGES.items():
        for path in re.findall(r"\b((?:benchmarks|configs|nnlab|tests|tools)/[\w/.-]*\w)", text):
            assert (ROOT / path).exists() or "mine" in path, f"{name}: {path}"


@pytest.mark.slow
def test_the_example_in_python_runs(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGES["docs/python.md"], re.DOTALL)
    (tmp_path / "example.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "-W", "error", "example.py"], cwd=tmp_path, check=False,
        env=ENVIRONMENT | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {
        "cubic-0001", "cubic-0002", "cubic-0003",
    }  # fmt: skip
    assert (tmp_path / "sizes.png").stat().st_size > 0
    assert "gradient" in done.stdout


@pytest.mark.slow
def test_the_example_of_a_study_runs_from_outside_the_package(tmp_path: Path, nnlab: Nnlab) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGES["docs/studies.md"], re.DOTALL)
    (tmp_path / "mine.py").write_text(code)
    done = nnlab("study", "./mine.py", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["study"], told["quick"], told["seeds"]) == ("rate", True, 3)
    directory = tmp_path / told["directory"]
    assert {path.name for path in directory.glob("*.*")} >= {
        "report.html", "results.csv", "rmse.png", "study.json", "verdicts.json",
    }  # fmt: skip
    assert len(list((directory / "runs").iterdir())) == 6
    assert "smoke test" in (directory / "report.html").read_text()


@pytest.mark.slow
def test_what_loads_an_export_runs_without_nnlab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keys = {"data": "sample", "epochs": 1, "filters": [2], "hidden": 0}
    for saved in (
        trained(tmp_path / "runs/cubic-0001", "cubic", hidden=4, samples=100, gif=False),
        trained(tmp_path / "runs/fashion-0001", "fashion", **keys),
    ):
        for name in EXPERIMENTS[saved.experiment].exports:
            done = CliRunner().invoke(app, ["export", str(saved.path), "--format", name])
            assert done.exit_code == 0, done.output
            assert done.output.startswith(f"wrote {saved.path.name}{FORMATS[name].suffix}\n")
    blocks = re.findall(r"```python\n(.*?)```", PAGES["docs/export.md"], re.DOTALL)
    (tmp_path / "example.py").write_text("".join(blocks) + AFTER_AN_EXPORT)
    loaded = subprocess.run(
        [sys.executable, "example.py"], cwd=tmp_path, check=False, env=ENVIRONMENT,
        capture_output=True, text=True,
    )  # fmt: skip
    assert loaded.returncode == 0, loaded.stderr


AFTER_AN_EXPORT = """
np.testing.assert_allclose(from_tensorflow, from_keras, atol=1e-5)
np.testing.assert_allclose(from_onnx, from_keras, atol=1e-5)
np.testing.assert_allclose(from_keras.sum(axis=1), 1, atol=1e-5)
assert from_keras.shape == (5, 10) and classes.shape == (5,) and names[9] == "Ankle boot"
assert kernel.shape == (2, 2, 1, 2)
np.testing.assert_allclose(f_npz, f_onnx, atol=1e-12)
np.testing.assert_array_equal(f_csv, f_npz)
import sys
assert not any(name.split(".")[0] == "nnlab" for name in sys.modules)
"""


def test_the_names_in_python_exist() -> None:
    text = PAGES["docs/python.md"]
    for name in re.findall(r"^\| `nnlab\.(\w+)", text, re.MULTILINE):
        assert hasattr(nnlab_package, name), name
    run = nnlab_package.open_run(ROOT / "tests/runs/data/cubic-0.2.0")
    for name in re.findall(r"^\| `(\w+)(?:\(\))?` \|", text, re.MULTILINE):
        assert hasattr(run, name), name
