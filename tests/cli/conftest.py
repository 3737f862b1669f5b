"""Fixtures: nnlab as a person types it, in this process."""

import sys
from collections.abc import Callable

import pytest

from nnlab.cli import app

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type `nnlab WORDS` into a terminal of 80 columns; return exit code, stdout, stderr."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("MPLBACKEND", "agg")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nnlab", *words])
        with pytest.raises(SystemExit) as end:
            app.main()
        return (int(end.value.code or 0), *capsys.readouterr())

    return run
