"""What other tools get: by the tool itself where it can be had, else by its
documented grammar."""

import json
import re
import subprocess
import xml.etree.ElementTree as ET

import jsonschema
import pytest

import made
from conftest import SCRIPTS
from pipemark.exports import FORMATS, TEXTS
from pipemark.exports.hdr import hgrms
from pipemark.naming import configs, measured
from pipemark.reader import read

NODE = SCRIPTS.parent / "build/npm/node_modules"
READ_HLOG = """
const hdr = require('hdr-histogram-js'), fs = require('fs');
const reader = new hdr.HistogramLogReader(fs.readFileSync(process.argv[1], 'utf8'));
const out = [];
for (let h; (h = reader.nextIntervalHistogram()) !== null;) {
  out.push({tag: h.tag, n: h.totalCount, start: h.startTimeStampMsec,
    q: [50, 90, 99, 99.9].map(p => h.getValueAtPercentile(p)), text:
    h.outputPercentileDistribution(5, 1)});
}
console.log(JSON.stringify(out));
"""


@pytest.fixture(scope="module")
def run(linux):
    return read(str(linux))


def read_hlog(path):
    done = subprocess.run(["node", "-e", READ_HLOG, str(path)], cwd=NODE,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_hdr_histogram_js_reads_the_log(run, tmp_path):
    """Every interval: tag, count, and the same percentiles to its bucket."""
    path = tmp_path / "r.hlog"
    path.write_text(TEXTS["hdr-hlog"](run), encoding="utf-8")
    got = read_hlog(path)
    want = sorted((t.start_ns, t.line, h) for x in configs(run)
                  for t in x.cell.good for h in t.hists.values())
    assert len(got) == len(want) > 200
    for entry, (start, _, h) in zip(got, want):
        assert entry["n"] == h.n
        assert " " not in entry["tag"] and "," not in entry["tag"]
        for value, ours in zip(entry["q"], h.quantiles([0.5, 0.9, 0.99, 0.999])):
            assert value == pytest.approx(ours, rel=1 / 64, abs=1)


def test_three_digits_too(tmp_path):
    import synth
    from pipemark.exports.hdr import encode
    from pipemark.hist import Hist

    h = Hist.parse(synth.hist([1, 2, 5, 1000, 123456, 2**39], 10))
    path = tmp_path / "r.hlog"
    path.write_text("#[Histogram log format version 1.3]\n"
                    f"Tag=x,0.0,1.0,1.0,{encode(h)}\n")
    entry, = read_hlog(path)
    assert entry["n"] == 6 and entry["q"][3] == pytest.approx(2**39, rel=1e-3)


def test_percentile_distributions_are_hdr_histograms_own(run, tmp_path):
    """Line for line what hdr-histogram-js prints for the same counts."""
    from pipemark.exports.hdr import encode, hgrm

    wholes = [x.whole(x.hist) for x in measured(run)][:12]
    path = tmp_path / "r.hlog"
    path.write_text("#[Histogram log format version 1.3]\n" + "".join(
        f"{i}.0,1.0,1.0,{encode(h)}\n" for i, h in enumerate(wholes)))
    for entry, h in zip(read_hlog(path), wholes):
        def lines(text):
            return [[float(n) for n in line.split()] for line in text.splitlines()
                    if re.match(r"\s*\d", line)]
        theirs, ours = lines(entry["text"]), lines(hgrm(h))
        assert [(r[0], r[2]) for r in ours] == [(r[0], r[2]) for r in theirs]
        assert [r[1] for r in ours] == pytest.approx([r[1] for r in theirs], abs=2e-12)


def test_a_file_for_each_cell(run, linux, command, tmp_path):
    done = command("export", linux, "--format", "hdr-hgrm", "-o", "h")
    assert done.returncode == 0
    assert {p.name for p in (tmp_path / "h").iterdir()} == set(hgrms(run))
    assert len(hgrms(run)) == len(measured(run))


def test_bencher(run):
    """The documented schema, and numbers in their interval."""
    found = json.loads(TEXTS["bencher"](run))
    number = {"type": "number"}
    jsonschema.validate(found, {
        "type": "object", "patternProperties": {".+": {
            "type": "object", "minProperties": 1, "patternProperties": {".+": {
                "type": "object", "required": ["value"],
                "additionalProperties": False,
                "properties": {"value": number, "lower_value": number,
                               "upper_value": number}}}}}})
    assert len(found) == len(measured(run))
    for measures in found.values():
        assert {"latency", "throughput"} <= set(measures)
        for m in measures.values():
            if "lower_value" in m:
                assert m["lower_value"] <= m["value"] <= m["upper_value"]


def test_go_benchmark(run):
    """<name> <iterations> <value> <unit> [<value> <unit>...], a line a trial."""
    lines = TEXTS["go-benchmark"](run).splitlines()
    results = [line.split() for line in lines if line.startswith("Benchmark")]
    assert len(results) == sum(len(x.cell.good) for x in configs(run))
    for fields in results:
        assert len(fields) % 2 == 0 and len(fields) >= 4
        # What github-action-benchmark accepts as a name (tool: go).
        assert re.fullmatch(r"Benchmark\w+[\w()$%^&*\--=|,\[\]{}\"#]*?-\d+", fields[0])
        assert int(fields[1]) > 0
        for value, unit in zip(fields[2::2], fields[3::2]):
            float(value)
            assert unit in ("ns/op", "MB/s", "p50-ns/op", "p99-ns/op")
    names = {f[0] for f in results}
    assert len(names) == len(measured(run)), "one name, one configuration"
    for line in lines:
        if not line.startswith("Benchmark"):
            assert re.fullmatch(r"[a-z][\w-]*: .+|Unit \S+( \w+=\w+)+", line)


def test_junit(run):
    root = ET.fromstring(TEXTS["junit"](run).encode())
    suite, = root
    cases = suite.findall("testcase")
    assert int(suite.get("tests")) == len(cases) == len(configs(run))
    assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped")) == 2
    failures = suite.findall("testcase/failure")
    assert int(suite.get("failures")) == len(failures) > 0
    assert all("EPIPE" in f.get("message") for f in failures)
    assert len({(c.get("classname"), c.get("name")) for c in cases}) == len(cases)


STRESSORS = [
    {"name": "killed", "verdict": "passed", "why": None},
    {"name": "integrity", "verdict": "failed", "lost": 2, "why": "2 are lost",
     "repeat": "pipemark stress --only integrity --seed 1"},
    {"name": "names", "verdict": "too-few", "why": "at least 6 were wanted"},
    {"name": "signals", "verdict": "skipped", "why": "none here"}]


def test_what_stress_found_is_told(tmp_path, command):
    """JUnit had no test in it, which is green everywhere."""
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in [
        made.File(cells=()).header(),
        *({"t": "stress", "rounds": 3, "ops": 10, "faults": 4, "recovered": 4,
           "seed": 1, "took_ns": 10**9, **s} for s in STRESSORS),
        {"t": "end", "trials": 0, "failed": 0}]))
    suite, = ET.fromstring(TEXTS["junit"](read(str(path))).encode())
    assert [suite.get(n) for n in ("tests", "failures", "errors", "skipped",
                                   "time")] == ["4", "1", "1", "1", "4.000"]
    cases = {c.get("name"): [x.tag for x in c] for c in suite}
    assert cases == {"killed": [], "integrity": ["failure"],
                     "names": ["error"], "signals": ["skipped"]}
    assert "2 are lost; again: pipemark stress" in suite.find(
        "testcase/failure").get("message")
    text = TEXTS["markdown"](read(str(path)))
    assert "1 of 3 stressors passed" in text and "| integrity | failed |" in text
    for form in set(FORMATS) - {"junit", "markdown"}:
        done = command("export", path, "--format", form)
        assert done.returncode == 3 and "no measurement" in done.stderr


