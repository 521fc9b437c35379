"""Invented result files in the real format, for tests of the scripts.

Numbers are drawn, not measured, but shaped like those of pipes: heavy tails,
trials that differ more than the values within one, two CPUs slower than one.
The knob and metric registries are those of the C tables.
"""

from __future__ import annotations

import json
import math
import random
import re
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional, Tuple

ROOT = Path(__file__).resolve().parents[2]
UNITS = {"BYTES": "bytes", "COUNT": "count", "NS": "ns", "PER_SECOND": "1/s",
         "BYTES_PER_SECOND": "bytes/s", "RATIO": "ratio"}
SCALE = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "": 1}
TIMES = {"": 1, "ns": 1, "us": 1000, "ms": 10**6, "s": 10**9}
TYPES = {"U64": "number", "BOOL": "bool", "ENUM": "choice", "TEXT": "text"}


def _string(source: str) -> str:
    return "".join(re.findall(r'"([^"]*)"', source))


def knobs() -> List[Dict[str, Any]]:
    """The knob registry."""
    rows = []
    for file in ("ipc/opts.def", "bench/knobs.def"):
        text = (ROOT / file).read_text()
        for name, kind, rest in re.findall(
                r"^KNOB\((\w+), (\w+),(.*?)\)\n(?:\n|\Z)", text, re.S | re.M):
            unit = re.search(r"UNIT_(\w+)", rest)
            rows.append({
                "name": name.replace("_", "-"), "type": TYPES[kind],
                "unit": UNITS[unit.group(1)] if unit else "",
                "def": re.search(r'\.def = "([^"]*)"', rest).group(1),
                "group": re.search(r'\.group = "([^"]*)"', rest).group(1),
                "help": _string(re.search(r"\.help = (.*)", rest, re.S).group(1)),
            })
            if "question = true" in rest:
                rows[-1]["question"] = True
    return rows


def metrics() -> List[Dict[str, str]]:
    """The metric registry."""
    text = (ROOT / "bench/metrics.def").read_text()
    text = text[text.index("*/"):]
    rows = []
    pattern = r"^(DISTRIBUTION|METRIC|END_METRIC)\((\w+),(.*?)\)\n(?=\n|[A-Z]|\Z)"
    for kind, name, rest in re.findall(pattern, text, re.S | re.M):
        text_of = _string(rest)
        if kind == "DISTRIBUTION":
            for part in ("mean", "p50", "p90", "p99", "p999", "max"):
                rows.append({"name": f"{name}_{part}", "unit": "ns",
                             "better": "lower", "help": text_of})
            continue
        unit, better = [word.strip() for word in rest.split(",")[:2]]
        ends = ("producer.", "consumer.") if kind == "END_METRIC" else ("",)
        for end in ends:
            rows.append({"name": end + name, "unit": UNITS[unit],
                         "better": better.lower(), "help": text_of})
    return rows


def parse(text: str, unit: str) -> Optional[int]:
    """A value in the user's notation as a number, None if it is a word."""
    match = re.fullmatch(r"(\d+)([a-zA-Z]*)", text)
    if not match:
        return None
    scale = TIMES if unit == "ns" else SCALE
    # 0 is the same in every unit, and may be written without one.
    return int(match.group(1)) and int(match.group(1)) * scale[match.group(2)]


def index(value: int, sub: int) -> int:
    """Histogram bucket of a value."""
    octave = max(max(value, 1).bit_length() - 1 - sub, 0)
    return (value >> octave) + (octave << sub)


def hist(values: Iterable[int], sub: int = 7) -> Dict[str, Any]:
    """The hist member of a trial."""
    values = list(values)
    counts: Dict[int, int] = {}
    for v in values:
        i = index(v, sub)
        counts[i] = counts.get(i, 0) + 1
    pairs: List[int] = []
    last = 0
    for i in sorted(counts):
        pairs += [i - last, counts[i]]
        last = i
    return {"sub": sub, "unit": "ns", "n": len(values), "min": min(values),
            "max": max(values), "sum": sum(values),
            "sumsq": float(sum(v * v for v in values)), "over": 0, "b": pairs}


