"""Kill producer, consumer or runner at a drawn moment and look what is left."""
import json
import os
import pathlib
import random
import signal
import subprocess
import time
import uuid

from conftest import TEMP, TIME_SCALE, WINDOWS, command, records

PHASES = ("open", "warmup", "drain", "measure")
VICTIMS = ("producer", "consumer", "runner")
# A start that never ends: one process, which reads what nobody writes.
NO_START = '#!/bin/sh\nread -r word <>"$(dirname "$0")/nothing"\nexec "$@"\n'


def marked(mark):
    """Process ids whose environment carries the mark, by program."""
    found = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            environ = pathlib.Path("/proc", entry, "environ").read_bytes()
            words = pathlib.Path("/proc", entry, "cmdline").read_bytes()
        except OSError:
            continue
        # Wine's own server and services inherit the mark of who starts them.
        if mark.encode() not in environ or b"pipemark" not in words:
            continue
        for name in ("producer", "consumer"):
            if b"pipemark-" + name.encode() in words:
                found.setdefault(name, []).append(int(entry))
                break
        else:
            found.setdefault("other", []).append(int(entry))
    return found


def leftovers():
    """Names that trials leave on disk if nobody sweeps them."""
    return sorted(p.name for p in TEMP.iterdir())


def wait_gone(mark, seconds):
    """True when no marked process is left in time."""
    deadline = time.monotonic() + seconds * TIME_SCALE
    while time.monotonic() < deadline:
        left = marked(mark)
        if not any(left.values()):
            return True
        time.sleep(0.02)
    return False


def arguments(phase, transport, folder):
    """A trial that does not leave its phase `phase` before it is hit.

    The long times cost nothing: a kill ends the trial.
    """
    args = ["run", "--transport", transport, "--workload", "stream", "--message",
            "64", "--trials", "1", "--quiet", "-o", "r.jsonl"]
    times = {"open": ("10ms", "5min"), "warmup": ("5min", "10ms"),
             "drain": ("100ms", "5min"), "measure": ("10ms", "5min")}
    warmup, measure = times[phase]
    args += ["--warmup", warmup, "--time", measure]
    if phase == "open" and not WINDOWS:
        os.mkfifo(folder / "nothing")
        slow = folder / "slow"
        slow.write_text(NO_START)
        slow.chmod(0o755)
        args += ["--exec", str(slow)]
    if phase == "drain":  # a slow consumer behind a large buffer
        args += ["--inject-delay", "5ms", "--buffer", "512K"]
    return args


def moment(phase):
    """Seconds after both children were seen: on a slow machine too few to get
    as far as the phase, never enough to leave it."""
    return {"open": random.uniform(0, 0.12), "warmup": random.uniform(0.05, 0.3),
            "drain": random.uniform(0.3, 0.6),
            "measure": random.uniform(0.1, 0.4)}[phase] * TIME_SCALE


def find_victims(mark, runner):
    """Wait for both children; returns their ids."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and runner.poll() is None:
        seen = marked(mark)
        if seen.get("producer") and seen.get("consumer"):
            return seen
        time.sleep(0.005)
    return marked(mark)


def shoot(mark, runner, victim):
    """Kill the victim until the runner has ended.

    Once is not enough: Wine forks twice to start a program, and a process that
    was just seen may be the one in between, which ends by itself.
    """
    who = victim if victim != "runner" else "other"
    deadline = time.monotonic() + 60
    while runner.poll() is None and time.monotonic() < deadline:
        targets = marked(mark).get(who, [])
        for pid in [runner.pid] if who == "other" and not WINDOWS else targets:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            runner.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            pass
    return runner.poll() is not None


def kill_once(folder, phase, victim, transport):
    """One run, one kill; returns (phase recorded or None, its error or None)."""
    mark = uuid.uuid4().hex
    folder.mkdir(parents=True, exist_ok=True)
    runner = subprocess.Popen(
        command("pipemark", *arguments(phase, transport, folder)), cwd=folder,
        stdin=subprocess.DEVNULL, stdout=open(folder / "out", "wb"),
        stderr=open(folder / "err", "wb"),
        env={**os.environ, "PIPEMARK_TEST_MARK": mark})
    seen = find_victims(mark, runner)
    if runner.poll() is not None or len(seen) < 3:
        runner.kill()
        raise AssertionError("not started: %s %s" % (
            seen, (folder / "err").read_text()))
    time.sleep(moment(phase))
    if not shoot(mark, runner, victim):
        runner.kill()
        raise AssertionError("the runner hangs: %s %s %s" % (phase, victim, transport))
    assert wait_gone(mark, 15), "left: %s after %s %s %s" % (
        marked(mark), phase, victim, transport)
    return read_back(folder / "r.jsonl")


def read_back(path):
    """The file is readable up to its last whole line; what its trial says."""
    if not path.exists():
        return None, None
    text = path.read_text()
    lines = text.split("\n")
    found = [json.loads(line) for line in lines[:-1]]
    trials = [r for r in found if r["t"] == "trial"]
    if not trials:
        return None, None
    if trials[0]["ok"]:
        return "done", None
    assert trials[0]["error"]["text"]
    return trials[0]["phase"], trials[0]["error"]


def campaign(folder, count, transports, seed):
    """`count` kills; returns how many were recorded in each phase."""
    random.seed(seed)
    phases = dict.fromkeys((*PHASES, "done", "runner", "spawn", "report"), 0)
    for i in range(count):
        phase, victim = PHASES[i % 4], random.choice(VICTIMS)
        transport = transports[i % len(transports)]
        recorded, error = kill_once(folder / str(i), phase, victim, transport)
        if victim == "runner":
            phases["runner"] += 1
            phases[phase] += 1
        else:
            phases[recorded or "spawn"] += 1
            if recorded not in ("done", None):
                # Wine reports status 0 for a process killed from outside.
                assert error["end"] == victim, error
                assert "killed" in error["text"] or "no word" in error["text"], error
    return phases


__all__ = ["campaign", "leftovers", "records"]
