"""The tables that answer: who is fastest, and how much a paced pipe takes."""

from __future__ import annotations

import re
from typing import Optional, Sequence

from . import answer
from .naming import Config, conditions_text
from .order_stats import Estimate, estimate
from .result import Run
from .table import Table
from .told import caption
from .units import message as length
from .units import number, span


def interval(e: Estimate, unit: str) -> str:
    """Of a median; says what it would need."""
    if e.lo is None:
        return f"needs 6 trials, has {e.k}"
    return span(e.lo, e.hi, unit)


def answers(run: Run, tasks: Sequence[answer.Task]) -> Table:
    """The fastest for each task, and its equals."""
    rows = []
    for t in tasks:
        if t.swept:
            continue  # an answer of its own: sweeps()
        said = [t.workload, length(t.message) + (
            f", {conditions_text(t.conditions)}" if t.conditions else "")]
        if not t.places:
            rows.append([*said, f"nothing: {t.spoilt[0].config.spoilt}", "", "",
                         "", ""])
            continue
        best = t.best
        others = t.of(answer.SLOWER)
        slower = "none" if not others else \
            f"{len(others)}, by ×{others[0].ratio:.2f}" \
            + (f" to ×{others[-1].ratio:.2f}" if len(others) > 1 else "")
        rows.append([
            *said, short_name(best, t), number(best.estimate.median, t.unit),
            interval(best.estimate, t.unit), _equals(t), slower])
    metrics = ", ".join(dict.fromkeys(
        f"{t.workload}: {t.metric}" for t in tasks))
    return Table(
        caption(run, "The fastest for each task, by median over the trials"
                 f" ({metrics}), and what cannot be told apart from it: 95 %"
                 " intervals that meet"),
        ["workload", "message", "fastest", "median", "95 % interval",
         "not told apart", "slower"], rows)


def _equals(t: answer.Task) -> str:
    alike = "; ".join(short_name(p, t) for p in t.of(answer.ALIKE))
    open_ = "; ".join(short_name(p, t) for p in t.of(answer.UNJUDGED))
    words = [alike] if alike else []
    if open_:
        words.append(f"not judged, too few numbers: {open_}")
    return ". ".join(words) or \
        ("nothing" if len(t.places) > 1 else "nothing else was measured")


def short_name(place: answer.Place, task: answer.Task) -> str:
    """Without what the task says; marks in parentheses."""
    x = place.config
    rest = [f"{k}={v}" for k, v in x.conditions if (k, v) not in task.conditions]
    return " ".join([x.base, *rest]) + (
        f" ({', '.join(place.marks)})" if place.marks else "")


def sweeps(run: Run, found: Sequence[Config]) -> Table:
    """How many messages a second each paced configuration takes."""
    rows = []
    for s in answer.sweeps(found, bound_of(run)):
        last = s.configs[-1]
        rest = [f"{k}={v}" for k, v in last.conditions if k != "rate"]
        rows.append([" ".join([last.base, *rest]), length(last.message),
                     _rate(s.knee, s), _response(s.knee),
                     _rate(s.best, s) if any(x.cell.samples("response_p99") for x in s.configs)
                     else "too few messages to know"])
    bound = number(bound_of(run), "ns")
    return Table(caption(
        run, "How many messages a second each configuration takes: up to the knee"
        " the rate is kept, and the median response is at most"
        f" {answer.KNEE} times the least"),
        ["configuration", "message", "knee", "median response there",
         f"highest rate with a 99 % response below {bound}"], rows)


def _rate(x: Optional[Config], sweep: answer.Sweep) -> str:
    text = "below the lowest rate" if x is None \
        else number(float(answer.rate_of(x)), "1/s")
    if x is sweep.configs[-1]:
        return f"at least {text}"
    return text + (", not proven: beyond it the pacer was late"
                   if sweep.doubt(x) else "")


def _response(x: Optional[Config]) -> str:
    values = x.cell.samples("response_p50") if x else []
    return number(estimate(values).median, "ns") if values else ""


def bound_of(run: Run) -> float:
    """What --p99-below said, in ns."""
    words = " ".join(run.argv).replace("=", " ").split()
    scale = {"ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
    for name, value in zip(words, words[1:]):
        said = re.fullmatch(r"([\d.]+)([a-z]+)", value)
        if name == "--p99-below" and said and said.group(2) in scale:
            return float(said.group(1)) * scale[said.group(2)]
    return answer.BOUND_NS
