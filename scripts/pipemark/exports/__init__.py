"""A run in the formats of other tools. One module a format."""

from __future__ import annotations

from typing import Callable, Dict

from ..result import Run
from . import bencher, go_benchmark, hdr, junit, markdown

# Formats that are one text each; hdr-hgrm is one for each cell, see hdr.
TEXTS: Dict[str, Callable[[Run], str]] = {
    "hdr-hlog": hdr.hlog,
    "bencher": bencher.bencher,
    "go-benchmark": go_benchmark.go_benchmark,
    "junit": junit.junit,
    "markdown": markdown.markdown,
}
FORMATS = ["hdr-hgrm", *TEXTS]
