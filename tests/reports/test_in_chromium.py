"""The page of a report in a browser: it renders, asks for nothing, and can be read by everyone."""

import io
import re
import shutil
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnlab.cli import app
from nnlab.sweep.opening import made
from nnlab.sweep.plan import Choices
from nnlab.sweep.trial import Results
from nnlab.sweep.written import write_results
from tests.chromium import MISSING, PROGRAM, Chromium
from tests.reports.logged import cubic
from tests.reports.made import add_pictures, add_tested, make_run
from tests.study.finished import SCRIPT, finished, showing, source
from tests.sweep.made import SPACE, made_plan, made_results

pytestmark = [pytest.mark.skipif(PROGRAM is None, reason=MISSING), pytest.mark.slow]

OF_RUNS = ("cubic", "fashion", "hostile", "compare")
NAMES = (*OF_RUNS, "study", "hostile-study", "sweep", "hostile-sweep")

HOSTILE: dict[str, Any] = {"file": source(more=SCRIPT + "W" * 300), "quick": True}

# Every text with its contrast to what is behind it (WCAG 2.2, relative luminance).
CONTRASTS = """
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => rgb(colour).slice(0, 3)
    .map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = getComputedStyle(element).backgroundColor;
      if (rgb(colour)[3] === 255) return colour;
    }
    return "white";
  };
  const contrast = (colour, element) => {
    const [high, low] = [light(colour), light(behind(element))].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const said = walk.currentNode.data.trim(), element = walk.currentNode.parentElement;
    if (!said) continue;
    const style = getComputedStyle(element);
    found.push([said, contrast(element.closest("svg") ? style.fill : style.color, element), 4.5]);
  }
  for (const line of document.querySelectorAll("svg path[clip-path]")) {
    const stroke = line.getAttribute("stroke");
    if (stroke !== "var(--grid)")
      found.push([stroke, contrast(getComputedStyle(line).stroke, line), 3]);
  }
  return found;
})()
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages of NAMES."""
    folder = tmp_path_factory.mktemp("pages")
    first, fashion = make_run(folder / "cubic"), make_run(folder / "fashion", "fashion")
    second = cubic(folder / "other", [3, 0.2, 0.1], lr=0.02).path
    add_pictures(first)
    add_tested(fashion)
    script = "<script>alert(1)<\\script>"
    hostile = make_run(folder / script, verdict=f"</style>{script}", status="failed",
                       error="<img src=x onerror=alert(1)>" * 99)  # fmt: skip
    add_pictures(hostile, still=f"{script}.png")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("MPLBACKEND", "agg")
        for name, runs in zip(
            OF_RUNS, ([first], [fashion], [hostile], [first, second]), strict=True
        ):
            words = ["report", *map(str, runs), "-o", f"{name}.html"]
            patch.setattr(sys, "argv", ["nnlab", *words])
            with pytest.raises(SystemExit) as end:
                app.main()
            assert not end.value.code
        for name, about in (("study", {}), ("hostile-study", HOSTILE)):
            (folder / "of" / name).mkdir(parents=True)
            directory = finished(folder / "of" / name, **about)
            patch.setattr(sys, "argv", ["nnlab", *showing(directory)])
            with pytest.raises(SystemExit) as end:
                app.main()
            assert not end.value.code
            shutil.copy(directory / "report.html", folder / f"{name}.html")
    for name, text in (("sweep", "gaussian"), ("hostile-sweep", f"</style>{script}" + "W" * 300)):
        results = made_results(made_plan(space={"lr": SPACE["lr"], "init": Choices(values=[text])}))
        lost = [replace(t, why=text) if t.state == "failed" else t for t in results.trials]
        page, *_ = write_results(
            Results(results.plan, lost), made(results.plan, folder / "of", f"of-{name}", text)
        )
        shutil.copy(page, folder / f"{name}.html")
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


def complaints(browser: Chromium) -> list[Any]:
    """Return what the page wrote on the console, and its dialogs."""
    kinds = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown",
             "Page.javascriptDialogOpening"}  # fmt: skip
    return [parameters for method, parameters in browser.events if method in kinds]


