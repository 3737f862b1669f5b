"""Where a saved run came from: command, times, versions, machine, data."""

from collections.abc import Iterator, Mapping
from typing import Any

from nnlab.reports.parts import Fact
from nnlab.runs.run_json import Record

OF_ONE = {"started", "resumed", "finished", "seconds, with start and pictures"}  # of one run only


def environment(record: Record) -> list[Fact]:
    """Return what run.json says of a run's origin, without what only its own machine needs.

    The process and the place of the data are left out: a page may be given away, and two equal runs
    have the same page but for the times.
    """
    return [Fact(name, value) for name, value in _facts(record) if value]


def _facts(record: Record) -> Iterator[tuple[str, str]]:
    yield "command", record["command"]
    yield "started", str(record.get("started", ""))
    for resume in record.get("resumed", []):
        yield "resumed", f"{resume.get('at', '')}: {resume.get('command', '')}"
    yield "finished", str(record.get("finished", ""))
    yield "seconds, with start and pictures", str(record.get("seconds", ""))
    yield "device", record.get("device", {}).get("used", "")
    yield "machine", _joined(record.get("machine") or {})
    yield "versions", _joined(record.get("versions", {}))
    yield "git commit of nnlab", str(record.get("git_commit") or "")
    parameters = record.get("parameters", "")
    yield "parameters", f"{parameters:,}" if isinstance(parameters, int) else str(parameters)
    data = record.get("data") or {}
    yield "data", data.get("name", "")
    digests = {"SHA-256 of": data.get("sha256"), "SHA-256 of input": record.get("inputs")}
    for said, files in digests.items():
        for name, digest in files.items() if isinstance(files, dict) else ():
            yield f"{said} {name}", str(digest)
    for note in record.get("notes", []):
        yield "note", note


def _joined(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
