#!/usr/bin/python3
"""Stands in for the program: `run` writes a made-up result file.

FAKE (a JSON object in the environment): slower {"CELL ID": factor of arm b},
speed {"PART OF AN ID": factor}, stay (seconds before the end record),
canary_moves, status.  `list` knows two transports, two engines, two metrics.
"""
import json
import os
import re
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from made import STILL, File  # noqa: E402

FAKE = json.loads(os.environ.get("FAKE", "{}"))


def options(words):
    found, rest = {}, []
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("--quiet", "--strict"):
            found[word] = ""
        elif word == "-o" or word.startswith("--"):
            name, equals, value = word.partition("=")
            found[name] = value if equals else words.pop(0)
        else:
            rest.append(word)
    return found, rest


def cells_of(given, rest):
    if rest and os.path.exists(rest[0]):
        sections = re.split(r"^\[.*\]$", open(rest[0]).read(), flags=re.M)[1:]
        more = [f"workload={given[w]}" for w in ("--workload",) if w in given]
        return [" ".join(sorted([re.sub(r" = ", "=", line) for line in
                                 s.strip().splitlines()] + more))
                for s in sections]
    workload = given.get("--workload", "pingpong")
    return [f"message={m} workload={w}" for m in
            given.get("--message", "4K").split(",")
            for w in workload.split(",")]


def listed(what):
    pipe = {"name": "pipe", "here": True, "named": False, "byte": True,
            "message": False, "duplex": False, "message_max": None}
    unix = {"name": "unix-seqpacket", "here": True, "named": True,
            "byte": False, "message": True, "duplex": True,
            "message_max": 131040}
    away = {"name": "named", "here": False}
    engines = [{"name": n, "here": True, "sends": True, "receives": True}
               for n in ("blocking", "nowait", "null")]
    metrics = [{"name": "rtt_p50"}, {"name": "bytes_per_s"}]
    return {"transports": [pipe, unix, away], "engines": engines,
            "metrics": metrics}[what]


def main():
    if sys.argv[1] == "list":
        print(json.dumps({sys.argv[2]: listed(sys.argv[2])}))
        return 0
    given, rest = options(sys.argv[2:])
    if FAKE.get("status"):
        return FAKE["status"]
    cells = cells_of(given, rest)
    arms = ("a", "b") if "--b" in given else ("a",)
    trials = int(given.get("--trials", 10))
    seed = int(FAKE.get("seed", 1)) * 1000 + trials
    file = File(cells, trials, arms, seed=seed, noise=.01,
                sets={a: given.get("--" + a, "") for a in arms},
                run_id=f"{seed}{time.time_ns()}", start=time.time_ns() / 1e9
                - 1795226584)
    for i in range(min(int(given.get("--sentinels", 0)), len(cells))):
        file.sentinels.add(len(file.cells))
        file.cells.append(cells[i])
    for n, text in enumerate(file.cells):
        if n not in file.sentinels and text in FAKE.get("slower", {}):
            file.factor[n, arms[-1]] = FAKE["slower"][text]
    if FAKE.get("canary_moves"):
        file.canary = lambda r: dict(STILL, memcpy64k_ns=3000 if
                                     r < trials / 2 else 9000)
    for n, text in enumerate(file.cells):
        for part, factor in FAKE.get("speed", {}).items():
            if part in text:
                for arm in arms:
                    file.factor[n, arm] = file.factor.get((n, arm), 1) * factor
        if "mode=message" in text and "pipe" in text:
            file.skip[n] = "a pipe has no messages"
    file.write(given["-o"])
    if "stay" in FAKE:
        try:
            time.sleep(FAKE["stay"])
        except KeyboardInterrupt:
            return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
