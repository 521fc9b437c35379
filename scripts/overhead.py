"""Compare pipemark's loops with bare ones: `make overhead`.

usage: overhead.py BUILD [--pairs N] [--only TEXT]

Each pair runs a bare program of a few lines (tests/overhead/) and pipemark
back to back, in random order, with the same count of messages on the same
CPUs. What is shown is the ratio of speeds, pipemark's over the bare one's
(for ping-pong, of round-trip times), as Hodges-Lehmann estimate with its
95 % interval. Speed here is that of the moment: only the ratio means anything.
"""
import argparse
import json
import math
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
from typing import List

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from pipemark import paired  # noqa: E402

# shape, message, bytes of it, messages in a run on one CPU, the aim
CASES = [
    ("stream", "64", 64, 150000, "speed >= 0.94"),
    ("stream", "4K", 4096, 80000, "speed >= 0.97"),
    ("stream", "64K", 65536, 10000, "speed >= 0.98"),
    ("pingpong", "64", 64, 20000, "round trip <= 1.03"),
]
# Other tools by their own definitions: preset, message, bytes, count, and what
# their figure is of ours (reports/PEERS.md). One CPU, aim: within 2 %.
PEERS = [
    ("lmbench-lat-pipe", "1", 1, 20000, lambda m: 1e6 / m["messages_per_s"]),
    ("lmbench-bw-pipe", "64K", 65536, 10000, lambda m: m["bytes_per_s"] / 1e6),
    ("perf-bench-sched-pipe", "4", 4, 20000, lambda m: 1e6 / m["messages_per_s"]),
    ("rigtorp-pipe-lat", "128", 128, 20000, lambda m: 5e8 / m["messages_per_s"]),
    ("rigtorp-pipe-thr", "128", 128, 150000, lambda m: m["send_bytes_per_s"] / 128),
    ("phoronix-pipe", "256", 256, 150000, lambda m: m["send_bytes_per_s"] / 256),
    ("phoronix-pipe", "4K", 4096, 80000, lambda m: m["send_bytes_per_s"] / 4096),
]
PREFIX: List[str] = []  # command in front of every program, --exec
FLOORS = [("plain", "none", 5.0), ("stamped", "1", 30.0)]


def bare_ns(build, shape, size, count, cpus):
    """ns a message (a round trip) of the bare program."""
    done = subprocess.run(
        [*PREFIX, build / "overhead" / ("bare_" + shape), str(size), str(count),
         *map(str, cpus)], check=True, capture_output=True, text=True, timeout=120)
    return float(done.stdout)


def measure(build, folder, *args):
    """The only trial of a run of pipemark."""
    path = folder / "one.jsonl"
    path.unlink(missing_ok=True)
    subprocess.run([build / "bin" / "pipemark", "run", "--trials", "1", "--quiet",
                    "-o", path, *(["--exec", " ".join(PREFIX)] if PREFIX else []),
                    *args], check=True, timeout=120)
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["t"] == "trial":
                return record
    raise RuntimeError("no trial was measured")


def pipemark_ns(build, folder, shape, message, count, cpus):
    """ns a message of pipemark's plain loop."""
    trial = measure(build, folder, "--workload", shape, "--message", message,
                    "--count", str(count), "--stamp", "none", "--warmup", "20ms",
                    "--placement", "%d:%d" % cpus)
    return 1e9 / trial["metrics"]["messages_per_s"]


def compare(build, folder, case, cpus, pairs):
    """Log ratios, time of pipemark over time of the bare loop."""
    shape, message, size, count, _ = case
    if cpus[0] != cpus[1] and shape == "pingpong":
        count //= 4
    logs = []
    for _ in range(pairs):
        runs = [lambda: bare_ns(build, shape, size, count, cpus),
                lambda: pipemark_ns(build, folder, shape, message, count, cpus)]
        times = [0.0, 0.0]
        for i in random.sample([0, 1], 2):
            times[i] = runs[i]()
        logs.append(math.log(times[1] / times[0]))
    return logs


def peer_figure(build, name, size, count):
    """A peer's figure, by a bare program written from its definition."""
    done = subprocess.run(
        [*PREFIX, build / "overhead" / "peers", name, str(size), str(count), "0"],
        check=True, capture_output=True, text=True, timeout=120)
    return float(done.stdout)


def perf_figure(count):
    """usecs/op of perf bench sched pipe itself."""
    done = subprocess.run(
        [*PREFIX, "taskset", "-c", "0", "perf", "bench", "sched", "pipe", "-l", str(count)],
        check=True, capture_output=True, text=True, timeout=120)
    return float(re.search(r"([\d.]+) usecs/op", done.stdout).group(1))


def our_figure(build, folder, peer):
    """The same of ours, with the preset."""
    name, message, _, count, figure = peer
    trial = measure(build, folder, "like/" + name, "--message", message, "--count",
                    str(count), "--placement", "0:0", "--warmup", "20ms")
    return figure(trial["metrics"])


def peers(build, folder, pairs, only):
    """Ours over theirs, on one CPU."""
    cases = [(p, p[0], lambda p=p: peer_figure(build, p[0], p[2], p[3]))
             for p in PEERS]
    if shutil.which("perf"):
        p = PEERS[2]
        cases.append((p, "perf bench sched pipe itself",
                      lambda: perf_figure(p[3])))
    for peer, name, theirs in cases:
        title = "like %s %s" % (name, peer[1])
        if only not in title:
            continue
        logs = []
        for _ in range(pairs):
            runs = [theirs, lambda: our_figure(build, folder, peer)]
            values = [0.0, 0.0]
            for i in random.sample([0, 1], 2):
                values[i] = runs[i]()
            logs.append(math.log(values[1] / values[0]))
        e = paired.estimate(logs)
        print("%-40s x%.3f [%.3f..%.3f] of its figure, %d pairs   aim: 0.98 to 1.02" % (
            title, e.ratio, e.lo, e.hi, pairs), flush=True)


def floors(build, folder):
    """The null engine's ns a message."""
    for shape in ("stream", "pingpong"):
        for name, stamp, aim in FLOORS:
            trial = measure(build, folder, "--io", "null", "--workload", shape,
                            "--message", "64", "--stamp", stamp, "--time", "200ms")
            print("floor %-9s %-8s %6.1f ns a message   aim <= %.0f" % (
                shape, name, trial["metrics"]["floor"], aim), flush=True)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--only", default="", help="cases whose name has this text")
    parser.add_argument("--exec", default="", help="command in front of every"
                        " program, such as 'chrt -f 10' on a busy machine")
    args = parser.parse_args()
    PREFIX.extend(args.exec.split())
    build = args.build.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        floors(build, folder)
        peers(build, folder, args.pairs, args.only)
        for case in CASES:
            for where, cpus in (("one CPU", (0, 0)), ("two CPUs", (0, 1))):
                title = "%s %s, %s" % (case[0], case[1], where)
                if args.only not in title:
                    continue
                e = paired.estimate(compare(build, folder, case, cpus, args.pairs))
                lo, mid, hi = e.lo, e.ratio, e.hi
                what = "round trip"
                if case[0] == "stream":  # of speeds, not of times
                    lo, mid, hi, what = 1 / hi, 1 / mid, 1 / lo, "speed"
                print("%-26s %s x%.3f [%.3f..%.3f] of bare, %d pairs   aim, one CPU: %s" % (
                    title, what, mid, lo, hi, args.pairs, case[4]), flush=True)


if __name__ == "__main__":
    main()
