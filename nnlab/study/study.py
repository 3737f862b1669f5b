"""What a study is: the runs it makes, what it measures on them, and the claims it decides.

A study is one file with `STUDY = Study(...)`. Everything in it is fixed before the first run: what
is compared, which difference counts, and the test that decides. docs/studies.md shows how to write
one.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from nnlab.runs.saved import SavedRun
from nnlab.study.results import Reading, Results, Row

Keys = Mapping[str, Any]
"""Config key -> value, as in a YAML file."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$", max_length=60)]
Sentence = Annotated[str, StringConstraints(min_length=1)]
LEAST_SEEDS = 3  # fewer pairs have no spread that means anything
RESERVED = ("list", "all", "resume", "show")  # words that `nnlab study` takes in place of a name
# A measure with such a word in its name is a time, or a speed.
ON_THE_CLOCK = re.compile(
    r"(?<![a-z])(seconds?|minutes?|hours?|[mµun]s|(wall)?time|wall|clock|duration|speed|throughput)"
    r"(?![a-z])",
    re.IGNORECASE,
)


class _Declared(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Part(_Declared):
    """Runs of one experiment that are compared with each other.

    Attributes:
        name: part of each run directory's name.
        experiment: a row of `nnlab.experiments.EXPERIMENTS`.
        arms: the settings that are compared: name -> the config keys that make the difference. A
            function computes them from the results of the parts before this one.
        base: config keys that all arms share.
        quick: config keys of the smoke test (`--quick`), which replace those of `base` and `arms`.
        full: config keys of `--full`, which do the same.
        measures: functions that take a finished run and yield readings. A run that diverged yields
            nothing but the reading `diverged` = 1; each other run has `diverged` = 0.
        seeds: number of seeds; None: as many as the user asks for. A part that tunes a setting
            needs fewer.
        first_seed: the first seed. A part that tunes takes other seeds than the part that tests.
        foretell: what is predicted from the results of the parts before this one. It is written to
            prediction.json before the first run of this part starts, and never changed. The page
            shows beside the number NAME what came of it: the rows whose measure is NAME.
    """

    name: Name
    experiment: str
    arms: Mapping[Name, Keys] | Callable[[Results], Mapping[str, Keys]]
    base: Keys = {}
    quick: Keys = {}
    full: Keys = {}
    measures: tuple[Callable[[SavedRun], Iterable[Reading]], ...] = Field(min_length=1)
    seeds: int | None = Field(None, ge=1)
    first_seed: int = Field(0, ge=0)
    foretell: Callable[[Results], Mapping[str, float]] | None = None


class Paired(_Declared):
    """Test: is a measure of arm `of` less, or more, than that of arm `against`, seed by seed?

    Student's t on the differences of the pairs, of - against. Supported: less, or more, beyond
    chance, and the mean effect seen is at least `counts`. Refuted: the whole interval lies below
    `counts`.

    A pair with a run that diverged is left out. That run was the worse one: if the verdict says
    that its arm is the better one, the test is undecided.

    Attributes:
        part, measure, at: which readings.
        of, against: the two arms.
        expect: the direction that the claim says.
        log: whether to compare logarithms: for measures whose ratio matters and that are skewed.
        counts: the smallest effect that counts: a difference, or with `log` a ratio (1.1 is 10%).
        cases: number of test cases that a share was counted on (10,000 test images), or the measure
            of the part that says it, for runs of several sizes: the least is taken. A difference
            within the noise of the test set is undecided.
        reached: a measure that is 0 for a run that did not get to its target, so that its value is
            at least as large as the one seen. Such a run cannot be the better one, either.
        setting: what this test holds fixed, if a claim has several tests: "equal steps".
    """

    part: str
    measure: str
    of: str
    against: str
    expect: Literal["less", "more"]
    at: str = ""
    log: bool = False
    counts: float = Field(0.0, ge=0)
    cases: Annotated[int, Field(ge=1)] | str | None = None
    reached: str = ""
    setting: str = ""

    @model_validator(mode="after")
    def _ratio(self) -> Self:
        if self.of == self.against:
            raise ValueError(f"`of` and `against` are both {self.of!r}: name two arms")
        if self.log and self.counts < 1:
            raise ValueError("with log, `counts` is a ratio from 1, such as 1.1 for 10%")
        if self.log and self.cases:
            raise ValueError("`cases` is for a difference of shares: leave out `log`")
        return self


class Within(_Declared):
    """Test: does the mean of a measure of one arm lie between `low` and `high`?

    Supported if the whole interval of the mean lies inside; refuted if it lies outside. A run that
    diverged is left out, and was worse than all others: if the verdict says that the mean is good
    enough for a place among them, or better, the test is undecided.

    Attributes:
        part, measure, at, arm: which readings.
        low, high: the bounds; -inf or inf for none.
        log: whether the interval is that of the geometric mean.
        share: whether the values are pseudo-values of a share of pairs, as those of
            `nnlab.study.luck`. A small share has a small spread, so the test takes the one that a
            share at the bound would have. If there is no such pair, or no other, so that no spread
            is known, the binomial distribution decides.
        setting: as in `Paired`.
    """

    part: str
    measure: str
    arm: str
    low: float
    high: float
    at: str = ""
    log: bool = False
    share: bool = False
    setting: str = ""

    @model_validator(mode="after")
    def _bounds(self) -> Self:
        if not self.low < self.high:
            raise ValueError("`low` must be below `high`")
        if self.log and self.high <= 0:
            raise ValueError("with log, `high` must be above 0")
        if self.log and self.share:
            raise ValueError("a share can be 0, and has no logarithm then: leave out `log`")
        if self.high == math.inf and self.low <= (0 if self.log else -math.inf):
            raise ValueError("every value is within these bounds: give `low` or `high`")
        return self


class Equal(_Declared):
    """Test without chance: do all arms give the same number, seed by seed?

    Attributes:
        part, measure, at: which readings.
        arms: the arms; empty: all of the part.
        tolerance: the largest difference between two arms that is rounding.
        setting: as in `Paired`.
    """

    part: str
    measure: str
    tolerance: float = Field(gt=0)
    arms: tuple[str, ...] = ()
    at: str = ""
    setting: str = ""


Test = Paired | Within | Equal


def on_the_clock(test: Test) -> bool:
    """Return whether a test compares times or speeds: of a machine, so that they never decide."""
    return bool(ON_THE_CLOCK.search(test.measure))


def worst(test: Paired | Within) -> float:
    """Return what a run that diverged would have: inf; of an accuracy -inf."""
    return -math.inf if "accuracy" in test.measure else math.inf


class Claim(_Declared):
    """A sentence that a textbook says, and the tests that decide it.

    Attributes:
        name: for tables.
        says: the claim in words, as a textbook says it.
        tests: one test, or one for each setting.
        differs: what the settings differ in, if there are several: "what is held equal". If the
            tests contradict each other, the verdict is that the claim depends on this.
    """

    name: Name
    says: Sentence
    tests: tuple[Test, ...] = Field(min_length=1)
    differs: str = ""

    @model_validator(mode="after")
    def _can_be_decided(self) -> Self:
        if all(map(on_the_clock, self.tests)):
            raise ValueError(
                f"claim {self.name}: seconds alone never decide; add a test against steps, "
                "samples or another measure"
            )
        if len(self.tests) > 1 and not (self.differs and all(t.setting for t in self.tests)):
            raise ValueError(
                f"claim {self.name} has several tests: give each a `setting`, and the claim "
                "`differs`, which says what the settings differ in"
            )
        return self


class Picture(_Declared):
    """A picture of the results.

    Attributes:
        name: its file is NAME.png.
        draw: makes the matplotlib Figure from all results.
        caption: what to look for, in one or two sentences.
    """

    name: Name
    draw: Callable[[Results], Any]  # a Figure; matplotlib loads when it is called
    caption: Sentence


class Study(_Declared):
    """A question, the runs that answer it, and the claims that they decide.

    Attributes:
        name: its name on the command line.
        question: what a student asks.
        method: what is done, in a few sentences: data, network, what is equal, what differs.
        parts: the runs, in their order; a later part may depend on the results of earlier ones.
        claims: the claims that are decided.
        derive: functions that compute further rows from all rows, such as a slope.
        pictures: pictures of the results.
        seeds: runs of each setting, where the user asks for no number; None: 8.
        sources: papers and books that make the claims, or describe the method.
    """

    name: Name
    question: Sentence
    method: Sentence
    parts: tuple[Part, ...] = Field(min_length=1)
    claims: tuple[Claim, ...] = Field(min_length=1)
    derive: tuple[Callable[[Results], Iterable[Row]], ...] = ()
    pictures: tuple[Picture, ...] = Field(min_length=1)
    seeds: int | None = Field(None, ge=3)
    sources: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.name in RESERVED:
            raise ValueError(f"{self.name!r} is a word of nnlab study; give another name")
        for what, named in (
            ("part", self.parts),
            ("claim", self.claims),
            ("picture", self.pictures),
        ):
            names = [each.name for each in named]
            if twice := {name for name in names if names.count(name) > 1}:
                raise ValueError(f"two of its {what}s have the name {min(twice)!r}")
        for claim in self.claims:
            for test in claim.tests:
                if fault := self._fault(test):
                    raise ValueError(f"claim {claim.name}: {fault}")
        return self

    def _fault(self, test: Test) -> str:
        """Return why the runs of this study cannot decide a test; "" if they can."""
        part = next((each for each in self.parts if each.name == test.part), None)
        if part is None:
            known = ", ".join(each.name for each in self.parts)
            return f"the study has no part {test.part!r}; its parts are {known}"
        if part.seeds is not None and part.seeds < LEAST_SEEDS and not isinstance(test, Equal):
            return (
                f"part {part.name} has seeds={part.seeds}; a test needs {LEAST_SEEDS} or more: "
                "from one or two runs nobody can tell luck from effect"
            )
        if self.derive or not isinstance(part.arms, Mapping):
            return ""  # arms that only the results know
        asked = test.arms if isinstance(test, Equal) else arms_of(test)
        unknown = [arm for arm in asked if arm not in part.arms]
        if not unknown:
            return ""
        return f"part {part.name} has no arm {unknown[0]!r}; its arms are {', '.join(part.arms)}"


def arms_of(test: Paired | Within) -> tuple[str, ...]:
    """Return the arms that a test of chance looks at."""
    return (test.of, test.against) if isinstance(test, Paired) else (test.arm,)
