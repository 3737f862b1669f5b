"""`nnlab report`: what it writes, where, and what it never does."""

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from nnlab.cli import app
from nnlab.reports import compare_page
from tests.conftest import ENVIRONMENT, Nnlab
from tests.reports.logged import cubic, fashion
from tests.reports.logged import report as scores
from tests.reports.made import TIMES, add_pictures, add_tested, make_run

VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """The elements and the text of a page; a tag that is not closed in order is an error."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def values(self, tag: str, name: str) -> list[str]:
        return [each[name] or "" for found, each in self.elements if found == tag and name in each]


@pytest.fixture
def report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Any:
    """Type `nnlab report WORDS` in an empty folder; return exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")

    def run(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nnlab", "report", *map(str, words)])
        try:
            app.main()
        except SystemExit as end:
            return (int(end.code or 0), *capsys.readouterr())
        raise AssertionError

    return run


def test_a_real_run_has_all_its_parts_on_the_page(nnlab: Nnlab, tmp_path: Path) -> None:
    trained = nnlab("cubic", "--hidden", 4, "--samples", 300, "--log-every", 100, "--seed", 3)
    assert trained.returncode == 0, trained.stderr
    done = nnlab("report", "last", "-o", "a.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "a.html\n", "")
    page = Page(tmp_path / "a.html")
    record = json.loads((tmp_path / "runs/cubic-0001/run.json").read_text())
    for said in (
        "How well does a network", record["verdict"], "completed", record["started"],
        f"{record['summary']['rmse']:.4g}", "14 keys with the default value", "gradient steps",
        "Look at the ends of the interval", "bends at the ends", record["versions"]["numpy"],
        "nnlab cubic --config runs/cubic-0001/config.yaml",
        "nnlab cubic --hidden 4 --seed 3 --samples 300 --log-every 100",
    ):  # fmt: skip
        assert said in page.text, said
    kinds = [uri.partition(";")[0] for uri in page.values("img", "src")]
    plots = [path.suffix[1:] for path in (tmp_path / "runs/cubic-0001/plots").iterdir()]
    assert "gif" in plots
    assert sorted(kinds) == sorted(f"data:image/{each}" for each in [*plots, "png"])  # GIF's end
    assert len([tag for tag, _ in page.elements if tag == "svg"]) == 2


def test_a_fashion_run_shows_its_classes_and_its_calibration(report: Any) -> None:
    run = make_run(Path("runs/fashion-0001"), "fashion")
    add_tested(run)
    assert report("fashion-0001")[:2] == (0, "report.html\n")
    text = " ".join(Page(Path("report.html")).text.split())
    assert "Ankle boot 0.900 0.900 0.900 100" in text
    assert "expected calibration error: 0.0700" in text
    assert "0.93 to 1.00 1,000 0.970 0.900 -0.070" in text
    assert "val_accuracy 0.7000 best 0.7000 at epoch 2" in text


def test_a_page_asks_for_nothing_and_runs_nothing(report: Any) -> None:
    run = make_run(Path("run"), "fashion")
    add_pictures(run, "accuracy.png")
    add_tested(run)
    report(run)
    page = Page(Path("report.html"))
    assert {tag for tag, _ in page.elements} & {
        "script",
        "iframe",
        "object",
        "form",
        "base",
    } == set()
    addresses = [
        value or ""
        for _, attributes in page.elements
        for name, value in attributes.items()
        if name in {"src", "href", "srcset", "data", "action", "poster"}
    ]
    assert addresses
    assert all(address.startswith(("data:", "#")) for address in addresses)
    attributes = {name for _, each in page.elements for name in each}
    assert "style" not in attributes  # the policy would ignore it
    assert not any(name.startswith("on") for name in attributes)
    (policy,) = [
        each["content"] for tag, each in page.elements if tag == "meta" and "http-equiv" in each
    ]  # fmt: skip
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/]{43}='; img-src data:; "
        r"base-uri 'none'; form-action 'none'", policy or "",
    )  # fmt: skip


