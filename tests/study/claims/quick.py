"""Run the smoke test of a study as a user does, and read what it wrote."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from nnlab.study.load import load
from nnlab.study.results import Results
from tests.conftest import ENVIRONMENT, command
from tests.study.made import from_csv


def quick(folder: Path, name: str) -> tuple[Path, Results]:
    """Return the directory of `nnlab study NAME --quick` and its rows.

    Its pictures and the verdict on each claim are there.
    """
    done = subprocess.run(
        command("study", name, "--quick", "--json", "--jobs", len(os.sched_getaffinity(0))),
        cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    study = load(name).study
    assert [each["claim"] for each in told["claims"]] == [claim.name for claim in study.claims]
    path = folder / told["directory"]
    for picture in study.pictures:
        assert (path / f"{picture.name}.png").read_bytes().startswith(b"\x89PNG")
    return path, from_csv((path / "results.csv").read_text())
