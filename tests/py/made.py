"""Small result files with the numbers that a test wants.

Not shaped like pipes (synth.py is): a value for each cell, arm and round.
"""

import json
import random
import time

OFFSET, PRIME = 0xCBF29CE484222325, 0x100000001B3


def checked(text, name):
    """What is done with every file; conftest.py holds it against the schema."""


def digest(data):
    """FNV-1a, as the last line has it."""
    state = OFFSET
    for byte in data:
        state = (state ^ byte) * PRIME & (2**64 - 1)
    return f"fnv1a64:{state:016x}"


METRICS = [
    {"name": "rtt_p50", "unit": "ns", "better": "lower", "help": ""},
    {"name": "bytes_per_s", "unit": "bytes/s", "better": "higher", "help": ""},
    {"name": "messages_per_s", "unit": "1/s", "better": "higher", "help": ""},
    {"name": "response_p99", "unit": "ns", "better": "lower", "help": ""},
    {"name": "connect_p50", "unit": "ns", "better": "lower", "help": ""},
]
LEAD = {"pingpong": "rtt_p50", "stream": "bytes_per_s",
        "paced": "response_p99", "connect": "connect_p50"}
STILL = {"clock_read_ns": 20, "memcpy64k_ns": 3000, "wake_ns": 6000}


class File:
    """One result file, written by write()."""

    def __init__(self, cells=("message=64", "message=4K"), rounds=10,
                 arms=("a",), seed=1, level=10000.0, noise=.02, drift=.02,
                 run_id=None, start=0, node="lab7", env="c0ffee",
                 sets=None, host="linux"):
        self.cells, self.rounds, self.arms = list(cells), rounds, list(arms)
        self.random = random.Random(seed)
        self.level, self.noise, self.drift = level, noise, drift
        self.id = f"f{run_id}" if run_id else f"f{seed:015x}"
        self.start, self.node, self.env = start, node, env
        self.sets = sets or {arm: "" for arm in arms}
        self.host = host
        self.factor = {}        # (cell index, arm[, round]): times slower
        self.sentinels = set()  # cell indexes
        self.skip = {}          # cell index: reason
        self.fail = set()       # (cell index, arm, round) that fail
        self.corrupt = set()    # (cell index, arm, round) that lose a message
        self.without = set()    # cell indexes whose metric is missing
        self.canary = lambda r: dict(STILL)
        self.end = True
        self.interrupted = False
        self.versions = {}

    def workload(self, n):
        for word in self.cells[n].split():
            if word.startswith("workload="):
                return word.partition("=")[2]
        return "pingpong"

    def header(self):
        return {"t": "run", "schema": "pipemark-result/1.0", "id": self.id,
                "start": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(
                    1795226584 + self.start)),
                "start_ns": int((1795226584 + self.start) * 10**9),
                "tool": "pipemark", "version": "0.1.0", "host": self.host,
                "wine": None, "node": self.node, "argv": ["run"], "seed": 1,
                "plan": {"cells": len(self.cells), "skipped": len(self.skip),
                         "trials": self.rounds, "arms": self.arms,
                         "sets": self.sets},
                "clock": {"source": "tsc", "rate": 10**9, "read_ns": 20,
                          "resolution_ps": 1000}, "metrics": METRICS, "knobs": []}

    def cell(self, n, arm):
        words = self.cells[n].split() + self.sets[arm].split()
        knobs = {"workload": {"v": self.workload(n), "from": ""}}
        for text in self.cells[n].split():
            name, _, value = text.partition("=")
            knobs[name] = {"v": value, "from": "command line"}
        for text in self.sets[arm].split():
            name, _, value = text.partition("=")
            knobs[name] = {"v": value, "from": f"--{arm}"}
        out = {"t": "cell", "n": n, "arm": arm, "id": " ".join(sorted(words)),
               "skip": None, "workload_version": self.versions.get(n, 1),
               "knobs": knobs, "became": {"transport": "pipe",
                                          "producer": "blocking",
                                          "consumer": "blocking"}}
        if n in self.skip:
            out["skip"] = {"class": "unsupported", "reason": self.skip[n]}
        if n in self.sentinels:
            out["sentinel"] = True
        return out

    def trial(self, n, arm, number, slot, pair, level):
        key = (n, arm, number)
        trial = {"t": "trial", "cell": n, "id": "", "arm": arm,
                 "round": number, "slot": slot, "pair": pair,
                 "ok": key not in self.fail, "phase": "done", "error": None,
                 "start_ns": slot, "measure_ns": 10**8, "messages": 5000,
                 "bytes": 10**6, "metrics": {}, "hist": {}, "warnings": [],
                 "integrity": {"lost": int(key in self.corrupt),
                               "repeated": 0, "reordered": 0, "corrupt": 0}}
        if key in self.fail:
            trial.update(phase="measure", error={
                "class": "gone", "op": "write", "space": "errno", "code": 32,
                "name": "EPIPE", "end": "producer",
                "text": "write on pipe: EPIPE (errno 32)"})
            return trial
        value = (level * self.factor.get((n, arm), 1.0)
                 * self.factor.get(key, 1.0))
        metric = LEAD[self.workload(n)]
        if metric.endswith("per_s"):
            value = 1e13 / value
        if n not in self.without:
            trial["metrics"][metric] = round(value, 1)
        return trial

    def records(self):
        yield self.header()
        yield {"t": "env", "id": f"{self.env:0<16}", "warnings": [], "facts": {
            "kernel": {"v": f"Linux {self.env}", "src": "uname"}}}
        for n in range(len(self.cells)):
            for arm in self.arms:
                yield self.cell(n, arm)
        slot, g = 0, self.random
        for number in range(self.rounds):
            moment = self.level * pow(2.718, g.gauss(0, self.drift))
            canary = self.canary(number)
            if canary:
                yield dict({"t": "canary", "round": number}, **canary)
            for n in range(len(self.cells)):
                if n in self.skip:
                    continue
                arms = g.sample(self.arms, len(self.arms))
                for pair, arm in enumerate(arms):
                    level = moment * pow(2.718, g.gauss(0, self.noise))
                    yield self.trial(n, arm, number, slot, pair, level)
                    slot += 1
        if self.end:
            yield {"t": "end", "trials": slot, "failed": len(self.fail),
                   "skipped_cells": len(self.skip),
                   "interrupted": self.interrupted}

    def write(self, path):
        text = ""
        for record in self.records():
            if record["t"] == "end":
                record["digest"] = digest(text.encode())
            text += json.dumps(record, separators=(",", ":")) + "\n"
        checked(text, str(path))
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return str(path)


def runs(folder, count, name, **kwargs):
    """Several files of one machine; kwargs as File's, `change` to adapt."""
    change = kwargs.pop("change", None)
    first = kwargs.pop("seed", 100)
    paths = []
    for i in range(count):
        file = File(seed=first + i, start=first + i, **kwargs)
        if change:
            change(file)
        paths.append(file.write(folder / f"{name}{i}.jsonl"))
    return paths