def test_equal_runs_have_equal_pages_but_for_the_times(report: Any, tmp_path: Path) -> None:
    later: dict[str, Any] = {
        "started": "2026-02-02T11:11:11+00:00",
        "finished": "2026-02-02T11:11:22+00:00",
        "seconds": 11.5,
    }
    pages = []
    for folder, times, process in (("a", TIMES, 1), ("b", later, 2), ("b/runs/..", later, 2)):
        run = tmp_path / folder / "runs/cubic-0001"
        if not run.exists():
            make_run(run, **times, process={"pid": process, "host": folder})
            add_pictures(run)
        shutil.copytree(tmp_path / folder / "runs", tmp_path / "runs")
        report("runs/cubic-0001")
        pages.append(Path("report.html").read_text())
        shutil.rmtree(tmp_path / "runs")
    first, second, again = pages
    assert second == again
    for name, value in TIMES.items():
        first = first.replace(f"<td>{value}</td>", f"<td>{later[name]}</td>")
    assert first == second != pages[0]


def test_what_is_private_or_large_stays_out(report: Any) -> None:
    run = make_run(Path("run"), data={"name": "own data", "source": "/home/me/secret"})
    add_pictures(run)
    (run / "plots/big.png").write_bytes((run / "plots/fit.png").read_bytes() + bytes(9 << 20))
    assert report(run)[0] == 0
    assert Path("report.html").stat().st_size < 200_000
    html = Path("report.html").read_text()
    assert "secret" not in html
    assert "4321" not in html
    assert "big.png</code>: it is larger than a picture of a page can be" in html


HOSTILE = "<script>alert(1)</script>"
TEMPLATE = "{{7*7}}{% if %}\u202e\x1b[31m"


@pytest.mark.parametrize("status", ["completed", "failed"])
def test_hostile_names_and_values_stay_text(report: Any, status: str) -> None:
    mark = f"</style></svg></title>{HOSTILE}<img src=x onerror=alert(1)>" + TEMPLATE
    run = make_run(
        Path(f"runs/{HOSTILE.replace('/', '')}"), "fashion", command=mark, verdict=mark,
        error=mark, notes=[mark], status=status, report=[mark], machine={mark: mark},
        resumed=[{"at": mark, "command": mark}], git_commit=mark, inputs={mark: mark},
        summary={mark: 1.0}, data={"name": mark, "sha256": {mark: mark}},
    )  # fmt: skip
    add_tested(run, (mark, '"><b>bold', "a" * 3000))
    add_pictures(run, f"{HOSTILE.replace('/', '')}.png")
    (run / "plots/<b>.png").write_text("no picture")
    (run / "config.yaml").write_text(f"hidden: '{mark[:-5]}'\n'<u>': '<u>'\n")
    assert report(run)[0] == 0
    page = Page(Path("report.html"))
    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"script", "b", "u"})
    assert "x" not in page.values("img", "src")
    assert page.text.count(HOSTILE) >= 15
    assert ('"><b>bold' in page.text) == (status == "completed")  # a class
    assert "{{7*7}}" in page.text
    assert "49" not in page.text
    assert not {"\u202e", "\x1b"} & set(Path("report.html").read_text())
    assert "\\u202e\\x1b[31m" in page.text


def test_backticks_of_a_name_are_kept(report: Any) -> None:
    run = make_run(Path("run"), "fashion", data={"name": "my `own` images"})
    add_tested(run, ("`coat` or `dress`", "bag"))
    tested = json.loads((run / "report.json").read_text())
    tested["classes"][0]["f1"] = 0.1
    (run / "report.json").write_text(json.dumps(tested | {"data": "my `own` images"}))
    assert report("run")[0] == 0
    html = Path("report.html").read_text()
    assert "Hardest here: `coat` or `dress`, with an F1 of 0.100" in html
    assert "test images of my `own` images." in html
    assert "<code>" in html  # nnlab's own backticks


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("running", "This run was still at work when this was written."),
        ("killed", "This run was killed:"),
        ("interrupted", "was stopped before its end. Ctrl-C"),
        ("diverged", "This run diverged: its numbers grew until they were not finite. Ctrl-C"),
        ("failed", "This run failed. Ctrl-C"),
    ],
)
def test_an_unfinished_run_says_so_and_how_to_go_on(report: Any, status: str, said: str) -> None:
    about: dict[str, Any] = {"status": status, "error": "Ctrl-C", "summary": {}, "verdict": ""}
    if status == "killed":  # run.json cannot say so: its process has ended without a word
        about |= {"status": "running", "process": {"pid": 2**30, "host": platform.node()}}
    make_run(Path("run"), **about)
    assert report("run")[0] == 0
    text = Page(Path("report.html")).text
    assert said in text
    assert ("nnlab resume run" in text) == (status not in {"diverged", "running"})
    assert "0.003" in text  # the last logged RMSE


