"""Use finished runs again: of other studies, and of the folder runs/."""

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from nnlab.errors import DataError, UsageError
from nnlab.files import TEMPORARY
from nnlab.runs import provenance
from nnlab.runs.run_json import RUNS
from nnlab.runs.saved import SavedRun

SAME = ("versions", "git_commit")  # of run.json: other code can give other numbers


def digest(experiment: str, config: Mapping[str, Any]) -> str:
    """Return the SHA-256 of an experiment and its whole config."""
    text = json.dumps([experiment, config], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


class Shelf:
    """The finished runs that can be used again, by the digest of their config.

    Args:
        studies: the folder of the studies.
        runs: the folder of single runs.
    """

    def __init__(self, studies: Path, runs: Path = RUNS) -> None:
        now = provenance.describe()
        self._now = {key: now[key] for key in SAME}
        self._changed = str(now["git_commit"] or "").endswith("-dirty")
        self._others = 0
        self._found: dict[str, SavedRun] = {}
        self._of_others: set[str] = set()
        for saved in _finished((*studies.glob("*/runs/*/run.json"), *runs.glob("*/run.json"))):
            known = digest(saved.experiment, saved.record.get("config", {}))
            if not self._changed and all(saved.record.get(key) == self._now[key] for key in SAME):
                self._found.setdefault(known, saved)
            else:
                self._of_others.add(known)

    @property
    def why_not(self) -> str:
        """Why finished runs with wanted configs were not used; "" if there were none."""
        if not self._others:
            return ""
        why = "another version of nnlab or of its libraries made them"
        if self._changed:
            why = "this checkout has changes that git does not know"
        return f"{self._others} runs with these configs exist, but are made again: {why}"

    def copy(self, experiment: str, config: Mapping[str, Any], to: Path) -> bool:
        """Copy the finished run with this config to the directory `to`; False if there is none.

        Raises:
            OSError: it cannot be copied.
        """
        wanted = digest(experiment, config)
        saved = self._found.get(wanted)
        if saved is None or not _is_whole(saved):
            self._others += wanted in self._of_others
            return False
        temporary = to.with_name(f"{TEMPORARY}{secrets.token_hex(8)}")
        try:
            shutil.copytree(saved.path, temporary, ignore=shutil.ignore_patterns(".lock*"))
            temporary.rename(to)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return True


def _finished(records: Iterable[Path]) -> Iterable[SavedRun]:
    """Yield the finished runs whose data a config names completely: no files of the user's."""
    for file in sorted(records):
        saved = SavedRun(file.parent)
        try:
            own = saved.record.get("inputs") or saved.record.get("config", {}).get("data") == "own"
            if saved.record["status"] == "completed" and not own:
                yield saved
        except UsageError:
            continue  # damaged: it is of no use here


def _is_whole(saved: SavedRun) -> bool:
    """Return whether the metrics and the weights of a finished run can be read."""
    try:
        return bool(saved.metrics and not saved.metrics_fault and saved.weights())
    except DataError:
        return False
