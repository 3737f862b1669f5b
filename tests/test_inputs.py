"""What a name leads to is looked at before it is read: no wait, no memory, one message."""

import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from nnlab import inputs
from tests.conftest import ENVIRONMENT, Nnlab, command

CONFIG = "hidden: 7\n"


def test_a_plain_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert inputs.read(path, 5, "five") == b"12345"
    with pytest.raises(ValueError, match=r"larger than five can be \(5 bytes; at most 4\)"):
        inputs.read(path, 4, "five")


def test_a_link_to_a_file_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"12345")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert inputs.read(tmp_path / "b", 5, "five") == b"12345"


KINDS: dict[str, Callable[[Path], object]] = {
    "this is a device": lambda path: path.symlink_to("/dev/zero"),
    "this is a pipe": os.mkfifo,
    "Is a directory": Path.mkdir,
    "No such file": lambda _: None,
}


@pytest.mark.parametrize("said", KINDS)
def test_what_is_not_a_plain_file_is_refused_at_once(tmp_path: Path, said: str) -> None:
    KINDS[said](tmp_path / "a")
    with pytest.raises((OSError, ValueError), match=said):
        inputs.read(tmp_path / "a", 10, "ten")


def test_a_pipe_is_read_to_its_end_however_slow_the_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "PATIENCE", 0.1)
    os.mkfifo(tmp_path / "a")
    descriptor = os.open(tmp_path / "a", os.O_RDWR)  # a writer is there

    def write() -> None:
        for part in (b"123", b"45"):
            threading.Event().wait(0.3)
            os.write(descriptor, part)
        os.close(descriptor)

    writer = threading.Thread(target=write)
    writer.start()
    assert inputs.read_stream(tmp_path / "a", 5, "five") == b"12345"
    writer.join()


def test_a_pipe_without_a_writer_and_one_without_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "PATIENCE", 0.05)
    os.mkfifo(tmp_path / "a")
    with pytest.raises(ValueError, match="nobody wrote to this pipe for"):
        inputs.read_stream(tmp_path / "a", 5, "five")
    with subprocess.Popen(["/bin/sh", "-c", "exec yes > a"], cwd=tmp_path) as endless:
        monkeypatch.setattr(inputs, "PATIENCE", 10.0)
        with pytest.raises(ValueError, match="larger than five can be"):
            inputs.read_stream(tmp_path / "a", 5, "five")
        endless.kill()


@pytest.mark.parametrize("name", ["-", "/dev/stdin"])
def test_a_config_from_standard_input(tmp_path: Path, name: str) -> None:
    words = command("cubic", "--print-config", "--config", name)
    done = subprocess.run(
        words, cwd=tmp_path, env=ENVIRONMENT, text=True, capture_output=True, check=False,
        input=CONFIG,
    )  # fmt: skip
    where = "standard input" if name == "-" else name
    assert done.stdout.splitlines()[0].split() == ["hidden:", "7", "#", *f"{where}:1".split()]


def test_a_config_from_a_process(tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/bash", "-c", f'"$@" --config <(sleep 0.2; echo {CONFIG.strip()!r})', "bash",
         *command("cubic", "--print-config")],
        cwd=tmp_path, env=ENVIRONMENT, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("hidden: 7 ")


@pytest.mark.parametrize(
    "words",
    [
        ("cubic", "--config", "/dev/zero"),
        ("cubic", "--config", "-"),  # /dev/null
        ("cubic", "--points", "/dev/zero"),
        ("cubic", "--points", "/dev/zero", "--samples", 5),
        ("cubic", "--init-from", "/dev/zero"),
        ("check", "--init-from", "pipe"),
        ("resume", "run-with-a-pipe"),
        ("resume", "run-with-a-device"),
    ],
)
def test_a_device_or_a_pipe_is_one_message(nnlab: Nnlab, tmp_path: Path, words: list[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, link in (("pipe", "../pipe"), ("device", "/dev/zero")):
        run = tmp_path / f"run-with-a-{name}"
        run.mkdir()
        (run / "run.json").write_text(
            '{"experiment": "cubic", "command": "x", "status": "interrupted"}'
        )
        (run / "config.yaml").symlink_to(link)
    before = sorted(os.listdir(tmp_path))
    done = nnlab(*words, timeout=60)
    assert done.returncode == 2, done.stderr
    said = "a link is in the place of" if words[0] == "resume" else "not a plain file"
    assert said in done.stderr
    assert "bug in nnlab" not in done.stderr
    assert sorted(os.listdir(tmp_path)) == before
