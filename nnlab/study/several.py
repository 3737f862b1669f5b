"""Why a claim has its verdict, in words: the reason of its test, or what its tests say together."""

from collections.abc import Iterable, Sequence

from nnlab.study.study import Claim
from nnlab.study.verdicts import Outcome, Verdict
from nnlab.study.words import wanted
from nnlab.text import listed


def why(claim: Claim, verdict: Verdict, counted: Sequence[Outcome], seeds: float | None) -> str:
    """Return why a claim has its verdict.

    Of several tests it names the settings, and why runs were left out or no number of seeds can
    decide; the reason of each test stands in the table of its numbers.

    Args:
        claim: the claim.
        verdict: its verdict.
        counted: the outcomes of its tests, without those on the clock.
        seeds: how many would decide all undecided tests; None if no number can.
    """
    if len(counted) == 1:
        return "; ".join(filter(None, (counted[0].because, counted[0].note)))
    each = [
        f"{said} for {_named(settings, counted)}"
        for said in ("supported", "refuted", "undecided")
        if (settings := [each.test.setting for each in counted if each.verdict == said])
    ]
    if verdict == "depends":
        each[0] = f"it depends on {claim.differs}: {each[0]}"
    if seeds is not None:
        each.append(wanted(seeds))
    each += _told((one.remark * _hopeless(one) for one in counted), counted)
    each += _told((one.note for one in counted), counted)
    return "; ".join(each)


def remark(outcome: Outcome) -> str:
    """Return what the numbers of a test do not tell, and which runs were left out."""
    return "; ".join(filter(None, (outcome.remark, outcome.note)))


def _hopeless(outcome: Outcome) -> bool:
    """Return whether a test is undecided, and no number of seeds can decide it."""
    return outcome.verdict == "undecided" and outcome.seeds_needed is None


def _told(remarks: Iterable[str], counted: Sequence[Outcome]) -> list[str]:
    """Return each remark once, with the settings that it is about if it is not about all."""
    about: dict[str, list[str]] = {}
    for remark, one in zip(remarks, counted, strict=True):
        if remark:
            about.setdefault(remark, []).append(one.test.setting)
    return [
        remark if len(settings) == len(counted) else f"{_named(settings, counted)}: {remark}"
        for remark, settings in about.items()
    ]


def _named(settings: Sequence[str], counted: Sequence[Outcome]) -> str:
    """Return the names of some settings: all are in quotes if one of the claim has a comma."""
    quote = '"' * any("," in each.test.setting for each in counted)
    return listed([f"{quote}{each}{quote}" for each in settings], most=len(settings))
