"""What stands on the report's page, ready for the template: texts, tables,
pictures. The template decides only where it stands."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence, Tuple
from urllib.parse import unquote

from . import answer, canary, stress, svg
from . import chart as c
from .answers import answers, interval, sweeps
from .figures import everything
from .figures.arms import judged
from .figures.buffers import effective
from .figures.cost import cpu
from .figures.pace import pace_panels, rates
from .figures.percentiles import curve, trial_band, whole_of
from .judgement import headline
from .layout import NARROW, WIDE
from .naming import Config, configs, conditions_text
from .order_stats import estimate
from .result import Cell, Run, number_text
from .table import Table
from .told import caption, count, listed, machine, when
from .units import message as length
from .units import number


NAMED = 8  # configurations of one remark


@dataclass
class Picture:
    """A figure on the page: two drawings of it, for wide and narrow screens.
    short: its kind, for the contents; "" if the picture before has it."""

    name: str
    title: str
    caption: str
    wide: str
    narrow: str
    table: Table
    short: str = ""


@dataclass
class Row:
    """A cell in the table of all cells."""

    n: str
    anchor: str
    name: str
    workload: str
    message: str
    message_n: int
    value: str
    value_n: Optional[float]
    interval: str
    tail: str
    tail_n: Optional[float]
    cost: str
    cost_n: Optional[float]
    state: str
    trials: str


@dataclass
class Detail:
    """Everything about one cell."""

    anchor: str
    name: str
    headline: str
    state: str
    drawing: str
    metrics: Table
    facts: List[Tuple[str, str]]
    commands: List[str]
    problems: List[str]


@dataclass
class Badge:
    """A remark on the surroundings; severity: info, warn, void or unknown."""

    severity: str
    code: str
    text: str


@dataclass
class Page:
    """One run's part of the page."""

    ident: str
    run: Run
    title: str
    tag: str
    summary: List[str]
    badges: List[Badge]
    answers: Table
    sweeps: Table
    stress: Table
    pictures: List[Picture]
    rows: List[Row]
    details: List[Detail]
    problems: Table
    facts: Table
    command: str
    leads: str      # the metric that each workload is about
    figures: List[c.Figure] = field(default_factory=list)


def page(run: Run, index: int) -> Page:
    """The part of run number `index`."""
    every = configs(run)
    found = [x for x in every if x.cell.good]
    tasks = answer.tasks(run, found)
    figures = everything(run, found, tasks)
    ident = f"r{index}"
    facts = run.env.get("facts") or {}
    return Page(
        ident=ident,
        run=run,
        title=("Stress: " if run.stress and not every else "")
        + f"{run.where}{f' on {run.node}' if run.node else ''}",
        tag="Wine" if run.wine else run.where,
        summary=stress.summary(run) if run.stress and not every else
        summary(run, every, found),
        badges=badges(run, facts),
        answers=answers(run, tasks),
        sweeps=sweeps(run, found),
        stress=stress.table(run),
        pictures=_pictures(figures, ident),
        rows=[_row(run, x, ident) for x in every],
        details=[_detail(run, x, ident) for x in every],
        problems=problems(run, every),
        facts=Table(caption(run, "Facts about the machine and its state"),
                    ["fact", "value", "source"],
                    [[name, *_fact(f)] for name, f in facts.items()]),
        command=shlex.join(["pipemark", *run.argv]),
        leads=", ".join(sorted({f"{x.workload}: {x.lead}" for x in every})),
        figures=figures,
    )


# What was measured, where and how well ------------------------------------


