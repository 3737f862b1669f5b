"""The wheel and the sdist: what they hold, and that the installed wheel runs."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from nnlab import __version__
from tests.conftest import ENVIRONMENT

ROOT = Path(__file__).parent.parent
NEVER_SOURCES = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist")


def not_sources(folder: str, names: list[str]) -> set[str]:
    """Return what of a folder is not in the repository; `runs/` stands at its top alone."""
    top = {"runs"} if Path(folder) == ROOT else set()
    return NEVER_SOURCES(folder, names) | top


NAME = f"nnlab_bench-{__version__}"


def build(kind: str, source: Path) -> Path:
    """Build a `wheel` or an `sdist` from the tree at `source` as an installer does."""
    code = f"from setuptools import build_meta; print(build_meta.build_{kind}('dist'))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return source / "dist" / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("build") / "tree"
    shutil.copytree(ROOT, tree, ignore=not_sources, symlinks=True)
    return build("sdist", tree)


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as it is built from the sdist alone."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return build("wheel", folder / NAME)


def sources(*folders: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_sdist_holds_docs_tools_and_all_tests(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        held = {name.removeprefix(f"{NAME}/") for name in archive.getnames()}
    wanted = sources("benchmarks", "configs", "docs", "nnlab", "tests", "tools")
    assert {"docs/errata.md", "tests/faults/test_kills.py", "configs/cubic.yaml"} <= wanted
    wanted |= {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "Makefile",
               "constraints.txt", "pyproject.toml"}  # fmt: skip
    assert wanted - held == set()


def test_the_wheel_holds_the_package_and_the_configs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
        for path in (ROOT / "configs").iterdir():
            assert archive.read(f"nnlab/configs/{path.name}") == path.read_bytes()
    assert sources("nnlab") - held == set()
    assert {name.split("/")[0] for name in held} == {"nnlab", f"{NAME}.dist-info"}


def test_the_installed_wheel_runs(wheel: Path, tmp_path: Path) -> None:
    to = tmp_path / "site"
    pip = [sys.executable, "-m", "pip"] if find_spec("pip") else ["uv", "pip"]
    install = [*pip, "install", "--no-deps", "--no-index", "--target", str(to), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    environment = ENVIRONMENT | {"PYTHONPATH": str(to)}

    def run(*words: object) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, words)], cwd=tmp_path, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run(to / "bin/nnlab", "--version") == f"nnlab {__version__}\n"
    assert run("-c", "import nnlab; print(nnlab.__file__)").startswith(f"{to}{os.sep}")
    printed = run("-m", "nnlab", "fashion", "--preset", "fast", "--print-config")
    assert "filters: [16, 32]       # preset fast" in printed


def test_no_text_sends_anyone_to_another_project_of_that_name() -> None:
    for name in sources("nnlab", "docs", "tools", "benchmarks") | {"README.md", "CONTRIBUTING.md"}:
        if name.endswith((".md", ".py", ".toml")):
            text = (ROOT / name).read_text(encoding="utf-8")
            assert not re.search(r"install[^\n]*[ '\"]nnlab\b(?!-)", text), name


def test_every_init_but_nnlabs_own_is_a_docstring() -> None:
    """If `nnlab.runs` handed on Run, reading a run.json would load NumPy."""
    for path in (ROOT / "nnlab").rglob("__init__.py"):
        body = ast.parse(path.read_text(encoding="utf-8")).body
        if path.parent != ROOT / "nnlab":
            assert [type(node) for node in body] == [ast.Expr], path
