"""nnlab presets, and --preset: the shipped configs by name."""

import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from nnlab.config.presets import HEADER, Preset, presets
from nnlab.config.resolve import resolve
from nnlab.experiments import EXPERIMENTS
from tests.conftest import Typed

PRESETS = presets()
NAMES = [preset.full_name for preset in PRESETS]
ROOT = Path(__file__).parents[2]


def test_every_shipped_config_is_a_preset_or_a_space() -> None:
    files = {path.name for path in (ROOT / "configs").iterdir()}
    spaces = {"sweep-cubic.yaml", "sweep-fashion.yaml"}
    assert {preset.path.name for preset in PRESETS} == files - spaces
    assert spaces <= files
    assert NAMES == ["cubic-default", "cubic-as-printed", "fashion-default", "fashion-best",
                     "fashion-fast", "fashion-tuned"]  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS, ids=NAMES)
def test_a_preset_begins_with_command_and_result_and_sets_no_default(preset: Preset) -> None:
    text = preset.path.read_text()
    header = HEADER.match(text)
    assert header
    assert f"# {preset.command}\n" == text.splitlines(keepends=True)[0]
    assert (header["experiment"], header["name"]) == (preset.experiment, preset.name)
    assert re.search(r"(RMSE|accuracy) [01]\.\d", header["measured"])
    model = EXPERIMENTS[preset.experiment].config
    config = resolve(model, preset.path, {}).config.model_dump()
    defaults = model().model_dump()
    differ = [key for key, value in config.items() if value != defaults[key]]
    assert list(yaml.safe_load(text) or {}) == differ
    assert bool(differ) == (preset.name != "default")


def test_the_table_fits_into_a_terminal(typed: Typed) -> None:
    code, out, hint = typed("presets")
    lines = out.splitlines()
    assert code == 0
    assert lines[0].split() == ["name", "experiment", "what", "measured"]
    assert [line.split()[:2] for line in lines[1:]] == [[p.name, p.experiment] for p in PRESETS]
    assert all(line.endswith(p.about()[1]) for line, p in zip(lines[1:], PRESETS, strict=True))
    assert max(map(len, lines)) <= 80
    assert "to run one: nnlab fashion --preset tuned" in hint


def test_as_json_a_preset_has_its_values(typed: Typed) -> None:
    listed = json.loads(typed("presets", "--json")[1])
    assert [f"{each['experiment']}-{each['name']}" for each in listed] == NAMES
    (fast,) = (each for each in listed if each["name"] == "fast")
    assert fast["config"]["filters"] == [16, 32]
    assert fast["command"] == "nnlab fashion --preset fast"
    assert json.loads(typed("presets", "fast", "--json")[1]) == fast


@pytest.mark.parametrize("name", ["fast", "fashion-fast"])
def test_one_preset_is_printed_as_it_is(typed: Typed, name: str) -> None:
    assert typed("presets", name) == (0, (ROOT / "configs/fashion-fast.yaml").read_text(), "")


@pytest.mark.parametrize("preset", PRESETS, ids=NAMES)
def test_a_preset_gives_the_config_of_its_file(typed: Typed, preset: Preset) -> None:
    by_file = typed(preset.experiment, "-c", str(preset.path), "--print-config")[1]
    for name in (preset.name, preset.full_name, preset.path.stem):
        code, printed, _ = typed(preset.experiment, "--preset", name, "--print-config")
        assert code == 0
        assert yaml.safe_load(printed) == yaml.safe_load(by_file)
        sources = set(re.findall(r"# (.*)$", printed, re.MULTILINE))
        given = {f"preset {preset.name}"} if preset.name != "default" else set()
        assert sources - {"from the other keys"} == {"default"} | given


def test_a_flag_overrides_a_preset(typed: Typed) -> None:
    printed = typed("fashion", "--preset", "fast", "--epochs", "5", "--print-config")[1]
    assert re.search(r"^epochs: 5 +# --epochs$", printed, re.MULTILINE)
    assert re.search(r"^lr: 0.012 +# preset fast$", printed, re.MULTILINE)
    assert re.search(r"^seed: 0 +# default$", printed, re.MULTILINE)
    fault = typed("fashion", "--preset", "fast", "--patience", "2")[2]
    assert "validation_split: preset fast" in fault


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("fashion --preset fats", "there is no preset 'fats'; did you mean fast?"),
        ("fashion --preset zzz", "no preset 'zzz'; the presets: default, best, fast, tuned"),
        ("fashion --preset ../x", "there is no preset '../x'; the presets: default,"),
        ("fashion --preset=", "there is no preset ''; the presets: default,"),
        ("cubic --preset fast", "fast is a preset of nnlab fashion; to run it: nnlab fashion"),
        ("cubic --preset fast", "; the presets of nnlab cubic: default, as-printed"),
        ("cubic --preset fashion-fast", "to run it: nnlab fashion --preset fast"),
        ("check --preset fast", "nnlab check has no presets"),
        ("cubic --preset default -c x.yaml", "--preset and --config cannot be used together"),
        ("presets default", "which: cubic-default or fashion-default"),
        ("presets fashion-fsat", "did you mean fashion-fast?"),
        ("presets fsat", "there is no preset 'fsat'; did you mean fashion-fast?"),
        ("presets fast\x1b[1m", r"no preset 'fast\x1b[1m'"),
    ],
)  # fmt: skip
def test_a_wrong_name_is_told(typed: Typed, line: str, said: str) -> None:
    code, out, fault = typed(*line.split())
    assert (code, out) == (2, "")
    assert said in fault
    assert fault.count("\n") == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nnlab fashion --preset ", ["default", "best", "fast", "tuned"]),
        ("nnlab cubic --preset as", ["as-printed"]),
        ("nnlab check --preset ", []),
        ("nnlab presets fash", NAMES[2:]),
        ("nnlab new-config ", list(EXPERIMENTS)),
        ("nnlab new-config cubic --preset cub", NAMES[:2]),
    ],
)
def test_tab_completes_presets(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, line: str, words: list[str]
) -> None:
    monkeypatch.setenv("_NNLAB_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    monkeypatch.setattr(sys.modules["__main__"], "__package__", None, raising=False)
    assert typed()[1].split() == words
