"""How a sweep stands, and the time left, worked by hand."""

from collections.abc import Callable

import pytest

from nnlab.console.view import Lines, Silent
from nnlab.sweep.plan import Choices, Plan, Range
from nnlab.sweep.progress import Progress, standing
from nnlab.sweep.trial import Results, State, Trial

PLAN = Plan(
    experiment="cubic", base={}, search="random", trials=5, seed=0, metric="rmse",
    direction="minimize", seeds=2, reruns=3,
    space={"lr": Range(low=0.001, high=0.1, log=True), "hidden": Choices(values=[32, 64])},
)  # fmt: skip


class Heard(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, int, float | None]] = []
        self.stands: list[str] = []

    def overall(self, label: str, done: int, total: int, unit: str, left: float | None) -> None:
        assert (label, unit) in {("sweep", "trials"), ("best on fresh seeds", "runs")}
        self.told.append((done, total, left))

    def standing(self, text: str) -> None:
        self.stands.append(text)


def trial(number: int, state: State = "waiting", value: float | None = None) -> Trial:
    keys = {"lr": 0.01234567 * (number + 1), "hidden": 32}
    return Trial(number, keys, state, value, () if value is None else (value, value))


def test_the_time_left_is_that_of_the_runs_to_come(clock: Callable[[float], None]) -> None:
    view = Heard()
    progress = Progress(view, PLAN)
    first = Results(PLAN, [trial(0, "complete", 0.5), trial(1), trial(2), trial(3)])
    progress.begin(first, 6)  # a resume: trial 0 is done already
    clock(10)
    progress.show(first, 2, 5, 1)  # 10 s a run: 5 here, and 2 seeds of trial 4
    clock(2)
    progress.show(first, 1, 4, 2)  # 6 s a run: 4 here and 2
    clock(3)
    last = [trial(n, "complete", 0.5) for n in range(5)]
    progress.show(Results(PLAN, last), 3, 3, 3)  # 5 s a run: 3 fresh seeds
    progress.show(Results(PLAN, last), 0, 0, 6)
    assert view.told == [(1, 5, None), (1, 5, 70.0), (1, 5, 36.0), (0, 3, 15.0), (3, 3, 0.0)]


def test_the_line_counts_each_state_and_names_the_best() -> None:
    trials = [
        trial(0, "complete", 0.7), trial(1, "complete", 0.123456), trial(2, "pruned", 0.01),
        trial(3, "dropped", 0.02), trial(4, "diverged"), trial(5, "failed"), trial(6, "unfinished"),
    ]  # fmt: skip
    assert standing(Results(PLAN, trials), 2) == (
        "2 done, 1 pruned, 1 dropped, 1 diverged, 1 failed, 2 running; "
        "best rmse 0.1235: trial 1, lr 0.02469, hidden 32"
    )
    assert standing(Results(PLAN, [trial(0)]), 1) == "1 running"
    assert standing(Results(PLAN, [trial(0)]), 0) == ""


def test_a_long_setting_is_cut() -> None:
    long = Trial(0, {"lr": 0.5, "hidden": "x" * 200}, "complete", 0.1, (0.1, 0.1))
    assert len(standing(Results(PLAN, [long]), 0)) < 160


def test_in_a_pipe_each_tenth_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    plan = PLAN.model_copy(update={"trials": 40})
    progress = Progress(Lines(), plan)
    progress.begin(Results(plan, []), 4)
    for done in range(1, 41):
        trials = [trial(n, "complete", 1 / (n + 1)) for n in range(done)]
        progress.show(Results(plan, trials), 2, 0 if done == 40 else 4, done)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert lines[0] == "sweep: 0 of 40 trials"
    assert lines[1].startswith("sweep: 4 of 40 trials, about ")
    assert lines[1].endswith("; 4 done, 2 running; best rmse 0.25: trial 3, lr 0.04938, hidden 32")
    assert lines[-1].startswith("sweep: 40 of 40 trials")