def requests(browser: Chromium) -> list[str]:
    """Return the addresses that the page asked for, without those inside it."""
    asked = [each["request"]["url"] for method, each in browser.events
             if method == "Network.requestWillBeSent"]  # fmt: skip
    return [address for address in asked if not address.startswith("data:")]


# Each test opens all pages: the tests may be spread over processes, and each starts a browser.


def test_pages_render_without_a_complaint_or_a_request(browser: Chromium, pages: Path) -> None:
    browser.size(1000, 800)
    for name in NAMES:
        address = f"file://{pages}/{name}.html"
        browser.open(address)
        assert complaints(browser) == []
        assert requests(browser) == [address]
        text = browser.run("document.body.innerText")
        assert re.search("Run (it|them) again", text)
        assert ("</style><script>alert(1)" in text) == ("hostile" in name)
        assert browser.run("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        assert browser.run("document.querySelectorAll('script').length") == 0
        width, family = browser.run(
            "[document.querySelector('svg, img').getBoundingClientRect().width,"
            " getComputedStyle(document.body).fontFamily]"
        )
        assert width > 300
        assert "system-ui" in family  # the policy admits the style sheet


def test_every_text_and_line_can_be_told_from_its_ground(browser: Chromium, pages: Path) -> None:
    for name, scheme in product(NAMES, ("light", "dark")):
        browser.scheme(scheme)
        browser.open(f"file://{pages}/{name}.html")
        found = browser.run(CONTRASTS)
        assert len(found) > 100
        assert [each for each in found if each[1] < each[2]] == []
        pixels = np.asarray(Image.open(io.BytesIO(browser.screenshot())).convert("L"))
        assert (np.median(pixels) > 200) == (scheme == "light")


def test_a_phone_needs_no_sideways_scrolling(browser: Chromium, pages: Path) -> None:
    browser.size(360, 800)
    for name in NAMES:
        browser.open(f"file://{pages}/{name}.html")
        assert browser.run("document.documentElement.scrollWidth") <= 360


def test_an_animation_shows_its_end_where_nothing_moves(browser: Chromium, pages: Path) -> None:
    shown = "['.moving', '.still'].map(s => getComputedStyle(document.querySelector(s)).display)"
    browser.open(f"file://{pages}/cubic.html")
    assert browser.run(shown) == ["block", "none"]
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    browser.call("Emulation.setEmulatedMedia", features=features)
    assert browser.run(shown) == ["none", "block"]
    browser.call("Emulation.setEmulatedMedia", media="print", features=[])
    assert browser.run(shown) == ["none", "block"]
    folded = "document.querySelector('#config details table').checkVisibility()"
    assert browser.run(folded)  # paper has no place to click
    browser.call("Emulation.setEmulatedMedia", media="", features=[])
    assert not browser.run(folded)
    assert browser.pdf().startswith(b"%PDF")
    still = "fetch(document.querySelector('.still').src)"
    assert "Failed" in browser.run(f"{still}.then(() => 'fetched', e => e.message)")  # the policy


def test_the_policy_stops_whatever_is_put_into_a_page(browser: Chromium, pages: Path) -> None:
    asked = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        home = f"http://127.0.0.1:{server.server_port}"
        smuggled = (
            f"<img src={home}/img><script>fetch('{home}/fetch')</script>"
            f"<script src={home}/js></script>"
            f"<link rel=stylesheet href={home}/css><style>body{{background:url({home}/bg)}}</style>"
            f"<iframe src={home}/frame></iframe><object data={home}/object></object>"
            f"<p style='background:url({home}/attribute)' onclick='1'>"
        )
        for name, policy in (("safe", True), ("open", False)):
            html = (pages / "cubic.html").read_text().replace("<footer>", f"{smuggled}<footer>")
            if not policy:
                html = html.replace("Content-Security-Policy", "X-No-Policy")
            (pages / f"{name}.html").write_text(html)
            browser.open(f"file://{pages}/{name}.html")
            assert ("Content Security Policy" in str(complaints(browser))) == policy
            assert (asked == []) == policy  # without it, the same page asks
        server.shutdown()
