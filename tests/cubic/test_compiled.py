"""The compiled engine: its sigmoid, its steps, and its runs."""

import shutil
import signal
import subprocess
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from nnlab.cubic import compiled
from nnlab.cubic.compiled import compiled_descent, sigmoid
from nnlab.cubic.config import GradientKind
from nnlab.cubic.gradients import NETWORKS
from nnlab.cubic.network import Array, Parameters, initial_parameters, minibatch_descent
from tests.conftest import ENVIRONMENT, Nnlab, command, digest, rows, weights, without_times

QUICK = ("cubic", "--engine", "numba", "--hidden", 10, "--samples", 300, "--no-gif")
AGREE = {"float64": 1e-9, "float32": 1e-4}  # what docs/cubic.md promises after 1,000 steps


def start(hidden: int, samples: int, dtype: str, seed: int = 0) -> tuple[Parameters, Array, Array]:
    rng = np.random.default_rng(seed)
    parameters = initial_parameters(hidden, 0.05, rng, dtype)
    x = rng.uniform(-2, 2, (samples, 1)).astype(dtype)
    return parameters, x, x**3


def assert_agree(ours: Parameters, theirs: Parameters, relative: float) -> None:
    """Compare all numbers together: the relative error of a block near 0 means nothing."""
    a, b = (np.concatenate([p[k].ravel() for k in theirs]).astype(float) for p in (ours, theirs))
    assert np.linalg.norm(a - b) <= relative * np.linalg.norm(b)


@pytest.mark.parametrize(("dtype", "error"), [("float64", 1e-15), ("float32", 3e-7)])
def test_the_error_of_the_rational_sigmoid_is_below_its_bound(dtype: str, error: float) -> None:
    z = np.concatenate([np.linspace(-40, 40, 2_000_001), [-1e30, -800, 800, 1e30]]).astype(dtype)
    found = z.copy()
    sigmoid(found)
    assert np.abs(found.astype(float) - expit(z.astype(float))).max() <= error


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_sigmoid_keeps_nan_and_infinity(dtype: str) -> None:
    z = np.array([np.nan, np.inf, -np.inf] * 20, dtype)
    sigmoid(z)
    np.testing.assert_allclose(z, [np.nan, 1, 0] * 20, atol=1e-7)


def thousand_steps_agree(
    dtype: str, hidden: int, batch: int, seed: int, gradient: GradientKind
) -> None:
    compiled, x, y = start(hidden, 1000 * batch, dtype, seed)
    plain = {name: p.copy() for name, p in compiled.items()}
    errors = compiled_descent(compiled, x, y, 0.01, batch, NETWORKS[gradient])
    theirs = minibatch_descent(plain, x, y, 0.01, batch, kind=NETWORKS[gradient])
    assert_agree(compiled, plain, AGREE[dtype])
    assert_agree({"errors": errors}, {"errors": theirs}, AGREE[dtype])
    assert compiled["W2"].dtype == errors.dtype == np.dtype(dtype)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("hidden", "batch"), [(125, 1), (125, 32), (5, 1), (5, 32), (126, 32)])
@pytest.mark.parametrize("dtype", AGREE)
def test_a_thousand_steps_agree_with_numpy(dtype: str, hidden: int, batch: int, seed: int) -> None:
    thousand_steps_agree(dtype, hidden, batch, seed, "exact")


@pytest.mark.parametrize(("hidden", "batch"), [(125, 1), (5, 4), (5, 32), (126, 8)])
@pytest.mark.parametrize("dtype", AGREE)
@pytest.mark.parametrize("gradient", ["wrong-unit", "diagonal", "as-printed"])
def test_a_thousand_wrong_steps_agree_with_numpy(
    gradient: GradientKind, dtype: str, hidden: int, batch: int
) -> None:
    thousand_steps_agree(dtype, hidden, batch, 0, gradient)


