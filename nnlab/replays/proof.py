"""What came of an attempt to reproduce a run."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from nnlab.replays.difference import Difference
from nnlab.text import printable

Verdict = Literal["identical", "different", "not proven", "failed"]


@dataclass(frozen=True)
class Proof:
    """What came of an attempt to reproduce a run.

    Attributes:
        run: the run directory.
        experiment: its experiment; "" of a run that failed.
        status: how the run had ended, as `nnlab.runs.saved.SavedRun.status`.
        verdict: identical; different; not proven, of a run that is not finished; failed, of a run
            that cannot be read, be run again, or be compared.
        why: why it is not proven, or what failed; "" for the others.
        differences: the first difference in each file.
        settings: what differs between run.json of the run and of the rerun.
        digests: SHA-256 of the run's config, metrics and weights, as far as it has them.
    """

    run: Path
    experiment: str
    status: str
    verdict: Verdict
    why: str = ""
    differences: tuple[Difference, ...] = ()
    settings: tuple[str, ...] = ()
    digests: dict[str, str] = field(default_factory=dict)

    @property
    def first(self) -> str:
        """In one line: the first difference, or why there is no proof; "" for an identical run."""
        return self.differences[0].told if self.differences else self.why

    @property
    def lines(self) -> list[str]:
        """What to print about the run alone: the verdict first."""
        if self.why:
            return [f"{self.verdict}: {printable(self.why)}"]
        diverged = " (it diverges at the same step)" * (self.status == "diverged")
        same = self.verdict == "identical"
        lines = [f"{self.verdict}: {printable(self.run)}{diverged * same}"]
        lines += [f"  {each.told}" for each in self.differences]
        if self.settings:
            lines += ["these settings differ:", *(f"  {each}" for each in self.settings)]
        elif self.differences:
            lines.append(
                "versions, device, data, processor and threads are the same: a file of the run was "
                "changed, or the training depends on something else"
            )
        return lines

    def as_json(self) -> dict[str, Any]:
        """Return the proof as JSON can hold it."""
        return asdict(self) | {
            "run": str(self.run),
            "differences": [each._asdict() for each in self.differences],
        }