def test_damaged_files_of_a_run_are_named_on_its_page(report: Any) -> None:
    run = make_run(Path("run"), "fashion")
    (run / "report.json").write_text('{"data": ')
    (run / "config.yaml").write_text("{")
    with (run / "metrics.csv").open("ab") as file:
        file.write(b"3,x\n4,y\n")
    (run / "plots/accuracy.png").write_bytes(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff."
    )
    (run / "plots/lr.gif").write_bytes(b"GIF89a\1\0\1\0\0\0\0")
    (run / "plots/away.png").symlink_to("nowhere")
    assert report(run)[0] == 0
    text = Page(Path("report.html")).text
    assert "report.json is damaged" in text
    assert "config.yaml:1: not valid YAML" in text
    assert "batch_size" in text  # from run.json
    assert "line 4 of metrics.csv is damaged" in text
    for said in ("65,535 x 65,535 pixels", "lr.gif: it is damaged", "away.png: No such file"):
        assert said in " ".join(text.split()), said


@pytest.mark.parametrize("text", ["", "{", '{"experiment": "x"}'])
def test_a_damaged_run_is_one_message(report: Any, text: str) -> None:
    (Path("run")).mkdir()
    Path("run/run.json").write_text(text)
    code, out, fault = report("run")
    assert (code, out) == (2, "")
    assert "run.json is damaged" in fault
    assert len(fault.splitlines()) == 1
    assert not Path("report.html").exists()


def test_a_run_of_an_unknown_experiment_is_one_message(report: Any) -> None:
    make_run(Path("run"))
    record = json.loads(Path("run/run.json").read_text())
    Path("run/run.json").write_text(json.dumps(record | {"experiment": "future"}))
    assert report("run") == (2, "", "nnlab: run: this nnlab has no experiment 'future'\n")


def test_a_file_of_the_users_is_replaced_only_by_name(report: Any) -> None:
    make_run(Path("run"))
    for _ in range(2):  # a report is replaced
        assert report("run") == (0, "report.html\n", "")
    Path("report.html").write_text("my own report")
    code, out, fault = report("run")
    assert (code, out) == (2, "")
    assert "report.html exists, and is not a report of nnlab" in fault
    assert Path("report.html").read_text() == "my own report"
    assert report("run", "-o", "report.html")[0] == 0
    assert Path("report.html").read_text().startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("place", "code", "said"),
    [
        ("run/run.json", 2, "run.json is in the run directory"),
        ("run/plots/new/a.html", 2, "a.html is in the run directory"),
        ("pipe", 2, "pipe is a device or a pipe; name a plain file, such as report.html"),
        ("folder", 2, "folder is a folder; name a file in it: -o folder/report.html"),
        ("nowhere/a.html", 2, "-o nowhere/a.html: there is no folder nowhere; make it, or"),
    ],
)
def test_a_page_is_not_written_where_it_does_harm(
    report: Any, place: str, code: int, said: str
) -> None:
    before = make_run(Path("run")).joinpath("run.json").read_bytes()
    Path("folder").mkdir()
    os.mkfifo("pipe")
    found, out, fault = report("run", "-o", place)
    assert (found, out) == (code, "")
    assert said in fault
    assert Path("run/run.json").read_bytes() == before
    assert sorted(path.name for path in Path().iterdir()) == ["folder", "pipe", "run"]


def test_json_names_the_file(report: Any) -> None:
    make_run(Path("run"))
    code, out, _ = report("run", "--json", "-o", "a b.html")
    assert code == 0
    assert json.loads(out) == {
        "report": "a b.html", "runs": ["run"], "bytes": Path("a b.html").stat().st_size,
    }  # fmt: skip


