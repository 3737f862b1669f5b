"""Everything that a user asks of a sweep is checked before anything starts."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from nnlab.config.resolve import resolve
from nnlab.errors import UsageError
from nnlab.experiments import EXPERIMENTS
from nnlab.sweep.asked import Asked, planned
from nnlab.sweep.plan import Choices, Plan, Range


def plan(experiment: str, *items: str, **options: Any) -> Plan:
    return planned(Asked(experiment, items, **options))[0]


def refused(experiment: str, *items: str, **options: Any) -> list[str]:
    with pytest.raises(UsageError) as caught:
        planned(Asked(experiment, items, **options))
    title, *faults = str(caught.value).splitlines()
    assert all(fault.startswith("  ") for fault in faults)
    assert title == "the sweep has errors, so nothing was run:"
    return [fault.strip() for fault in faults]


def test_a_range_is_searched_by_tpe_and_lists_by_a_grid() -> None:
    wide = plan("cubic", "lr=1e-3..0.1:log", "hidden=32..64", "epochs=2", "batch-size=1,8")
    assert wide.space == {
        "lr": Range(low=0.001, high=0.1, log=True),
        "hidden": Range(low=32, high=64, whole=True),
        "batch_size": Choices(values=[1, 8]),
    }
    assert (wide.search, wide.trials, wide.base) == ("tpe", 20, {"epochs": 2})
    assert (wide.metric, wide.direction, wide.reruns) == ("rmse", "minimize", 5)
    lists = plan("fashion", "lr=1e-3,1", "filters=[16,32],[8]", "seed=3", seeds=2)
    assert (lists.search, lists.trials, lists.metric) == ("grid", 4, "val_accuracy")
    assert (lists.base, lists.first_seed, list(lists.paired)) == ({}, 3, [3, 4])


@pytest.mark.parametrize(
    "item", ["lr=1,2", "filters=[16,{filters: 8, pool: 2}],[8]", "warmup=null,0", "hidden=1e1,2.0"]
)
def test_values_are_those_of_run_json(item: str) -> None:
    made = plan("fashion", item)
    ((key, axis),) = made.space.items()
    assert isinstance(axis, Choices)
    for value in axis.values:
        keys = made.keys({key: value}, 0)
        kept = resolve(EXPERIMENTS["fashion"].config, None, keys).config.model_dump(mode="json")
        assert repr(kept[key]) == repr(value)


def test_the_file_is_read_and_the_command_line_overrides_it(tmp_path: Path) -> None:
    file, base = tmp_path / "sweep.yaml", tmp_path / "base.yaml"
    base.write_text("lr: 0.5\nsamples: 100\nepochs: 7\n")
    file.write_text(
        "experiment: cubic\nsearch: random\ntrials: 1e1\nseed: 4\nmetric: loss\nseeds: 4\n"
        "race: true\nreruns: 0\nspace:\n  lr: 0.001..0.1:log\n  hidden: {from: 8, to: 32}\n"
        "  batch-size: [1, 2]\n  epochs: 3\n"
    )
    made, notes = planned(Asked("cubic", ["batch_size=4"], file=file, base=base, trials=6))
    assert made == Plan(
        experiment="cubic",
        base={"batch_size": 4, "epochs": 3, "samples": 100},
        space={
            "lr": Range(low=0.001, high=0.1, log=True),
            "hidden": Range(low=8, high=32, whole=True),
        },
        search="random",
        trials=6,
        seed=4,
        metric="loss",
        direction="minimize",
        seeds=4,
        race=True,
        reruns=0,
    )
    assert list(made.space) == ["lr", "hidden"]
    assert not notes


def test_a_preset_lies_under_the_space() -> None:
    made = plan("fashion", "lr=0.1,0.2", preset="fast", metric="test_accuracy")
    assert "lr" not in made.base
    assert made.base["validation_split"] == 0


def test_a_file_with_faults_says_each_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(
        "experiment: cubic\nsarch: grid\nlr: 3\ntrials: many\nspace:\n  hiden: [1, 2]\n"
        "  hidden: [1, -1]\n  lr: {from: 1, two: 2}\n  epochs: []\n  samples: 9..1\n"
        "  batch-size: 1\n  batch_size: 1\n  gif: 0..\n"
    )
    faults = refused("cubic", file=file)
    for line, said in (
        (2, "unknown key 'sarch'; did you mean search?"),
        (3, "lr is a key of nnlab cubic; put it below space:, or give a config with --base"),
        (4, 'trials got "many"; it should be a whole number'),
        (6, "unknown key 'hiden'; did you mean hidden?"),
        (7, "hidden got -1; it should be at least 1"),
        (8, "lr: a range is {from: 1, to: 10} or {from: 1, to: 10, log: true}"),
        (9, "epochs has no value; list one or more"),
        (10, "the low end 9 is above the high end 1; write samples=1..9"),
        (12, f"batch_size is given twice (first: {file}:11); give it once"),
        (13, "gif: one end of the range is missing; write low..high"),
    ):
        assert any(f.startswith(f"{file}:{line}: {said}") for f in faults), (line, faults)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("space: 3\n", "s.yaml:1: space should be a mapping"),
        ("space:\n", "the space is empty: no key has several values"),
        ("space: {lr: [1, 2]}\nspace: 3\n", "s.yaml:2: space is given twice"),
        ("space: {lr: [1, 2], lr: 3}\n", "s.yaml:1: lr is given twice"),
        ("- lr\n", "s.yaml:1: a config must be a mapping"),
        ("space: {lr: [1, 2]}\ndirection: down\n", "s.yaml:2: direction got"),
    ],
)
def test_a_file_of_another_shape_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(UsageError, match=said):
        plan("cubic", file=tmp_path / "s.yaml")


def test_a_base_of_another_experiment_is_refused(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("filters: [3]\n")
    assert "looks like a config of nnlab fashion" in refused("cubic", "lr=1,2", base=base)[0]
    assert "cubic is a preset of nnlab cubic" in refused("fashion", "lr=1,2", preset="cubic")[0]
    both = refused("cubic", "lr=1,2", base=base, preset="cubic")
    assert both == ["--base and --preset both give a config under the space; give one of them"]


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (["lr=1"], "the space is empty: no key has several values; write KEY=a,b,c"),
        ([], "the space is empty"),
        (["lr=1,2", "lr=3"], "lr=3: lr is given twice (first: lr=1,2); give it once"),
        (["filters=1,2"], "filters=1,2: unknown key 'filters'; it is a key of nnlab fashion"),
        (["learning-rate=1,2"], "unknown key 'learning_rate'; did you mean lr?"),
        (["lr=2..1"], "lr=2..1: the low end 2.0 is above the high end 1.0; write lr=1.0..2.0"),
        (["hidden=2..2"], "both ends of the range are 2; for a fixed value write hidden=2"),
        (["init_scale=0..1:log"], "a range with :log begins above 0, not at 0.0"),
        (["hidden=0..9:log"], "hidden got 0; it should be at least 1"),
        (["hidden=1.5..9"], "hidden got 1.5; it should be a whole number"),
        (["gif=0..1"], "gif is not a number; list its values: gif=a,b"),
        (["init=0..1"], "init is not a number"),
        (["log_every=auto..9"], "an end of the range is auto, not a number"),
        (["seed=1,2"], "seed cannot be searched; for K runs of each setting: --seeds K"),
        (["seed=1..2"], "seed cannot be searched"),
        (["hidden=8,8.0"], "hidden has 8 twice; remove one"),
        (["lr=nan..1"], 'lr got "nan"; it should be a number'),
        (["lr=1e400,1"], "lr got Infinity; it should be a finite number"),
        (["lr=-1..1"], "lr got -1; it should be greater than 0"),
        (["hidden=1,99999999999999999999"], "it should be a whole number of at most"),
        (["lr=1e-320,1"], "lr 1e-320 is too small for float64"),
        (["lr=\udc80,1"], "YAML cannot read this list of values"),
        (["\udc80=1,2"], "holds bytes that are not UTF-8 text"),
        (["init_from=" + "[" * 250 + "]" * 250, "lr=1,2"], "too many lists or mappings inside"),
        (["points=a\udc80.npy"], "YAML cannot read this list of values"),
    ],
)  # fmt: skip
def test_a_space_with_a_fault_is_refused_once(items: list[str], said: str) -> None:
    (fault,) = refused("cubic", *items)
    assert said in fault


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"trials": 5}, "--trials: the grid has 6 settings, more than --trials 5; raise"),
        ({"trials": 5}, "raise --trials to 6, take values out, or use --search random"),
        ({"trials": 0}, "--trials: trials got 0; it should be at least 1"),
        ({"search": "bayes"}, "--search: search got \"bayes\"; it should be 'grid', 'random' or"),
        ({"direction": "up"}, "it should be 'minimize' or 'maximize'"),
        ({"race": True}, "--race: a race needs --seeds 4 or more, not 1; add --seeds 4"),
        ({"race": True, "seeds": 2}, "not 2"),
        ({"metric": "rmsd"}, "--metric: nnlab cubic has no metric 'rmsd'; did you mean rmse?"),
        ({"metric": "xyz"}, "metric 'xyz'; it has rmse, max_error, loss, step, epoch"),
        ({"metric": "seconds"}, "--metric: seconds is of the clock, and so not the same twice"),
        ({"metric": "step"}, "add --direction minimize or --direction maximize"),
        ({"seed": -1}, "--seed: seed got -1; it should be at least 0"),
        ({"reruns": -1}, "--reruns: reruns got -1"),
    ],
)  # fmt: skip
def test_options_with_a_fault_are_refused_once(options: dict[str, Any], said: str) -> None:
    (fault,) = refused("cubic", "hidden=1,2,3", "lr=1,2", **options)
    assert said in fault


@pytest.mark.parametrize("text", ["0.01:0.1", "0.01-0.1", "0.01...0.1", "0.01 to 0.1"])
def test_what_is_nearly_a_range_says_how_to_write_it(tmp_path: Path, text: str) -> None:
    (fault,) = refused("cubic", f"lr={text}")
    assert fault == f"lr={text}: for a range write 0.01..0.1"
    file = tmp_path / "x.yaml"
    file.write_text(f"space:\n  lr: {text}\n")
    (fault,) = refused("cubic", file=file)
    assert fault == f"{file}:2: lr: for a range write 0.01..0.1"


@pytest.mark.parametrize(
    ("items", "said"),
    [
        (["hidden=16:32"], "for a range write 16..32"),
        (["lr=1e-3-1e-1:log"], "for a range write 1e-3..1e-1:log"),
        (["hidden=16,32..64"], "a range cannot stand in a list"),
        (["lr=[0.01,0.02]"], "for several values: lr=0.01,0.02"),
        (
            ["hidden=a,b,c"],
            'got "a"; it should be a whole number (and 2 more of its values)',
        ),
        (["hidden=1.5..3.5"], "it should be a whole number (and 1 more of its values)"),
        (["lr=1,2", "metric=loss"], "metric is no key, but an option: use --metric"),
        (["lr=1,2", "jobs=2"], "jobs is no key, but an option: use --jobs"),
    ],
)
def test_what_is_written_in_another_way_says_how(items: list[str], said: str) -> None:
    (fault,) = refused("cubic", *items)
    assert said in fault


def test_numbers_with_commas_in_a_file_are_a_list(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("space:\n  lr: 0.001, 0.01\n")
    assert plan("cubic", file=file).space == {"lr": Choices(values=[0.001, 0.01])}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("experiment: fashion\nsarch: 3\n", "x.yaml:1: this is a sweep of fashion, not of cubic"),
        ("lr: 0.1\nhidden: 8\n", "a config of nnlab cubic, not the file of a sweep: use --base"),
        ("filters: [8]\nlr: 0.1\n", "a config of nnlab fashion, not the file of a sweep"),
        (
            "space: {filters: [[8], [16]], dropout: 0..0.3}\n",
            "give the file to nnlab sweep fashion",
        ),
        (
            "jobs: 2\nspace: {lr: [1, 2]}\n",
            ":1: --jobs is given on the command line",
        ),
    ],
)
def test_a_file_of_another_kind_is_one_message(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        planned(Asked("cubic", file=file))
    assert said in str(caught.value)


def test_the_file_of_a_sweep_is_no_base(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text("space: {lr: [1, 2]}\n")
    (fault,) = refused("cubic", "lr=1,2", base=file)
    assert "this is the file of a sweep: use --config" in fault


@pytest.mark.parametrize("search", ["random", "tpe"])
def test_more_trials_than_a_finite_space_has_are_refused(search: str) -> None:
    (fault,) = refused("cubic", "hidden=16..18", search=search, trials=6)
    assert fault.startswith("--trials: the space has only 3 settings; for all of them: --trials 3")
    assert plan("cubic", "hidden=16..18", search=search).trials == 3
    assert plan("cubic", "hidden=16..18", search=search, trials=2).trials == 2


def test_all_faults_are_in_one_message() -> None:
    faults = refused("cubic", "hiden=1,2", "lr=2..1", "=3", "epochs", metric="x", trials=0)
    assert len(faults) == 6


def test_a_grid_has_no_range_and_a_bound() -> None:
    (fault,) = refused("cubic", "lr=1..2", search="grid")
    assert fault.startswith("--search: a grid has no range, as lr is; list its values, or use")
    many = ",".join(map(str, range(1, 1002)))
    (fault,) = refused("cubic", f"hidden={many}", f"batch_size={many}")
    assert "the grid has 1,002,001 settings, more than the most, 1,000,000; take" in fault


@pytest.mark.parametrize("search", ["grid", "random", "tpe"])
def test_a_rule_over_several_keys_names_the_setting(search: str) -> None:
    (fault,) = refused("fashion", "lr=0.1,0.2", "nesterov=false,true", search=search)
    found = re.fullmatch(
        r"(trial \d+|a setting) \(lr: 0\.\d, nesterov: true\)( and \d+ more)?: nesterov needs sgd, "
        r"not adam; set optimizer: sgd \(nesterov: nesterov=false,true\)",
        fault,
    )
    assert found
    assert (found[1] == "a setting") is (search == "tpe")


def test_a_fault_late_in_a_large_grid_is_found() -> None:
    many = ",".join(map(str, range(1, 301)))
    (fault,) = refused("fashion", f"hidden={many}", f"epochs={many}", "kernel_size=2,29")
    assert "kernel_size 29 should be at most 28" in fault


def test_of_many_faults_the_first_are_shown() -> None:
    faults = refused("cubic", "samples=1,2", f"batch_size={','.join(map(str, range(3, 10)))}")
    assert len(faults) == 6
    assert faults[0].startswith("trial 0 (samples: 1, batch_size: 3): batch_size 3 is more than")
    assert faults[-1] == "and 9 more faults of this kind"


def test_the_last_seed_must_be_one() -> None:
    (fault,) = refused("cubic", "lr=1,2", f"seed={2**32 - 3}", seeds=2, reruns=2)
    assert fault == "--seeds: seed got 4294967296; it should be at most 4,294,967,295"
    assert plan("cubic", "lr=1,2", f"seed={2**32 - 3}", seeds=2, reruns=1).fresh.stop == 2**32


def test_metrics_of_the_test_are_noted_and_cannot_prune() -> None:
    made, (note,) = planned(Asked("fashion", ["lr=1,2"], metric="test_accuracy"))
    assert made.direction == "maximize"
    assert note.startswith("test_accuracy decides: the best of many on the test set is too good")
    (fault,) = refused("fashion", "lr=1,2", metric="test_loss", prune=True)
    assert fault.startswith("--prune: test_loss is measured only at the end of a run")
    assert plan("fashion", "lr=1,2", metric="val_loss", prune=True).prune


def test_a_metric_that_the_config_switches_off_is_refused() -> None:
    (fault,) = refused("fashion", "lr=0.1,0.2", "validation_split=0")
    assert fault == (
        "trial 0 (lr: 0.1) and 1 more: validation_split 0 leaves no images to measure "
        "val_accuracy on; choose another --metric"
    )
    assert plan("fashion", "lr=0.1,0.2", "validation_split=0", metric="loss")


def test_runs_of_one_log_point_cannot_be_pruned() -> None:
    (fault,) = refused("fashion", "lr=0.1,0.2", "epochs=1", prune=True)
    assert fault == (
        "trial 0 (lr: 0.1) and 1 more: a run has one log point, its end, too late to stop it; "
        "leave out --prune"
    )
    assert plan("fashion", "lr=0.1,0.2", "epochs=2", prune=True)


def test_notes_say_what_is_unusual() -> None:
    _, notes = planned(Asked("cubic", ["lr=1,2"], direction="maximize", trials=9))
    assert notes == [
        "rmse is better when it is lower: this maximizes it",
        "the grid has only 2 settings: fewer than --trials",
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("cubik", "there is no experiment 'cubik'; did you mean cubic?"),
        ("x", "there is no experiment 'x'; sweep cubic or fashion"),
        ("check", "nnlab check has nothing to search; sweep cubic or fashion"),
    ],
)
def test_an_experiment_that_cannot_be_swept_is_refused(name: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan(name, "lr=1,2")
    assert str(caught.value) == said


def test_tpe_without_optuna_is_refused_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    (fault,) = refused("cubic", "lr=1..2")
    assert fault == (
        "--search tpe needs a package that is not installed (No module named 'optuna'): pip "
        "install 'nnlab-bench[sweep]'; or use --search random, which needs no package"
    )
    assert plan("cubic", "lr=1..2", search="random").search == "random"


@pytest.mark.parametrize("row", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_what_a_sweep_seeks_is_a_metric_with_a_direction(row: Any) -> None:
    sought = {metric.name: metric.direction for metric in row.metrics}
    assert row.sought == "" or sought[row.sought]
