"""How far a study is, and the time left, worked by hand."""

from collections.abc import Callable

from nnlab.console.view import Silent
from nnlab.study.plan import Settings
from nnlab.study.progress import Progress
from nnlab.study.results import Results
from nnlab.study.study import Part


class Heard(Silent):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int, float | None]] = []

    def overall(self, label: str, done: int, total: int, unit: str, left: float | None) -> None:
        assert unit == "runs"
        self.told.append((label, done, total, left))


def part(name: str, arms: int) -> Part:
    named = {f"a{k}": {"lr": 0.01 * (k + 1)} for k in range(arms)}
    return Part(name=name, experiment="cubic", arms=named, measures=(lambda _: [],))


def test_the_time_left_follows_the_pace_of_the_part(clock: Callable[[float], None]) -> None:
    view, parts = Heard(), [part("one", 2), part("two", 1)]
    progress = Progress(view, parts, Settings(seeds=3))
    progress.begin(parts[0], 6, missing=4)  # 2 of 6 runs exist
    clock(10)
    progress.ended()  # 10 s a run: 3 here, 3 in the next part
    clock(2)
    progress.ended()  # 6 s a run: 2 here, 3 in the next part
    progress.ended(2)  # 3 s a run: 0 here, 3 in the next part
    progress.begin(parts[1], 3, missing=3)
    clock(8)
    progress.ended()  # 8 s a run here: 2 to come
    assert view.told == [
        ("part 1 of 2: one", 2, 9, None),
        ("part 1 of 2: one", 3, 9, 60.0),
        ("part 1 of 2: one", 4, 9, 30.0),
        ("part 1 of 2: one", 6, 9, 9.0),
        ("part 2 of 2: two", 6, 9, None),
        ("part 2 of 2: two", 7, 9, 16.0),
    ]


def test_a_part_that_depends_on_results_is_counted_when_it_begins() -> None:
    def later(_: Results) -> dict[str, dict[str, float]]:
        raise AssertionError("there are no results yet")

    second = part("two", 1).model_copy(update={"arms": later})
    view, first = Heard(), part("one", 1)
    progress = Progress(view, [first, second], Settings(seeds=3))
    progress.begin(first, 3, missing=0)
    progress.begin(second, 12, missing=12)
    assert [total for _, _, total, _ in view.told] == [3, 15]


def test_a_part_whose_runs_exist_is_measured() -> None:
    heard = Heard()
    one = part("one", 2)
    progress = Progress(heard, [one], Settings(3))
    progress.begin(one, 6, 6, trained=True)
    assert heard.told[-1][0] == "part 1 of 1: one, measuring"
    progress.begin(one, 6, 6)
    assert heard.told[-1][0] == "part 1 of 1: one"
