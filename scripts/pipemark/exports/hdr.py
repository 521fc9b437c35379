"""HdrHistogram: percentile distributions (.hgrm) and interval logs (.hlog V2).

Our buckets are HdrHistogram's own (lowest 1, 2 or 3 digits), so nothing is
rebinned. A log line is one trial's histogram, tagged with its cell.
"""

from __future__ import annotations

import base64
import math
import re
import struct
import zlib
from itertools import accumulate
from typing import Dict, List, Tuple

from ..hist import TOP_BITS, Hist, lower
from ..naming import Config, configs
from ..result import Run

COOKIE, PACKED_COOKIE = 0x1C849303 | 0x10, 0x1C849304 | 0x10
HIGHEST = (1 << TOP_BITS) - 1  # ns
DIGITS = {7: 2, 10: 3}  # sub-bucket bits -> significant digits
TICKS = 5  # lines for each halving of what is left, as HdrHistogram prints


def _zigzag(n: int) -> bytes:
    """HdrHistogram's ZigZag LEB128 of 64 bits in at most 9 bytes."""
    value = ((n << 1) ^ (n >> 63)) & 0xFFFFFFFFFFFFFFFF
    out = bytearray()
    while value >= 0x80 and len(out) < 8:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def encode(h: Hist) -> str:
    """The histogram as HdrHistogram V2, packed, in base 64. Values beyond
    2^40 ns have no bucket and are not in it."""
    counts = bytearray()
    following = 0
    for index, count in zip(h.indexes, h.counts):
        if index > following:
            counts += _zigzag(following - index)
        counts += _zigzag(count)
        following = index + 1
    head = struct.pack(">IiiIqqd", COOKIE, len(counts), 0, DIGITS[h.sub], 1,
                       HIGHEST, 1.0)
    packed = zlib.compress(head + bytes(counts), 9)
    return base64.b64encode(
        struct.pack(">Ii", PACKED_COOKIE, len(packed)) + packed).decode("ascii")


def tag(x: Config, name: str) -> str:
    """A log tag: no comma, no space, no line break."""
    return re.sub(r"[,\s]+", "_", f"{x.workload}/{x.message}/{x.how}/{name}")


def hlog(run: Run) -> str:
    """Every good trial's histograms, in the order of their start."""
    begin = run.start_ns
    lines = [
        "#[Histogram log format version 1.3]",
        f"#[pipemark run {run.id}, {run.where}; values in ns, Interval_Max in ms]",
        f"#[StartTime: {begin / 1e9:.3f} (seconds since epoch)]",
        '"StartTimestamp","Interval_Length","Interval_Max",'
        '"Interval_Compressed_Histogram"',
    ]
    rows: List[Tuple[int, int, str]] = []
    for x in configs(run):
        for t in x.cell.good:
            for name, h in t.hists.items():
                if h.n and h.sub in DIGITS:
                    at = max(t.start_ns - begin, 0) / 1e9
                    rows.append((t.start_ns, t.line, (
                        f"Tag={tag(x, name)},{at:.3f},{t.measure_ns / 1e9:.3f},"
                        f"{(h.max or 0) / 1e6:.3f},{encode(h)}")))
    return "\n".join(lines + [text for _, _, text in sorted(rows)]) + "\n"


def hgrm(h: Hist) -> str:
    """The percentile distribution as HdrHistogram prints it, values in ns: the
    largest value that its bucket stands for."""
    ends = list(accumulate(h.counts))
    total = ends[-1] if ends else 0
    lines = ["       Value     Percentile TotalCount 1/(1-Percentile)", ""]
    level = 0.0
    for i, count in enumerate(ends):
        value = lower(h.indexes[i] + 1, h.sub) - 1
        share = count / total
        while share * 100 >= level and share < 1:
            shown = level / 100
            lines.append(f"{value:12.3f} {shown:2.12f} {count:10d}"
                         f" {1 / (1 - shown):14.2f}")
            halvings = math.floor(math.log2(100 / (100 - level))) + 1
            level += 100 / (TICKS * 2**halvings)
        if share == 1:
            lines += _rest(level, value, count)
    mean, deviation = _moments(h)
    top = (h.max or 0).bit_length()
    buckets = max(top - h.sub, 1)
    lines += [
        f"#[Mean    = {mean:12.3f}, StdDeviation   = {deviation:12.3f}]",
        f"#[Max     = {float(h.max or 0):12.3f}, Total count    = {total:12d}]",
        f"#[Buckets = {buckets:12d}, SubBuckets     = {2 << h.sub:12d}]",
    ]
    return "\n".join(lines) + "\n"


def _rest(level: float, value: int, count: int) -> List[str]:
    """The last bucket: the level that leads into it, then everything."""
    return [
        f"{value:12.3f} {level / 100:2.12f} {count:10d}"
        f" {1 / (1 - level / 100):14.2f}",
        f"{value:12.3f} {1:2.12f} {count:10d}",
    ]


def _moments(h: Hist) -> Tuple[float, float]:
    """Mean (exact) and standard deviation (from the buckets' middles)."""
    if not h.n:
        return 0.0, 0.0
    mean = h.sum / h.n
    inside = sum(h.counts) or 1
    spread = sum(count * ((lo + hi - 1) / 2 - mean) ** 2
                 for lo, hi, count in h.buckets())
    return mean, math.sqrt(spread / inside)


def hgrms(run: Run) -> Dict[str, str]:
    """File name -> text, for each cell's distributions, trials merged."""
    out = {}
    for x in configs(run):
        names = dict.fromkeys(n for t in x.cell.good for n in t.hists)
        for name in names:
            whole = x.whole(name)
            if whole is not None:
                stem = re.sub(r"[^\w.=-]+", "_", tag(x, name))
                out[f"{x.cell.n:03d}{x.cell.arm}-{stem}.hgrm"] = hgrm(whole)
    return out
