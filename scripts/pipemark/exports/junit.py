"""JUnit XML: a test for each cell; what failed or was skipped, and why."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from ..answer import lead_of
from ..answers import interval
from ..naming import configs
from ..order_stats import estimate
from ..result import Run
from ..units import number


def junit(run: Run) -> str:
    """Measuring is the test: a cell passes if all its trials are good."""
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite")
    failures = skips = 0
    total = 0.0
    every = configs(run)
    for x in every:
        seconds = sum(t.measure_ns for t in x.cell.trials) / 1e9
        total += seconds
        case = ET.SubElement(suite, "testcase", {
            "classname": f"pipemark.{x.workload or 'unknown'}",
            "name": x.name + (" (Wine)" if run.wine else ""),
            "time": f"{seconds:.3f}"})
        bad = [t for t in x.cell.trials if not t.good]
        if x.cell.skip:
            skips += 1
            ET.SubElement(case, "skipped", {"message": _text(x.cell.skip["reason"])})
        elif bad or not x.cell.trials:
            failures += 1
            first = (bad[0].error or {}).get("text", "messages lost or damaged") \
                if bad else "no trial was made"
            ET.SubElement(case, "failure", {
                "type": bad[0].phase or "invalid" if bad else "missing",
                "message": _text(f"{len(bad)} of {len(x.cell.trials)} trials"
                                 f" failed, the first: {first}")})
        metric = lead_of(run, x)
        values = x.cell.samples(metric) if metric else []
        if values:
            e, unit = estimate(values), run.metrics[metric].unit
            out = ET.SubElement(case, "system-out")
            out.text = _text(f"{metric}: {number(e.median, unit)},"
                             f" 95 % interval {interval(e, unit)}, {e.k} trials")
    suite.attrib.update({
        "name": f"pipemark {run.id}", "hostname": _text(run.node),
        "tests": str(len(every)), "failures": str(failures), "errors": "0",
        "skipped": str(skips), "time": f"{total:.3f}",
        "timestamp": _text(str(run.header.get("start", ""))).rstrip("Z")})
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _text(text: str) -> str:
    """Without characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or " " <= c < "\ud800"
                   or "\ue000" <= c <= "\ufffd" or c > "\uffff")
