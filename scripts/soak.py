"""Long runs: are memory, handles and latency flat over time?

usage: soak.py PIPEMARK [TIME]     TIME such as 30min (the default), 3min, 90s

Half of the time goes to one long trial for each engine and workload, whose
two processes are watched; the other half to short trials of every engine,
by a few runners one after the other, which are watched, and whose latencies
are a series of their own.

A machine gets slower by itself: other work, heat, a neighbour.  So a block
of time counts with its best quarter, and what rose is launched once more: a
rise of the program's own begins anew in every launch, the machine's does not.
Linux only: it reads /proc.  Exit status 1 if something is not flat.
"""

from __future__ import annotations

import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
from typing import Callable, Dict, List, Optional, Sequence, Tuple

UNITS = {"s": 1, "min": 60, "h": 3600}
MEMORY_STEP = 512 * 1024  # bytes that may come and go
KEPT = 4096  # bytes of each trial that the runner keeps for its table
SHARE = 0.10  # of the level, for what is measured
SURE = 3.0  # standard deviations of the trend
BLOCKS = 40  # of a series of speed: longer than what disturbs it
LAUNCHES = 3  # a rise has to be seen in so many
RUNNERS = 4  # of short trials

Series = List[float]


def trend(values: Sequence[float]) -> Tuple[float, float]:
    """(change from first to last along the Theil-Sen line, z of Mann-Kendall)."""
    step = max(1, len(values) // 300)
    points = [statistics.median(values[i:i + step])
              for i in range(0, len(values) - step + 1, step)]
    n = len(points)
    if n < 8:
        return 0.0, 0.0
    slopes, s = [], 0
    for i in range(n):
        for j in range(i + 1, n):
            slopes.append((points[j] - points[i]) / (j - i))
            s += (points[j] > points[i]) - (points[j] < points[i])
    spread = math.sqrt(n * (n - 1) * (2 * n + 5) / 18)
    return statistics.median(slopes) * (n - 1), (s - (s > 0) + (s < 0)) / spread


def rises(values: Sequence[float], allowed: float) -> bool:
    """A trend upwards that is sure, and larger than what is allowed."""
    change, z = trend(values)
    return z > SURE and change > allowed


def best_quarters(values: Sequence[float]) -> Series:
    """The lower quartile of each block: what disturbed a part of it is gone."""
    size = max(1, len(values) // BLOCKS)
    return [sorted(values[i:i + size])[size // 4]
            for i in range(0, len(values) - size + 1, size)]


def slows(values: Sequence[float]) -> bool:
    """Costs that rise, by more than a share of their level."""
    quarters = best_quarters(values)
    return bool(quarters) and rises(quarters, SHARE * statistics.median(quarters))


def confirmed(launch: Callable[[], bool], times: int = LAUNCHES) -> bool:
    """Whether every launch shows it; stops at the first that does not."""
    return all(launch() for _ in range(times))


def seconds(text: str) -> float:
    """30min, 90s, 1h."""
    for unit in ("min", "s", "h"):
        if text.endswith(unit):
            return float(text[:-len(unit)]) * UNITS[unit]
    raise SystemExit(f"soak: {text} is no time; write 30min or 90s")


def look(pid: int) -> Optional[Tuple[float, float]]:
    """(resident bytes, open handles) of a process that is there."""
    try:
        pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1])
        return (float(pages * os.sysconf("SC_PAGESIZE")),
                float(len(os.listdir(f"/proc/{pid}/fd"))))
    except (OSError, IndexError):
        return None


def children(pid: int) -> List[int]:
    """Processes that a process has started."""
    try:
        text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in text.split()]


