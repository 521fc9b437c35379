"""Bencher Metric Format: JSON of benchmark, measure and value with interval."""

from __future__ import annotations

import json
from typing import Any, Dict

from ..naming import Config, measured
from ..order_stats import estimate
from ..result import Run

NAME_MAX = 1024


def bencher(run: Run) -> str:
    """latency: ns, the median of its workload; throughput: messages a second;
    other measures carry their metric's name. Values are medians over the
    trials, with their interval where there is one."""
    out: Dict[str, Dict[str, Any]] = {}
    for x in measured(run):
        measures = {}
        for measure, metric in _measures(x):
            values = x.cell.samples(metric)
            if values and metric in run.metrics:
                e = estimate(values)
                measures[measure] = {"value": float(e.median)}
                if e.lo is not None and e.hi is not None:
                    measures[measure]["lower_value"] = float(e.lo)
                    measures[measure]["upper_value"] = float(e.hi)
        if measures:
            word = " (Wine)" if run.wine else ""
            out[f"pipemark {x.name}{word}"[:NAME_MAX]] = measures
    return json.dumps(out, indent=1, ensure_ascii=False) + "\n"


def _measures(x: Config):
    yield "latency", f"{x.hist}_p50"
    yield "throughput", "messages_per_s"
    yield "bytes-per-second", "bytes_per_s"
    yield "latency-p99", f"{x.hist}_p99"
