"""The config on a page: what differs from the defaults, and the command that has it all."""

import shlex
import sys
from typing import Any

import pytest
import yaml

from nnlab.cli import app
from nnlab.config.resolve import resolve
from nnlab.experiments import EXPERIMENTS
from nnlab.reports.settings import command, keys

CONFIGS: list[tuple[str, dict[str, Any]]] = [
    ("cubic", {}),
    ("cubic", {"hidden": 600, "lr": 1e-5, "shuffle": False, "dtype": "float32", "log_every": 7}),
    ("cubic", {"points": "/a b/x's.npy", "samples": 5, "gif": False, "blas_threads": 3}),
    ("fashion", {"filters": [32, {"filters": 8, "pool": 1}], "augment": ["flip", "shift"],
                 "batch_norm": True, "warmup": 0.25, "ema": 0.99}),
    ("fashion", {"optimizer": "sgd", "nesterov": True, "validation_split": 0, "hidden": 0}),
    ("check", {"gradient": "as-printed", "entries": 4, "autodiff": True}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given"), CONFIGS)
def test_the_command_of_a_page_has_the_config_of_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str,
    given: dict[str, Any],
) -> None:  # fmt: skip
    config = resolve(EXPERIMENTS[name].config, None, given).config.model_dump(mode="json")
    line = command(name, config, EXPERIMENTS[name].config)
    monkeypatch.setattr(sys, "argv", [*shlex.split(line), "--print-config"])
    monkeypatch.setenv("MPLBACKEND", "agg")
    with pytest.raises(SystemExit) as end:
        app.main()
    assert not end.value.code
    assert yaml.safe_load(capsys.readouterr().out) == yaml.safe_load(yaml.safe_dump(config))


@pytest.mark.parametrize(("name", "given"), CONFIGS)
def test_what_differs_from_the_defaults_is_marked(name: str, given: dict[str, Any]) -> None:
    model = EXPERIMENTS[name].config
    config = resolve(model, None, given).config.model_dump(mode="json")
    assert {key.name for key in keys(config, model) if key.differs} == set(given)


def test_a_default_that_comes_from_other_keys_is_not_marked() -> None:
    model = EXPERIMENTS["cubic"].config
    config = resolve(model, None, {"hidden": 2000}).config.model_dump(mode="json")
    assert config["blas_threads"] == 2
    marked = {key.name: key.default for key in keys(config, model) if key.differs}
    assert marked == {"hidden": "125"}


def test_a_key_that_this_nnlab_lacks_and_a_wrong_value_are_shown() -> None:
    model = EXPERIMENTS["cubic"].config
    found = {key.name: key for key in keys({"hidden": "many", "momentum": 0.9}, model)}
    assert (found["hidden"].value, found["hidden"].default) == ("many", "125")
    assert (found["momentum"].value, found["momentum"].default) == ("0.9", "")
    assert "does not have" in found["momentum"].meaning
