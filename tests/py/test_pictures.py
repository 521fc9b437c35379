"""Pictures show the numbers: what is drawn is read back from the SVG by its
axes' own labels, and must be what the tables say."""

import csv
import json
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import synth
from pipemark import answer, chart, figures, svg
from pipemark.answer import tasks
from pipemark.answers import answers
from pipemark.answers import sweeps as sweep_table
from pipemark.csv_files import TABLES
from pipemark.hist import lower
from pipemark.naming import measured
from pipemark.reader import read

NS = "{http://www.w3.org/2000/svg}"


def units(text):
    """A label's number: "4.1 µs" in ns, "2 GB/s" in bytes/s."""
    value, unit = re.fullmatch(r"([\d.]+) ?(\D*)", text).groups()
    factor = {"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9, "B/s": 1, "kB/s": 1e3,
              "MB/s": 1e6, "GB/s": 1e9, "/s": 1, "k/s": 1e3, "M/s": 1e6,
              "K": 1024, "": 1, "%": 0.01}
    return float(value) * factor[unit]


class Panel:
    """A panel of a drawn figure with the scales that its labels imply."""

    def __init__(self, group):
        self.group = group
        self.title = next((t.text for t in group.iter(NS + "text")
                           if t.get("class") == "b"), "")
        ticks = [t for t in group.iter(NS + "text") if t.get("data-v")]
        self.x_ticks = [(float(t.get("data-at")), t.text) for t in ticks
                        if t.get("data-at")]
        self.y_ticks = [(float(t.get("y")) - 4, t.text) for t in ticks
                        if not t.get("data-at")]

    def dots(self):
        """(x, y) of every marker, in pixels, with its tip."""
        for e in self.group.iter():
            if (e.get("class") or "").startswith("dot"):
                x, y = (e.get("cx"), e.get("cy")) if e.tag == NS + "circle" \
                    else (e.get("data-x"), e.get("data-y"))
                tip = e.find(NS + "title")
                yield float(x), float(y), tip.text if tip is not None else ""

    def intervals(self):
        """Ends of the interval bars, in pixels."""
        for e in self.group.iter(NS + "path"):
            if (e.get("class") or "").startswith("ln") and not e.get("data-series"):
                ends = re.findall(r"(-?[\d.]+) (-?[\d.]+)", e.get("d"))
                if len(ends) == 2:
                    yield [tuple(map(float, p)) for p in ends]

    def series(self):
        """Name -> points of every named line."""
        return {e.get("data-series"):
                [tuple(map(float, p)) for p in
                 re.findall(r"(-?[\d.]+) (-?[\d.]+)", e.get("d"))]
                for e in self.group.iter(NS + "path") if e.get("data-series")}


def log_scale(ticks):
    """pixel -> value by two labels far apart."""
    (p0, t0), (p1, t1) = ticks[0], ticks[-1]
    v0, v1 = math.log(units(t0)), math.log(units(t1))
    return lambda p: math.exp(v0 + (p - p0) * (v1 - v0) / (p1 - p0))


def panels(figure, width=svg.WIDE):
    root = ET.fromstring(svg.render(figure, width))
    return [Panel(g) for g in root.iter(NS + "g") if g.get("class") == "panel"]


@pytest.fixture(scope="module")
def golden(linux):
    run = read(str(linux))
    found = measured(run)
    table = list(csv.DictReader(TABLES["summary"]([run])))
    every = {f.name: f for f in figures.everything(run, found, tasks(run, found))}
    return run, found, table, every


def rows_of(table, found, metric):
    """Numbers of a metric by cell."""
    return {int(r["cell"]): {k: float(r[k]) for k in ("median", "lo", "hi") if r[k]}
            for r in table if r["metric"] == metric}


@pytest.mark.parametrize("width", [svg.WIDE, 350])
@pytest.mark.parametrize("workload,metric", [("stream", "bytes_per_s"),
                                             ("pingpong", "rtt_p50")])
