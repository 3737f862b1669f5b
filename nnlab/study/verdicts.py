"""What a study found: the outcome of each test, and the verdict on each claim."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from nnlab.study.study import Claim, Test, on_the_clock

Verdict = Literal["supported", "refuted", "depends", "undecided"]


@dataclass(frozen=True)
class Single:
    """What one seed would have told you.

    Attributes:
        other_way: the share of the seeds that alone say the opposite of the mean: less in place of
            more, outside in place of inside.
        seed: the first seed.
        estimate: what this seed alone said: a difference, a ratio or a value, as in `Outcome`.
        says: the same in words.
    """

    other_way: float
    seed: int
    estimate: float
    says: str


@dataclass(frozen=True)
class Outcome:
    """What the runs say about one test.

    Attributes:
        test: the test.
        verdict: supported, refuted or undecided.
        because: why, in one sentence with the numbers.
        estimate: `Paired`: the mean difference of - against, or with `log` the ratio of / against
            of the geometric means. `Within`: the mean, or the geometric mean. `Equal`: the largest
            difference. None: there is none.
        low, high: the ends of its 95% interval, not corrected for the number of tests; None if it
            has none.
        n: number of pairs; of values; of seeds.
        bound: what `p` is against: the value of the estimate that has to be left out.
        p: the p value of the test alone; None without one.
        p_holm: the same after Holm's correction for all tests of the study that count.
        seeds_needed: how many seeds would decide an undecided test in 80% of the cases; inf: more
            than 10,000; None: it is decided, or no number of seeds can decide it.
        note: which runs were left out, or "".
        single: what one seed would have told you; None if there is nothing to tell.
        noise: the part of a difference of shares that the test cases alone explain, if it is one.
        remark: the part of `because` that the numbers do not tell, or "".
    """

    test: Test
    verdict: Verdict
    because: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    n: int = 0
    bound: float | None = None
    p: float | None = None
    p_holm: float | None = None
    seeds_needed: float | None = None
    note: str = ""
    single: Single | None = None
    noise: float | None = None
    remark: str = ""


@dataclass(frozen=True)
class Judged:
    """A claim, its verdict, and the outcome of each of its tests.

    Attributes:
        claim: the claim.
        verdict: that of its test. Of several: supported or refuted if all are, depends if some are
            supported and some refuted, else undecided. A test on the clock does not count.
        because: why, in one sentence.
        outcomes: one for each test, in the claim's order.
        seeds_needed: the largest number that an undecided test needs, as in `Outcome`.
    """

    claim: Claim
    verdict: Verdict
    because: str
    outcomes: tuple[Outcome, ...]
    seeds_needed: float | None = None


def summary(judged: Judged) -> tuple[str, str, str]:
    """Return a row for a table of text: the claim, its verdict, and why."""
    return judged.claim.says, judged.verdict, judged.because


def as_json(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Return the verdicts as plain values for JSON, in which every number is finite."""
    return [
        {
            "claim": each.claim.name,
            "says": each.claim.says,
            "verdict": each.verdict,
            "because": each.because,
            "differs": each.claim.differs,
            "seeds_needed": _finite(each.seeds_needed),
            "tests": [_outcome(outcome) for outcome in each.outcomes],
        }
        for each in judged
    ]


def _outcome(outcome: Outcome) -> dict[str, Any]:
    test = outcome.test
    found = {key: value for key, value in vars(outcome).items() if key not in ("test", "single")}
    single = asdict(outcome.single) if outcome.single else None
    return {
        "test": type(test).__name__.lower(),
        **{key: _finite(value) for key, value in test.model_dump(mode="json").items()},
        "on_the_clock": on_the_clock(test),
        "outcome": {key: _finite(value) for key, value in found.items()},
        "one_seed": single and {key: _finite(value) for key, value in single.items()},
    }


def _finite(value: object) -> object:
    """Return `value`; of a number that JSON cannot hold, its name: "inf", "-inf" or "nan"."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
