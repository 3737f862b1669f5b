"""The shell's completion: what Tab offers after words of a command line."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nnlab.config.fields import choices
from nnlab.experiments import EXPERIMENTS
from tests.conftest import Nnlab, Typed, command

Tab = Callable[[str], list[str]]
BASH = shutil.which("bash") or "bash"


@pytest.fixture
def tab(typed: Typed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Tab:
    """Type a line and Tab in bash, in a folder with runs; return what is offered."""
    for name in ("cubic-0001", "cubic-0002", "fashion-0001"):
        (tmp_path / "runs" / name).mkdir(parents=True)
        (tmp_path / "runs" / name / "run.json").write_text("never read")
    (tmp_path / "runs/notes").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("_NNLAB_COMPLETE", "complete_bash")

    def complete(line: str) -> list[str]:
        words = line.split(" ")
        monkeypatch.setenv("COMP_WORDS", "\n".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        code, out, fault = typed()
        assert (code, fault) == (0, "")
        return out.split()

    return complete


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("nnlab resume ", ["cubic-0001", "cubic-0002", "fashion-0001", "last"]),
        ("nnlab resume fa", ["fashion-0001"]),
        ("nnlab resume la", ["last", "last:cubic", "last:fashion", "last:check"]),
        ("nnlab resume last:c", ["last:cubic", "last:check"]),
        ("nnlab resume runs/cubic-0002", ["runs/cubic-0002"]),
        ("nnlab resume ./runs/f", ["./runs/fashion-0001"]),
        ("nnlab resume nowhere/", []),
        ("nnlab fashion --optimizer ", ["adam", "adamw", "sgd"]),
        ("nnlab fashion --optimizer ada", ["adam", "adamw"]),
        ("nnlab fashion --augment ", ["flip", "shift", "erase"]),
        ("nnlab fashion --augment flip,", ["flip,shift", "flip,erase"]),
        ("nnlab cubic --log-every ", ["auto"]),
        ("nnlab cubic --hidden ", []),
        ("nnlab cubic --no-g", ["--no-gif"]),
        ("nnlab fashion --preset f", ["fast"]),
        ("nnlab runs exp", ["experiment"]),
        ("nnlab runs --sort best_r", ["best_rmse"]),
        ("nnlab runs --columns name,dur", ["name,duration"]),
        ("nnlab compare --metric rm", ["rmse"]),
        ("nnlab compare --metric test_a", ["test_accuracy"]),
    ],
)
def test_tab_offers(tab: Tab, line: str, offered: list[str]) -> None:
    assert tab(line) == offered


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_word_that_a_key_may_be_is_offered(tab: Tab, name: str) -> None:
    words = {key: choices(field.annotation) for key, field in
             EXPERIMENTS[name].config.model_fields.items()}  # fmt: skip
    assert any(words.values())
    for key, offered in words.items():
        if offered:
            assert tab(f"nnlab {name} --{key.replace('_', '-')} ") == offered


def test_completion_can_be_installed_for_bash(nnlab: Nnlab, tmp_path: Path) -> None:
    """Also with `python -m nnlab`, which would otherwise install a script that no shell reads."""
    home = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    done = nnlab("--install-completion", "bash", **home)  # whatever started the tests
    assert done.returncode == 0, done.stderr
    script = tmp_path / ".bash_completions/nnlab.sh"
    assert str(script) in (tmp_path / ".bashrc").read_text()
    (tmp_path / "runs/cubic-0001").mkdir(parents=True)
    (tmp_path / "runs/cubic-0001/run.json").touch()
    (tmp_path / "nnlab").write_text(f'#!/bin/sh\nexec {" ".join(command()[:1])} -m nnlab "$@"\n')
    (tmp_path / "nnlab").chmod(0o755)
    lines = (
        f"source {script}; COMP_WORDS=(nnlab resume cu); COMP_CWORD=2; "
        "_nnlab_completion ./nnlab; echo ${COMPREPLY[@]}"
    )
    bash = subprocess.run(
        [BASH, "-c", lines], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert bash.stdout == "cubic-0001\n"