def test_comparison(golden, workload, metric, width):
    run, found, table, every = golden
    numbers = rows_of(table, found, metric)
    places = [p for t in tasks(run, found) if t.workload == workload
              and len(t.places) > 1 for p in t.places]
    drawn, bars = [], []
    for panel in panels(every[f"compare-{workload}"], width):
        value = log_scale(panel.x_ticks)
        drawn += [value(x) for x, _, _ in panel.dots()]
        bars += [[value(x) for x, _ in ends] for ends in panel.intervals()]
    want = [numbers[p.config.cell.n] for p in places]
    assert len(drawn) == len(want) > 10
    for got, row in zip(drawn, want):
        assert got == pytest.approx(row["median"], rel=0.005)
    with_interval = [row for row in want if "lo" in row]
    assert len(bars) == len(with_interval) > 10
    for (lo, hi), row in zip(bars, with_interval):
        assert (lo, hi) == pytest.approx((row["lo"], row["hi"]), rel=0.005)


def test_against_message_size(golden):
    run, found, table, every = golden
    numbers = rows_of(table, found, "bytes_per_s")
    plain = [x for x in found if not x.conditions and not x.control
             and x.workload == "stream"]
    panel = panels(every["by-size-stream"])[0]
    size, value = log_scale(panel.x_ticks), log_scale(panel.y_ticks)
    drawn = {(tip.split(",")[0], round(size(x))): value(y)
             for x, y, tip in panel.dots()}
    want = {(x.base, x.message): numbers[x.cell.n]["median"] for x in plain}
    assert len(drawn) == len(want)
    for (base, message), number in want.items():
        near = [v for (b, m), v in drawn.items()
                if b == base and abs(m - message) <= message * 0.01]
        assert near == [pytest.approx(number, rel=0.01)]


def test_percentile_curves(golden):
    run, found, _, every = golden
    cumulated = {}
    for row in csv.DictReader(TABLES["hist"]([run])):
        cumulated.setdefault(int(row["cell"]), []).append(
            (float(row["cum_q"]), float(row["lo_ns"]), float(row["hi_ns"] or 0)))
    panel = panels(every["percentiles-pingpong"])[0]
    value = log_scale(panel.y_ticks)
    nines = [(p, -math.log10(1 - units(t))) for p, t in panel.x_ticks]
    (p0, n0), (p1, n1) = nines[0], nines[-1]
    compared = 0
    for x in found:
        if x.workload != "pingpong" or x.message != 64 or x.conditions or x.control:
            continue
        for px, py in panel.series()[x.how]:
            q = 1 - 10 ** -(n0 + (px - p0) * (n1 - n0) / (p1 - p0))
            # a tenth of a pixel either way, and the bucket's width
            low, high = (next((lo, hi) for cum, lo, hi in cumulated[x.cell.n]
                              if cum >= max(q, 0) - e)
                         for e in (0.004 * (1 - q) + 1e-9, -0.004 * (1 - q)))
            assert low[0] * 0.98 <= value(py) <= high[1] * 1.02
            compared += 1
    assert compared > 100


def test_buffer_sweep(golden):
    _, found, table, every = golden
    numbers = rows_of(table, found, "bytes_per_s")
    drawn = []
    for panel in panels(every["buffers"]):
        value = log_scale(panel.y_ticks)
        drawn += sorted(value(y) for _, y, _ in panel.dots())
    sweep = [x for x in found if x.base == "pipe" and x.workload == "stream"
             and x.message > 64 and x.conditions[:1] in
             [(), *[(("buffer", b),) for b in ("4K", "16K", "1M")]]]
    want = []
    for message in (4096, 65536):
        want += sorted(numbers[x.cell.n]["median"] for x in sweep
                       if x.message == message)
    assert drawn == pytest.approx(want, rel=0.01)


