"""pipemark csv: the result file as CSV tables; reports/FORMAT.md says which
rows and bytes. Needs the standard library only."""

from __future__ import annotations

import os
import sys
from itertools import accumulate
from typing import Callable, Dict, Iterator, List, Sequence, Tuple

from . import cli
from .hist import TOP_BITS, merge
from .order_stats import estimate
from .reader import read_all
from .result import Cell, Run, Trial, number_text

FIRST = ["run", "system", "wine", "cell", "id",
         "became_transport", "became_producer", "became_consumer"]
SAMPLES = ["arm", "round", "slot", "pair", "ok",
           "metric", "unit", "better", "value"]
SUMMARY = ["arm", "metric", "unit", "better",
           "k", "median", "lo", "hi", "min", "max"]
HIST = ["run", "cell", "id", "arm", "hist", "lo_ns", "hi_ns", "count", "cum_q"]
TIMELINE = ["run", "cell", "id", "arm", "round", "slot",
            "start_ns", "messages", "bytes"]

MEANINGS = {
    "run": ("", "id of the run"),
    "system": ("", "linux or windows"),
    "wine": ("", "version of Wine, empty on a real Windows or Linux"),
    "cell": ("", "number of the configuration within the run, from 0"),
    "id": ("", "the knobs that differ from their defaults"),
    "became_transport": ("", "kernel object that was measured"),
    "became_producer": ("", "how the producer moved bytes"),
    "became_consumer": ("", "how the consumer moved bytes"),
    "arm": ("", "a, or b for the second set of a paired run"),
    "round": ("", "pass over all configurations, from 0"),
    "slot": ("", "place in the whole run's order, from 0"),
    "pair": ("", "0: this arm ran first of its pair"),
    "ok": ("", "false: the trial failed"),
    "metric": ("", "what was measured, see the metrics below"),
    "unit": ("", "of the value"),
    "better": ("", "lower, higher or neither"),
    "value": ("see unit", "the metric's number in this trial"),
    "k": ("trials", "good trials that have the metric"),
    "median": ("see unit", "median over the trials"),
    "lo": ("see unit", "lower end of the 95 % interval of the median"),
    "hi": ("see unit", "upper end of the 95 % interval of the median"),
    "min": ("see unit", "smallest trial"),
    "max": ("see unit", "largest trial"),
    "hist": ("", "which distribution"),
    "lo_ns": ("ns", "lower edge of the bucket, inside it"),
    "hi_ns": ("ns", "upper edge of the bucket, outside it"),
    "count": ("values", "in the bucket, all good trials together"),
    "cum_q": ("share", "of all recorded values below hi_ns"),
    "start_ns": ("ns", "start of the step, from the trial's first step"),
    "messages": ("messages", "received in the step"),
    "bytes": ("bytes", "received in the step"),
}


def main(arguments: List[str]) -> int:
    """The command."""
    parser = cli.Parser("csv", "Write a result's numbers as CSV tables.")
    parser.add_argument("result", nargs="+", help="result file (.jsonl, .jsonl.gz)")
    parser.add_argument("-o", metavar="DIR", help="folder for the tables")
    parser.add_argument("--only", choices=list(TABLES), metavar="TABLE",
                        help="one table, on standard output: " + " ".join(TABLES))
    options = parser.parse_args(arguments)
    if options.only and options.o:
        parser.error("--only writes to standard output: leave out -o")
    runs = read_all(options.result)
    for run in runs:
        cli.note("csv", run.notes)
    if options.only:
        sys.stdout.writelines(TABLES[options.only](runs))
        return cli.DONE
    folder = cli.folder_for(options.result, options.o)
    for path in write_tables(runs, folder):
        print(path)
    return cli.DONE


