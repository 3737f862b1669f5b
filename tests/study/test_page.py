"""The page of a study: all parts, right numbers, the same bytes, and nothing but text in it."""

import hashlib
import math
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tests.cli.test_report import Page
from tests.conftest import Typed
from tests.study.finished import SCRIPT, SEEDS, finished, noisy, rmse, showing, source


@pytest.fixture
def page(typed: Typed, tmp_path: Path) -> Page:
    """The page of a finished study."""
    return shown(typed, finished(tmp_path))


def shown(typed: Typed, directory: Path) -> Page:
    code, _, fault = typed(*showing(directory))
    assert (code, fault) == (0, "")
    return Page(directory / "report.html")


def words(page: Page) -> str:
    return " ".join(page.text.split())


def test_each_claim_has_its_verdict_in_words_and_as_a_class(page: Page) -> None:
    items = [attrs["class"] for tag, attrs in page.elements if tag == "li" and "class" in attrs]
    assert items == [
        "supported", "refuted", "depends", "undecided", "undecided", "supported", "supported",
    ]  # fmt: skip
    text = words(page)
    assert "7 claims: 3 supported, 1 refuted, 1 depends, 2 undecided" in text
    assert "supported The error of b is lower." in text
    assert "depends It falls, wherever it is measured." in text
    reason = (
        'it depends on where it is measured: supported for "at the end"; '
        'refuted for "on the way, early"'
    )
    assert reason in text


def test_the_numbers_are_those_of_scipy(page: Page) -> None:
    logs = np.log([rmse("b", seed) / rmse("a", seed) for seed in range(SEEDS)])
    low, high = stats.t.interval(0.95, SEEDS - 1, logs.mean(), stats.sem(logs))
    effect = f"{math.exp(logs.mean()):.3g} times ({math.exp(low):.3g} to {math.exp(high):.3g})"
    told = f"rmse, b / a supported {effect} 0.909 times or less 8 "
    assert words(page).count(told) == 2  # in two claims
    p = stats.ttest_1samp([noisy("b", s) - noisy("a", s) for s in range(SEEDS)], 0).pvalue
    assert f"less than 0 8 {p:.2g} " in words(page)


def test_each_of_several_tests_has_its_own_reason(page: Page) -> None:
    table = words(page).partition("A row for each test.")[2].partition("wherever")[2]
    of_one = table.partition("The noisy number falls.")[0]
    assert "claim says n p p (Holm) why" in of_one
    at_the_end, on_the_way = of_one.split("on the way, early: ")
    assert at_the_end.endswith(" - ")
    assert on_the_way.count("the claim says less") == 2  # loss and seconds
    assert "why" not in table.partition("The noisy number falls.")[2].partition("What one seed")[0]


def test_a_share_stands_beside_the_noise_of_its_test_cases(page: Page) -> None:
    noise = 1.96 * math.sqrt((0.82 * 0.18 + 0.81 * 0.19) / 200)
    table = words(page).partition("A row for each test.")[2].partition("More images are right.")[2]
    (told,) = re.findall(r"more than 0 8 \S+ \S+ (\S+) ", table[:200])
    assert float(told) == pytest.approx(noise, rel=0.02)


def test_what_one_seed_would_have_told(page: Page) -> None:
    differences = [noisy("b", seed) - noisy("a", seed) for seed in range(SEEDS)]
    other = sum((each > 0) != (np.mean(differences) > 0) for each in differences)
    assert 0 < other < SEEDS
    section = words(page).partition("What one seed would have told you")[2]
    way = "above" if differences[0] > 0 else "below"
    said = f"seed 0 alone: the noisy of b is {abs(differences[0]):.3g} {way} that of a"
    assert f"The noisy number falls. noisy, b - a {said} {other} of {SEEDS}" in section
    assert section.count("rmse, b / a") == 1  # though three tests compare these pairs
    assert f"Of 32 such pairs here, {other} point the other way" in section
    assert "seconds" not in section.partition("Settings")[0]


def test_what_was_foretold_stands_beside_what_came(page: Page) -> None:
    section = words(page).partition("What was foretold")[2]
    values = [40 + 10 * wiggle for wiggle in (0.03, -0.05, 0.08)]
    low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
    came = f"{np.mean(values):.3g} ({low:.3g} to {high:.3g})"
    assert f"second: best width 40 second, c {came}" in section
    assert "second: unseen 1 - -" in section


def test_the_settings_and_the_ways_to_make_it_again(page: Page) -> None:
    text = words(page)
    assert "All arms have engine numpy, gif false, samples 500." in text
    assert "b lr 0.02 0 to 7 0" in text
    assert "nnlab study ./mine.py --seeds 8 " in text
    assert "nnlab study show . " in text
    assert "Sources A book" in text
    assert "Two arms." in text
    (image,) = page.values("img", "src")
    assert image.startswith("data:image/png;base64,")


def test_thousands_of_seeds_are_named_but_not_offered(typed: Typed, tmp_path: Path) -> None:
    directory = finished(tmp_path)
    _, out, _ = typed(*showing(directory))
    (seeds,) = re.findall(r"about ([\d,]+) seeds would decide it", out)
    assert int(seeds.replace(",", "")) > 100
    assert "--seeds" not in out


def test_the_order_of_the_runs_and_the_place_change_no_byte(typed: Typed, tmp_path: Path) -> None:
    digests = []
    for name, order in (("one", range(SEEDS)), ("two", range(SEEDS)[::-1])):
        (tmp_path / name).mkdir()
        directory = finished(tmp_path / name, order=order)
        shown(typed, directory)
        digests.append(
            {
                path.name: hashlib.sha256(path.read_bytes()).hexdigest()
                for path in directory.iterdir()
                if path.name in {"report.html", "verdicts.json", "results.csv", "rmse.png"}
            }
        )
    assert len(digests[0]) == 4
    assert digests[0] == digests[1]
    assert str(tmp_path) not in (directory / "report.html").read_text()


def test_other_numbers_make_another_verdict(typed: Typed, tmp_path: Path) -> None:
    text = words(shown(typed, finished(tmp_path, factor=2.0)))
    assert "refuted The error of b is lower." in text
    assert "supported The error of b is higher." in text


def test_a_smoke_test_says_so(typed: Typed, tmp_path: Path) -> None:
    directory = finished(tmp_path, quick=True)
    text = words(shown(typed, directory))
    assert "smoke test (--quick): its verdicts and numbers mean nothing" in text
    assert "Run it in earnest nnlab study ./mine.py --seeds 8 " in text


def test_texts_of_a_strangers_study_stay_text(typed: Typed, tmp_path: Path) -> None:
    directory = finished(tmp_path, file=source(more=SCRIPT))
    page = shown(typed, directory)
    assert words(page).count(SCRIPT) == 6  # method, claim three times, caption, source
    assert "script" not in {tag for tag, _ in page.elements}
    assert SCRIPT not in (directory / "report.html").read_text()