def test_over_one_trial(golden):
    """Boxes and shades are the counts of the file, of the trial it names."""
    run, found, _, every = golden
    lines = Path(run.path).read_text(encoding="utf-8").splitlines()
    figure = every["moments"]
    assert len(figure.panels) == 6
    for panel, row in zip(figure.panels, figure.table[1]):
        (x,) = [x for x in found if x.name == row[0]]
        (trial,) = [t for t in x.cell.trials if str(t.round) == row[1]]
        heat = json.loads(lines[trial.line - 1])["heat"][x.hist]
        want = {}
        for i, pairs in enumerate(heat["rows"]):
            index = 0
            for step, count in zip(pairs[::2], pairs[1::2]):
                index += step
                want[i * heat["interval_ns"], lower(index, heat["sub"])] = count
        most = max(want.values())
        (mark,) = panel.marks
        drawn = {(x0, y0): round(most * 10 ** (4 * (level - 1)))
                 for x0, _, y0, _, level in mark.cells}
        assert drawn == want and len(want) > 40
        leads = sorted(t.metrics[x.lead] for t in x.cell.good)
        assert trial.metrics[x.lead] == leads[(len(leads) - 1) // 2]


def shades(panel):
    """(left, top, right, bottom, level) of every stroke of a heat map."""
    for e in panel.group.iter(NS + "path"):
        kind = e.get("class") or ""
        if re.fullmatch(r"h\d", kind):
            half = float(e.get("stroke-width")) / 2
            for x, y0, y1 in re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)", e.get("d")):
                yield float(x) - half, float(y0), float(x) + half, float(y1), int(kind[1])


def test_heat_maps_are_drawn_where_the_counts_are(golden):
    """The middle of each box, by the axes' labels, has the shade of its count."""
    *_, every = golden
    figure = every["moments"]
    for panel, drawn in zip(figure.panels, panels(figure)):
        strokes = list(shades(drawn))
        (mark,) = panel.marks
        (p0, t0), (p1, t1) = drawn.x_ticks[0], drawn.x_ticks[-1]
        v0, v1 = units(t0), units(t1)
        (q0, u0), (q1, u1) = drawn.y_ticks[0], drawn.y_ticks[-1]
        w0, w1 = math.log(units(u0)), math.log(units(u1))
        for x0, x1, y0, y1, level in mark.cells:
            x = p0 + ((x0 + x1) / 2 - v0) * (p1 - p0) / (v1 - v0)
            y = q0 + (math.log(y0 * y1) / 2 - w0) * (q1 - q0) / (w1 - w0)
            found = {s[4] for s in strokes if s[0] - .2 <= x <= s[2] + .2
                     and s[1] - .2 <= y <= s[3] + .2}
            assert min(int(level * 8), 7) in found, (x0, y0)
        assert len(strokes) > 30


def test_heat_boxes_are_joined_and_nothing_is_lost():
    from pipemark.layout import _joined

    boxes = [(x, float(y), x + 2.0, y + 1.0) for x in (0.0, 2.0) for y in range(9)
             if (x, y) not in ((0.0, 4), (2.0, 0))]
    joined = _joined(boxes[::-1])
    assert joined == [(0.0, 0.0, 2.0, 4.0), (0.0, 5.0, 2.0, 9.0), (2.0, 1.0, 4.0, 9.0)]


def test_the_knee_is_drawn():
    run, found = swept([10, 12, 25, 29, 31, 300], missed=())
    (sweep,) = answer.sweeps(found)
    assert answer.rate_of(sweep.knee) == 4000
    (panel,) = figures.load(run, found)[0].panels
    (guide,) = [m for m in panel.marks if isinstance(m, chart.Guide)]
    assert (guide.at, guide.label) == (4000, "knee")


def test_sweeps_end_where_the_rate_is_missed():
    _, found = swept([10, 12, 11, 12, 13, 12], missed=(2, 4))
    (sweep,) = answer.sweeps(found)
    assert answer.rate_of(sweep.knee) == 2000
    _, found = swept([10, 12, 11, 12, 13, 12], missed=())
    (sweep,) = answer.sweeps(found)
    assert sweep.knee is sweep.configs[-1]
    _, found = swept([10, 12, 11], missed=(0,))
    assert answer.sweeps(found)[0].knee is None


