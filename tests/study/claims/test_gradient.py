import json
from pathlib import Path

import numpy as np
import pytest

from nnlab.runs.saved import SavedRun
from nnlab.study.claims import gradient
from tests.conftest import Nnlab


def test_a_network_that_answers_0_has_the_error_that_is_named() -> None:
    x = np.arange(-40, 41) / 20
    assert round(float(np.sqrt(np.mean((x**3) ** 2))), 2) == gradient.NOTHING


@pytest.mark.slow
def test_the_study_compares_each_error_from_both_starts(tmp_path: Path, nnlab: Nnlab) -> None:
    done = nnlab("study", "gradient", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    runs = sorted((tmp_path / told["directory"] / "runs").iterdir())
    assert len(runs) == 4 * 2 * 3
    assert len({json.dumps(SavedRun(run).config["gradient"]) for run in runs}) == 4
    claims = {claim["claim"]: claim for claim in told["claims"]}
    found = claims["errors-cost"]["tests"][2]["outcome"]["estimate"]
    logs = {
        kind: [
            np.log(SavedRun(run).metrics["rmse"][-1])
            for run in runs
            if run.name.startswith(f"reference_{kind}-gaussian_")
        ]
        for kind in ("exact", "as-printed")
    }
    ratio = np.exp(np.mean(logs["as-printed"]) - np.mean(logs["exact"]))
    assert found == pytest.approx(ratio, rel=1e-12)