def summary(run: Run, every: Sequence[Config], found: Sequence[Config]) -> List[str]:
    """Sentences: what, where, how well, what is missing."""
    trials = [t for x in every for t in x.cell.trials]
    good = sum(t.good for t in trials)
    workloads = listed(list(dict.fromkeys(x.workload for x in found)))
    sentences = [
        f"{count(len(found), 'configuration')}"
        f"{f' ({workloads})' if workloads else ''} measured on"
        f" {run.where}{machine(run)}{when(run)}."
        f" {good} of {count(len(trials), 'trial')} are good."
    ]
    noise = answer.noise(run, found)
    if noise:
        sentences.append(
            f"Launches of one configuration differ by {100 * noise.typical:.0f} % of their"
            f" median (quartile to quartile; typical configuration), by"
            f" {100 * noise.worst:.0f} % at worst ({noise.where.name}).")
    elif found:
        sentences.append("Too few trials to say how far launches differ:"
                         " six or more give intervals.")
    verdicts = judged(run)
    if verdicts:
        sentences.append(f"b against a ({verdicts.design.split(';')[0]}):"
                         f" {headline(verdicts).rstrip('.')}."
                         + "".join(f" Not proven: {why}." for why in verdicts.unproven))
    sentences += _few(run, [x for x in found if not x.control])
    skipped = answer.skipped(every)
    if skipped:
        total = sum(g.count for g in skipped)
        reasons = "; ".join(f"{g.why} ({g.count})" for g in skipped)
        sentences.append(f"Skipped: {count(total, 'configuration')}: {reasons}.")
    failed = answer.failed(every)
    if failed:
        total = sum(g.count for g in failed)
        reasons = "; ".join(f"{g.what}: {g.why} ({g.count})" for g in failed)
        sentences.append(f"Failed: {count(total, 'trial')}: {reasons}.")
    remarks = answer.remarks(every)
    if remarks:
        sentences.append("Remarks: " + "; ".join(
            f"{count(g.count, 'trial')} {g.what}" + (f" ({g.why})" if g.why else "")
            for g in remarks[:3]) + (", and others." if len(remarks) > 3 else "."))
    if run.truncated:
        sentences.append("The file has no end: the run was broken off, and what"
                         " follows is what it had measured.")
    elif run.end and run.end.get("interrupted"):
        sentences.append("The run was interrupted; what it measured is here.")
    return sentences


def _few(run: Run, found: Sequence[Config]) -> List[str]:
    """Trials without the number that their workload is about."""
    none = [x for x in found if not answer.lead_of(run, x)]
    some = [x for x in found if x not in none
            and len(x.cell.samples(x.lead)) < len(x.cell.good)]
    out = []
    for group, what in ((none, "any trial, so they are not ranked"),
                        (some, "some of the trials")):
        if group:
            leads = listed(list(dict.fromkeys(x.lead for x in group)))
            out.append(f"{count(len(group), 'configuration')} had too few messages"
                       f" for {leads} in {what}: a longer time gives more.")
    return out


def badges(run: Run, facts: Dict[str, Any]) -> List[Badge]:
    """Warnings of the run; what is unknown is grey, not good."""
    found = [Badge(str(w.get("severity", "info")), w["code"], str(w.get("text", "")))
             for w in run.env.get("warnings") or []]
    if run.wine and not any(b.code == "wine" for b in found):
        found.insert(0, Badge("warn", "Wine", "Wine's pipes are not those of"
                              " Windows: its numbers say nothing about Windows"))
    unknown = [name for name, f in facts.items()
               if f.get("v") is None and name != "wine"]
    if unknown:
        more = ", ..." if len(unknown) > 5 else ""
        found.append(Badge("unknown", f"{len(unknown)} unknown",
                           "facts: " + ", ".join(unknown[:5]) + more))
    found += [Badge("void", "canary", text) for text in canary.moves(run.canaries)]
    noise = answer.noise(run, [x for x in configs(run) if x.cell.good])
    if noise and noise.typical > answer.NOISY:
        found.append(Badge("warn", "noisy", "launches of one configuration typically"
                           f" differ by {100 * noise.typical:.0f} %: a quieter"
                           " machine, longer or more trials tell more apart"))
    if not found:
        found.append(Badge("unknown", "no facts", "the file says nothing about"
                           " the machine" if not facts else "no warnings"))
    return found


def _fact(fact: Dict[str, Any]) -> Tuple[str, str]:
    value = fact.get("v")
    text = f"unknown: {fact.get('why', 'no reason given')}" if value is None \
        else number_text(value)
    return text, str(fact.get("src", ""))


# Tables --------------------------------------------------------------------