def test_a_late_pacer_proves_no_limit():
    run, found = swept([10, 12, 90], missed=())
    (sweep,) = answer.sweeps(found)
    assert sweep.knee is sweep.configs[1]
    assert not sweep.doubt(sweep.knee) and not sweep.doubt(sweep.configs[2])
    for t in sweep.configs[2].cell.trials:
        t.warnings = ["void"]
    assert sweep.doubt(sweep.knee) and not sweep.doubt(None)
    told = sweep_table(run, found).rows[0]
    assert told[2] == "2.00 k/s, not proven: beyond it the pacer was late"
    for x in found:
        for t in x.cell.trials:
            t.metrics.pop("response_p99", None)
    assert sweep_table(run, found).rows[0][4] == "too few messages to know"


def swept(medians, missed):
    """One pipe at 1K, 2K, ... messages a second."""
    import tempfile

    plan = [("pipe", "64", "paced", {"rate": str(1000 * (i + 1))})
            for i in range(len(medians))]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(synth.make(plan=plan, trials=2, values=1100))
        file.flush()
        run = read(file.name)
    found = measured(run)
    for i, x in enumerate(found):
        for t in x.cell.trials:
            t.warnings = ["missed"] if i in missed else []
            t.metrics["response_p50"] = medians[i] * 1000.0
    return run, found


def made_up(plan, numbers, trials=6, **more):
    """A run of which trial i of cell n has the metrics numbers(n, i)."""
    import tempfile

    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write(synth.make(plan=plan, trials=trials, values=50, **more))
        file.flush()
        run = read(file.name)
    found = measured(run)
    for x in found:
        for i, t in enumerate(x.cell.good):
            t.metrics.update(numbers(x, i))
    return run, found


def test_what_each_client_gets():
    def numbers(x, i):
        n = x.cell.number("clients")
        return {"messages_per_s": 1000.0 * n + i} if n == 1 else {
            "messages_per_s": 1000.0 * n + i, "client_min": 100.0 + n + i,
            "client_median": 200.0 + n + i, "client_max": 400.0 + n + i,
            "fairness": 1 - n / 64 + i / 1000}

    run, found = made_up([("unix-stream", "4K", "stream", {"clients": n})
                          for n in ("1", "4", "16")], numbers)
    (figure,) = figures.clients(run, found)
    total, each, fair = panels(figure)
    value = log_scale(total.y_ticks)
    assert [value(y) for _, y, _ in total.dots()] == \
        pytest.approx([1002.5, 4002.5, 16002.5], rel=0.01)
    assert [round(log_scale(total.x_ticks)(x)) for x, _, _ in total.dots()] == [1, 4, 16]
    value = log_scale(each.y_ticks)
    assert [value(y) for _, y, _ in each.dots()] == pytest.approx(
        [base + n + 2.5 for base in (400, 200, 100) for n in (4, 16)], rel=0.01)
    (p0, t0), (p1, t1) = fair.y_ticks[0], fair.y_ticks[-1]
    drawn = [float(t0) + (y - p0) * (float(t1) - float(t0)) / (p1 - p0)
             for _, y, _ in fair.dots()]
    assert drawn == pytest.approx([1 - n / 64 + 0.0025 for n in (4, 16)], abs=0.01)
    assert len(list(fair.intervals())) == 2, "six trials have an interval"