def quantile(ranked: List[int], q: float) -> Optional[float]:
    """Roughly the value at q, None if there are too few."""
    if len(ranked) * (1 - q) < 10:
        return None
    return ranked[min(int(q * len(ranked)), len(ranked) - 1)] + 0.25


LINUX = [
    # transport, message, workload, other knobs
    (t, m, w, {})
    for t in ("pipe", "fifo", "unix-stream", "unix-seqpacket", "packet")
    for m in ("64", "4K", "64K")
    for w in ("pingpong", "stream")
] + [
    (t, m, w, {"placement": "same"})
    for t in ("pipe", "unix-stream") for m in ("64", "64K")
    for w in ("pingpong", "stream")
] + [
    ("pipe", m, w, {"io": "nowait"})
    for m in ("64", "64K") for w in ("pingpong", "stream")
] + [
    ("pipe", m, "stream", {"buffer": b})
    for m in ("4K", "64K") for b in ("4K", "16K", "1M")
] + [("null", "64", w, {"io": "null"}) for w in ("pingpong", "stream")]

WINDOWS = [
    (t, m, w, {"mode": mode})
    for t, mode in (("anon", "byte"), ("anon", "message"),
                    ("named", "byte"), ("named", "message"))
    for m in ("64", "4K", "64K") for w in ("pingpong", "stream")
] + [("named", "4K", "stream", {"buffer": b}) for b in ("0", "4K", "1M")]

SPEED = {"pipe": 1.0, "fifo": 1.04, "unix-stream": 1.5, "unix-seqpacket": 1.8,
         "packet": 1.1, "null": 0.01, "anon": 4.0, "named": 5.0}


def checked(text: str, name: str) -> None:
    """What is done with every file; conftest.py holds it against the schema."""


