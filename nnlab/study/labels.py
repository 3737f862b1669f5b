"""What a test compares, what counts and what came, in few words: the cells of a table."""

import math
from functools import singledispatch

from nnlab.study.study import Equal, Paired, Test, Within
from nnlab.study.verdicts import Outcome
from nnlab.study.words import measured, number, shown

NONE = "-"


def label(test: Test) -> str:
    """Return what a test compares, after its setting: "equal steps: rmse, b / a"."""
    what = f"{measured(test)}, {compared(test)}"
    return f"{test.setting}: {what}" if test.setting else what


@singledispatch
def compared(test: Test) -> str:
    """Return the arms of a test: "b / a"; "b - a"; "a"; "all arms"."""
    raise TypeError(test)


@compared.register
def _(test: Paired) -> str:
    return f"{test.of} {'/' if test.log else '-'} {test.against}"


@compared.register
def _(test: Within) -> str:
    return test.arm


@compared.register
def _(test: Equal) -> str:
    return f"largest difference of {', '.join(test.arms) or 'all arms'}"


@singledispatch
def counts(test: Test) -> str:
    """Return what the claim says, with the smallest effect that counts."""
    raise TypeError(test)


@counts.register
def _(test: Paired) -> str:
    less = test.expect == "less"
    if not test.log:
        bound = number(-test.counts if less else test.counts)
        return f"{bound} or {test.expect}" if test.counts else f"{test.expect} than 0"
    bound = number(1 / test.counts if less else test.counts)
    return f"{bound} times or {test.expect}" if test.counts > 1 else f"{test.expect} than 1 times"


@counts.register
def _(test: Within) -> str:
    if math.isinf(test.low):
        return f"up to {number(test.high)}"
    if math.isinf(test.high):
        return f"from {number(test.low)}"
    return f"{number(test.low)} to {number(test.high)}"


@counts.register
def _(test: Equal) -> str:
    return f"up to {number(test.tolerance)}"


def effect(outcome: Outcome) -> str:
    """Return the estimate of a test with its interval: "2.2 times (1.9 to 2.5)"."""
    if outcome.estimate is None:
        return NONE
    test = outcome.test
    times = " times" * (isinstance(test, Paired) and test.log)
    told = f"{shown(test, outcome.estimate)}{times}"
    if outcome.low is None or outcome.high is None:
        return told
    return f"{told} ({shown(test, outcome.low)} to {shown(test, outcome.high)})"