def test_a_report_loads_no_tensorflow(tmp_path: Path) -> None:
    add_tested(make_run(tmp_path / "run", "fashion"))
    code = (
        "import sys; from nnlab.cli.app import main\nsys.argv = ['nnlab', 'report', 'run']\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([name for name in ('tensorflow', 'keras') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, env=ENVIRONMENT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("report.html\n[]\n", "")


@pytest.fixture
def groups(report: Any) -> list[Path]:  # noqa: ARG001 - in its folder
    """Two groups of two seeds."""
    return [
        cubic(Path(f"runs/cubic-{place}"), [3, rmse], lr=lr, seed=seed).path
        for place, (lr, seed, rmse) in enumerate(
            [(0.01, 0, 0.5), (0.01, 1, 0.52), (0.02, 0, 0.1), (0.02, 1, 0.11)], 1
        )
    ]


def test_several_runs_are_compared(report: Any, groups: list[Path]) -> None:
    assert report(*(run.name for run in groups), "--json")[0] == 0
    page = Page(Path("report.html"))
    text = " ".join(page.text.split())
    assert "4 runs of cubic" in text
    assert "rmse (last): B - A is -0.405 ± 0.064: B better" in text
    assert "lr 0.01 0.02" in text
    assert "A cubic-1 0 completed 200" in text
    own, shared = text.split("Config The keys that all groups share.")
    assert "Different from the defaults: key value default meaning samples 200" in shared
    assert "keys with the default value key value meaning hidden 125" in shared
    # A reader learns what A and B are before the pictures, and the result before all.
    places = [own.index(said) for said in ("B better", "Runs The", "Keys The", "Pictures Comp")]
    assert places == sorted(places)
    assert page.text.count("B better") > 1
    assert [line for line in page.values("p", "class") if line == "verdict"] == ["verdict"]
    assert "nnlab cubic --config runs/cubic-3/config.yaml" in text
    assert "nnlab compare runs/cubic-1 runs/cubic-2 runs/cubic-3 runs/cubic-4" in text
    (svg,) = [each for tag, each in page.elements if tag == "svg"]
    assert (svg["aria-label"] or "").startswith("Comparison: Thin: a run")
    assert "fits.png is without cubic-1" in text  # it has no weights
    assert report(groups[0], groups[2], "-o", "single.html")[0] == 0
    assert "Each line is a run." in Page(Path("single.html")).text
    first = Path("report.html").read_bytes()
    report(*groups)
    assert Path("report.html").read_bytes() == first


def test_one_group_is_named_and_has_a_verdict(report: Any, groups: list[Path]) -> None:
    assert report(*groups[:2])[0] == 0
    text = " ".join(Page(Path("report.html")).text.split())
    assert "rmse (last) of group A: 0.51" in text
    assert "A: cubic-1 to cubic-2 (n 2)" in text


def test_pictures_that_need_their_own_colours_are_pixels(
    report: Any, groups: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    confusion = [[8, 2], [1, 9]], [[5, 5], [3, 7]]
    for place, counts in enumerate(confusion):
        fashion(
            Path(f"runs/f-{place}"), [0.5, 0.6], hidden=place, report=scores(counts, ["a", "b"])
        )
    assert report("runs/f-0", "runs/f-1")[0] == 0
    page = Page(Path("report.html"))
    assert [uri.partition(";")[0] for uri in page.values("img", "src")] == ["data:image/png"]
    assert page.values("svg", "role") == ["img"]
    monkeypatch.setattr(compare_page, "MOST_SVG", 1000)  # as if the runs were long
    report(*groups)
    page = Page(Path("report.html"))
    assert page.values("svg", "role") == []
    assert len(page.values("img", "src")) == 1


def test_hostile_names_and_values_stay_text_in_a_comparison(report: Any) -> None:
    for place in (1, 2):
        name = Path(f"runs/<b>$\\frac$ {place}")
        cubic(name, [3.0, 0.1], init_from=Path(f"/$\\frac{place}$<u>\x1b[31m{{{{7*7}}}}"))
    assert report(*Path("runs").iterdir())[0] == 0
    page = Page(Path("report.html"))
    assert {tag for tag, _ in page.elements}.isdisjoint({"b", "u"})
    assert "$\\frac1$<u>\\x1b[31m{{7*7}}" in page.text
    assert "\x1b" not in page.text


def test_runs_that_cannot_be_compared_are_one_message(report: Any, groups: list[Path]) -> None:
    make_run(Path("other"), "fashion")
    code, out, fault = report(groups[0], "other")
    assert (code, out) == (2, "")
    assert "these are runs of several experiments" in fault
    code, out, fault = report(groups[0], groups[0])
    assert (code, out) == (2, "")
    assert "named twice" in fault
    assert not Path("report.html").exists()
