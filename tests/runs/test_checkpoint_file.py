"""A checkpoint's file: it reads back to the bit, and one changed byte anywhere is seen."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnlab.cubic.config import CubicConfig
from nnlab.errors import DataError
from nnlab.runs.checkpoint_file import About, Arrays, Checkpoint, Expected, Facts, pack, read
from nnlab.runs.checkpoints import Checkpoints

CONFIG = CubicConfig()


class Position(Facts):
    step: int
    best: float

    def logged(self, config: CubicConfig) -> set[str]:  # noqa: ARG002 - as inherited
        return {"step"}


ARRAYS = st.dictionaries(
    st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1).map("a/".__add__),
    hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.int64]),
        hnp.array_shapes(min_dims=0, max_dims=3),
    ),
    max_size=3,
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
IN_ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
GOOD = Checkpoint(
    {"w": np.arange(6.0).reshape(2, 3), "n": np.array(7)},
    About(config={}, rows=2, columns=["step"], seconds=1.5, facts=Position(step=3, best=0.25)),
)

EXPECTED = Expected(GOOD.arrays, Position, CONFIG)


@given(arrays=ARRAYS, best=FLOATS, step=st.integers(-(2**63), 2**63 - 1))
@IN_ONE_FOLDER
def test_it_reads_back_to_the_bit(
    tmp_path: Path,
    arrays: Arrays,
    best: float,
    step: int,
) -> None:
    path = tmp_path / "c"
    about = About(config={}, rows=0, columns=[], seconds=0.1, facts=Position(step=step, best=best))
    path.write_bytes(b"".join(pack(Checkpoint(arrays, about))))
    found = read(path, Expected(arrays, Position, CONFIG))
    assert found.about.model_copy(update={"sha256": about.sha256}) == about
    assert found.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        assert found.arrays[name].tobytes() == array.tobytes()


def test_a_change_to_any_byte_and_a_cut_anywhere_are_seen(tmp_path: Path) -> None:
    raw = b"".join(pack(GOOD))
    path = tmp_path / "c"
    for at in range(len(raw)):
        for damaged in (raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], raw[:at]):
            path.write_bytes(damaged)
            with pytest.raises(DataError, match="is damaged"):
                read(path, EXPECTED)


def test_any_safetensors_reader_opens_it() -> None:
    from safetensors.numpy import load

    arrays = load(b"".join(pack(GOOD)))
    np.testing.assert_array_equal(arrays["w"], GOOD.arrays["w"])


def test_last_previous_and_best(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoint")
    checkpoints.expect(EXPECTED)
    assert checkpoints.newest(lambda _: None, print) is None
    for step in (1, 2, 3):
        about = GOOD.about.model_copy(update={"facts": Position(step=step, best=0.0)})
        checkpoints.write(Checkpoint(GOOD.arrays, about), best=step == 2)
    steps = {
        name: read(checkpoints.path(name), EXPECTED).about.facts.step
        for name in ("last", "previous", "best")
    }
    assert steps == {"last": 3, "previous": 2, "best": 2}


def test_a_kill_between_the_two_renames_leaves_the_previous_one(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    checkpoints.expect(EXPECTED)
    checkpoints.write(GOOD)
    checkpoints.path("last").rename(checkpoints.path("previous"))
    found = checkpoints.newest(lambda _: None, print)
    assert found
    assert found.about.facts.step == 3


def test_other_columns_are_refused(tmp_path: Path) -> None:
    about = GOOD.about.model_copy(update={"columns": ["a"]})
    (tmp_path / "c").write_bytes(b"".join(pack(Checkpoint(GOOD.arrays, about))))
    with pytest.raises(DataError, match="columns is a; it should be step"):
        read(tmp_path / "c", EXPECTED)


def test_of_many_names_the_first_are_told(tmp_path: Path) -> None:
    arrays = {f"{index:05}{'x' * 500}": np.zeros(1) for index in range(10_000)}
    (tmp_path / "c").write_bytes(b"".join(pack(Checkpoint(arrays, GOOD.about))))
    with pytest.raises(DataError, match=r"it holds 00000x.* and 9,990 more, not n, w$") as caught:
        read(tmp_path / "c", EXPECTED)
    assert len(str(caught.value)) < 1200 + len(str(tmp_path))
