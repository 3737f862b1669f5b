"""Runs that differ in their seed only are one group: tensorboard#376, mlflow#3762."""

from pathlib import Path

import pytest

from nnlab.cubic.config import CubicConfig
from nnlab.errors import UsageError
from nnlab.fashion.config import FashionConfig
from nnlab.reports.groups import Group, changed_keys, grouped, label, read_members
from nnlab.runs.saved import SavedRun
from tests.reports.logged import cubic, fashion


def groups(*runs: SavedRun) -> list[Group]:
    return grouped(read_members(runs, CubicConfig, lambda *_: {}))


def test_runs_that_differ_in_the_seed_only_are_one_group(tmp_path: Path) -> None:
    runs = [
        cubic(tmp_path / f"{lr}-{seed}", [1, 0.5], lr=lr, seed=seed)
        for seed in (3, 1, 2)
        for lr in (0.01, 0.02)
    ]
    first, second = groups(*runs)
    assert (first.label, first.seeds) == ("A", [3, 1, 2])
    assert (second.label, second.seeds) == ("B", [3, 1, 2])
    assert [member.saved for member in second.members] == runs[1::2]
    assert changed_keys([first, second]) == ["lr"]


def test_a_run_that_did_not_end_is_a_group_of_its_own(tmp_path: Path) -> None:
    runs = [
        cubic(tmp_path / status, [1, 0.5], seed=seed, status=status)
        for seed, status in enumerate(("completed", "interrupted", "diverged", "running", "failed"))
    ]
    more = cubic(tmp_path / "more", [1, 0.5], seed=7)
    assert [group.seeds for group in groups(*runs, more)] == [[0, 7], [1], [2], [3], [4]]


def test_a_repeated_seed_is_no_second_sample(tmp_path: Path) -> None:
    runs = [cubic(tmp_path / f"{i}", [1, 0.5], seed=seed) for i, seed in enumerate((0, 1, 0, 1, 0))]
    found = groups(*runs)
    assert [(group.seeds, group.repeat) for group in found] == [([0, 1], 1), ([0, 1], 2), ([0], 3)]
    assert changed_keys(found) == []


def test_a_value_that_was_written_as_text_is_the_same_value(tmp_path: Path) -> None:
    one, two = (cubic(tmp_path / f"{seed}", [1, 0.5], seed=seed) for seed in (0, 1))
    config = two.path / "config.yaml"
    config.write_text(config.read_text().replace("lr: 0.01", "lr: 1e-2"))
    (group,) = groups(one, SavedRun(two.path))
    assert group.seeds == [0, 1]


def test_runs_with_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    runs = [
        cubic(tmp_path / f"{folder}/cubic-0001", [1], lr=lr)
        for folder, lr in (("a", 0.1), ("b", 0.2))
    ]
    assert [group.members[0].name for group in groups(*runs)] == [str(run.path) for run in runs]


def test_labels_go_on_after_z() -> None:
    assert [label(place) for place in (0, 1, 25, 26, 27, 52, 701, 702)] == [
        "A", "B", "Z", "AA", "AB", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    one = cubic(tmp_path / "one", [1])
    other = fashion(tmp_path / "other", [0.5])
    (tmp_path / "link").symlink_to(one.path)
    for runs, said in (
        ([one], f"to compare, name two runs or more; for one run: nnlab show {one.path}"),
        ([one, SavedRun(tmp_path / "link")], "is named twice; compare different runs"),
        ([one, other], f"several experiments ({one.path} of cubic, {other.path} of fashion)"),
    ):
        with pytest.raises(UsageError) as refused:
            read_members(runs, CubicConfig, lambda *_: {})
        assert said in str(refused.value)


def test_a_config_that_is_missing_or_faulty_is_named(tmp_path: Path) -> None:
    one, two = cubic(tmp_path / "one", [1]), cubic(tmp_path / "two", [1])
    (two.path / "config.yaml").write_text("lr: -1\n")
    with pytest.raises(UsageError, match=f"{two.path}/config.yaml:1"):
        read_members([one, two], CubicConfig, lambda *_: {})
    (two.path / "config.yaml").unlink()
    with pytest.raises(UsageError, match=f"{two.path}/config.yaml: cannot read"):
        read_members([one, two], CubicConfig, lambda *_: {})


def test_values_are_shown_as_they_are_typed(tmp_path: Path) -> None:
    runs = [
        fashion(tmp_path / "a", [0.5]),
        fashion(tmp_path / "b", [0.5], filters=(16, {"filters": 8, "pool": 1})),
    ]
    found = grouped(read_members(runs, FashionConfig, lambda *_: {}))
    assert [group.config["filters"] for group in found] == ["64,32", "16,{'filters': 8, 'pool': 1}"]