class Watch:
    """Memory and handles of processes over time."""

    def __init__(self) -> None:
        self.memory: Dict[int, Series] = {}
        self.handles: Dict[int, Series] = {}

    def note(self, pid: int) -> None:
        """One look."""
        seen = look(pid)
        if seen:
            self.memory.setdefault(pid, []).append(seen[0])
            self.handles.setdefault(pid, []).append(seen[1])

    def wrong(self, what: str, kept: float = 0) -> List[str]:
        """What is not flat, without its first tenth and its end; kept: bytes
        that may be more in the end."""
        out = []
        for pid, memory in self.memory.items():
            cut = slice(len(memory) // 10 + 2, -2)
            for name, values, allowed in (
                    ("memory", memory[cut], MEMORY_STEP + kept),
                    ("handles", self.handles[pid][cut], 0.5)):
                if rises(values, allowed):
                    out.append(f"{what}: {name} of process {pid} rises by "
                               f"{trend(values)[0]:.0f}")
        return out


def run(command: List[str], path: str, of_children: bool,
        pause_s: float) -> Tuple[int, Watch, List[dict]]:
    """Run to the end and watch; returns status, watch, trial records."""
    watch = Watch()
    process = subprocess.Popen([*command, "-o", path, "--quiet"],
                               stdin=subprocess.DEVNULL)
    while process.poll() is None:
        for pid in children(process.pid) if of_children else [process.pid]:
            watch.note(pid)
        time.sleep(pause_s)
    trials = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as lines:
            trials = [r for r in map(json.loads, lines) if r["t"] == "trial"]
    return process.returncode, watch, trials


def engines(pipemark: str) -> List[str]:
    """Engines of this host that move something and can receive."""
    text = subprocess.run([pipemark, "list", "engines", "--json"], check=True,
                          capture_output=True, text=True).stdout
    return [e["name"] for e in json.loads(text)["engines"]
            if e["here"] and e["name"] != "null" and e["receives"]]


class LongTrial:
    """One engine and workload, watched over a long trial."""

    def __init__(self, pipemark: str, engine: str, workload: str, time_s: float,
                 folder: str) -> None:
        self.what = f"{engine} {workload}, {time_s:.0f} s"
        self.path = os.path.join(folder, f"{engine}-{workload}.jsonl")
        self.step_ms = max(10, int(time_s * 1000 / 200))
        self.pause_s = max(0.05, time_s / 200)
        self.command = [
            pipemark, "run", "--io", engine, "--workload", workload,
            "--message", "1K", "--time", f"{int(time_s * 1000)}ms", "--warmup",
            "1s", "--interval", f"{self.step_ms}ms", "--trials", "1"]
        self.wrong: List[str] = []

    def launch(self) -> bool:
        """True if a message took longer and longer; else see wrong."""
        pathlib.Path(self.path).unlink(missing_ok=True)
        status, watch, trials = run(self.command, self.path, True, self.pause_s)
        if status == 3:
            print(f"  {self.what}: skipped")
            return False
        if status or not trials or not trials[0]["ok"]:
            self.wrong.append(f"{self.what}: exit status {status}")
            return False
        counts = trials[0]["series"]["messages"]
        slowness = [1e3 * self.step_ms / n for n in counts if n]  # us a message
        level = statistics.median(slowness)
        change, z = trend(best_quarters(slowness))
        memory = max(m[-1] for m in watch.memory.values())
        print(f"  {self.what}: {level:.2f} us a message, change "
              f"{100 * change / level:+.1f} % (z {z:+.1f}), "
              f"{trials[0]['messages']} messages, {memory:.0f} bytes", flush=True)
        self.wrong += watch.wrong(self.what)
        return slows(slowness)


def long_trial(pipemark: str, engine: str, workload: str, time_s: float,
               folder: str) -> List[str]:
    """What was not flat in a long trial."""
    trial = LongTrial(pipemark, engine, workload, time_s, folder)
    if confirmed(trial.launch):
        trial.wrong.append(f"{trial.what}: a message takes longer and longer")
    return trial.wrong


def by_cell(trials: Sequence[dict]) -> Dict[int, Series]:
    """Median round trips of the trials of each cell, in order."""
    out: Dict[int, Series] = {}
    for t in trials:
        value = t["metrics"].get("rtt_p50")
        if t["ok"] and value:
            out.setdefault(t["cell"], []).append(value)
    return out


def one_runner(pipemark: str, names: Sequence[str], time_s: float,
               path: str) -> Tuple[Dict[int, Series], List[str]]:
    """Many launches by one runner; latencies, and what was not flat of it."""
    pathlib.Path(path).unlink(missing_ok=True)
    status, watch, trials = run(
        [pipemark, "run", "--io", ",".join(names), "--time", "50ms", "--warmup",
         "10ms", "--budget", f"{int(time_s)}s"], path, False,
        max(0.05, time_s / 200))
    wrong = watch.wrong("runner", KEPT * len(trials))
    if status:
        wrong.append(f"short trials: exit status {status}")
    for pid, memory in watch.memory.items():
        print(f"  runner: {len(trials)} trials, {memory[len(memory) // 10]:.0f} to "
              f"{memory[-1]:.0f} bytes, {watch.handles[pid][-1]:.0f} handles",
              flush=True)
    return by_cell(trials), wrong


def short_trials(pipemark: str, names: Sequence[str], time_s: float,
                 folder: str) -> List[str]:
    """Many launches by a few runners; what was not flat."""
    path = os.path.join(folder, "short.jsonl")
    rising: Dict[int, int] = {}
    wrong: List[str] = []
    for _ in range(RUNNERS):
        cells, found = one_runner(pipemark, names, time_s / RUNNERS, path)
        wrong += found
        for cell, values in sorted(cells.items()):
            level = statistics.median(values)
            change, z = trend(best_quarters(values))
            print(f"  {names[cell]}: {len(values)} trials, rtt_p50 {level:.0f} ns, "
                  f"change {100 * change / level:+.1f} % (z {z:+.1f})", flush=True)
            rising[cell] = rising.get(cell, 0) + slows(values)
    return wrong + [f"{names[cell]}: rtt_p50 rises under every runner"
                    for cell, times in rising.items() if times == RUNNERS]


def main(argv: List[str]) -> int:
    """The command."""
    if len(argv) not in (2, 3):
        print(__doc__, file=sys.stderr)
        return 2
    pipemark, time_s = argv[1], seconds(argv[2] if len(argv) > 2 else "30min")
    names = engines(pipemark)
    wrong: List[str] = []
    with tempfile.TemporaryDirectory(prefix="pms") as folder:
        each = time_s / 2 / len(names) / 2
        for engine in names:
            for workload in ("pingpong", "stream"):
                wrong += long_trial(pipemark, engine, workload, each, folder)
        wrong += short_trials(pipemark, names, time_s / 2, folder)
    for line in wrong:
        print("not flat:", line)
    print("soak: flat" if not wrong else f"soak: {len(wrong)} findings")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
