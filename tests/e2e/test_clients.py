"""One server, many clients: nothing lost, nobody starved, and the parts are the whole."""
import json

import pytest

from conftest import WINDOWS, on_linux, on_windows
from test_run import by_type, check_trials

NAMED = ("--kind", "named", "--verify", "yes", "--message", "256")
# On Linux more than a producer process each; Wine takes 100 ms to start one.
MANY = 9 if WINDOWS else 70


def merged(hists):
    """Bucket counts of several histograms of FORMAT.md, added up."""
    sum_of = {}
    for hist in hists:
        at = 0
        for step, count in zip(hist["b"][::2], hist["b"][1::2]):
            at += step
            sum_of[at] = sum_of.get(at, 0) + count
    return sum_of


def check_clients(trial, count, hist):
    clients = trial["clients"]
    assert len(clients) == count == trial["metrics"]["fins"]
    assert sum(c["messages"] for c in clients) == trial["messages"]
    assert sum(c["bytes"] for c in clients) == trial["bytes"]
    assert all(c["messages"] > 0 for c in clients)
    assert all(0 <= c["first_ns"] <= c["last_ns"] for c in clients)
    whole = trial["hist"][hist]
    parts = [c[hist] for c in clients if hist in c]
    assert merged(parts) == merged([whole])
    assert sum(p["n"] for p in parts) == whole["n"]
    assert min(p["min"] for p in parts) == whole["min"]
    assert max(p["max"] for p in parts) == whole["max"]


def check_fairness(trial):
    rates = sorted(c["messages"] * 1e9 / c["last_ns"] for c in trial["clients"])
    m = trial["metrics"]
    assert m["client_min"] == pytest.approx(rates[0])
    assert m["client_max"] == pytest.approx(rates[-1])
    jain = sum(rates) ** 2 / (len(rates) * sum(r * r for r in rates))
    assert m["fairness"] == pytest.approx(jain) and 0 < jain <= 1.0000001


@pytest.mark.parametrize("mode", ["byte", "message"])
@pytest.mark.parametrize("workload, hist", [("stream", "time_in_pipe"), ("pingpong", "rtt")])
def test_several_clients(measure, mode, workload, hist):
    done, found = measure(*NAMED, "--mode", mode, "--clients", "2,%d" % MANY,
                          "--workload", workload, "--count", "30", "--stamp", "1")
    assert done.status == 0, done
    cells = {c["n"]: c for c in by_type(found, "cell")}
    for trial in check_trials(found):
        count = cells[trial["cell"]]["knobs"]["clients"]["n"]
        assert trial["messages"] == 30 * count
        check_clients(trial, count, hist)
        check_fairness(trial)


def test_clients_for_a_time(measure):
    done, found = measure(*NAMED, "--clients", "4", "--workload", "stream", "--time",
                          "200ms", "--message-min", "1", "--stamp", "none")
    assert done.status == 0, done
    trial = check_trials(found)[0]
    assert sum(c["messages"] for c in trial["clients"]) == trial["messages"]
    assert sum(trial["series"]["messages"]) <= trial["messages"]
    check_fairness(trial)


def test_one_client_is_no_list(measure):
    _, found = measure(*NAMED, "--clients", "1")
    trial = check_trials(found)[0]
    assert "clients" not in trial and trial["metrics"].get("fairness") is None


def test_memory_of_a_link(measure):
    """64 KiB a link beyond the first, buffers and histogram included.

    Wine keeps a MiB of each thread resident, an idle one's too: no thread a link there.
    """
    many = 40 if WINDOWS else 60
    what = ("--mode", "byte", "--io", "overlapped", "--workload", "stream") if WINDOWS else (
        "--mode", "byte,message", "--io", "blocking,epoll", "--workload", "stream,pingpong")
    done, found = measure("--kind", "named", *what, "--clients", "8,%d" % many, "--count", "50")
    assert done.status == 0, done
    cells = {c["n"]: c["knobs"] for c in by_type(found, "cell")}
    memory = {}
    for trial in check_trials(found):
        knobs = cells[trial["cell"]]
        of = tuple(knobs[name]["v"] for name in ("mode", "io", "workload"))
        memory[of, knobs["clients"]["n"]] = trial["metrics"]["consumer.resident_max"]
    assert len(memory) == (2 if WINDOWS else 16)
    for of, count in memory:
        a_link = (memory[of, many] - memory[of, 8]) / (many - 8)
        assert a_link <= 65536, (of, memory)


