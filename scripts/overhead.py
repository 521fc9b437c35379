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
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from pipemark import paired  # noqa: E402

# shape, message, bytes of it, messages in a run on one CPU, the aim
CASES = [
    ("stream", "64", 64, 150000, "speed >= 0.94"),
    ("stream", "4K", 4096, 80000, "speed >= 0.97"),
    ("stream", "64K", 65536, 10000, "speed >= 0.98"),
    ("pingpong", "64", 64, 20000, "round trip <= 1.03"),
]
FLOORS = [("plain", "none", 5.0), ("stamped", "1", 30.0)]


def bare_ns(build, shape, size, count, cpus):
    """ns a message (a round trip) of the bare program."""
    done = subprocess.run(
        [build / "overhead" / ("bare_" + shape), str(size), str(count),
         *map(str, cpus)], check=True, capture_output=True, text=True, timeout=120)
    return float(done.stdout)


def measure(build, folder, *args):
    """The only trial of a run of pipemark."""
    path = folder / "one.jsonl"
    path.unlink(missing_ok=True)
    subprocess.run([build / "bin" / "pipemark", "run", "--trials", "1", "--quiet",
                    "-o", path, *args], check=True, timeout=120)
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
    args = parser.parse_args()
    build = args.build.resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        floors(build, folder)
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