def _state(x: Config) -> str:
    if x.cell.skip:
        return "skipped"
    good, every = len(x.cell.good), len(x.cell.trials)
    if not every:
        return "not measured"
    return "measured" if good == every else "some failed" if good else "failed"


def _row(run: Run, x: Config, ident: str) -> Row:
    metric = answer.lead_of(run, x)
    values = x.cell.samples(metric) if metric else []
    e = estimate(values) if values else None
    unit = run.metrics[metric].unit if metric else ""
    tails = x.cell.samples(f"{x.hist}_p99")
    tail = estimate(tails).median if tails else None
    cost = sum(cpu(x).values()) or None
    return Row(
        n=str(x.cell.n) + (x.cell.arm if len(run.arms) > 1 else ""),
        anchor=_anchor(x, ident),
        name=x.how,
        workload=x.workload,
        message=length(x.message),
        message_n=x.message,
        value=number(e.median, unit) if e else "",
        value_n=e.median if e else None,
        interval=interval(e, unit) if e else "",
        tail=number(tail, "ns") if tail is not None else "",
        tail_n=tail,
        cost=number(cost, "ns") if cost else "",
        cost_n=cost,
        state=_state(x),
        trials=f"{len(x.cell.good)} of {len(x.cell.trials)}",
    )


def _anchor(x: Config, ident: str) -> str:
    return f"{ident}-cell-{x.cell.n}{x.cell.arm}"


def problems(run: Run, every: Sequence[Config]) -> Table:
    """What was skipped, what failed, what is remarkable, with counts."""
    rows = []
    for what, groups in (("skipped", answer.skipped(every)),
                         ("failed", answer.failed(every)),
                         ("remark", answer.remarks(every))):
        rows += [[what, group.what, group.why, str(group.count),
                  _whose(group, every)] for group in groups]
    return Table(caption(run, "What was skipped, failed or is remarkable; the details"
                         " of a configuration say it too"),
                 ["what", "where", "why", "times", "configurations"], rows)


def _whose(group: answer.Group, every: Sequence[Config]) -> str:
    """Names; of a long list the first few."""
    names = [x.name for x in group.configs]
    if len(names) <= NAMED:
        return "; ".join(names)
    return f"{len(names)} of {len(every)}: {'; '.join(names[:NAMED - 2])}; and others"


# Pictures ------------------------------------------------------------------


SHORT = {"arms": "b against a", "compare": "Comparison", "percentiles": "Percentiles",
         "by-size": "Message size", "buffers": "Buffer", "heat": "Over the run",
         "moments": "Over a trial",
         "load": "Offered load", "clients": "Clients",
         "connections": "Connections", "cost": "Cost", "pace": "Within the trials"}


def _pictures(figures: Sequence[c.Figure], ident: str) -> List[Picture]:
    pictures, seen = [], set()
    for figure in figures:
        picture = drawn(figure, ident)
        kind = next((k for k in SHORT if figure.name.startswith(k)), "")
        picture.short = SHORT[kind] if kind and kind not in seen else ""
        seen.add(kind)
        pictures.append(picture)
    return pictures


def drawn(figure: c.Figure, ident: str) -> Picture:
    """In both widths; ident: prefix of its ids."""
    head, rows = figure.table
    return Picture(
        name=figure.name,
        title=figure.title,
        caption=figure.caption,
        wide=svg.render(figure, WIDE, ident=f"{ident}-{figure.name}-w"),
        narrow=svg.render(figure, NARROW, ident=f"{ident}-{figure.name}-n"),
        table=Table(figure.title, head, rows),
    )


# Each cell -----------------------------------------------------------------


def _detail(run: Run, x: Config, ident: str) -> Detail:
    anchor = _anchor(x, ident)
    metric = answer.lead_of(run, x)
    values = x.cell.samples(metric) if metric else []
    unit = run.metrics[metric].unit if metric else ""
    headline = number(estimate(values).median, unit) if values else _state(x)
    return Detail(
        anchor=anchor,
        name=x.name,
        headline=headline,
        state=_state(x),
        drawing=_drawing(run, x, anchor),
        metrics=_metrics(run, x.cell),
        facts=_cell_facts(run, x),
        commands=_commands(run, x.cell),
        problems=_cell_problems(x.cell),
    )


