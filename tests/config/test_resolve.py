"""Config: precedence, strict types, all faults at once, and a YAML that reads back as it was."""

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnlab.config.base import Config
from nnlab.config.resolve import resolve
from nnlab.config.yamlfile import parse_value, read_mapping
from nnlab.cubic.check.config import CheckConfig
from nnlab.cubic.config import CubicConfig
from nnlab.errors import UsageError
from nnlab.fashion.blocks import Block
from nnlab.fashion.config import FashionConfig

MODELS: tuple[type[Config], ...] = (CubicConfig, FashionConfig)

cubic_configs = st.builds(
    CubicConfig,
    hidden=st.integers(1, 20_000),
    lr=st.floats(1e-37, 1e38),
    samples=st.integers(1000, 10**8),
    batch_size=st.integers(1, 1000),
    init_scale=st.just(0.0) | st.floats(1e-37, 1e6),
    shuffle=st.just(False),
    order=st.sampled_from(["stored", "once", "replacement", "flip-flop", "sorted", "reversed"]),
    dtype=st.sampled_from(["float32", "float64"]),
    seed=st.integers(0, 2**32 - 1),
)
fashion_configs = st.builds(
    FashionConfig,
    filters=st.lists(
        st.integers(1, 4096)
        | st.builds(Block, filters=st.integers(1, 4096), dropout=st.none() | st.floats(1e-4, 0.9)),
        min_size=1,
        max_size=4,
    ).map(tuple),
    augment=st.lists(st.sampled_from(["flip", "shift", "erase"]), unique=True).map(tuple),
    ema=st.none() | st.floats(0.1, 0.9),
    jit_compile=st.sampled_from(["auto", "on", "off"]),
    shuffle=st.just(False),
    order=st.sampled_from(["stored", "once", "replacement", "flip-flop", "by-class"]),
    samples=st.none() | st.integers(2, 60_000),
    data_dir=st.none()
    | st.text(st.characters(codec="utf-8", exclude_characters="\0~"), min_size=1).map(Path),
)


@given(config=cubic_configs | fashion_configs)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_written_reads_back_the_same(config: Config, tmp_path: Path) -> None:
    flags = config.model_dump(mode="json")
    path = tmp_path / "c.yaml"
    path.write_text(resolve(type(config), None, flags).yaml(), encoding="utf-8")
    assert resolve(type(config), path, {}).config == config


