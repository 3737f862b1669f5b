"""Help at 80 columns, unknown flags and commands: what a person sees who types them."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from nnlab.cli import app
from tests.conftest import Typed


def pages(command: Any, words: tuple[str, ...] = ()) -> list[tuple[Any, tuple[str, ...]]]:
    below = getattr(command, "commands", {}).items()
    return [(command, words)] + [
        page for name, each in below for page in pages(each, (*words, name))
    ]


PAGES = pages(get_command(app.app))


@pytest.mark.parametrize(("command", "words"), PAGES, ids=lambda each: " ".join(["", *each])
                         if isinstance(each, tuple) else "")  # fmt: skip
def test_a_help_page_fits_and_ends_with_examples(
    typed: Typed, command: Any, words: tuple[str, ...]
) -> None:
    code, page, _ = typed(*words, "--help")
    assert code == 0
    assert max(map(len, page.splitlines())) <= 80
    assert "<" not in page.replace("<=", "").replace("< ", "")  # <bool>, <path>
    shown = page.split()
    for option in (each for each in command.params if not each.hidden):
        flags = [flag for flag in option.opts if flag.startswith("-")]
        for word in f"{option.help} {option.metavar or ''} {' '.join(flags)}".split():
            assert any(word in each for each in shown), word
    examples = page.partition("Examples:\n")[2].splitlines()
    assert len(examples) >= 2
    for example in examples:
        assert " ".join(["nnlab", *words]) in example


@pytest.mark.parametrize(
    "line", [line for command, _ in PAGES for line in command.epilog.splitlines()]
)
def test_the_examples_can_be_typed(typed: Typed, line: str) -> None:
    words = shlex.split(line.rpartition("| ")[2])[1:]
    if words[0] in {"cubic", "fashion", "check"} and "my.yaml" not in words:
        code, said, fault = typed(*words, "--print-config")
        assert "hidden: " in said
    else:
        code, _, fault = typed(*words, "--help")
    assert (code, fault) == (0, "")
    known = {flag for command, _ in PAGES for each in command.params for flag in
             (*each.opts, *each.secondary_opts)}  # fmt: skip
    assert {word for word in words if re.match("--|-[a-z]", word)} <= known


def test_the_keys_stand_in_their_groups(typed: Typed) -> None:
    page = typed("fashion", "--help")[1]
    titles = re.findall(r"^(\w[\w ]*):$", page, re.MULTILINE)
    assert titles == ["Network", "Training", "Augmentation", "Device and run", "Data", "Options",
                      "Examples"]  # fmt: skip
    assert page.index("Network:") < page.index("--filters") < page.index("Training:")
    assert page.index("Data:") < page.index("--data-dir") < page.index("Options:")
    assert "--precision float32|mixed_float16|mixed_bfloat16\n" in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "cubic --learning-rate 0.1",
            "nnlab cubic has no flag --learning-rate; did you mean --lr?",
        ),
        ("cubic --learning_rate=0.1", "did you mean --lr?"),
        ("cubic -lr 0.1", "nnlab cubic has no flag -lr; did you mean --lr?"),
        ("cubic --n-epochs 3", "did you mean --epochs?"),
        ("cubic --steps 3", "did you mean --samples?"),
        ("fashion --steps 3", "did you mean --epochs?"),
        ("fashion --batchsize 3", "did you mean --batch-size?"),
        ("fashion --no-shufle", "did you mean --no-shuffle?"),
        ("cubic --output-dir x", "did you mean --run-dir?"),
        ("cubic --filters 3", "nnlab cubic has no flag --filters; nnlab fashion has it"),
        ("cubic --zzz", "no flag --zzz; for its flags: nnlab cubic --help"),
        ("resume --learning-rate 3 x", "did you mean --lr?"),  # hidden there, and refused by name
        ("--epochs 3", "nnlab has no flag --epochs; nnlab cubic has it"),
        ("cubic --lr", "nnlab: option '--lr' requires an argument; for help: nnlab cubic --help\n"),
        ("show", "nnlab: missing argument 'RUN'; such as: nnlab show last; for help: nnlab show"),
        ("export a -f b", "nnlab: invalid value for '--format' / '-f': 'b' is not one of 'keras',"),
        ("train", "no command 'train'; did you mean nnlab cubic or nnlab fashion?"),
        ("cubik", "did you mean nnlab cubic?"),
        ("ls", "did you mean nnlab runs?"),
        ("help cubik", "did you mean nnlab cubic?"),
        ("data download", "nnlab data has no command 'download'; did you mean nnlab data fetch?"),
        ("zzz", "no command 'zzz'; its commands: cubic, fashion"),
    ],
)
def test_what_was_meant_is_told(typed: Typed, words: str, said: str) -> None:
    code, out, fault = typed(*words.split())
    assert (code, out) == (2, "")
    assert said in fault


@pytest.mark.parametrize("words", [[], ["cubic"], ["data"], ["data", "fetch"]])
def test_help_is_a_command_too(typed: Typed, words: list[str]) -> None:
    assert typed("help", *words) == typed(*words, "--help")


def test_without_a_command_help_is_printed(typed: Typed) -> None:
    assert typed() == (2, typed("--help")[1], "")
    assert typed("data") == (2, typed("data", "--help")[1], "")


@pytest.mark.parametrize(
    ("line", "words"),
    [("nnlab ", list(vars(get_command(app.app))["commands"])), ("nnlab cub", ["cubic"]),
     ("nnlab data f", ["fetch"]), ("nnlab fashion --lr-s", ["--lr-schedule"]),
     ("nnlab cubik --l", [])],
)  # fmt: skip
def test_tab_completes_commands_and_flags(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, line: str, words: list[str]
) -> None:
    monkeypatch.setenv("_NNLAB_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(line.split(" ")) - 1))
    _, out, fault = typed()
    assert (out.split(), fault) == (words, "")


def test_a_config_of_the_other_experiment_is_named_once(typed: Typed) -> None:
    config = Path(__file__).parents[2] / "configs/cubic-as-printed.yaml"
    code, out, fault = typed("fashion", "--config", str(config))
    assert (code, out) == (2, "")
    command = f"nnlab cubic --config {config}"
    assert fault == f"nnlab: {config} looks like a config of nnlab cubic; to run it: {command}\n"


def test_flags_take_whole_numbers_as_other_programs_write_them(typed: Typed) -> None:
    said = typed("cubic", "--samples", "1e5", "--batch-size", "8.0", "--print-config")[1]
    assert re.search(r"^samples: 100000 +# --samples$", said, re.MULTILINE)
    assert re.search(r"^batch_size: 8 +# --batch-size$", said, re.MULTILINE)
    fault = typed("cubic", "--samples", "8.5")[2]
    assert fault.endswith("samples got 8.5; it should be a whole number\n")
