"""The page of `nnlab scrub` in a browser: the slider moves it, and it tells what replay tells."""

import io
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nnlab.cli import app
from nnlab.cubic import data, replay
from nnlab.cubic.network import Backpropagation
from nnlab.reports.film import Curves, Film, Gallery, Grid
from nnlab.reports.film_axis import Axis
from nnlab.reports.film_page import film_page
from nnlab.runs.saved import SavedRun
from tests.chromium import MISSING, PROGRAM, Chromium
from tests.reports.test_in_chromium import CONTRASTS, complaints, requests
from tests.runs.trained import bare

pytestmark = [pytest.mark.skipif(PROGRAM is None, reason=MISSING), pytest.mark.slow]

HIDDEN = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one.html and two.html, and the runs that they show."""
    folder = tmp_path_factory.mktemp("scrub")
    keys = {"hidden": HIDDEN, "init_scale": 0.5}
    script = "<script>alert(1)<\\script>"
    bare(folder / "exact", "cubic", samples=450, **keys)
    bare(folder / script, "cubic", samples=400, gradient="as-printed", init="recycled", **keys)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MPLBACKEND", "agg")
        for name, runs in (("one", ["exact"]), ("two", ["exact", script])):
            patch.setattr(sys, "argv", ["nnlab", "scrub", *runs, "-o", f"{name}.html"])
            with pytest.raises(SystemExit) as end:
                app.main()
            assert not end.value.code
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


def opened(browser: Chromium, page: Path) -> None:
    """Open a page, and wait for its first picture."""
    browser.open(f"file://{page}")
    browser.run("""new Promise((done) => {
        const look = () => document.documentElement.dataset.ready ? done() : setTimeout(look, 5);
        look();
    })""")


def press(browser: Chromium, key: str) -> None:
    for kind in ("rawKeyDown", "keyUp"):
        browser.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)


def told(browser: Chromium, run: int = 0) -> dict[str, float]:
    """Return the step and the numbers that the page shows as text."""
    found = browser.run(
        "Object.fromEntries([...document.querySelectorAll('.measured')]"
        f"[{run}].querySelectorAll('div').values()"
        ".map(d => [d.querySelector('dt').innerText, d.querySelector('dd').innerText]))"
    )
    step = browser.run("document.getElementById('now').innerText")
    numbers = found | {"step": re.sub("[^0-9]", "", step)}
    return {name: float(text.replace("−", "-")) for name, text in numbers.items()}


def test_the_numbers_are_those_of_replay(browser: Chromium, folder: Path) -> None:
    config = replay.config_of(SavedRun(folder / "exact"))
    x, y = data.points(config)
    opened(browser, folder / "one.html")
    steps = []
    for place in (0, 7, 60, 200):
        browser.run(
            f"(s => {{ s.value = {place}; s.dispatchEvent(new Event('input')); }})"
            "(document.getElementById('slider'))"
        )
        shown = told(browser)
        ((step, parameters),) = replay.states(config, [int(shown["step"])])
        steps.append(step)
        error = data.on_grid(Backpropagation(parameters, len(data.GRID))) - data.GRID**3
        network = Backpropagation(parameters, len(x))
        network.forward(x)
        blocks = network.backward(x, y)
        size = np.sqrt(np.sum(blocks["W2"] ** 2) + np.sum(blocks["b2"] ** 2))
        assert shown["rmse"] == float(f"{np.sqrt(np.mean(error**2)):.4g}")
        assert shown["max error"] == float(f"{np.abs(error).max():.4g}")
        assert shown["loss"] == pytest.approx(np.mean((network.f - y) ** 2), rel=1e-3)
        assert shown["gradient 2"] == pytest.approx(size, rel=1e-3)
    assert (steps[0], steps[-1]) == (0, 450)
    assert len(set(steps)) == 4


def test_the_last_picture_of_weights_is_that_of_model_npz(browser: Chromium, folder: Path) -> None:
    browser.size(1000, 800)
    browser.scheme("light")
    opened(browser, folder / "one.html")
    config = replay.config_of(SavedRun(folder / "exact"))
    weights = SavedRun(folder / "exact").weights()["W2"]
    steps = json.loads(browser.run("document.getElementById('film').textContent"))["at"]
    most = max(np.abs(p["W2"]).max() for _, p in replay.states(config, steps))
    pixels = browser.run(f"""(() => {{
        const canvas = document.querySelector('canvas.Grid'), pen = canvas.getContext('2d');
        const box = canvas.getBoundingClientRect(), left = 52, top = 10;
        const cell = Math.min(box.width - left - 78, box.height - top - 34) / {HIDDEN};
        return Array.from({{length: {HIDDEN**2}}}, (_, i) => [...pen.getImageData(
            left + (i % {HIDDEN} + 0.5) * cell, top + (Math.floor(i / {HIDDEN}) + 0.5) * cell, 1, 1,
        ).data].slice(0, 3));
    }})()""")
    place = np.sign(weights) * np.log1p(np.abs(weights) / (most / 10)) / np.log1p(10)  # -1 to 1
    low, middle, high = (
        np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        for colour in ("#2166ac", "#f4f4f2", "#b35806")
    )
    end = np.where(place[..., None] < 0, low, high)
    wanted = middle + (end - middle) * np.abs(place[..., None])  # (rows, columns, 3)
    # A step of 1 in 254 changes a part of a colour by less than 2; drawing rounds it once more.
    assert np.abs(np.array(pixels).reshape(HIDDEN, HIDDEN, 3) - wanted).max() <= 2.5
    assert np.ptp(np.array(pixels)) > 100


def test_keys_and_the_play_button_move_the_slider(browser: Chromium, folder: Path) -> None:
    opened(browser, folder / "one.html")
    place = "Number(document.getElementById('slider').value)"
    last = browser.run(place)
    picture = browser.screenshot()
    for key, wanted in (
        ("ArrowRight", last), ("ArrowLeft", last - 1), ("Home", 0), ("ArrowRight", 1), ("End", last)
    ):  # fmt: skip
        press(browser, key)
        assert browser.run(place) == wanted
    press(browser, "Home")
    assert browser.screenshot() != picture
    said = browser.run("document.getElementById('slider').getAttribute('aria-valuetext')")
    assert said == "step 0"
    play = "document.getElementById('play')"
    browser.run(f"{play}.click()")
    assert browser.run(f"{play}.innerText") == "Pause"
    browser.run(f"new Promise(d => setInterval(() => {place} > 3 && d(), 5))")
    browser.run(f"{play}.click()")
    assert browser.run(f"{play}.innerText") == "Play"
    assert 3 < browser.run(place) < last


def test_two_runs_share_the_slider(browser: Chromium, folder: Path) -> None:
    opened(browser, folder / "two.html")
    ended = "['ended-0', 'ended-1'].map(id => !document.getElementById(id).hidden)"
    assert browser.run(ended) == [False, True]
    exact, wrong = told(browser, 0), told(browser, 1)
    runs = [path for path in folder.iterdir() if path.is_dir() and path.name != "exact"]
    while (only := next(iter(runs))) and not (only / "run.json").exists():
        runs = [path for path in only.iterdir() if path.is_dir()]
    for shown, run in ((exact, folder / "exact"), (wrong, only)):
        assert shown["rmse"] == float(f"{SavedRun(run).summary['rmse']:.4g}")
    press(browser, "Home")
    assert browser.run(ended) == [False, False]
    assert told(browser, 0)["step"] == told(browser, 1)["step"] == 0
    text = browser.run("document.body.innerText")
    assert "gradient: as-printed" in text
    assert "alert(1)" in text
    assert browser.run("document.scripts.length") == 3


def test_it_asks_for_nothing_and_can_be_read(browser: Chromium, folder: Path) -> None:
    for name, scheme, width in (
        ("one", "light", 1000),
        ("two", "dark", 1000),
        ("two", "light", 360),
    ):
        browser.size(width, 800)
        browser.scheme(scheme)
        opened(browser, folder / f"{name}.html")
        assert complaints(browser) == []
        assert requests(browser) == [f"file://{folder}/{name}.html"]
        found = browser.run(CONTRASTS)
        assert len(found) > 30
        assert [each for each in found if each[1] < each[2]] == []
        assert browser.run("document.documentElement.scrollWidth") <= width
        pixels = np.asarray(Image.open(io.BytesIO(browser.screenshot())).convert("L"))
        assert (np.median(pixels) > 200) == (scheme == "light")
        lines = browser.run(
            "(s => ['blue', 'orange', 'teal', 'red', 'faint', 'ink', 'paper']"
            ".map(n => s.getPropertyValue('--' + n)))(getComputedStyle(document.documentElement))"
        )
        light = [luminance(colour) for colour in lines]
        assert all(contrast(each, light[-1]) >= 3 for each in light[:4])
        assert all(contrast(each, light[-1]) >= 4.5 for each in light[4:6])


def test_an_open_page_follows_the_colour_scheme(browser: Chromium, folder: Path) -> None:
    browser.scheme("light")
    opened(browser, folder / "one.html")
    corner = (
        "[...document.querySelector('canvas.Grid').getContext('2d')"
        ".getImageData(53, 11, 1, 1).data]"
    )
    before = browser.run(corner)
    browser.scheme("dark")
    browser.run("new Promise((done) => setTimeout(done, 100))")
    assert browser.run(corner) != before


def luminance(colour: str) -> float:
    parts = [int(colour.strip()[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(p * w for p, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def contrast(one: float, other: float) -> float:
    low, high = sorted((one, other))
    return (high + 0.05) / (low + 0.05)


def test_epochs_have_filters_confusions_and_images(browser: Chromium, tmp_path: Path) -> None:
    rng, names = np.random.default_rng(0), ["T-shirt", "</script><script>alert(1)</script>"]
    filters = rng.normal(size=(3, 5, 5))
    filters[:, 2] = np.nan
    panels = [
        Curves("loss", "", Axis("loss", 0.1, 3, "log"), {"test": np.array([2.0, 1.0, 0.5]),
               "training": np.array([np.nan, 0.9, 0.4])}),
        Grid("filters", "", Axis("weight", -3, 3), filters, strip=True),
        Grid("confusion", "", Axis("share", 0, 1, "sqrt"), rng.uniform(0, 1, (3, 2, 2)), "is", "as",
             names),
        Gallery("images", "", Axis("pixel", 0, 255), np.full((5, 8, 8), 77, np.uint8), names,
                np.array([0, 1, 0, 1, 0]), np.array([[0] * 5, [1] * 5, [0, 1, 0, 1, 1]])),
    ]  # fmt: skip
    film = Film("a run", "epoch", [0, 1, 2], {"changed": [np.nan, 5, 3]}, panels)
    (tmp_path / "page.html").write_text(film_page([film], "fashion", [""], []), encoding="utf-8")
    browser.size(1000, 800)
    browser.scheme("light")
    opened(browser, tmp_path / "page.html")
    images = []
    for key, changed in (("End", "3"), ("ArrowLeft", "5"), ("Home", "none")):
        press(browser, key)
        shown = browser.run("document.getElementById('number-0-changed').innerText")
        assert shown == changed
        images.append(browser.run("document.querySelector('canvas.Gallery').toDataURL()"))
    assert len(set(images)) == 3
    pixel = "document.querySelector('canvas.Gallery').getContext('2d').getImageData(30, 30, 1, 1)"
    assert browser.run(f"[...{pixel}.data]") == [77, 77, 77, 255]
    height = "document.querySelector('canvas.Gallery').height"
    low = browser.run(height)
    browser.size(340, 800)
    browser.run("new Promise((done) => setTimeout(done, 100))")
    assert browser.run(height) > low  # five images need two rows
    assert complaints(browser) == []
    assert "epoch 0" in browser.run("document.body.innerText")


def test_without_a_script_and_on_paper_there_are_still_pictures(
    browser: Chromium, folder: Path
) -> None:
    shown = "['.stills', '.app'].map(s => document.querySelector(s).checkVisibility())"
    opened(browser, folder / "one.html")
    assert browser.run(shown) == [False, True]
    browser.call("Emulation.setEmulatedMedia", media="print", features=[])
    assert browser.run(shown) == [True, False]
    browser.call("Emulation.setEmulatedMedia", media="", features=[])
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.open(f"file://{folder}/one.html")
        assert browser.run(shown) == [True, False]
        assert "JavaScript is off" in browser.run("document.body.innerText")
        assert browser.run("document.images[0].naturalWidth") > 500
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)


def test_the_script_is_short_and_the_policy_admits_it_alone(folder: Path) -> None:
    page = (folder / "one.html").read_text(encoding="utf-8")
    (policy,) = re.findall('Content-Security-Policy" content="([^"]*)"', page)
    assert "default-src &#39;none&#39;" in policy
    assert re.search("script-src &#39;sha256-[^&]*&#39;;", policy)
    script = re.findall("<script>(.*?)</script>", page, re.DOTALL)
    assert len(script) == 1
    assert script[0].count("\n") <= 300
    assert len(page) < 4_000_000
