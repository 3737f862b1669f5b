from pathlib import Path

import numpy as np
import pytest

from nnlab.cubic import data
from nnlab.cubic.replay import config_of
from nnlab.runs.saved import SavedRun
from nnlab.study.claims.curvature import EDGE, STUDY, TOO_LARGE
from nnlab.study.load import load
from tests.study import plain_cubic
from tests.study.claims.quick import quick


def test_it_loads() -> None:
    assert load("curvature").study is STUDY


@pytest.mark.slow
def test_its_smoke_test_measures_the_hessian_of_the_saved_weights(tmp_path: Path) -> None:
    path, results = quick(tmp_path, "curvature")
    run = SavedRun(path / "runs" / "full-batch_lr-0.2_s1")
    x, y = data.points(config_of(run))
    eigenvalues = np.linalg.eigvalsh(plain_cubic.hessian(run.weights(), x, y))
    measured = results.by_seed("full-batch", "lr-0.2", "sharpness", "240")[1]
    assert measured == pytest.approx(eigenvalues[-1], rel=1e-6)
    for arm in EDGE:  # what the method says of the start
        assert min(results.by_seed("full-batch", arm, "start_sharpness_x_lr/2").values()) > 1
    assert max(results.by_seed("full-batch", "lr-0.05", "start_sharpness_x_lr/2").values()) < 0.5
    assert set(TOO_LARGE) == {"lr-0.5", "lr-2"}
    assert set(results.by_seed("full-batch", "lr-2", "diverged").values()) == {1.0}
