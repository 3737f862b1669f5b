"""What README and configs say is what the code does."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from nnlab.config.base import Config
from nnlab.config.resolve import resolve
from nnlab.cubic.config import CubicConfig
from nnlab.fashion.config import FashionConfig
from tests.conftest import ENVIRONMENT, Nnlab

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODELS: dict[str, type[Config]] = {"cubic": CubicConfig, "fashion": FashionConfig}
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))


def test_tables_are_those_of_the_code() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools/write_docs.py", "--check"],
        env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_a_shipped_config_begins_with_its_command_and_sets_no_default(path: Path) -> None:
    text = path.read_text()
    command = text.splitlines()[0]
    name = command.split()[2]
    assert command == f"# nnlab {name} --config configs/{path.name}"
    assert "Measured:" in text
    config = resolve(MODELS[name], path, {}).config.model_dump()
    defaults = MODELS[name]().model_dump()
    differ = [key for key, value in config.items() if value != defaults[key]]
    assert list(yaml.safe_load(text) or {}) == differ


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_a_shipped_config_shows_every_key_with_print_config(nnlab: Nnlab, path: Path) -> None:
    name = path.read_text().split()[2]
    printed = nnlab(name, "--config", path, "--print-config")
    assert printed.returncode == 0, printed.stderr
    values = yaml.safe_load(printed.stdout)
    assert list(values) == list(MODELS[name].model_fields)
    again = MODELS[name].model_validate_json(json.dumps(values))
    assert again == resolve(MODELS[name], path, {}).config


@pytest.mark.parametrize("name", MODELS)
def test_the_plain_configs_are_the_defaults(name: str) -> None:
    assert resolve(MODELS[name], ROOT / f"configs/{name}.yaml", {}).config == MODELS[name]()


def readme_commands() -> list[str]:
    lines = re.findall(r"^    (nnlab .*)$", README, re.MULTILINE)
    return [line.split("#")[0].split("|")[0].split(">")[0].strip() for line in lines]


@pytest.mark.parametrize("line", readme_commands())
def test_a_command_in_the_readme_is_accepted(nnlab: Nnlab, tmp_path: Path, line: str) -> None:
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    arguments = shlex.split(line)[1:]
    if arguments[0] in {*MODELS, "check"}:
        arguments.append("--print-config")
    if arguments[0] == "resume":
        nnlab("cubic", "--samples", 100, "--no-gif", "--run-dir", arguments[1])
    done = nnlab(*arguments)
    assert done.returncode == 0, done.stderr


def test_the_readmes_links_and_make_targets_exist() -> None:
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / link).exists(), link
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = README + (ROOT / "CONTRIBUTING.md").read_text()
    assert set(re.findall(r"\bmake ([a-z-]+)\b(?! it)", pages)) <= targets
