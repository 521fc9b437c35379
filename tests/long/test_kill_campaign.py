"""Kills in every phase of every transport, by the runner, of all or of itself.

Who dies, and where the trial was then, is the runner's word (--kill): a phase
is hit because it was waited for.  Nothing may hang or be left, every file can
be read, and --resume measures what is missing and nothing twice.
PIPEMARK_KILLS says how many; PIPEMARK_KILLS_SEED which.
"""
import collections
import json
import os
import pathlib
import random
import re
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from conftest import WINDOWS, run_program  # noqa: E402
from kills import leftovers, marked, wait_gone  # noqa: E402

KILLS = int(os.environ.get("PIPEMARK_KILLS", "60" if WINDOWS else "240"))
SEED = int(os.environ.get("PIPEMARK_KILLS_SEED", "7"))
PHASES = ("open", "warmup", "drain", "measure")
VICTIMS = ("producer", "consumer", "both", "runner")
TRANSPORTS = ["anon", "anon-overlapped", "named"] if WINDOWS else [
    "pipe", "packet", "fifo", "unix-stream", "unix-seqpacket",
    "socketpair-stream", "socketpair-seqpacket", "tcp"]
STYLES = ["blocking", "nowait"] if WINDOWS else ["blocking", "nowait", "epoll", "uring"]
TRIALS = 3


def words(drawn, phase, victim, transport):
    """A short run in which that phase is there for certain."""
    style = "overlapped" if transport == "anon-overlapped" else drawn.choice(STYLES)
    # Longer than the phase at times: then it dies in the one behind it.
    after = drawn.choice([0, 0, drawn.randrange(2000), drawn.randrange(8000)])
    args = ["run", "--transport", transport, "--io", style, "--workload", "stream",
            "--message", "64", "--trials", TRIALS, "--quiet", "-o", "r.jsonl",
            "--warmup", "10ms", "--time", "20ms",
            "--kill", f"{victim}:{phase}:{after}us:{drawn.randrange(TRIALS)}"]
    if style == "nowait":
        args += ["--poll", "yield"]
    if phase == "drain":  # what is in the pipe takes a while to be read
        args += ["--inject-delay", "100us"]
    return args


def rounds(path):
    """Rounds that were measured; a part of a line at the end is no record."""
    text = path.read_text(encoding="utf-8")
    found = [json.loads(line) for line in text.split("\n")[:-1]]
    return [r["round"] for r in found if r["t"] == "trial"], found


def kill_once(folder, drawn, phase, victim, transport):
    """One run with its kill; returns the phase in which it was."""
    folder.mkdir()
    mark = uuid.uuid4().hex
    done = run_program("pipemark", *words(drawn, phase, victim, transport),
                       cwd=folder, env={**os.environ, "PIPEMARK_TEST_MARK": mark})
    hit = re.search(r"killed in (\w+)", done.err)
    assert hit, done
    assert wait_gone(mark, 10), "left: %s %s" % (marked(mark), done)
    path = folder / "r.jsonl"
    before, found = rounds(path)
    if victim == "runner":
        assert done.status != 0 and len(before) < TRIALS, done
        resumed = run_program("pipemark", "run", "--resume", "r.jsonl", "--quiet",
                              cwd=folder)
        assert resumed.status == 0, resumed
    else:  # a pipe that was empty by then may not have noticed
        assert done.status in (0, 4), done
        bad = [r for r in found if r["t"] == "trial" and not r["ok"]]
        assert len(bad) <= 1 and all(b["error"]["text"] for b in bad), bad
    after, found = rounds(path)
    assert sorted(after) == list(range(TRIALS)) and after[:len(before)] == before
    assert found[-1]["t"] == "end"
    return hit.group(1)


def test_kill_campaign(tmp_path):
    before = leftovers()
    drawn = random.Random(SEED)
    hits = collections.Counter()
    for i in range(KILLS):
        phase, victim = PHASES[i % 4], VICTIMS[i // 4 % 4]
        transport = TRANSPORTS[i // 16 % len(TRANSPORTS)]
        where = kill_once(tmp_path / str(i), drawn, phase, victim, transport)
        hits[where] += 1
    print(dict(hits))
    for phase in PHASES:
        assert hits[phase] >= KILLS // 8, hits
    assert leftovers() == before
