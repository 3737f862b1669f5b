from pathlib import Path
from statistics import fmean

import numpy as np
import pytest
from scipy import stats

from nnlab.runs.saved import SavedRun
from nnlab.study.claims.seeds import HALVES, STUDY
from nnlab.study.load import load
from tests.study.claims.quick import quick


def test_it_loads_and_takes_more_seeds_than_others() -> None:
    assert load("seeds").study is STUDY
    assert STUDY.seeds == 32


@pytest.mark.slow
def test_its_smoke_test_counts_the_comparisons_that_point_the_wrong_way(tmp_path: Path) -> None:
    path, results = quick(tmp_path, "seeds")

    def ends(arm: str) -> np.ndarray:
        runs = [SavedRun(path / "runs" / f"reference_{arm}_s{seed}") for seed in range(3)]
        return np.array([run.metrics["rmse"][-1] for run in runs])

    reference = ends("reference")
    for half in HALVES:
        same = int(np.sum(reference >= ends(half)))
        u = stats.mannwhitneyu(reference, ends(half)).statistic
        for place, share in (("same-seeds", same / 3), ("other-seeds", (u - same) / 6)):
            read = results.by_seed("reference", half, "wrong_share", place)
            assert fmean(read.values()) == pytest.approx(share)
        gaps = np.log(ends(half) / reference)
        read = results.by_seed("reference", f"{half}-same-seeds", "expected_wrong_share", "4")
        expected = stats.norm.cdf(0, gaps.mean(), gaps.std(ddof=1) / 2)
        assert read[0] == pytest.approx(expected)
    late = results.by_seed("reference", "reference", "late_rmse")[2]
    curve = SavedRun(path / "runs" / "reference_reference_s2").metrics["rmse"]
    assert late == pytest.approx(stats.gmean(curve[-10:]))