def heat(drawn: List[int], intervals: int = 20) -> Dict[str, Any]:
    """The heat member of a trial: as if the values came in this order."""
    part = -(-len(drawn) // intervals)
    rows = [hist(drawn[i:i + part], 3)["b"] for i in range(0, len(drawn), part)]
    return {"interval_ns": 10000000, "sub": 3, "rows": rows}


class Maker:
    """Builds one file; every draw comes from the seed."""

    def __init__(self, plan: List[Tuple], system: str, seed: int, trials: int,
                 wine: Optional[str], sets: Optional[Tuple[str, str]],
                 values: int, fail: bool) -> None:
        self.random = random.Random(seed)
        self.plan, self.system, self.seed = plan, system, seed
        self.trials, self.wine, self.values = trials, wine, values
        self.sets = {"a": sets[0], "b": sets[1]} if sets else {"a": ""}
        self.knobs, self.metrics = knobs(), metrics()
        self._later()
        self.fail = fail
        self.start_ns = 1_795_226_584_000_000_000
        self.digest = 0xCBF29CE484222325
        self.lines: List[str] = []

    def _later(self) -> None:
        """Rows that the C tables will have once there is a paced workload."""
        if any(item[2] == "paced" for item in self.plan):
            have = {k["name"] for k in self.knobs}
            if "rate" not in have:
                self.knobs.append({"name": "rate", "type": "number", "unit": "1/s",
                                   "def": "0", "group": "Workload", "help": "load"})
            if not any(m["name"] == "response_p50" for m in self.metrics):
                self.metrics += [
                    {"name": f"response_{part}", "unit": "ns", "better": "lower",
                     "help": "from the planned moment of sending"}
                    for part in ("mean", "p50", "p90", "p99", "p999", "max")]

    def put(self, record: Dict[str, Any]) -> None:
        line = json.dumps(record, separators=(",", ":")) + "\n"
        for byte in line.encode():
            self.digest = (self.digest ^ byte) * 0x100000001B3 & (2**64 - 1)
        self.lines.append(line)

    def skip(self, item: Tuple) -> Optional[Dict[str, str]]:
        transport, message, _, more = item
        if transport == "packet" and message == "64K":
            return {"class": "unsupported",
                    "reason": "packet pipes keep messages up to 4096 bytes"}
        if transport == "anon" and more.get("mode") == "message":
            return {"class": "unsupported",
                    "reason": "CreatePipe has no message mode; kind=named has"}
        return None

    def values_of(self, item: Tuple, arm: str) -> Dict[str, Dict[str, Any]]:
        transport, message, workload, more = item
        given = dict(more, message=message, workload=workload,
                     transport=transport if transport != "null" else "auto",
                     time="200ms", warmup="50ms")
        for part in self.sets[arm].split():
            name, _, value = part.partition("=")
            given[name] = value
        if self.system == "windows":
            given["kind"] = "named" if transport == "named" else "anonymous"
        out = {}
        for k in self.knobs:
            value = k["def"]
            if value.startswith("="):
                other = value[1:]
                value = out[other]["v"] if other in out else \
                    given.get(other, next(x["def"] for x in self.knobs
                                          if x["name"] == other))
            value = given.get(k["name"], value)
            out[k["name"]] = {"v": value, "from":
                              "default-linux.matrix:5" if k["name"] in given else ""}
            number = parse(value, k["unit"])
            if number is not None and k["type"] == "number":
                out[k["name"]] = {"v": value, "n": number,
                                  "from": out[k["name"]]["from"]}
        return out

    def cell(self, n: int, item: Tuple, arm: str) -> None:
        values = self.values_of(item, arm)
        skip = self.skip(item)
        default = {k["name"]: k["def"] for k in self.knobs}
        differ = sorted(f"{name}={v['v']}" for name, v in values.items()
                        if not default[name].startswith("=")
                        and v["v"] != default[name])
        engine = values["io"]["v"]
        self.put({"t": "cell", "n": n, "arm": arm, "id": " ".join(differ),
                  "skip": skip, "workload_version": 1, "knobs": values,
                  "became": {"transport": None if skip else item[0],
                             "producer": None if skip else engine,
                             "consumer": None if skip else engine}})

    def trial(self, n: int, item: Tuple, arm: str, rnd: int, slot: int,
              pair: int, level: float) -> None:
        r = self.random
        transport, message, workload, more = item
        size = parse(message, "bytes")
        base = SPEED[transport] * level * (0.5 if more.get("placement") == "same"
                                           else 1.0)
        base *= 1.1 if arm == "b" else 1.0
        buffer = parse(more.get("buffer", "64K"), "bytes") or 4096
        message_ns = base * (700 + size * 0.12) * (1 + 4096 / (buffer + 512))
        start = self.start_ns + slot * 280_000_000
        head = {"t": "trial", "cell": n, "id": "", "arm": arm, "round": rnd,
                "slot": slot, "pair": pair}
        if self.fail and slot % 37 == 36:
            self.put(dict(head, ok=False, phase="measure", error={
                "class": "gone", "op": "write", "space": "errno", "code": 32,
                "name": "EPIPE", "end": "producer",
                "text": "write on pipe: EPIPE (errno 32)"},
                start_ns=start, setup_ns=700000, warmup_ns=0, measure_ns=0,
                messages=0, bytes=0, metrics={}, hist={}, series=None,
                warnings=[]))
            return
        name = {"pingpong": "rtt", "paced": "response"}.get(workload, "time_in_pipe")
        middle = message_ns * (8 if workload == "pingpong" else 20)
        drawn = sorted(
            max(1, int(middle * math.exp(r.gauss(0, 0.12))
                       * (8 if r.random() < 0.01 else 1)))
            for _ in range(self.values))
        per_s = 1e9 / (middle if workload == "pingpong" else message_ns)
        count = int(per_s * 0.2)
        m: Dict[str, Any] = {"bytes_per_s": round(per_s * size, 3),
                             "messages_per_s": round(per_s, 3),
                             "floor": 4.25, "stamp_every": 1}
        m[name + "_mean"] = round(sum(drawn) / len(drawn), 3)
        for q, text in ((.5, "p50"), (.9, "p90"), (.99, "p99"), (.999, "p999")):
            m[f"{name}_{text}"] = quantile(drawn, q)
        m[name + "_max"] = drawn[-1]
        for end in ("producer", "consumer"):
            m[f"{end}.cpu_user"] = int(0.02e9 * r.uniform(0.5, 1.5))
            m[f"{end}.cpu_sys"] = int(0.1e9 * r.uniform(0.5, 1.5))
            m[f"{end}.vol_switches"] = int(count * r.random())
            m[f"{end}.syscalls"] = count
            m[f"{end}.calls_per_message"] = 1
        steps = [max(0, int(count / 20 * r.gauss(1, .05))) for _ in range(20)]
        self.put(dict(
            head, ok=True, phase="done", error=None, start_ns=start,
            setup_ns=700000, warmup_ns=50000000, measure_ns=200000000,
            messages=count, bytes=count * size,
            buffers={"asked": buffer, "producer": buffer, "consumer": buffer},
            how={"producer": "", "consumer": ""}, metrics=m,
            hist={name: hist(drawn)},
            heat={name: heat(r.sample(drawn, len(drawn)))},
            series={"interval_ns": 10000000, "messages": steps,
                    "bytes": [s * size for s in steps]},
            cpus={"producer": [0, 0], "consumer": [1, 1]},
            integrity={"lost": 0, "repeated": 0, "reordered": 0, "corrupt": 0},
            noise={"steal_ticks": int(r.random() < 0.05), "gap_max_ns": None},
            warnings=["not-steady"] if r.random() < 0.03 else []))

    def make(self, cut: bool = False) -> str:
        arms = sorted(self.sets)
        self.put({
            "t": "run", "schema": "pipemark-result/1.0",
            "id": f"e{self.seed:07x}{ord(self.system[0]):08x}",
            "start": "2026-11-21T02:03:04Z",
            "start_ns": self.start_ns, "tool": "pipemark", "version": "0.1.0",
            "host": self.system, "wine": self.wine, "node": "lab7",
            "argv": ["run", "default", "--trials", str(self.trials)],
            "seed": self.seed,
            "plan": {"cells": len(self.plan), "trials": self.trials,
                     "skipped": sum(bool(self.skip(i)) for i in self.plan),
                     "arms": arms, "sets": self.sets},
            "clock": {"source": "tsc", "rate": 2000000000,
                      "resolution_ps": 500, "read_ns": 19.9},
            "metrics": self.metrics, "knobs": self.knobs})
        self.put({"t": "env", "id": "c0ffee0123456789", "facts": {
            "cpu_model": {"v": "Xeon of the Lab", "src": "/proc/cpuinfo"},
            "cpus": {"v": 2, "src": "sched_getaffinity"},
            "kernel": {"v": "Linux 6.1.0", "src": "uname"},
            "governor": {"v": None, "why": "absent", "src": "/sys/cpufreq"}},
            "warnings": [{"code": "governor-unknown", "severity": "info",
                          "text": "no frequency governor is visible"}]})
        for n, item in enumerate(self.plan):
            for arm in arms:
                self.cell(n, item, arm)
        slot = 0
        failed = 0
        for rnd in range(self.trials):
            order = [n for n, i in enumerate(self.plan) if not self.skip(i)]
            self.random.shuffle(order)
            drift = math.exp(self.random.gauss(0, 0.05))
            for n in order:
                turns = list(arms)
                self.random.shuffle(turns)
                for pair, arm in enumerate(turns):
                    level = drift * math.exp(self.random.gauss(0, 0.04))
                    self.trial(n, self.plan[n], arm, rnd, slot, pair, level)
                    failed += '"ok":false' in self.lines[-1]
                    slot += 1
        if not cut:
            self.put({"t": "end", "trials": slot, "failed": failed,
                      "skipped_cells": sum(bool(self.skip(i)) for i in self.plan),
                      "interrupted": False,
                      "digest": f"fnv1a64:{self.digest:016x}"})
        return "".join(self.lines)


def make(system: str = "linux", seed: int = 1, trials: int = 6,
         plan: Optional[List[Tuple]] = None, wine: Optional[str] = None,
         sets: Optional[Tuple[str, str]] = None, values: int = 1500,
         fail: bool = False, cut: bool = False) -> str:
    """A result file's text."""
    if plan is None:
        plan = LINUX if system == "linux" else WINDOWS
    text = Maker(plan, system, seed, trials, wine, sets, values, fail).make(cut)
    checked(text, "made by synth.py")
    return text


if __name__ == "__main__":
    import sys

    sys.stdout.write(make(*sys.argv[1:2]))