def _drawing(run: Run, x: Config, anchor: str) -> str:
    panels: List[c.Panel] = []
    style = c.Style(0)
    if x.whole(x.hist):
        hists, whole = x.hists(x.hist), whole_of(x)
        solid, dotted = curve(whole)
        marks: List[c.Mark] = []
        if len(hists) > 1:
            marks.append(c.Band(trial_band(hists), style))
        marks.append(c.Line(solid, style, x.how, dotted))
        values = [v for _, v in solid + dotted]
        panels.append(c.Panel(
            "Latency by percentile", c.nines_axis(max(0.9, (dotted or solid)[-1][0])),
            c.log_axis("latency, log scale", "ns", values), marks))
    if rates(x):
        panels += pace_panels(x, style, "Throughput within the trials")
    if not panels:
        return ""
    word = " (Wine)" if run.wine else ""
    figure = c.Figure(
        name=anchor, title=f"{x.name}{word}", caption=f"{run.where}: {x.name}",
        panels=panels, columns=3 if len(panels) == 3 else 1, height=110)
    return svg.render(figure, 900 if len(panels) == 3 else 350, ident=anchor + "-p")


def _metrics(run: Run, cell: Cell) -> Table:
    rows = []
    for m in run.metrics.values():
        values = cell.samples(m.name)
        if values:
            e = estimate(values)
            rows.append([m.name, number(e.median, m.unit), interval(e, m.unit),
                         number(e.min, m.unit), number(e.max, m.unit), str(e.k)])
    return Table(caption(run, "Metrics over the trials"),
                 ["metric", "median", "95 % interval", "least", "most", "trials"],
                 rows)


def _cell_facts(run: Run, x: Config) -> List[Tuple[str, str]]:
    cell = x.cell
    facts = [("id", cell.id or "all defaults")]
    if cell.transport:
        ends = " → ".join(dict.fromkeys(e for e in (cell.producer, cell.consumer) if e))
        facts.append(("became", f"{cell.transport}, {ends}"))
    given = effective(x)
    if given:
        facts.append(("buffer", f"asked {cell.text('buffer')}, effective {given}"))
    for code in dict.fromkeys(w for t in cell.good for w in t.warnings):
        rounds = [str(t.round) for t in cell.good if code in t.warnings]
        facts.append((code, ("round " if len(rounds) == 1 else "rounds ")
                      + ", ".join(rounds)))
    cpus = sorted({_cpus(t.cpus) for t in cell.good} - {""})
    if cpus:
        facts.append(("CPUs", "; ".join(cpus[:4])))
    every = [t.messages for t in cell.good]
    if every:
        facts.append(("messages a trial",
                      f"{min(every)} to {max(every)}" if min(every) != max(every)
                      else str(min(every))))
    return facts


def _cpus(cpus: Dict[str, List[int]]) -> str:
    """Where the ends ran; an arrow where one moved."""
    return ", ".join(f"{end} {'→'.join(str(n) for n in dict.fromkeys(at))}"
                     for end, at in cpus.items())


def _commands(run: Run, cell: Cell) -> List[str]:
    words = ["pipemark", "run"]
    for part in cell.id.split():
        name, _, value = part.partition("=")
        words += [f"--{unquote(name)}", unquote(value)]
    if run.planned:
        words += ["--trials", str(run.planned)]
    return [shlex.join(words),
            shlex.join(["pipemark", "run", "--repeat",
                        f"{run.path.split('/')[-1]}:{cell.line}"])]


def _cell_problems(cell: Cell) -> List[str]:
    if cell.skip:
        return [f"skipped: {cell.skip['reason']}"]
    out = []
    for t in cell.trials:
        if not t.ok:
            text = (t.error or {}).get("text", "no reason recorded")
            out.append(f"round {t.round}: failed in {t.phase}: {text}")
        elif t.corrupt:
            counts = ", ".join(f"{n} {k}" for k, n in t.integrity.items() if n)
            out.append(f"round {t.round}: invalid, messages {counts}")
    return out
