"""`nnlab check`: it passes a right gradient, and catches a wrong one."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnlab.check.compare import COMPLEX, DIFFERENCES, TENSORFLOW, compare, relative_error
from nnlab.check.numeric import central_difference, complex_step
from nnlab.cubic.gradients import gradients
from nnlab.cubic.network import initial_parameters
from tests.conftest import Nnlab

BLOCKS = ["W1", "b1", "W2", "b2", "W3", "b3"]
SMALL = ("check", "--hidden", 6, "--batch-size", 4)


def test_the_exact_gradient_passes(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab(*SMALL)
    assert done.returncode == 0, done.stderr
    table = [line.split() for line in done.stdout.splitlines()]
    rows = {line[0]: line for line in table if line[0] in BLOCKS}
    assert list(rows) == BLOCKS
    for _, _, difference, complex_, verdict in rows.values():
        assert float(difference) < 1e-6
        assert float(complex_) < 1e-13
        assert verdict == "right"
    for name in ("blocks.png", "steps.png"):
        with Image.open(tmp_path / "runs/check-0001/plots" / name) as image:
            image.verify()


def test_the_printed_gradient_fails_where_it_is_wrong(nnlab: Nnlab, tmp_path: Path) -> None:
    done = nnlab(*SMALL, "--gradient", "as-printed", "--json", "--run-dir", "a")
    assert done.returncode == 1
    blocks = {block["name"]: block for block in json.loads(done.stdout)["blocks"]}
    assert [name for name, block in blocks.items() if block["wrong"]] == ["W1", "b1", "W2"]
    assert all(blocks[name]["errors"][COMPLEX] > 1e-3 for name in ("W1", "b1", "W2"))
    assert "diagonal of W2 alone" in blocks["b1"]["why"]
    assert json.loads((tmp_path / "a/run.json").read_text())["status"] == "completed"
    told = nnlab(*SMALL, "--gradient", "as-printed").stdout
    assert "W2 is wrong by" in told
    assert "belongs at unit i" in told
    assert "b2 is wrong" not in told


@pytest.mark.parametrize(
    "options",
    [
        ("--hidden", 1, "--batch-size", 1), ("--seed", 7), ("--init", "recycled"),
        ("--init-scale", 0), ("--init-scale", 1e-4), ("--init-scale", 3),
        ("--hidden", 300, "--entries", 15),
    ],
)  # fmt: skip
def test_a_right_gradient_passes_everywhere(nnlab: Nnlab, options: tuple[object, ...]) -> None:
    done = nnlab(*SMALL, *options)
    assert done.returncode == 0, done.stdout + done.stderr


def test_entries_are_a_random_part_of_each_block(nnlab: Nnlab) -> None:
    done = nnlab(*SMALL, "--entries", 5, "--json")
    assert [block["entries"] for block in json.loads(done.stdout)["blocks"]] == [5] * 5 + [1]


def test_saturated_units_are_told(nnlab: Nnlab) -> None:
    done = nnlab(*SMALL, "--init-scale", 1e5)
    assert done.returncode == 1
    assert "cannot be judged" in done.stdout
    assert not done.stderr.count("Warning")


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
    assert nnlab(*SMALL, "--autodiff", "--gradient", "as-printed").returncode == 1


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("factor", [1 + 1e-5, -1.0])
def test_a_single_wrong_entry_is_caught(block: str, factor: float) -> None:
    parameters = initial_parameters(5, 0.5, np.random.default_rng(0))
    x = np.array([[-1.0], [0.5], [1.5]])
    gradient = gradients(parameters, x, x**3)[block].ravel()
    ways = {DIFFERENCES: (central_difference, 6e-6), COMPLEX: (complex_step, 1e-20)}
    references = {}
    for way, (make, h) in ways.items():
        derivative = make(parameters, x, x**3)
        references[way] = np.array([derivative(block, i, h) for i in range(gradient.size)])
    assert not compare(block, gradient, references, 1.0, "").wrong
    gradient[np.argmax(np.abs(gradient))] *= factor
    assert compare(block, gradient, references, 1.0, "").wrong


def test_derivatives_leave_the_parameters() -> None:
    parameters = initial_parameters(3, 0.5, np.random.default_rng(0))
    before = {name: p.copy() for name, p in parameters.items()}
    x = np.ones((2, 1))
    for make in (central_difference, complex_step):
        derivative = make(parameters, x, x)
        assert derivative("W2", 4, 1e-3) == derivative("W2", 4, 1e-3)
    for name, value in before.items():
        np.testing.assert_array_equal(parameters[name], value)


def test_relative_error_of_nothing() -> None:
    zero, one = np.zeros(2), np.ones(2)
    assert relative_error(zero, zero) == 0
    assert relative_error(one, zero) == float("inf")
    assert relative_error(zero, one) == 1


def test_a_check_can_be_resumed_and_is_made_anew(nnlab: Nnlab) -> None:
    nnlab(*SMALL, "--run-dir", "a")
    again = nnlab("resume", "a")
    assert again.returncode == 0, again.stderr
    assert "every block is right" in again.stdout