def write_tables(runs: Sequence[Run], folder: str) -> List[str]:
    """Write all tables into `folder`; their paths."""
    cli.make_folder(folder)
    paths = []
    for name, lines in TABLES.items():
        path = os.path.join(folder, name + ".csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.writelines(lines(runs))
        paths.append(path)
    return paths


def field(text: str) -> str:
    """Quoted if RFC 4180 asks for it."""
    if any(c in text for c in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text


def line(fields: Sequence[str]) -> str:
    """One row, end included."""
    return ",".join(map(field, fields)) + "\n"


def knob_names(runs: Sequence[Run]) -> List[str]:
    """Columns of all runs: the registry's order; newer knobs at the end."""
    return list(dict.fromkeys(name for run in runs for name in run.knobs))


def _head(run: Run, cell: Cell, knobs: Sequence[str]) -> List[str]:
    fields = [run.id, run.host, run.wine or "", str(cell.n), cell.id,
              cell.transport or "", cell.producer or "", cell.consumer or ""]
    for name in knobs:
        value = cell.knobs.get(name)
        if value is None:
            fields.append("")
        else:
            fields.append(value.v if value.n is None else str(value.n))
    return fields + [cell.arm]


def samples(runs: Sequence[Run]) -> Iterator[str]:
    """samples.csv: a row for each trial and metric."""
    knobs = knob_names(runs)
    yield line(FIRST + knobs + SAMPLES)
    for run in runs:
        heads = {key: line(_head(run, cell, knobs))[:-1]
                 for key, cell in run.cells.items()}
        tails = {m.name: line([m.name, m.unit, m.better])[:-1]
                 for m in run.metrics.values()}
        for trial in run.trials:
            yield "".join(_sample_rows(heads[trial.cell, trial.arm], tails, trial))


def _sample_rows(head: str, tails: Dict[str, str], trial: Trial) -> Iterator[str]:
    start = (f"{head},{trial.round},{trial.slot},{trial.pair},"
             f"{number_text(trial.ok)},")
    if not trial.metrics.keys() & tails.keys():
        yield start + ",,,\n"
        return
    for name, tail in tails.items():
        if name in trial.metrics:
            yield f"{start}{tail},{number_text(trial.metrics[name])}\n"


def summary(runs: Sequence[Run]) -> Iterator[str]:
    """summary.csv: a row for each cell, arm and metric."""
    knobs = knob_names(runs)
    yield line(FIRST + knobs + SUMMARY)
    for run in runs:
        for cell in run.cells.values():
            head = _head(run, cell, knobs)
            yield from _summary_rows(run, cell, head)


def _summary_rows(run: Run, cell: Cell, head: List[str]) -> Iterator[str]:
    empty = True
    for metric in run.metrics.values():
        values = cell.samples(metric.name)
        if not values:
            continue
        empty = False
        e = estimate(values)
        yield line(head + [metric.name, metric.unit, metric.better, str(e.k)]
                   + [number_text(n) for n in (e.median, e.lo, e.hi, e.min, e.max)])
    if empty:
        yield line(head + ["", "", "", "0", "", "", "", "", ""])


def hist(runs: Sequence[Run]) -> Iterator[str]:
    """hist.csv: a row for each non-empty bucket, the trials merged."""
    yield line(HIST)
    for run in runs:
        for cell in run.cells.values():
            for name in hist_names(cell):
                yield from _hist_rows(run, cell, name)


def hist_names(cell: Cell) -> List[str]:
    """Distributions its good trials have, in the order they come."""
    return list(dict.fromkeys(name for t in cell.good for name in t.hists))


def _hist_rows(run: Run, cell: Cell, name: str) -> Iterator[str]:
    whole = merge(t.hists[name] for t in cell.good if name in t.hists)
    if whole is None or not whole.n:
        return
    head = line([run.id, str(cell.n), cell.id, cell.arm, name])[:-1]
    buckets = whole.buckets()
    below = accumulate(count for _, _, count in buckets)
    for (lo, hi, count), total in zip(buckets, below):
        yield f"{head},{lo},{hi},{count},{number_text(total / whole.n)}\n"
    if whole.over:
        yield f"{head},{1 << TOP_BITS},,{whole.over},1\n"


def timeline(runs: Sequence[Run]) -> Iterator[str]:
    """timeline.csv: a row for each step of each trial's series."""
    yield line(TIMELINE)
    for run in runs:
        for trial in run.trials:
            if not trial.series:
                continue
            cell = run.cells[trial.cell, trial.arm]
            head = line([run.id, str(cell.n), cell.id, cell.arm,
                         str(trial.round), str(trial.slot)])[:-1]
            step = trial.series["interval_ns"]
            pairs = zip(trial.series["messages"], trial.series["bytes"])
            yield "".join(f"{head},{i * step},{messages},{size}\n"
                          for i, (messages, size) in enumerate(pairs))


def dictionary(runs: Sequence[Run]) -> Iterator[str]:
    """dictionary.csv: what every column, knob and metric means."""
    yield line(["file", "column", "unit", "meaning"])
    knobs = {name: k for run in reversed(runs) for name, k in run.knobs.items()}
    names = knob_names(runs)
    for file, columns in [("samples", FIRST + names + SAMPLES),
                          ("summary", FIRST + names + SUMMARY),
                          ("hist", HIST), ("timeline", TIMELINE)]:
        for column in columns:
            if column in knobs:
                unit, text = knobs[column].unit, knobs[column].help
            else:
                unit, text = MEANINGS[column]
            yield line([file + ".csv", column, unit, text])
    metrics = {n: m for run in runs for n, m in run.metrics.items()}
    for m in metrics.values():
        yield line(["", m.name, m.unit, m.help])


Table = Callable[[Sequence[Run]], Iterator[str]]
TABLES: Dict[str, Table] = {
    "samples": samples,
    "summary": summary,
    "hist": hist,
    "timeline": timeline,
    "dictionary": dictionary,
}