@given(
    gradient=st.sampled_from(list(NETWORKS)), hidden=st.integers(1, 40),
    samples=st.integers(1, 50), batch=st.integers(1, 60), seed=st.integers(0, 99),
    lr=st.floats(1e-4, 0.1),
)  # fmt: skip
@settings(deadline=None, max_examples=80)
def test_every_size_of_network_and_batch(
    gradient: GradientKind, hidden: int, samples: int, batch: int, seed: int, lr: float
) -> None:
    compiled, x, y = start(hidden, samples, "float64", seed)
    plain = {name: p.copy() for name, p in compiled.items()}
    errors = compiled_descent(compiled, x, y, lr, batch, NETWORKS[gradient])
    theirs = minibatch_descent(plain, x, y, lr, batch, kind=NETWORKS[gradient])
    np.testing.assert_allclose(errors, theirs, rtol=1e-9, atol=1e-11)
    for name, expected in plain.items():
        np.testing.assert_allclose(compiled[name], expected, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("gradient", NETWORKS)
@pytest.mark.parametrize("dtype", AGREE)
def test_sweeps_in_pieces_are_one_sweep_to_the_bit(dtype: str, gradient: GradientKind) -> None:
    once, x, y = start(30, 60, dtype)
    kind = NETWORKS[gradient]
    for sweep in (partial(compiled_descent, batch_size=b, kind=kind) for b in (1, 4, 8)):
        pieces = {name: p.copy() for name, p in once.items()}
        whole = {name: p.copy() for name, p in once.items()}
        sweep(whole, x, y, 0.01)
        for cut in (slice(0, 8), slice(8, 24), slice(24, 60)):
            sweep(pieces, x[cut], y[cut], 0.01)
        for name, expected in whole.items():
            np.testing.assert_array_equal(pieces[name], expected)


@pytest.mark.parametrize("gradient", ["exact", "as-printed"])
def test_a_run_agrees_with_the_numpy_engine(
    nnlab: Nnlab, tmp_path: Path, gradient: GradientKind
) -> None:
    options = (*QUICK, "--gradient", gradient, "--epochs", 4, "--log-every", 100, "--gif")
    for engine in ("numba", "numpy"):
        done = nnlab(*options, "--engine", engine, "--run-dir", engine)
        assert done.returncode == 0, done.stderr
    ours, theirs = tmp_path / "numba", tmp_path / "numpy"
    assert_agree(weights(ours), weights(theirs), 1e-9)
    for a, b in zip(rows(ours), rows(theirs), strict=True):
        assert [float(a[k]) for k in a if k != "seconds"] == pytest.approx(
            [float(b[k]) for k in b if k != "seconds"], rel=1e-9
        )
    for made in ("checkpoint/last.safetensors", "plots/fit.png", "plots/training.gif"):
        assert (ours / made).is_file()
    assert "numba" in (ours / "run.json").read_text()


def test_a_resumed_run_equals_an_uninterrupted_one(nnlab: Nnlab, tmp_path: Path) -> None:
    options = (*QUICK, "--log-every", 70)
    assert nnlab(*options, "--run-dir", "a").returncode == 0
    assert nnlab("resume", "a", "--epochs", 3).returncode == 0
    assert nnlab(*options, "--epochs", 3, "--run-dir", "b").returncode == 0
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert without_times(tmp_path / "a") == without_times(tmp_path / "b")


def test_divergence(nnlab: Nnlab) -> None:
    done = nnlab(*QUICK, "--lr", "1e3", "--run-dir", "a")
    assert done.returncode == 3
    assert "not finite at step" in done.stderr


@pytest.fixture(scope="module")
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the run `first` and its Numba cache."""
    folder = tmp_path_factory.mktemp("compiled")
    environment = ENVIRONMENT | {"NUMBA_CACHE_DIR": str(folder / "cache")}
    words = command(*QUICK, "--run-dir", "first")
    subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)
    return folder


@pytest.fixture
def cache(compiled_once: Path, tmp_path: Path) -> Path:
    """Return a copy of that cache; its folder also has a copy of the run."""
    shutil.copytree(compiled_once, tmp_path, dirs_exist_ok=True)
    return tmp_path / "cache"


@pytest.mark.parametrize("seconds", [0.8, 1.6, 2.4])
def test_a_signal_during_compilation(tmp_path: Path, seconds: float) -> None:
    environment = ENVIRONMENT | {"NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    process = subprocess.Popen(
        command(*QUICK, "--samples", 5_000_000, "--run-dir", "a", stopped=True),
        cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(seconds)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM, said
    assert "Traceback" not in said
    assert "Exception" not in said


def test_a_second_start_compiles_nothing(nnlab: Nnlab, tmp_path: Path, cache: Path) -> None:
    def kept() -> dict[str, int]:
        return {p.name: p.stat().st_mtime_ns for p in cache.rglob("*.nb?")}

    first = kept()
    assert first
    assert nnlab(*QUICK, "--run-dir", "second", NUMBA_CACHE_DIR=str(cache)).returncode == 0
    assert kept() == first
    assert digest(tmp_path / "first") == digest(tmp_path / "second")


@pytest.mark.parametrize("left", [b"", b"not what it was"])
def test_a_damaged_cache_is_rebuilt(nnlab: Nnlab, tmp_path: Path, cache: Path, left: bytes) -> None:
    """A power failure can damage the cache."""
    for kept in cache.rglob("*.nb?"):
        kept.write_bytes(left)
    for run in ("second", "third"):
        done = nnlab(*QUICK, "--run-dir", run, NUMBA_CACHE_DIR=str(cache))
        assert done.returncode == 0, done.stderr
    assert digest(tmp_path / "first") == digest(tmp_path / "third")
    assert any(kept.stat().st_size > 1000 for kept in cache.rglob("*.nbc"))


def test_two_processes_mend_the_cache_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file is gone when this process comes to it."""
    for name in ("a.nbi", "a.1.nbc"):
        (tmp_path / f"compiled.{name}").touch()
    stats = SimpleNamespace(cache_path=str(tmp_path))
    monkeypatch.setattr(compiled, "descend", SimpleNamespace(stats=stats))
    unlink, tries = Path.unlink, []

    def late(path: Path, **how: bool) -> None:
        unlink(path)
        unlink(path, **how)

    def call() -> None:
        tries.append(len([*tmp_path.iterdir()]))
        if tries[-1]:
            raise EOFError

    monkeypatch.setattr(Path, "unlink", late)
    compiled.mend_cache(call)
    assert tries == [2, 0]


def test_without_a_place_for_the_cache_it_compiles_each_time(nnlab: Nnlab, tmp_path: Path) -> None:
    ours, ignored = Path(__file__).parents[2] / "nnlab", shutil.ignore_patterns("__pycache__")
    shutil.copytree(ours, tmp_path / "nnlab", ignore=ignored)  # found before the installed one
    (tmp_path / "nnlab/cubic/__pycache__").write_text("no folder")
    (tmp_path / "no").write_text("no folder")
    done = nnlab(
        *QUICK, "--run-dir", "a", XDG_CACHE_HOME=str(tmp_path / "no/cache"), HOME="/dev/null"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("ModuleNotFoundError('No module named numba')", "not installed: pip install numba;"),
        ("ImportError('no llvmlite')", "cannot be imported (no llvmlite); install it again"),
    ],
)
def test_without_numba_it_says_what_to_install(
    nnlab: Nnlab, tmp_path: Path, fault: str, said: str
) -> None:
    (tmp_path / "numba.py").write_text(f"raise {fault}")  # found first
    done = nnlab(*QUICK, "--run-dir", "a")
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "a").exists()
