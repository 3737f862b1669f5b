"""Which versions, processor, device, threads or data a rerun has otherwise than its run."""

from collections.abc import Iterator

from nnlab.runs.record import GROUND, ground
from nnlab.runs.run_json import Record
from nnlab.text import printable

COMMIT = "git commit of nnlab"
SHORT = 12  # digits of a SHA-256 in a message


def settings_apart(was: Record, now: Record) -> list[str]:
    """Return a line for each setting that differs between the run.json of a run and of its rerun.

    A run that was resumed elsewhere has several values of a setting; all are named.
    """
    had, has = _values(was), _values(now)
    return [
        f"{name}: {_joined(had.get(name))} in the run, {_joined(has.get(name))} now"
        for name in {**had, **has}
        if had.get(name) != has.get(name)
    ]


def _joined(values: list[str] | None) -> str:
    return " and ".join(map(printable, values)) if values else "none"


def _values(record: Record) -> dict[str, list[str]]:
    """Return the values of each setting of a run, in the order of its processes."""
    found: dict[str, list[str]] = {}
    parts = [record, *record.get("resumed", [])]
    for name, value in (pair for part in parts for pair in _of_a_process(part)):
        known = found.setdefault(name, [])
        if value not in known:
            known.append(value)
    return found


def _of_a_process(part: Record) -> Iterator[tuple[str, str]]:
    """Yield what run.json says of one process that worked on the run: name, value."""
    yield from ground({key: part[key] for key in (*GROUND, "device") if key in part}).items()
    if "git_commit" in part:
        yield COMMIT, str(part["git_commit"] or "none")
    data = part.get("data") or {}
    for said, digests in (("data", data.get("sha256")), ("input", part.get("inputs"))):
        for name, sha256 in (digests or {}).items():
            yield f"{said} {name}", f"SHA-256 {sha256[:SHORT]}"
