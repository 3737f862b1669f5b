"""`nnlab check` passes a right gradient and finds a wrong one."""

import json
import tracemalloc
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnlab.cubic.check import plain
from nnlab.cubic.check.compare import (
    COMPLEX,
    DIFFERENCES,
    TENSORFLOW,
    Magnitudes,
    compare,
    relative_error,
)
from nnlab.cubic.check.numeric import Case, central_difference, complex_step, losses
from nnlab.cubic.gradients import gradients
from nnlab.cubic.network import initial_parameters
from nnlab.experiments import EXPERIMENTS
from nnlab.python import train
from nnlab.runs.saved import SavedRun
from tests.conftest import Nnlab

BLOCKS = ["W1", "b1", "W2", "b2", "W3", "b3"]
SMALL = ("check", "--hidden", 6, "--batch-size", 4)
NUMBA = ["numba"] if find_spec("numba") else []  # the engine, where it is installed


def test_the_exact_gradient_passes(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab(*SMALL)
    assert done.returncode == 0, done.stderr
    table = [line.split() for line in done.stdout.splitlines()]
    rows = {line[0]: line for line in table if line[0] in BLOCKS}
    assert list(rows) == BLOCKS
    for _, _, difference, _, _, complex_, _, limit, verdict in rows.values():
        assert float(difference) < 1e-6
        assert float(complex_) < 1e-13
        assert float(limit) <= 1e-10
        assert verdict == "right"
    for name in ("blocks.png", "steps.png"):
        with Image.open(tmp_path / "runs/check-0001/plots" / name) as image:
            image.verify()


def test_the_printed_gradient_fails_where_it_is_wrong(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab(*SMALL, "--gradient", "as-printed", "--json", "--run-dir", "a")
    assert done.returncode == 1
    blocks = {block["name"]: block for block in json.loads(done.stdout)["blocks"]}
    assert [name for name, block in blocks.items() if block["verdict"] == "WRONG"] == [
        "W1",
        "b1",
        "W2",
    ]
    assert all(blocks[name]["errors"][COMPLEX] > 1e-3 for name in ("W1", "b1", "W2"))
    assert "diagonal of W2 only" in blocks["b1"]["why"]
    assert SavedRun(tmp_path / "a").record["status"] == "completed"
    told = nnlab(*SMALL, "--gradient", "as-printed").stdout
    assert "W2 is wrong: relative error" in told
    assert "b1 is wrong: relative error 0.35 (complex step): " in told
    assert "The right place is unit i" in told
    assert "b2 is wrong" not in told


@pytest.mark.parametrize(
    ("gradient", "wrong", "said"),
    [
        ("wrong-unit", ["W2"], "W2 is wrong: relative error"),
        ("diagonal", ["W1", "b1"], "from the diagonal of W2 only"),
    ],
)
def test_one_error_alone_fails_where_it_is_wrong(
    nnlab: Nnlab, tmp_path: Path, gradient: str, wrong: list[str], said: str
) -> None:
    done = nnlab(*SMALL, "--gradient", gradient, "--run-dir", "a")
    assert done.returncode == 1
    assert said in done.stdout
    assert "every step is right" in done.stdout
    assert done.stdout.splitlines()[-1] == "exit code 1: a block of the gradient is wrong"
    blocks = SavedRun(tmp_path / "a").record["blocks"]
    assert [block["name"] for block in blocks if block["verdict"] == "WRONG"] == wrong
    assert [block["name"] for block in blocks if block["why"]] == wrong


@pytest.mark.parametrize(
    "keys",
    [
        {"hidden": 1, "batch_size": 1}, {"seed": 7}, {"init": "recycled"}, {"init_scale": 1e-4},
        {"init_scale": 3}, {"hidden": 1, "init_scale": 1e-5}, {"hidden": 300, "entries": 15},
        {"init_scale": 30, "seed": 2},  # saturated units
    ],
)  # fmt: skip
def test_a_right_gradient_passes_for_all_keys(tmp_path: Path, keys: dict[str, Any]) -> None:
    run = train("check", parent=tmp_path, **{"hidden": 6, "batch_size": 4} | keys)
    assert EXPERIMENTS["check"].judge(run.summary)[0] == 0, run.record["report"]


def test_entries_limits_the_entries_of_each_block(nnlab: Nnlab) -> None:
    done = nnlab(*SMALL, "--entries", 5, "--json")
    assert [block["entries"] for block in json.loads(done.stdout)["blocks"]] == [5] * 5 + [1]


@pytest.mark.parametrize(
    "options",
    [("--init-scale", 1e5), ("--init-scale", 0), ("--init-scale", 0, "--gradient", "as-printed")],
)
def test_an_unclear_block_does_not_pass(nnlab: Nnlab, options: tuple[object, ...]) -> None:
    done = nnlab(*SMALL, *options)
    assert done.returncode == 1, done.stdout
    assert "W2 is unclear: its gradient is 0 for these parameters" in done.stdout
    assert "does not pass: check again with --init-scale 0.05" in done.stdout
    assert "every step is right" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("exit code 1: a block of the gradient could")
    assert not done.stderr.count("Warning")


def test_a_network_that_fits_to_the_last_digit_is_not_called_wrong(nnlab: Nnlab) -> None:
    """Its loss is 0 except for rounding errors, but its third derivative is not 0."""
    fit = ("--hidden", 5, "--samples", 1, "--epochs", 3000, "--no-gif", "--run-dir", "a")
    assert nnlab("cubic", *fit).returncode == 0
    done = nnlab("check", "--hidden", 5, "--batch-size", 1, "--init-from", "a/model.npz")
    assert "WRONG" not in done.stdout
    assert "check again with other parameters in --init-from" in done.stdout
    assert done.returncode == 1


def test_steps_of_every_engine(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab(*SMALL, "--run-dir", "a")
    last = done.stdout.splitlines()[-1]
    assert last == "exit code 0: every block of the gradient is right, and every step is right"
    steps = SavedRun(tmp_path / "a").record["steps"]
    engines = {"descend", "numpy", "numpy, blas", *NUMBA}
    assert NUMBA or "not checked: engine numba, because Numba cannot be imported" in done.stdout
    seen = {(step["engine"], step["block"]) for step in steps}
    assert seen == {(engine, block) for engine in engines for block in [*BLOCKS, "f - y"]} | {
        ("plain equations", block) for block in BLOCKS
    }
    assert all(step["error"] < 1e-10 and step["limit"] < 1e-9 for step in steps)


def test_printed_steps_are_compared_with_the_printed_formulas(
    nnlab: Nnlab,
) -> None:
    done = nnlab(*SMALL, "--gradient", "as-printed", "--json")
    assert done.returncode == 1
    record = json.loads(done.stdout)
    assert record["summary"] == {"wrong_blocks": 3, "wrong_steps": 0, "unclear_blocks": 0}
    assert {step["engine"] for step in record["steps"]} == {"descend", "numpy", *NUMBA}


def test_a_trained_network_passes(nnlab: Nnlab) -> None:
    nnlab("cubic", "--hidden", 6, "--samples", 3000, "--no-gif", "--run-dir", "a")
    done = nnlab(*SMALL, "--init-from", "a/model.npz")
    assert done.returncode == 0, done.stdout


def test_a_bad_file_of_parameters(nnlab: Nnlab, tmp_path: Path) -> None:
    np.savez(tmp_path / "p.npz", W1=np.ones(3))
    done = nnlab(*SMALL, "--init-from", "p.npz")
    assert done.returncode == 2
    assert "has no b1" in done.stderr
    assert not (tmp_path / "runs/check-0001").exists()


@pytest.mark.slow
def test_autodiff(nnlab: Nnlab) -> None:
    done = nnlab(*SMALL, "--autodiff", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(b["errors"][TENSORFLOW] < 1e-13 for b in json.loads(done.stdout)["blocks"])


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("factor", [1 + 1e-5, -1.0])
@pytest.mark.parametrize("scale", [1e-3, 0.05, 1])
def test_a_single_wrong_entry_is_caught(block: str, factor: float, scale: float) -> None:
    parameters = initial_parameters(5, scale, np.random.default_rng(0))
    x = np.array([[-1.0], [0.5], [1.5]])
    gradient = gradients(parameters, x, x**3)[block].ravel()
    methods = {DIFFERENCES: (central_difference, 6e-6), COMPLEX: (complex_step, 1e-20)}
    references = {}
    for method, (make, h) in methods.items():
        entries = np.arange(gradient.size)
        references[method] = make(Case(parameters, x, x**3), block, entries, h)
    loss = plain.loss(parameters, x, x**3).real
    sensitivity = plain.sensitivity(parameters, x)[block].ravel()
    magnitudes = Magnitudes(loss, 10.0, sensitivity)
    assert compare(block, gradient, references, magnitudes).verdict == "right"
    gradient[np.argmax(np.abs(gradient))] *= factor
    assert compare(block, gradient, references, magnitudes).verdict == "WRONG"


def test_derivatives_do_not_change_the_parameters() -> None:
    parameters = initial_parameters(3, 0.5, np.random.default_rng(0))
    before = {name: p.copy() for name, p in parameters.items()}
    x = np.ones((2, 1))
    for make in (central_difference, complex_step):
        make(Case(parameters, x, x), "W2", np.arange(9), 1e-3)
    for name, value in before.items():
        np.testing.assert_array_equal(parameters[name], value)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("change", [0.3, 0.3j])
def test_the_losses_are_those_of_changed_networks(block: str, change: complex) -> None:
    parameters = initial_parameters(5, 0.5, np.random.default_rng(0))
    x = np.array([[-1.0], [0.5], [1.5]])
    entries = np.arange(parameters[block].size)[::-1]  # in any order
    together = losses(Case(parameters, x, x**3), block, entries, change)
    for entry, loss in zip(entries, together, strict=True):
        changed = parameters[block].astype(complex)
        changed.flat[entry] += change
        alone = plain.loss(parameters | {block: changed}, x, x**3)
        np.testing.assert_allclose(loss, alone, rtol=1e-13)


def test_relative_error_of_nothing() -> None:
    zero, one = np.zeros(2), np.ones(2)
    assert relative_error(zero, zero) == 0
    assert relative_error(one, zero) == float("inf")
    assert relative_error(zero, one) == 1


def test_a_check_can_be_resumed(nnlab: Nnlab, tmp_path: Path) -> None:
    nnlab(*SMALL, "--run-dir", "a")
    (tmp_path / "a/plots/steps.png").unlink()
    (tmp_path / "a/plots/blocks.png").unlink()
    (tmp_path / "a/plots").rmdir()
    again = nnlab("resume", "a")
    assert again.returncode == 0, again.stderr
    assert "every block is right" in again.stdout


def test_a_finished_check_is_not_made_again(nnlab: Nnlab) -> None:
    nnlab(*SMALL, "--gradient", "as-printed", "--run-dir", "a")
    again = nnlab("resume", "a")
    assert again.returncode == 1
    assert "nothing is left to do" in again.stderr
    refused = nnlab("resume", "a", "--epochs", 3)
    assert refused.returncode == 2
    assert "can change nothing" in refused.stderr


def test_the_plain_gradient_is_checked_with_few_arrays_at_once() -> None:
    p = initial_parameters(300, 0.05, np.random.default_rng(0))
    x = np.linspace(-2, 2, 2)[:, None]
    tracemalloc.start()
    plain.directional_derivatives(p, x, x**3, np.random.default_rng(1))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10 * p["W2"].nbytes  # all directions and their complex steps: 24


def test_a_check_of_an_older_nnlab_is_not_reported_as_a_full_pass(
    nnlab: Nnlab, tmp_path: Path
) -> None:
    assert nnlab(*SMALL, "--run-dir", "a").returncode == 0
    record = SavedRun(tmp_path / "a").record
    for wrong, start in (
        (0, "exit code 0: no block is wrong;"),
        (1, "exit code 1: a block"),
    ):
        old = json.dumps(record | {"summary": {"wrong_blocks": wrong}})
        (tmp_path / "a/run.json").write_text(old)
        done = nnlab("resume", "a")
        assert done.returncode == wrong, done.stderr
        last = done.stdout.splitlines()[-1]
        assert last.startswith(start)
        assert ("by an older nnlab" in last and "run it again" in last) == (not wrong)
        assert "every step" not in last