def test_a_connection_in_parts():
    def numbers(x, i):
        at = 10000.0 * (1 + x.cell.n)
        return {"connect_p50": at + i, "accept_p50": 2 * at, "close_p50": at / 2,
                "first_message_p50": 3 * at, "messages_per_s": 1e9 / at}

    run, found = made_up([(t, "64", "connect", {"kind": "named"})
                          for t in ("unix-stream", "unix-seqpacket")], numbers)
    (figure,) = figures.connect(run, found, tasks(run, found))
    drawn = []
    for panel in panels(figure):
        value = log_scale(panel.x_ticks)
        drawn.append([value(x) for x, _, _ in panel.dots()])
    assert drawn == [pytest.approx(want, rel=0.01) for want in (
        [10002.5, 20002.5], [30000, 60000], [20000, 40000], [5000, 10000],
        [1e5, 5e4])], "connect, first message, accept, close, rate; no create"


def test_arms_lie_in_one_picture():
    """What the sets say is in the names; the rest still parts the panels."""
    plan = [("pipe", m, "pingpong", {"buffer": b, "placement": p})
            for m in ("64", "4K") for p in ("same", "different")
            for b in ("64K", "1M")]
    run, _ = made_up(plan, lambda x, i: {})
    run.arms, run.sets = ["a", "b"], {"a": "buffer=64K", "b": "buffer=1M"}
    for cell in run.cells.values():
        cell.arm = "b" if cell.text("buffer") == "1M" else "a"
    found = measured(run)
    assert {x.base for x in found} == {"a: pipe", "b: pipe buffer=1M"}
    assert {x.conditions for x in found} == \
        {(("placement", "same"),), (("placement", "different"),)}
    figure = figures.percentiles(run, found)[0]
    assert [k.label for k in figure.keys] == ["a: pipe", "b: pipe buffer=1M"]
    for panel in panels(figure):
        assert {s.split(" placement")[0] for s in panel.series()} == \
            {"a: pipe", "b: pipe buffer=1M"}


def test_too_few_numbers_say_how_many():
    run, found = made_up([("pipe", "64", "pingpong", {})], lambda x, i: {})
    del found[0].cell.good[0].metrics["rtt_p50"]
    (row,) = answers(run, tasks(run, found)).rows
    assert row[4] == "needs 6 trials, has 5"


def test_every_picture_says_what_it_shows(golden, wine):
    """Title, n, trials, the transport and the system, in file and page."""
    run, _, _, every = golden
    for figure in every.values():
        text = "".join(ET.fromstring(svg.render(figure, alone=True)).itertext())
        assert figure.title in text and "trials each" in text
        assert run.where in text and run.id in text
        assert "pipe" in text
    under_wine = read(str(wine))
    found = measured(under_wine)
    for figure in figures.everything(under_wine, found, tasks(under_wine, found)):
        assert "(Wine)" in figure.title and "Wine" in figure.caption


def test_log_axes_have_labels_enough():
    from pipemark.chart import log_axis

    for lo in (1, 3, 990, 12345):
        for ratio in (1.0, 1.02, 1.5, 3, 9, 50, 1e4, 1e8):
            axis = log_axis("", "ns", [lo, lo * ratio])
            assert 2 <= len(axis.ticks) <= 12, (lo, ratio)
            assert len({t.label for t in axis.ticks}) == len(axis.ticks)


def test_labels_of_a_short_axis_do_not_touch():
    """Two decades and a half, linear once, crowded the upper end."""
    axis = chart.log_axis("", "ns", [25e3, 6e6])
    panel = chart.Panel("", chart.linear_axis("", "", [1]), axis)
    figure = chart.Figure("f", "f", "f", [panel], height=110)
    (drawn,) = panels(figure)
    at = sorted(y for y, _ in drawn.y_ticks)
    assert len(at) > 3 and min(b - a for a, b in zip(at, at[1:])) >= 13


def test_pngs_are_pictures(golden, tmp_path):
    from PIL import Image

    from pipemark import png

    _, _, _, every = golden
    path = tmp_path / "p.png"
    png.save(every["buffers"], str(path))
    with Image.open(path) as image:
        assert image.size[0] == 2 * svg.WIDE
        assert len(image.convert("RGB").getcolors(1 << 20)) > 50