@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_a_config_or_one_clear_fault(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(raw)
    try:
        resolve(CubicConfig, path, {})
    except UsageError as error:
        assert "any.yaml" in str(error)


def test_default_then_file_then_flag(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("# a comment\nlr: 1e-3\nhidden: 7\n")
    resolved = resolve(CubicConfig, path, {"hidden": 9})
    assert (resolved.config.lr, resolved.config.hidden, resolved.config.epochs) == (0.001, 9, 1)
    assert resolved.sources["lr"] == f"{path}:2"
    assert resolved.sources["hidden"] == "--hidden"
    assert resolved.sources["epochs"] == "default"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1E5", 1e5), ("-.5", -0.5), ("2.", 2.0), ("100_000", 100_000),
        ("true", True), ("null", None), ("", None), ("[64, 32]", [64, 32]),
        ("yes", "yes"), ("010", "010"), ("1:30", "1:30"), ("2020-01-01", "2020-01-01"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"hidden": 0}, "hidden got 0; it should be at least 1"),
        ({"hidden": True}, "hidden got true; it should be a whole number"),
        ({"hidden": 2.5}, "hidden got 2.5; it should be a whole number"),
        ({"hidden": 1e300}, "hidden got 1e+300; it should be a whole number of at most 9,007,"),
        ({"epochs": 2**53 + 1}, "it should be a whole number of at most 9,007,"),
        ({"hidden": "7"}, 'hidden got "7"; it should be a whole number (without quotes)'),
        ({"shuffle": "true"}, "it should be true or false (without quotes)"),
        ({"lr": float("nan")}, "lr got NaN; it should be a finite number"),
        ({"lr": float("inf")}, "lr got Infinity"),
        ({"lr": None}, "lr got null"),
        ({"shuffle": 1}, "shuffle got 1"),
        ({"shuffle": "no"}, 'shuffle got "no"'),
        ({"dtype": "float16"}, "it should be 'float64' or 'float32'"),
        ({"hiden": 3}, "unknown key 'hiden'; did you mean hidden?"),
        ({"zzz": 3}, "unknown key 'zzz'; keys: hidden, init"),
        ({"samples": 3, "batch_size": 4}, "batch_size 4 is more than samples 3"),
        ({"order": "once"}, "order once is for a training without shuffle"),
        ({"order": "once"}, "add --no-shuffle (in YAML: shuffle: false)"),
        ({"order": "random"}, "it should be 'stored', 'once', 'replacement', 'flip-flop', 'sorted"),
        ({"seed": -1}, "seed got -1"),
        ({"log_every": 0}, "log_every got 0; it should be a whole number from 1, or auto"),
        ({"log_every": "often"}, 'log_every got "often"; it should be a whole number'),
        ({"seed": 10**40}, "seed got 1000"),
    ],
)
def test_a_fault_says_what_and_what_to_do(values: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(CubicConfig, None, values)
    assert said in str(caught.value)


def test_all_faults_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("hidden: 0\nepoch: 3\nlr: fast\n")
    with pytest.raises(UsageError) as caught:
        resolve(CubicConfig, path, {"seed": -1})
    told = str(caught.value)
    for part in (f"{path}:1: hidden", f"{path}:2: unknown key", f"{path}:3: lr", "--seed: seed"):
        assert part in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"- 1\n", ":1: a config must be a mapping"),
        (b"lr: 1\nhidden: 2\nlr: 2\n", ":3: lr is given twice (first on line 1)"),
        (b"lr: [1\n", "not valid YAML"),
        (b"\tlr: 1\n", "not valid YAML"),
        (b"lr: \xff\n", "byte 4 is not UTF-8"),
        (b"lr: !!python/object/apply:os.getcwd []\n", "not valid YAML"),
        (b"[1]: 2\n", "a key must be a plain name"),
        (b"a: " + b"[" * 5000, "not valid YAML"),
        (b"#" * 100_001, "larger than a config can be"),
        (b"lr: !!binary aGk=\n", "not valid YAML"),
        (b"lr: !!timestamp 2020-01-01\n", "not valid YAML"),
        (b"lr: !!timestamp x\n", "not valid YAML"),
        (b"hidden: !!int ''\n", "not valid YAML"),
        (b"shuffle: !!bool maybe\n", "not valid YAML"),
        (b"a: &a [1]\nb: [*a, *a]\n", ":2: not valid YAML: aliases (*name) are not supported"),
    ],
)
def test_a_file_that_is_no_config(tmp_path: Path, text: bytes, said: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(text)
    with pytest.raises(UsageError) as caught:
        read_mapping(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("model", MODELS)
def test_every_field_has_a_description_and_a_good_default(model: type[Config]) -> None:
    model()
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name


def test_text_that_is_not_unicode_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text('dtype: "\\ud800"\n')
    with pytest.raises(UsageError, match=r"c.yaml:1: dtype holds bytes that are not UTF-8 text"):
        resolve(CubicConfig, path, {})
    with pytest.raises(UsageError, match="--data-dir: data_dir holds bytes"):
        resolve(FashionConfig, None, {"data_dir": "q\udcff"})


@pytest.mark.parametrize(
    "name", ["a\nb", "a: b # c", " x ", "\x1b[31m", "'", "\u2028", "null", "7"]
)
def test_a_strange_path_reads_back_the_same(tmp_path: Path, name: str) -> None:
    path = tmp_path / "c.yaml"
    written = resolve(FashionConfig, None, {"data_dir": name})
    path.write_text(written.yaml(), encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) >= len(FashionConfig.model_fields)
    assert resolve(FashionConfig, path, {}).config == written.config


def test_a_folder_means_the_same_from_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert FashionConfig(data_dir=Path("~/data")).data_dir == Path("/somewhere/data")
    assert FashionConfig(data_dir=Path("data")).data_dir == Path.cwd() / "data"


CASES: list[type[Config]] = [CubicConfig, FashionConfig, CheckConfig]
WHOLE = [
    (model, key)
    for model in CASES
    for key, field in model.model_fields.items()
    if int in {field.annotation, *get_args(field.annotation)}
    or any(int in get_args(each) for each in get_args(field.annotation))
]


WITH: dict[str, dict[str, Any]] = {"tta_shift": {"augment": ["shift"], "shift_pixels": 2}}


@pytest.mark.parametrize(("model", "key"), WHOLE, ids=lambda each: getattr(each, "__name__", each))
def test_every_whole_number_may_be_written_as_a_float(model: type[Config], key: str) -> None:
    read = getattr(resolve(model, None, {key: 2.0, **WITH.get(key, {})}).config, key)
    assert (read, type(read)) == (2, int)
    with pytest.raises(UsageError, match=f"{key} got 1.5; it should be a whole number"):
        resolve(model, None, {key: 1.5})
    with pytest.raises(UsageError, match=f"{key} got true; it should be a whole number"):
        resolve(model, None, {key: True})


def test_whole_numbers_as_other_programs_write_them(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("hidden: 1e2\nsamples: 1e4\nlr: 1e-2\nbatch_size: 8.0\n")
    assert [line.split()[1] for line in resolve(CubicConfig, path, {}).yaml().splitlines()
            if line.startswith(("hidden", "samples", "lr", "batch_size"))
            ] == ["100", "0.01", "10000", "8"]  # fmt: skip


def test_whole_numbers_in_a_block() -> None:
    blocks = [1e1, {"filters": 8.0, "kernel": 3.0, "pool": 1.0}]
    read = resolve(FashionConfig, None, {"filters": blocks})
    assert "filters: [10, {filters: 8, kernel: 3, pool: 1}]" in read.yaml()
    for fault in (8.5, True, {"filters": 8, "pool": 1.5}, 1e300):
        with pytest.raises(UsageError, match=r"filters\[0\]"):
            resolve(FashionConfig, None, {"filters": [fault]})


def test_a_long_value_does_not_move_the_comments_of_the_others() -> None:
    blocks = [{"filters": 16, "pool": 1}] * 9
    first, *others = resolve(FashionConfig, None, {"filters": blocks}).yaml().splitlines()
    assert len(first) > 200
    assert first.endswith("}]  # --filters")
    (column,) = {line.index("#") for line in others}
    assert column < 50


@pytest.mark.parametrize("value", [7, "fast", True, None, [7]])
def test_only_what_had_quotes_is_told_to_drop_them(value: object) -> None:
    with pytest.raises(UsageError) as caught:
        resolve(CubicConfig, None, {"lr": -1.0, "hidden": "fast", "shuffle": "yes", "gif": [value]})
    assert "quotes" not in str(caught.value)


EXPERIMENTS: dict[str, type[Config]] = {
    "cubic": CubicConfig, "fashion": FashionConfig, "check": CheckConfig
}  # fmt: skip


@pytest.mark.parametrize(
    ("model", "text", "name"),
    [
        (FashionConfig, "samples: 3\ninit: gaussian\nlr: 1\n", "cubic"),
        (CubicConfig, "filters: [3]\nhidden: 3\n", "fashion"),
        (CheckConfig, "hidden: 3\nlr: 0.1\nhidden_units: 3\n", "cubic"),
        (CubicConfig, "hidden: 3\nautodiff: true\n", "check"),
        (FashionConfig, "# A config of nnlab cubic. To run it: ...\n#hidden: 30\n", "cubic"),
        (FashionConfig, "# nnlab cubic --preset default\nlr: 0.1\n", "cubic"),
        (CubicConfig, "# nnlab fashion --preset default\n", "fashion"),
    ],
)
def test_a_config_of_another_experiment_is_named_once(
    tmp_path: Path, model: type[Config], text: str, name: str
) -> None:
    path = tmp_path / "my c.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        resolve(model, path, {}, EXPERIMENTS)
    command = f"nnlab {name} --config '{path}'"
    assert str(caught.value) == f"{path} looks like a config of nnlab {name}; to run it: {command}"


@pytest.mark.parametrize(
    "text",
    ["# nnlab fashion\nhidden: 3\ninit: gaussian\n", "# nnlab cubic\n", "# nnlab resume\n", "#\n"],
)
def test_the_first_line_of_a_config_counts_less_than_its_keys(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(text)
    resolve(CubicConfig, path, {}, EXPERIMENTS)


def test_a_key_of_another_experiment_is_named(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("hidden: 3\nlr: 1\ngif: false\nmomentum: 0.5\n")
    with pytest.raises(UsageError, match="'momentum'; it is a key of nnlab fashion"):
        resolve(CubicConfig, path, {}, EXPERIMENTS)


@pytest.mark.parametrize("model", CASES)
def test_every_key_has_a_group_in_help(model: type[Config]) -> None:
    assert model.groups.keys() <= model.model_fields.keys()
    assert all(model.group(key) != "Keys" for key in model.model_fields)