def test_markdown(run):
    text = TEXTS["markdown"](run)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    for block in text.split("\n\n"):
        table = [line for line in block.splitlines() if line.startswith("|")]
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in table}
        assert len(widths) <= 1
    assert len(rows) > 10 and "64 KiB" in text and "packet pipes" in text


@pytest.mark.parametrize("form", FORMATS)
def test_wine_is_named(wine, form):
    found = read(str(wine))
    texts = hgrms(found).keys() if form == "hdr-hgrm" else [TEXTS[form](found)]
    if form != "hdr-hgrm":  # a .hgrm has no place for words
        assert all("wine" in t.lower() for t in texts)


@pytest.mark.parametrize("form", FORMATS)
def test_same_bytes_elsewhere(linux, command, tmp_path, form):
    outs = []
    for i, env in enumerate(({"TZ": "UTC", "PYTHONHASHSEED": "3", "LANG": "C"},
                             {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "4"})):
        target = tmp_path / f"out{i}"
        done = command("export", linux, "--format", form, "-o", target, env=env)
        assert done.returncode == 0, done.stderr
        files = sorted(target.iterdir()) if target.is_dir() else [target]
        outs.append([p.read_bytes() for p in files])
    assert outs[0] == outs[1]


def test_wrong_requests(command, linux):
    for arguments in ([linux], [linux, "--format", "xml"], ["--format", "junit"]):
        done = command("export", *arguments)
        assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
