"""metrics.csv: what is logged reads back the same, and a crash's traces are cut off."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnlab.cubic.config import CubicConfig
from nnlab.cubic.state import Position, blank
from nnlab.errors import DataError
from nnlab.runs.checkpoint_file import ZEROS, Checkpoint, Expected, pack, read
from nnlab.runs.metrics import Metrics
from tests.conftest import Nnlab

ROWS = st.lists(
    st.builds(
        lambda step, loss: {"step": step, "loss": loss},
        st.integers(0, 10**9),
        st.floats(min_value=0, allow_nan=False, allow_infinity=False),
    ),
    min_size=1,
    max_size=8,
)
IN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def logged(path: Path, rows: list[dict[str, float]]) -> bytes:
    path.unlink(missing_ok=True)
    metrics = Metrics(path)
    for row in rows:
        metrics.append(row)
    metrics.sync()
    metrics.close()
    return path.read_bytes()


@given(rows=ROWS, torn=st.binary(max_size=30).filter(lambda raw: b"\n" not in raw))
@IN_ONE_FOLDER
def test_what_a_killed_process_left_is_cut_off(
    tmp_path: Path, rows: list[dict[str, float]], torn: bytes
) -> None:
    path = tmp_path / "metrics.csv"
    whole = logged(path, rows)
    path.write_bytes(whole + torn)
    metrics = Metrics(path)
    metrics.take(len(rows), ["step", "loss"])
    metrics.cut()
    assert path.read_bytes() == whole
    assert (metrics.count, metrics.last) == (len(rows), rows[-1])
    metrics.append(rows[0])
    metrics.close()
    assert path.read_bytes() == whole + whole.splitlines(keepends=True)[1]


@given(rows=ROWS, data=st.data())
@IN_ONE_FOLDER
def test_a_cut_file_is_that_of_fewer_rows(
    tmp_path: Path, rows: list[dict[str, float]], data: st.DataObject
) -> None:
    path = tmp_path / "metrics.csv"
    count = data.draw(st.integers(1, len(rows)))
    fewer = logged(path, rows[:count])
    logged(path, rows)
    metrics = Metrics(path)
    metrics.take(count, ["step", "loss"])
    metrics.cut()
    assert path.read_bytes() == fewer


def test_cut_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    logged(path, [{"step": 1}])
    for _ in range(2):
        metrics = Metrics(path)
        metrics.take(0, [])
        metrics.cut()
        assert not path.exists()


@pytest.mark.parametrize(
    "text",
    ["", "step\n", "step\n1\n", "step\n1\nx\n", "step\n1\n2", "step\n1\n\xff\n", "step\n1\n2,3\n"],
)
def test_rows_that_are_missing_are_told_and_the_file_left(tmp_path: Path, text: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(DataError, match=r"metrics.csv has [01] good rows, not 2"):
        Metrics(path).take(2, ["step"])
    assert path.read_bytes() == text.encode("latin-1")


EDITED = {
    "nan": "'nan'",
    "1e999": "'1e999'",
    "inf": "'inf'",
    "-0.5": "'-0.5'",
    "-1": "'-1'",
    "9" * 5000: "'999999999999999 ... 9999999999'",
    "": "''",
}


@pytest.mark.parametrize("cell", EDITED)
def test_an_edited_number_is_told_with_line_and_column(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(f"step,loss\n1,0.5\n2,{cell}\n3,0.5\n")
    with pytest.raises(DataError) as caught:
        Metrics(path).take(3, ["step", "loss"])
    told = (
        f"has 1 good rows, not 3 (line 3: loss is {EDITED[cell]}; it should be a finite number, at"
    )
    assert told in str(caught.value)


@pytest.mark.parametrize("loss", ["1e999", "-3"])
def test_an_edited_log_is_one_message_of_resume(nnlab: Nnlab, tmp_path: Path, loss: str) -> None:
    quick = ("cubic", "--hidden", 4, "--samples", 50, "--log-every", 10, "--run-dir", "a")
    assert nnlab(*quick, "--no-gif").returncode == 0
    (tmp_path / "a/checkpoint/previous.safetensors").unlink(missing_ok=True)
    log = tmp_path / "a/metrics.csv"
    head, first, *others = log.read_text().splitlines()
    step, epoch, _, rest = first.split(",", 3)
    log.write_text("\n".join([head, f"{step},{epoch},{loss},{rest}", *others, ""]))
    done = nnlab("resume", "a", "--epochs", 2)
    assert done.returncode == 1
    assert f"a/metrics.csv has 0 good rows, not 5 (line 2: loss is '{loss}'" in done.stderr


def test_a_log_and_checkpoints_of_other_columns_are_one_message(
    nnlab: Nnlab, tmp_path: Path
) -> None:
    quick = ("cubic", "--hidden", 4, "--samples", 50, "--log-every", 10, "--run-dir", "a")
    assert nnlab(*quick, "--no-gif").returncode == 0
    config = CubicConfig(hidden=4, samples=50, log_every=10, gif=False)
    # On a slow machine there is one from before the first row, which has no columns to check.
    (tmp_path / "a/checkpoint/previous.safetensors").unlink(missing_ok=True)
    for path in (tmp_path / "a/checkpoint").iterdir():
        if path.name != "last.safetensors":  # a slow machine writes one more, perhaps before a row
            path.unlink()
            continue
        found = read(path, Expected(blank(config), Position, config))
        about = found.about.model_copy(update={"columns": ["a"], "sha256": ZEROS})
        path.write_bytes(b"".join(pack(Checkpoint(found.arrays, about))))
    (tmp_path / "a/metrics.csv").write_text("a\n" + "1\n" * 5)
    done = nnlab("resume", "a", "--epochs", 2)
    assert done.returncode == 1
    assert "last.safetensors is damaged: columns is a; it should be epoch, loss" in done.stderr
