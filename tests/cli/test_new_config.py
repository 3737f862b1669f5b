"""nnlab new-config: a config to begin with, which runs as it is."""

import re
from pathlib import Path

import pytest
import yaml

from nnlab.config.fields import default_of
from nnlab.experiments import EXPERIMENTS
from tests.conftest import Typed


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_new_config_is_that_of_the_defaults(typed: Typed, tmp_path: Path, name: str) -> None:
    code, text, fault = typed("new-config", name)
    assert (code, fault) == (0, "")
    assert max(map(len, text.splitlines())) <= 80
    file = tmp_path / "my.yaml"
    file.write_text(text)
    assert typed(name, "-c", str(file), "--print-config") == typed(name, "--print-config")
    file.write_text(re.sub(r"^#(?=\w)", "", text, flags=re.MULTILINE))  # with every key set
    printed = typed(name, "-c", str(file), "--print-config")[1]
    assert yaml.safe_load(printed) == yaml.safe_load(typed(name, "--print-config")[1])
    assert "default" not in printed


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_key_has_its_meaning_and_default(typed: Typed, name: str) -> None:
    text = typed("new-config", name)[1]
    model = EXPERIMENTS[name].config
    for key, field in model.model_fields.items():
        about = re.search(rf"((?:^# .*\n)+)#{key}: ", text, re.MULTILINE)
        assert about, key
        said = about[1].replace("\n# ", " ")
        assert (field.description or "?") in said
        assert f"; default: {default_of(field)}\n" in said
    titles = re.findall(r"^# -+ ([\w ]+) -+$", text, re.MULTILINE)
    assert titles == list(dict.fromkeys(model.group(key) for key in model.model_fields))


def test_a_new_config_begins_from_a_preset(typed: Typed, tmp_path: Path) -> None:
    text = typed("new-config", "fashion", "--preset", "fast")[1]
    assert "# The keys without a # are those of preset fast: two epochs" in text
    keys = yaml.safe_load(text)
    preset = yaml.safe_load(typed("presets", "fast")[1])
    assert keys == preset
    assert "#seed: 0" in text
    file = tmp_path / "my.yaml"
    file.write_text(text)
    mine = typed("fashion", "-c", str(file), "--print-config")[1]
    assert yaml.safe_load(mine) == yaml.safe_load(
        typed("fashion", "--preset", "fast", "--print-config")[1]
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("new-config fashon", "there is no experiment 'fashon'; did you mean fashion?"),
        ("new-config zzz", "no experiment 'zzz'; there are cubic, fashion"),
        ("new-config cubic --preset fast", "fast is a preset of nnlab fashion"),
        ("new-config", "missing argument 'EXPERIMENT'"),
    ],
)
def test_a_wrong_name_is_told(typed: Typed, line: str, said: str) -> None:
    code, out, fault = typed(*line.split())
    assert (code, out) == (2, "")
    assert said in fault
