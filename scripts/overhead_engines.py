"""Compare Linux engines with blocking read and write: `make overhead`.

usage: overhead_engines.py BUILD [--pairs N] [--only TEXT]

Two engines take turns, back to back in random order, on the same kind of link,
with the same read-size and as many buffers in rotation. What is shown is time
a message (a round trip) over blocking's: below 1 is faster. The last rows
compare a splice at both ends with the fastest public program's way
(tests/overhead/bare_splice.c).
"""
from __future__ import annotations

import argparse
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile
from typing import Dict, List, NamedTuple, Tuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from pipemark import paired  # noqa: E402


class Row(NamedTuple):
    """Two engines on the same link, and what is hoped for."""

    title: str
    common: str
    base: str
    new: str
    aims: Tuple[str, str] = ("", "")  # one CPU, two CPUs


def uring_streams(link: str, read_size: str, aim: str) -> List[Row]:
    """io_uring at depth 32 against the same number of buffers in rotation."""
    return [Row(f"uring depth 32, {link}, {size}",
                f"transport={link} workload=stream message={size} slots=32 {read_size}",
                "io=blocking", "io=uring depth=32 batch=32", (aim, ""))
            for size in ("64", "4K", "64K")]


def pingpongs(io: str) -> List[Row]:
    """Round trips, one message under way."""
    return [Row(f"{io} ping-pong, {link}, 64", f"transport={link} workload=pingpong message=64",
                "io=blocking", f"io={io}") for link in ("pipe", "unix-stream", "unix-seqpacket")]


def splices() -> List[Row]:
    """The sender's pages against copies, the reader copies in both."""
    aims = ("<= 0.55", "<= 0.25")
    rows = []
    for size, slots in (("64K", 17), ("256K", 5), ("1M", 2)):
        common = f"workload=stream message={size} buffer=1M slots={slots} consumer-io=blocking"
        rows.append(Row(f"splice into read, {size}", common, "producer-io=blocking",
                        "producer-io=splice", aims))
        if size == "256K":
            rows.append(Row(f"splice into read, {size}, huge pages", common,
                            "producer-io=blocking", "producer-io=splice huge-pages=yes",
                            ("<= 0.4", "<= 0.15")))
    return rows


ROWS = [
    *uring_streams("pipe", "read-size=64K", "<= 1.0"),
    *uring_streams("unix-stream", "read-size=64K", ""),
    *uring_streams("unix-seqpacket", "", ""),
    *pingpongs("uring"),
    Row("epoll, pipe, 64", "workload=stream message=64", "io=blocking", "io=epoll"),
    Row("epoll, pipe, 64K", "workload=stream message=64K", "io=blocking", "io=epoll"),
    *pingpongs("epoll"),
    *splices(),
]
PLACES = [("one CPU", "same", (0, 0)), ("two CPUs", "different", (0, 1))]
DISCARDS = [(131072, "128K"), (262144, "256K")]  # bytes, as a knob


def trials(build: pathlib.Path, folder: pathlib.Path, *args: str) -> List[Dict]:
    """The trials of a run, and the reason if there are none."""
    path = folder / "run.jsonl"
    path.unlink(missing_ok=True)
    done = subprocess.run([build / "bin" / "pipemark", "run", "--quiet", "-o", path,
                           "--time", "100ms", "--warmup", "20ms", "--stamp", "none",
                           *args], check=False, timeout=240, capture_output=True, text=True)
    if done.returncode not in (0, 4):
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    with open(path, encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [r for r in found if r["t"] == "trial" and r["ok"]]


def as_options(words: str) -> List[str]:
    """name=value name=value as the command line has it."""
    return [part for word in words.split()
            for part in ("--" + word.split("=")[0], word.split("=")[1])]


def compare(build: pathlib.Path, folder: pathlib.Path, row: Row, place: str,
            pairs: int) -> List[float]:
    """Log ratios of time a message, the new engine's over the base's."""
    rounds: Dict[int, Dict[str, float]] = {}
    for trial in trials(build, folder, *as_options(row.common), "--placement", place,
                        "--a", row.base, "--b", row.new, "--trials", str(pairs)):
        rounds.setdefault(trial["round"], {})[trial["arm"]] = trial["metrics"]["messages_per_s"]
    return [math.log(r["a"] / r["b"]) for r in rounds.values() if len(r) == 2]


def bare_splice_ns(build: pathlib.Path, size: int, cpus: Tuple[int, int]) -> float:
    """ns a message of the public program's way: huge pages, and busy where
    that is no waste of the other side's CPU."""
    done = subprocess.run(
        [build / "overhead" / "bare_splice", str(size), str((4 << 30) // size),
         *map(str, cpus), "1", "01"[cpus[0] != cpus[1]]],
        check=True, capture_output=True, text=True, timeout=120)
    return float(done.stdout)


def discards(build: pathlib.Path, folder: pathlib.Path, size: Tuple[int, str],
             cpus: Tuple[int, int], pairs: int) -> List[float]:
    """Log ratios of time a message, splice's over the public program's."""
    def ours() -> float:
        found = trials(build, folder, "--io", "splice", "--workload", "stream", "--message",
                       size[1], "--buffer", "1M", "--huge-pages", "yes", "--trials", "1",
                       "--placement", "%d:%d" % cpus)
        return 1e9 / found[0]["metrics"]["messages_per_s"]

    logs = []
    for _ in range(pairs):
        runs = [lambda: bare_splice_ns(build, size[0], cpus), ours]
        ns = [0.0, 0.0]
        for i in random.sample([0, 1], 2):
            ns[i] = runs[i]()
        logs.append(math.log(ns[1] / ns[0]))
    return logs


def show(title: str, where: str, logs: List[float], aim: str) -> None:
    """One line of the table."""
    e = paired.estimate(logs)
    print("%-46s %-8s x%.3f [%.3f..%.3f], %d pairs   aim: %s" % (
        title, where, e.ratio, e.lo, e.hi, len(logs), aim or "none"), flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=20)
    parser.add_argument("--only", default="", help="rows whose title has this text")
    args, _ = parser.parse_known_args()
    build = args.build.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for row in ROWS:
            for i, (where, place, _) in enumerate(PLACES):
                if args.only not in f"{row.title}, {where}":
                    continue
                try:
                    logs = compare(build, folder, row, place, args.pairs)
                except RuntimeError as why:
                    print("%-46s %-8s skipped: %s" % (row.title, where, why))
                    continue
                show(row.title, where, logs, row.aims[i])
        for size in DISCARDS:
            title = f"splice to nowhere, {size[1]}, over the public way"
            for where, _, cpus in PLACES:
                if args.only in f"{title}, {where}":
                    show(title, where, discards(build, folder, size, cpus, args.pairs),
                         "<= 1.1")


if __name__ == "__main__":
    main()
