"""JUnit XML: a test for each cell, or stressor; what failed or was skipped, and
why."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Dict

from ..answer import lead_of
from ..answers import interval
from ..cli import for_xml
from ..naming import configs
from ..order_stats import estimate
from ..result import Run
from ..stress import finding
from ..units import number


def junit(run: Run) -> str:
    """Measuring is the test: a cell passes if all its trials are good."""
    root = ET.Element("testsuites")
    suite = ET.SubElement(root, "testsuite")
    if run.stress:
        return _written(root, suite, run, _stressors(suite, run))
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
            ET.SubElement(case, "skipped", {"message": for_xml(x.cell.skip["reason"])})
        elif bad or not x.cell.trials:
            failures += 1
            first = (bad[0].error or {}).get("text", "messages lost or damaged") \
                if bad else "no trial was made"
            ET.SubElement(case, "failure", {
                "type": bad[0].phase or "invalid" if bad else "missing",
                "message": for_xml(f"{len(bad)} of {len(x.cell.trials)} trials"
                                   f" failed, the first: {first}")})
        metric = lead_of(run, x)
        values = x.cell.samples(metric) if metric else []
        if values:
            e, unit = estimate(values), run.metrics[metric].unit
            out = ET.SubElement(case, "system-out")
            out.text = for_xml(f"{metric}: {number(e.median, unit)},"
                               f" 95 % interval {interval(e, unit)}, {e.k} trials")
    return _written(root, suite, run, {
        "tests": str(len(every)), "failures": str(failures), "errors": "0",
        "skipped": str(skips), "time": f"{total:.3f}"})


def _stressors(suite: ET.Element, run: Run) -> Dict[str, str]:
    """A test each.  What has proven nothing is an error, as it is no success."""
    tags = {"failed": "failure", "too-few": "error", "skipped": "skipped"}
    seen = []
    total = 0.0
    for r in run.stress:
        seconds = float(r.get("took_ns") or 0) / 1e9
        total += seconds
        case = ET.SubElement(suite, "testcase", {
            "classname": "pipemark.stress",
            "name": for_xml(str(r["name"])) + (" (Wine)" if run.wine else ""),
            "time": f"{seconds:.3f}"})
        tag = tags.get(str(r["verdict"]))
        seen.append(tag)
        if tag:
            again = f"; again: {r['repeat']}" if r.get("repeat") else ""
            ET.SubElement(case, tag, {
                **({} if tag == "skipped" else {"type": str(r["verdict"])}),
                "message": for_xml(finding(r) + again)})
    return {"tests": str(len(run.stress)), "failures": str(seen.count("failure")),
            "errors": str(seen.count("error")),
            "skipped": str(seen.count("skipped")), "time": f"{total:.3f}"}


def _written(root: ET.Element, suite: ET.Element, run: Run,
             counts: Dict[str, str]) -> str:
    suite.attrib.update({
        "name": f"pipemark {run.id}", "hostname": for_xml(run.node), **counts,
        "timestamp": for_xml(str(run.header.get("start", ""))).rstrip("Z")})
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'