@on_linux
def test_a_dead_client_ends_the_trial(pipemark, tmp_path):
    """Whoever dies, the reason is said and nobody stays."""
    import os
    import signal
    import subprocess
    import time
    from conftest import command
    runner = subprocess.Popen(command("pipemark", "run", "--kind", "named", "--clients",
                                      "5", "--time", "120s", "--trials", "1", "--quiet",
                                      "-o", "d.jsonl"), cwd=tmp_path)
    deadline = time.monotonic() + 60
    children = []
    while len(children) < 6 and time.monotonic() < deadline:
        with open("/proc/%d/task/%d/children" % (runner.pid, runner.pid)) as file:
            children = [int(p) for p in file.read().split()]
        time.sleep(0.01)
    assert len(children) == 6
    time.sleep(0.2)  # into the measured phase or not: it must end either way
    os.kill(children[-1], signal.SIGKILL)
    assert runner.wait(timeout=30) == 4
    trial = [json.loads(line) for line in open(tmp_path / "d.jsonl")
             if '"t":"trial"' in line][0]
    assert not trial["ok"] and trial["error"]["end"] == "producer"
    assert "signal 9" in trial["error"]["text"]
    while any(os.path.exists("/proc/%d/exe" % p) for p in children):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("knobs, said", [
    (("--direction", "outbound", "--workload", "stream"), "one server"),
    (("--workload", "paced", "--rate", "100"), "one rate"),
])
def test_what_several_clients_cannot(pipemark, knobs, said):
    done = pipemark("run", "--kind", "named", "--clients", "3", *knobs)
    assert done.status == 3 and said in done.err


@on_windows
def test_too_few_instances_for_those_who_stay(pipemark):
    done = pipemark("run", "--kind", "named", "--clients", "3", "--instances", "2")
    assert done.status == 3 and "instances" in done.err


def open_files():
    """How many a process may have, as it is started here."""
    import resource
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return 10000 if most == resource.RLIM_INFINITY else most


def without(done, io):
    """An engine that this machine refuses, with its reason, is not tested."""
    if io == "uring" and done.status == 3:
        pytest.skip(done.err)


@pytest.mark.parametrize("io", ["overlapped", "iocp", "apc"] if WINDOWS
                         else ["epoll", "uring"])
def test_many_links_of_one_thread(measure, io):
    """Who has finished leaves while the others go on."""
    done, found = measure(*NAMED, "--io", io, "--mode", "byte,message", "--clients",
                          "3,%d" % MANY, "--workload", "stream,pingpong", "--time",
                          "100ms", "--stamp", "1")
    without(done, io)
    assert done.status == 0, done
    cells = {c["n"]: c["knobs"] for c in by_type(found, "cell")}
    for trial in check_trials(found):
        knobs = cells[trial["cell"]]
        pingpong = knobs["workload"]["v"] == "pingpong"
        check_clients(trial, knobs["clients"]["n"], "rtt" if pingpong else "time_in_pipe")
        check_fairness(trial)


@pytest.mark.parametrize("io", ["iocp"] if WINDOWS else ["epoll", "uring"])
def test_a_multitude(measure, io):
    """1000 clients on Linux, 250 under Wine: nothing lost, nobody left out."""
    count = 250 if WINDOWS else min(1000, open_files() - 24)
    done, found = measure(*NAMED, "--io", io, "--clients", count, "--workload", "stream",
                          "--count", "5", "--warmup", "0ms", timeout=90)
    without(done, io)
    assert done.status == 0, done
    trial = check_trials(found)[0]
    assert trial["messages"] == 5 * count
    assert all(c["messages"] == 5 for c in trial["clients"])
    assert trial["metrics"]["fins"] == len(trial["clients"]) == count
    if not WINDOWS:
        assert trial["metrics"]["consumer.resident_max"] / count <= 65536
