"""Refuse to go on with a collection of runs that other code began: its numbers could differ."""

from collections.abc import Mapping
from typing import Any

from nnlab.errors import UsageError
from nnlab.runs import provenance
from nnlab.runs.collection import Collection
from nnlab.text import printable


def refuse_other_code(opened: Collection[Any]) -> None:
    """Raise UsageError if other versions, or another commit, than now began the collection."""
    then = _code(opened.record.versions, opened.record.git_commit)
    facts: dict[str, Any] = provenance.describe()
    now = _code(facts["versions"], facts["git_commit"])
    if then == now:
        return
    differing = ", ".join(
        f"{name} {then.get(name, 'missing')} (now {now.get(name, 'missing')})"
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    )
    raise UsageError(
        f"{printable(opened.path)} was begun with {differing}; runs of two versions cannot be "
        f"compared: start a new {opened.kind}, or {_back(then, now)}"
    )


def _back(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Return how to get the code back with which the work began."""
    commit = then["git commit"]
    others = any(then.get(key) != now.get(key) for key in {*then, *now} - {"git commit"})
    ways = [f"git checkout {commit}"] if commit not in {now["git commit"], "none"} else []
    return " and ".join([*ways, *["install those again"] * (others or not ways)])


def _code(versions: Mapping[str, str], commit: str | None) -> dict[str, str]:
    """Return what the numbers of a run depend on: name -> version."""
    return {**versions, "git commit": commit or "none"}
