"""The Go benchmark format: one line a trial, as benchstat wants them; also
read by github-action-benchmark (tool: go)."""

from __future__ import annotations

import re
from typing import Iterator, List

from ..naming import Config, measured
from ..result import Run, Trial, number_text


def go_benchmark(run: Run) -> str:
    """ns/op is time for one message (or round trip), from messages a second;
    p50-ns/op and p99-ns/op are percentiles of the workload's distribution."""
    facts = run.env.get("facts") or {}
    cpu = (facts.get("cpu_model") or {}).get("v") or "unknown"
    procs = str((facts.get("cpus_allowed") or {}).get("v") or 1)
    lines = [
        f"goos: {run.host}",
        f"pkg: pipemark{'/wine' if run.wine else ''}",
        f"cpu: {_plain(number_text(cpu))}",
        f"pipemark-run: {run.id}",
        "Unit p50-ns/op better=lower",
        "Unit p99-ns/op better=lower",
    ]
    for x in measured(run):
        name = f"{_name(x)}-{procs if procs.isdigit() else 1}"
        for t in x.cell.good:
            values = list(_values(x, t))
            if values and t.messages:
                lines.append("\t".join([name, str(t.messages), *values]))
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return " ".join(text.split())


def _name(x: Config) -> str:
    """BenchmarkPipe/key=value/...: what benchstat groups and filters by."""
    parts = [("workload", x.workload), ("message", str(x.message)),
             ("pipe", x.bare), *x.conditions]
    if x.base != x.bare:
        parts.append(("arm", x.cell.arm))
    return "BenchmarkPipe" + "".join(
        f"/{re.sub(r'[^A-Za-z0-9_.-]', '_', k)}="
        f"{re.sub(r'[^A-Za-z0-9_.:-]', '_', v)}" for k, v in parts)


def _values(x: Config, t: Trial) -> Iterator[str]:
    rate = t.metrics.get("messages_per_s")
    if rate:
        yield f"{1e9 / rate:.4f} ns/op"
    throughput = t.metrics.get("bytes_per_s")
    if throughput:
        yield f"{throughput / 1e6:.4f} MB/s"
    for q in ("p50", "p99"):
        value = t.metrics.get(f"{x.hist}_{q}")
        if value is not None:
            yield f"{number_text(value)} {q}-ns/op"
