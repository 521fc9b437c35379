"""The page, in a real browser: complete, quiet, usable, readable."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import made
import synth
from browser import Browser
from conftest import SCRIPTS

AXE = SCRIPTS.parent / "build/npm/node_modules/axe-core/axe.min.js"
CHARTS = ["compare-pingpong", "compare-stream", "percentiles-pingpong",
          "percentiles-stream", "by-size-stream", "by-size-pingpong", "buffers",
          "heat", "moments", "cost-pingpong", "cost-stream", "pace"]


@pytest.fixture(scope="module")
def pages(tmp_path_factory, linux, wine):
    """name -> report.html, made by the command in its own folder."""
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("pages")
    paced = folder / "paced.jsonl"
    paced.write_text(synth.make(plan=PACED, trials=6, seed=9))
    out = {}
    for name, results in (("one", [linux]), ("two", [linux, wine]),
                          ("paced", [paced])):
        done = subprocess.run(
            [sys.executable, "-B", SCRIPTS / "pipemark-report", *results,
             "--no-pictures", "-o", folder / name],
            capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        out[name] = Path(done.stdout.strip())
    return out


def stressed(seed=7, fail=True):
    """A result file of `pipemark stress`."""
    head = synth.make(plan=[], trials=1).splitlines(keepends=True)[:2]
    names = [("integrity", "passed"), ("killed", "failed" if fail else "passed"),
             ("many", "too-few"), ("resize", "skipped")]
    for name, verdict in names:
        bad = verdict == "failed"
        ran = 0 if verdict == "skipped" else 12
        head.append(json.dumps({
            "t": "stress", "name": name, "verdict": verdict,
            "why": "message 7 of <round 3> never came" if bad else
            "the system has no such call" if not ran else None,
            "rounds": ran, "took_ns": ran * 10**8, "op": "messages",
            "fault": "kills", "least_ops": 6, "least_faults": 6,
            "ops": ran * 1000, "faults": ran, "recovered": ran - bad,
            **dict.fromkeys(("lost", "repeated", "reordered", "corrupt", "hangs",
                             "leaks", "broken"), 0), "lost": 3 * bad, "seed": seed,
            "repeat": f"pipemark stress --only {name} --seed {seed}"}) + "\n")
    text = "".join(head) + json.dumps({
        "t": "end", "trials": 0, "failed": 0, "skipped_cells": 0,
        "interrupted": False, "digest": made.digest("".join(head).encode())}) + "\n"
    made.checked(text, "stress")
    return text


def test_stress_has_a_page(tmp_path, command, browser):
    (tmp_path / "s.jsonl").write_text(stressed())
    done = command("report", "s.jsonl", "-o", "out")
    assert done.returncode == 0, done.stderr
    page = tmp_path / "out/report.html"
    for width, dark in ((1280, False), (390, True)):
        browser.show(page, width, dark)
        assert browser.fetched(page) == [] and browser.complaints() == []
        assert browser.run("return document.documentElement.scrollWidth") <= width
    rows = browser.run("return [...document.querySelectorAll('.stress tbody tr')]"
                       ".map(r => [...r.children].map(c => c.textContent))")
    assert [r[:2] for r in rows] == [["killed", "failed"], ["many", "too-few"],
                                     ["integrity", "passed"], ["resize", "skipped"]]
    assert rows[0][3:6] == ["12 kills", "11",
                            "3 lost: message 7 of <round 3> never came"]
    assert rows[0][-1] == "pipemark stress --only killed --seed 7"
    lead = browser.run("return document.querySelector('.lead').textContent")
    assert "1 of 3 stressors passed" in lead and "Failed: killed." in lead
    assert browser.run("return document.querySelectorAll('.toc, .cells').length") == 0


def test_the_runs_of_a_history_are_read_without_scrolling(tmp_path, command, browser):
    """The date was in three lines, and the remark out of sight."""
    for hour in range(5):
        file = made.File(["message=64"], 20, start=hour * 3600, seed=hour + 1)
        if hour == 3:
            file.canary = lambda r: dict(made.STILL, memcpy64k_ns=3000 if r < 10
                                         else 9000)
        file.write(tmp_path / f"{hour}.jsonl")
    done = command("history", "add", "h", *(f"{hour}.jsonl" for hour in range(5)))
    assert done.returncode == 0 and "moved" in done.stderr, done.stderr
    assert command("history", "page", "h").returncode == 0
    for width in (1280, 390):
        browser.show(tmp_path / "h/history.html", width)
        assert browser.run("return document.documentElement.scrollWidth") <= width
        assert browser.run("return [...document.querySelectorAll('.past')].map(t => "
                           "t.parentElement.scrollWidth - t.parentElement.clientWidth)"
                           ) == [0]
    dates = browser.run("return [...document.querySelectorAll('figure text')]"
                        ".map(t => t.textContent)")
    assert [d for d in dates if re.fullmatch(r"\d\d:\d\d", d)], dates


PACED = [("pipe", "64", "paced", {"rate": str(r)}) for r in (1000, 10000, 100000)]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    it = Browser(tmp_path_factory.mktemp("chromium"))
    yield it
    it.quit()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_complete_and_quiet(pages, browser, width, dark, scripts):
    """Two runs on one page, each with all its pictures."""
    page = pages["two"]
    browser.show(page, width, dark, scripts)
    assert browser.fetched(page) == []
    assert browser.complaints() == []
    seen = browser.run(
        "return [...document.querySelectorAll('figure svg')]"
        ".filter(s => s.getBoundingClientRect().width > 100)"
        ".map(s => s.closest('figure').id)")
    want = [f"r0-{c}" for c in CHARTS]
    assert [s for s in seen if s.startswith("r0-")] == want
    assert any(s.startswith("r1-") for s in seen)
    assert browser.run("return document.getElementById('theme').hidden") \
        == (not scripts)
    wide = browser.run("return document.documentElement.scrollWidth")
    assert wide <= width, "the page itself never scrolls sideways"
    back = browser.run("return getComputedStyle(document.body).backgroundColor")
    light = sum(map(int, re.findall(r"\d+", back)[:3])) > 380
    assert light == (not dark)
    browser.open_all()
    assert browser.overlaps() == []


@pytest.mark.parametrize("width,dark", [(1280, False), (390, True)],
                         ids=["wide-light", "narrow-dark"])
def test_axe_finds_nothing_serious(pages, browser, width, dark):
    browser.show(pages["two"], width, dark)
    browser.run("document.querySelectorAll('figure details, details.facts')"
                ".forEach(d => d.open = true);"
                "[...document.querySelectorAll('details.cell')].slice(0, 3)"
                ".forEach(d => d.open = true)")
    browser.run(AXE.read_text(encoding="utf-8"))
    found = browser.run_async(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {resultTypes: ['violations']}).then(r => done("
        "r.violations.map(v => [v.impact, v.id, v.nodes.slice(0, 3)"
        ".map(n => n.html.slice(0, 200))])), e => done([['error', String(e)]]))")
    assert [f for f in found if f[0] not in ("minor", "moderate")] == []


def test_overlapping_texts_would_be_found(pages, browser):
    browser.show(pages["paced"])
    assert browser.overlaps() == []
    browser.run("const t = document.querySelector('.wide svg text');"
                "t.after(t.cloneNode(true))")
    assert len(browser.overlaps()) == 1


def test_sorting(pages, browser):
    browser.show(pages["one"])
    column = ("return [...document.querySelectorAll('#r0-table tbody tr')]"
              ".map(r => r.children[4].dataset.k)")

    def press():
        browser.run("document.querySelectorAll('#r0-table thead button')[4].click()")
        keys = browser.run(column)
        numbers = [float(k) for k in keys if k]
        assert all(keys[:len(numbers)]), "what has no number is last"
        return numbers

    up, down = press(), press()
    assert up == sorted(up) and down == sorted(down, reverse=True)
    assert len(up) > 40 and len(set(up)) > 40
    state = browser.run("return [...document.querySelectorAll('#r0-table th')]"
                        ".map(h => h.getAttribute('aria-sort')).filter(Boolean)")
    assert state == ["descending"]


def test_filter_and_search(pages, browser):
    browser.show(pages["one"])
    count = ("return [...document.querySelectorAll('#r0-table tbody tr')]"
             ".filter(r => r.getBoundingClientRect().height > 0)"
             ".map(r => r.textContent)")
    every = browser.run(count)
    assert len(every) == 50

    def choose(name, value):
        browser.run(
            "const f = document.querySelector('form.filter');"
            "f.elements[arguments[0]].value = arguments[1];"
            "f.elements[arguments[0]].dispatchEvent("
            "new Event('input', {bubbles: true}))", name, value)
        return browser.run(count)

    streams = choose("workload", "stream")
    assert 0 < len(streams) < 50 and all("stream" in t for t in streams)
    assert choose("text", "FIFO") and len(choose("text", "fifo 64 kib")) == 1
    assert "1 of 50" in browser.run(
        "return document.querySelector('form.filter output').textContent")
    assert choose("text", "nothing like it") == []
    choose("text", "")
    assert len(choose("workload", "")) == 50
    assert len(choose("state", "skipped")) == 2


def test_links_open_the_details(pages, browser):
    browser.show(pages["one"])
    browser.run("document.querySelector('#r0-table tbody a').click()")
    opened = browser.run("return [...document.querySelectorAll('details.cell[open]')]"
                         ".map(d => d.id)")
    assert opened == ["r0-cell-0a"]


def test_light_and_dark_by_hand(pages, browser):
    browser.show(pages["one"])
    back = "return getComputedStyle(document.body).backgroundColor"
    before = browser.run(back)
    browser.run("document.getElementById('theme').click()")
    assert browser.run(back) != before
    browser.run("document.getElementById('theme').click()")
    assert browser.run(back) == before


def test_tooltips_say_the_value(pages, browser):
    from selenium.webdriver.common.action_chains import ActionChains

    browser.show(pages["one"])
    dot = browser.driver.find_element(
        "css selector", "#r0-compare-stream .wide .dot")
    browser.run("arguments[0].scrollIntoView({block: 'center'})", dot)
    ActionChains(browser.driver).move_to_element(dot).perform()
    tip = browser.run("const t = document.getElementById('tip');"
                      "return t.hidden ? '' : t.textContent")
    assert re.search(r"\d [kMG]?B/s", tip)


def test_keyboard_reaches_the_controls(pages, browser):
    browser.show(pages["one"])
    reached = browser.run(
        "return [...document.querySelectorAll('button, select, input, summary, a')]"
        ".filter(e => e.getClientRects().length && e.tabIndex < 0).length")
    assert reached == 0


def test_prints_light_and_without_controls(pages, browser):
    browser.show(pages["one"], dark=True)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
        "media": "print", "features": [
            {"name": "prefers-color-scheme", "value": "dark"}]})
    assert browser.run("return getComputedStyle(document.body).backgroundColor") \
        == "rgb(255, 255, 255)"
    assert browser.run("return document.querySelector('form.filter')"
                       ".getClientRects().length") == 0
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": 698, "height": 1000, "deviceScaleFactor": 1, "mobile": False})
    cut = browser.run("return [...document.querySelectorAll('table')].filter(t =>"
                      " t.getBoundingClientRect().right > innerWidth)"
                      ".map(t => t.caption.textContent)")
    assert cut == [], "paper does not scroll"
    assert browser.run("return getComputedStyle(document.querySelector('.narrow'))"
                       ".display") == "none", "a phone's pictures are too coarse"
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_offered_load_is_drawn(pages, browser):
    browser.show(pages["paced"])
    assert browser.run("return !!document.querySelector('#r0-load svg .dot')")
    browser.open_all()
    assert browser.overlaps() == []


class Captions(HTMLParser):
    """Texts of captions, svg titles and section tags, by run."""

    def __init__(self):
        super().__init__()
        self.run, self.inside, self.found = None, None, {}

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "section" and values.get("class") == "run":
            self.run = values["id"]
        picture = tag == "title" and values.get("id", "").endswith("-t")
        self.inside = tag if tag in ("caption", "figcaption") or picture else None

    def handle_data(self, data):
        if self.inside and self.run and data.strip():
            self.found.setdefault(self.run, []).append((self.inside, data))
            self.inside = None


def test_wine_stands_in_every_picture_and_table(pages):
    parser = Captions()
    parser.feed(pages["two"].read_text(encoding="utf-8"))
    assert set(parser.found) == {"r0", "r1"}
    kinds = {kind for kind, _ in parser.found["r1"]}
    assert kinds == {"caption", "figcaption", "title"}
    assert [t for t in parser.found["r1"] if "Wine" not in t[1]] == []
    assert [t for t in parser.found["r0"] if "Wine" in t[1]] == []


def test_names_cannot_become_markup(tmp_path, command, browser):
    evil = '<img src=x onerror=alert(1)>"\'&</script>'
    text = synth.make(plan=[("pipe", "64", "pingpong", {"name": evil}),
                            ("pipe", "64", "stream", {})], trials=6, values=200)
    path = tmp_path / "evil.jsonl"
    path.write_text(text.replace('"lab7"', '"<script>alert(2)</script>"')
                    .rsplit('{"t":"end"', 1)[0], encoding="utf-8")
    done = command("report", path, "--no-pictures", "-o", "out")
    assert done.returncode == 0, done.stderr
    page = tmp_path / "out/report.html"
    browser.show(page)
    assert browser.run("return document.images.length") == 0
    assert browser.complaints() == [] and browser.fetched(page) == []
    assert browser.run("return document.scripts.length") == 1


def test_an_id_cannot_become_a_path(tmp_path, command):
    text = synth.make(plan=[("pipe", "64", "pingpong", {})], trials=6, values=200)
    for name, run in (("a", "fine"), ("b", "../../evil")):
        lines = text.rsplit('{"t":"end"', 1)[0].splitlines(keepends=True)
        lines[0] = json.dumps({**json.loads(lines[0]), "id": run}) + "\n"
        (tmp_path / name).write_text("".join(lines), encoding="utf-8")
    deep = tmp_path / "1" / "2" / "out"
    done = command("plot", tmp_path / "a", tmp_path / "b", "-o", deep)
    assert done.returncode == 0, done.stderr
    made = [p for p in tmp_path.rglob("*evil*")]
    assert made and {p.parent for p in made} == {deep}


def test_other_surroundings_same_bytes(linux, tmp_path, command):
    """Page, SVG and PNG; another folder, zone, language, hash seed and day."""
    import shutil

    outs = []
    shim = tmp_path / "faketime.py"
    for i, env in enumerate(({"TZ": "UTC", "LANG": "C", "PYTHONHASHSEED": "1"},
                             {"TZ": "America/St_Johns", "LANG": "de_DE.UTF-8",
                              "LC_ALL": "POSIX", "PYTHONHASHSEED": "77",
                              "PYTHONPATH": str(tmp_path / "later")})):
        later = tmp_path / "later"
        later.mkdir(exist_ok=True)
        (later / "sitecustomize.py").write_text(
            "import time\nreal = time.time\ntime.time = lambda: real() + 86400\n")
        cwd = tmp_path / f"place {i}"
        cwd.mkdir()
        shutil.copy(linux, cwd / "linux.jsonl")
        done = command("report", "linux.jsonl", "-o", "out", env=env, cwd=cwd)
        assert done.returncode == 0, done.stderr
        outs.append({p.name: p.read_bytes() for p in (cwd / "out").iterdir()})
    assert not shim.exists()
    assert outs[0].keys() == outs[1].keys() and len(outs[0]) == 2 * len(CHARTS) + 1
    assert [n for n in outs[0] if outs[0][n] != outs[1][n]] == []


def test_what_measured_nothing_is_a_page_too(tmp_path, command):
    text = synth.make(plan=[("packet", "64K", "stream", {})], trials=2)
    path = tmp_path / "none.jsonl"
    path.write_text(text)
    done = command("report", path, "-o", "out")
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "Nothing was measured" in html
    assert "packet pipes keep messages up to 4096 bytes" in html
