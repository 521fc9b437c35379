"""A judgement for programs: JSON, CSV and JUnit."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from statistics import median
from typing import Any, Dict, List, Optional
from xml.etree import ElementTree

from .cli import for_xml
from .judgement import Judgement, headline
from .judgement_text import markdown
from .verdict import IMPROVED, INCONCLUSIVE, INVALID, REGRESSED, Row

SCHEMA = "pipemark-judgement/1.0"
FIELDS = ("base", "new", "cell", "name", "metric", "unit", "better", "stage",
          "pairs", "base_median", "new_median", "ratio", "lo", "hi", "p",
          "p_adjusted", "margin", "mde", "verdict", "reason")


def _finite(value: Optional[float]) -> Optional[float]:
    return value if value is not None and math.isfinite(value) else None


def record(j: Judgement, row: Row) -> Dict[str, Any]:
    """One row with its names; what could not be had is None."""
    s, ratio = row.sample, row.ratio()
    known = ratio.lo > 0 and math.isfinite(ratio.hi)
    return {
        "base": j.base, "new": j.new, "cell": s.cell, "metric": s.metric,
        "name": s.name, "unit": s.unit, "better": s.better,
        "stage": row.stage,
        "pairs": min(len(s.base), len(s.new)),
        "base_median": median(s.base) if s.base else None,
        "new_median": median(s.new) if s.new else None,
        "ratio": _finite(ratio.ratio), "lo": ratio.lo if known else None,
        "hi": ratio.hi if known else None, "p": row.p,
        "p_adjusted": row.p_adjusted, "margin": row.margin,
        "mde": _finite(row.mde), "verdict": row.verdict, "reason": row.reason}


def as_json(j: Judgement, status: int) -> str:
    """Everything, as one object."""
    return json.dumps({
        "schema": SCHEMA, "command": j.command, "design": j.design,
        "where": j.where, "status": status, "headline": headline(j),
        "counts": j.counts(), "unproven": j.unproven, "failures": j.failures,
        "notes": j.notes,
        "skipped": [{"cell": s.cell, "reason": s.reason} for s in j.skipped],
        "sentinels": [record(j, r) for r in j.sentinels],
        "rows": [record(j, r) for r in j.rows]},
        indent=1, allow_nan=False, ensure_ascii=False) + "\n"


def as_csv(j: Judgement) -> str:
    """compare.csv: a row for each cell, sentinels behind them."""
    out = io.StringIO()
    writer = csv.DictWriter(out, FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in j.rows + j.sentinels:
        writer.writerow({k: "" if v is None else v
                         for k, v in record(j, row).items()})
    return out.getvalue()


def _case(suite: ElementTree.Element, j: Judgement, row: Row) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=f"pipemark.{j.command}",
        name=f"{row.sample.name} {row.sample.metric}")
    ratio = row.ratio()
    text = f"{ratio.ratio:.3f}x of {j.base}"
    if row.verdict == REGRESSED:
        ElementTree.SubElement(case, "failure", type=REGRESSED, message=text)
    elif row.verdict == INVALID:
        ElementTree.SubElement(case, "error", type=INVALID,
                               message=row.reason)
    elif row.verdict == INCONCLUSIVE:
        ElementTree.SubElement(case, "skipped", message=INCONCLUSIVE)
    elif row.verdict == IMPROVED:
        ElementTree.SubElement(case, "system-out").text = text


def as_junit(j: Judgement) -> str:
    """JUnit: regressed is a failure, invalid and unproven are errors,
    inconclusive is skipped."""
    suite = ElementTree.Element("testsuite", name=f"pipemark {j.command}")
    for row in j.rows:
        _case(suite, j, row)
    for text in j.unproven + j.failures:
        case = ElementTree.SubElement(suite, "testcase",
                                      classname=f"pipemark.{j.command}",
                                      name="proof")
        ElementTree.SubElement(case, "error", type="unproven", message=text)
    tags = {"tests": "testcase", "failures": "testcase/failure",
            "errors": "testcase/error", "skipped": "testcase/skipped"}
    for attribute, tag in tags.items():
        suite.set(attribute, str(len(suite.findall(tag))))
    ElementTree.indent(suite)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            + for_xml(ElementTree.tostring(suite, "unicode")) + "\n")


def write_all(j: Judgement, folder: str, status: int) -> List[str]:
    """compare.csv, .json, .xml and .md in a folder; their paths."""
    os.makedirs(folder, exist_ok=True)
    paths = []
    for name, text in (("compare.csv", as_csv(j)),
                       ("compare.json", as_json(j, status)),
                       ("compare.xml", as_junit(j)),
                       ("compare.md", markdown(j))):
        paths.append(os.path.join(folder, name))
        with open(paths[-1], "w", encoding="utf-8", newline="\n") as out:
            out.write(text)
    return paths
