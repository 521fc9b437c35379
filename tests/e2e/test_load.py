"""Latency under load: what the paced workload says of both ends' troubles."""
import contextlib
import os
import re
import signal
import subprocess
import time
import uuid

import pytest

from conftest import WINDOWS, command, on_linux, records
from kills import marked

STALL_S, EVERY_S = 0.1, 1.0


def real_time():
    """Arguments that keep other programs from stopping the two ends, where
    this user may ask for it; none under Wine, which has no such priority."""
    if WINDOWS:
        return []
    before = os.sched_getscheduler(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
        os.sched_setscheduler(0, before, os.sched_param(0))
    except OSError:
        return []
    return ["--priority", "fifo:10"]


def give_up(seen):
    """What was to be seen was not: skipped where others have the CPUs, and this
    user may not take them."""
    if not WINDOWS and not real_time() and os.getloadavg()[0] > os.cpu_count():
        pytest.skip("others have the CPUs, and no real-time priority: %s" % seen)
    pytest.fail(str(seen))


def paced(found):
    """The trials, all good, with their metrics."""
    trials = [r for r in found if r["t"] == "trial"]
    assert trials
    for t in trials:
        assert t["ok"], t["error"]
    return trials


def test_each_message_is_timed_from_its_plan(measure):
    done, found = measure("--workload", "paced", "--rate", "5K", "--arrival",
                          "fixed,poisson", "--message", "64", "--kind",
                          "anonymous,named", "--count", "400", "--pacer",
                          "spin,sleep")
    assert done.status == 0, done
    trials = paced(found)
    assert len(trials) == 8
    for t in trials:
        assert t["messages"] == 400
        for name in ("response", "service", "lateness"):
            h = t["hist"][name]
            assert h["n"] == 400 == sum(h["b"][1::2]) + h["over"]
        # A message is never sent before its time.
        for point in ("mean", "p50", "p90", "max"):
            assert t["metrics"]["response_" + point] >= \
                t["metrics"]["service_" + point]
        assert t["metrics"]["target_missed"] in (0, 1)
        assert 0.7 < t["metrics"]["offered_per_s"] / 5000 < 1.4


def alone(measure, *args, trials):
    """Trials of 100 messages on one CPU that nobody else takes away."""
    first = real_time()
    if not first:
        pytest.skip("no real-time priority for this user")
    done, found = measure("--message", "64", "--count", "100", "--placement", "same",
                          *first, *args, trials=trials)
    assert done.status == 0, done
    return paced(found)


@on_linux
def test_the_producers_afterthoughts_are_no_part_of_the_time(measure):
    """On one CPU, with nobody to take it away: once the producer has sent its
    closing message it is the consumer's turn, before the producer's floor
    (half a millisecond at least) and report."""
    behind_s = []
    for t in alone(measure, "--workload", "pingpong", "--stamp", "none", trials=5):
        m = t["metrics"]
        behind_s.append(t["messages"] / m["messages_per_s"] -
                        t["bytes"] / m["send_bytes_per_s"])
    assert min(behind_s) < 0.0003, behind_s


@on_linux
def test_a_drain_lets_the_reader_read(measure):
    """On one CPU that nobody takes away, waiting for the reader without
    offering it the CPU would wait for ever."""
    trials = alone(measure, "--workload", "stream", "--drain", "1", trials=1)
    assert trials[0]["messages"] == 100


def test_the_plan_comes_from_the_seed(measure):
    """The same seed, the same times: what differs is no part of the load."""
    offered = []
    for seed in ("7", "7", "8"):
        _, found = measure("--workload", "paced", "--rate", "20K", "--arrival",
                           "poisson", "--message", "64", "--count", "300",
                           "--seed", seed)
        offered.append(paced(found)[0]["metrics"]["offered_per_s"])
    assert offered[0] == pytest.approx(offered[1], rel=1e-6)
    assert offered[0] != pytest.approx(offered[2], rel=1e-6)


def test_paced_messages_are_verified(measure):
    done, found = measure("--workload", "paced", "--rate", "20K", "--message",
                          "3000", "--message-min", "24", "--verify", "yes",
                          "--kind", "anonymous,named", "--count", "500")
    assert done.status == 0, done
    paced(found)


@on_linux
def test_gathered_messages_wait_no_longer_than_asked(measure):
    """16 of 64 bytes at 200/s are 80 ms; with a time-out of 10 ms, 10 ms."""
    args = ("--workload", "paced", "--rate", "200", "--message", "64",
            "--collect", "1K", "--count", "64", *real_time())
    for _ in range(15):  # on a busy machine a trial may come out late
        _, found = measure(*args)
        whole = paced(found)[0]["metrics"]
        _, found = measure(*args, "--collect-timeout", "10ms")
        short = paced(found)[0]["metrics"]
        if whole["service_p50"] > 30e6 and short["service_p50"] < 15e6 and \
                short["producer.messages_per_op"] < 4:
            break
    assert 30e6 < whole["service_p50"]
    assert 2e6 < short["service_p50"] < 15e6
    assert 1.5 <= short["producer.messages_per_op"] < 4
    assert whole["producer.messages_per_op"] > 10


@pytest.mark.parametrize("args, reason", [
    (("--workload", "paced"), "rate"),
    (("--workload", "stream", "--rate", "1K"), "paced"),
    (("--workload", "paced", "--rate", "1K", "--message", "16"), "24 bytes"),
    (("--workload", "paced", "--rate", "1K", "--collect-timeout", "1ms"),
     "collect"),
])
def test_what_makes_no_sense_is_refused(measure, args, reason):
    done, _ = measure(*args)
    assert done.status in (2, 3) and reason in done.err


def test_a_rate_beyond_the_pipe_is_missed(measure, pipemark):
    """Never a healthy-looking figure: warning, metric, mark."""
    done = pipemark("run", "--workload", "paced", "--rate", "20K", "--message",
                    "64", "--buffer", "4K", "--time", "400ms", "--warmup",
                    "10ms", "--trials", "1", "--inject-delay", "200us",
                    "-o", "r.jsonl")
    trial = paced(records(pipemark.folder / "r.jsonl"))[0]
    assert "missed" in trial["warnings"]
    assert trial["metrics"]["target_missed"] == 1
    assert trial["metrics"]["behind"] > 20e6
    assert trial["metrics"]["messages_per_s"] < 6000
    assert "nothing kept this rate" in done.out
    assert "  B  behind" in done.out


@on_linux
def test_below_saturation_response_is_service(measure):
    """At half of what a stream reaches, nothing waits for the pipe.

    The median, since one lost time slice delays every message of it; a few
    tries, since a busy machine may lose a slice in most of them.  Two that
    keep their CPUs from all others need one each.
    """
    first = real_time() if len(os.sched_getaffinity(0)) > 1 else []
    base = ("--placement", "different" if first else "same", *first,
            "--message", "64K", "--time", "100ms")
    _, found = measure("--workload", "stream", *base)
    half = int(paced(found)[0]["metrics"]["messages_per_s"] / 2)
    seen = []
    for _ in range(30):
        _, found = measure("--workload", "paced", "--rate", half, "--pacer",
                           "spin", *base)
        m = paced(found)[0]["metrics"]
        seen.append((m["response_p50"], m["service_p50"]))
        if m["response_p50"] < 1.1 * m["service_p50"]:
            return
    give_up("response and service, medians at %d/s: %s" % (half, seen))


def send_all(pids, number):
    """A signal to each that is still there: it may have ended since."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def stall(victim, mark, process):
    """Stop one end for 100 ms once a second, until the run is over."""
    while process.poll() is None:
        pids = marked(mark).get(victim, [])
        send_all(pids, signal.SIGSTOP)
        time.sleep(STALL_S if pids else 0.02)  # the stimulus itself
        send_all(pids, signal.SIGCONT)
        time.sleep(EVERY_S - STALL_S if pids else 0)


def stalled_trial(folder, victim):
    """A paced trial with one end stopped again and again."""
    mark = uuid.uuid4().hex
    path = folder / (mark + ".jsonl")
    process = subprocess.Popen(
        command("pipemark", "run", "--workload", "paced", "--rate", "20K",
                "--message", "64", "--buffer", "4K", "--time", "2500ms",
                "--warmup", "20ms", "--trials", "1", "--quiet", "-o", path,
                *real_time()),
        env={**os.environ, "PM_MARK": mark}, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stall(victim, mark, process)
    assert process.wait(timeout=30) == 0
    return paced(records(path))[0]


def stalled(folder, victim, holds):
    """The metrics of a trial that shows what holds(metrics, warnings) asks for;
    a busy machine stops ends by itself, so it has some tries."""
    seen = []
    for _ in range(5):
        trial = stalled_trial(folder, victim)
        seen.append((trial["warnings"], {
            name: trial["metrics"][name]
            for name in ("response_p99", "service_p99", "lateness_p99")}))
        if holds(trial["metrics"], trial["warnings"]):
            return
    give_up(seen)


@on_linux
def test_a_stopped_consumer_is_response_not_service(tmp_path):
    """100 ms once a second at 20,000/s: 10 % of the messages wait, of which
    the pipe (64 messages) holds few. A closed loop would have seen 1 in 300.
    It was the pipe that held the sender up, not the pacer."""
    stalled(tmp_path, "consumer", lambda m, warnings:
            m["response_p99"] >= 80e6 and m["service_p99"] < 5e6 and
            m["lateness_p99"] < 40e6 and "void" not in warnings)


@on_linux
def test_a_stopped_producer_is_lateness_and_response(tmp_path):
    stalled(tmp_path, "producer", lambda m, warnings:
            m["response_p99"] >= 80e6 and m["lateness_p99"] >= 40e6 and
            {"late", "void"} <= set(warnings))


@on_linux
def test_throughput_is_the_drained_one(measure):
    """2 MiB through a pipe of 1 MiB to a slow reader: the writer is done when
    half of it has been read, and its own time says twice the speed."""
    for _ in range(8):  # a busy machine may hold the writer up
        _, found = measure("--workload", "stream", "--message", "64K", "--buffer",
                           "1M", "--count", "32", "--inject-delay", "2ms",
                           *real_time())
        trial = paced(found)[0]
        assert trial["buffers"]["consumer"] == 1 << 20
        m = trial["metrics"]
        if m["send_bytes_per_s"] > 1.5 * m["bytes_per_s"]:
            break
    assert m["bytes_per_s"] < 65536 / 2e-3 * 1.05
    assert m["send_bytes_per_s"] > 1.5 * m["bytes_per_s"]


def test_every_trial_carries_its_own_floor(measure):
    """The same loop on the null engine, of each end, and what it is of it."""
    _, found = measure("--workload", "stream,pingpong", "--message", "64,64K")
    _, more = measure("--workload", "paced", "--rate", "5K", "--message", "64")
    _, null = measure("--workload", "stream,pingpong", "--io", "null",
                      "--message", "64")
    for t in paced(found) + paced(more):
        m = t["metrics"]
        assert 1 < m["producer.floor"] < 5000 and 1 < m["consumer.floor"] < 5000
        assert max(m["producer.floor"], m["consumer.floor"]) <= m["floor"] \
            <= (m["producer.floor"] + m["consumer.floor"]) * 1.0001
        assert 0 <= m["stamp_share"] < 1
        if "rtt_p50" in m and m["rtt_p50"]:
            assert ("floor" in t["warnings"]) == (m["floor"] > .02 * m["rtt_p50"])
    assert all(t["metrics"]["floor"] > 0 for t in paced(null))


def test_a_figure_that_is_mostly_harness_is_marked(pipemark):
    """Gathered into writes of 64K, a message costs little more than its loop."""
    done = pipemark("run", "--workload", "stream", "--message", "16", "--collect",
                    "64K", "--read-size", "64K", "--stamp", "1", "--time", "50ms",
                    "--warmup", "5ms", "--trials", "1", "-o", "r.jsonl")
    trial = paced(records(pipemark.folder / "r.jsonl"))[0]
    assert "floor" in trial["warnings"]
    assert "  H  the harness's own time" in done.out


def index(ns, sub):
    """The bucket of a value (reports/FORMAT.md)."""
    octave = max(ns.bit_length() - 1 - sub, 0)
    return (ns >> octave) + (octave << sub)


def buckets(flat):
    """{index: count} of a list of steps and counts."""
    found, at = {}, 0
    for step, count in zip(flat[::2], flat[1::2]):
        at += step
        found[at] = count
    return found


@pytest.mark.parametrize("workload, names", [
    ("pingpong", ("rtt",)), ("stream", ("time_in_pipe",)),
    ("paced", ("response", "service"))])
@pytest.mark.parametrize("precision", (2, 3))
def test_histograms_agree_with_the_samples(measure, workload, names, precision):
    rate = ("--rate", "10K") if workload == "paced" else ()
    _, found = measure("--workload", workload, "--message", "64", "--stamp",
                       "1" if workload != "paced" else "auto", "--count", "1500",
                       "--trace", "100000", "--precision", precision,
                       "--interval", "5ms", *rate)
    trial = paced(found)[0]
    assert sorted(trial["trace"]) == sorted(names)
    for name in names:
        h, raw = trial["hist"][name], trial["trace"][name]
        # n is the stamped messages, and the whole is its samples.
        assert h["n"] == len(raw) == trial["messages"] == 1500
        want = {}
        for ns in raw:
            want[index(ns, h["sub"])] = want.get(index(ns, h["sub"]), 0) + 1
        assert buckets(h["b"]) == want
        assert (h["min"], h["max"], h["sum"]) == (min(raw), max(raw), sum(raw))
        raw.sort()
        for q, point in ((.5, "p50"), (.9, "p90"), (.99, "p99")):
            exact = raw[max(0, -(-len(raw) * int(q * 100) // 100) - 1)]
            said = trial["metrics"][f"{name}_{point}"]
            assert abs(index(int(said), h["sub"]) - index(exact, h["sub"])) <= 1
    # Merged equals whole: the rows over time add up to the same samples.
    heat = trial["heat"][names[0]]
    want, got = {}, {}
    for ns in trial["trace"][names[0]]:
        want[index(ns, heat["sub"])] = want.get(index(ns, heat["sub"]), 0) + 1
    for row in heat["rows"]:
        for i, count in buckets(row).items():
            got[i] = got.get(i, 0) + count
    assert got == want


def test_a_trace_keeps_the_first(measure):
    _, found = measure("--message", "64", "--count", "500", "--trace", "100",
                       "--stamp", "1")
    trial = paced(found)[0]
    assert len(trial["trace"]["rtt"]) == 100 and trial["hist"]["rtt"]["n"] == 500
    _, found = measure("--message", "64", "--count", "500", "--stamp", "7")
    trial = paced(found)[0]
    assert "trace" not in trial
    assert trial["hist"]["rtt"]["n"] == 500 // 7


def test_calls_are_timed_when_asked(measure):
    """A slow reader: the writer waits in its call, the reader does not."""
    for _ in range(5):  # a busy machine may keep the writer from writing
        _, found = measure("--workload", "stream", "--message", "4K", "--buffer",
                           "4K", "--count", "100", "--calls", "yes",
                           "--inject-delay", "5ms", *real_time())
        trial = paced(found)[0]
        m = trial["metrics"]
        assert trial["hist"]["send_call"]["n"] == trial["hist"]["recv_call"]["n"] == 100
        if m["send_call_p50"] > 3e6 > m["recv_call_p50"]:
            break
    assert m["send_call_p50"] > 3e6 > m["recv_call_p50"]
    _, found = measure("--message", "64", "--count", "300", "--calls", "yes")
    trial = paced(found)[0]
    m = trial["metrics"]
    assert trial["hist"]["one_way"]["n"] == 300
    # Each is a part of its round trip; on one CPU the call may be all of it.
    assert 0 < m["one_way_p50"] <= m["rtt_p50"]
    assert 0 < m["send_call_p50"] <= m["rtt_p50"]
    _, found = measure("--message", "64", "--count", "300")
    assert "send_call" not in paced(found)[0]["hist"]


def test_a_sweep_finds_where_a_slow_reader_gives_in(pipemark):
    """2 ms a message: 500 a second are the most."""
    for number in range(6):  # a busy machine may miss any rate
        path = "r%d.jsonl" % number
        done = pipemark("run", "--sweep-rate", "100,200,2K,8K", "--message", "64",
                        "--buffer", "4K", "--time", "400ms", "--warmup", "10ms",
                        "--trials", "1", "--inject-delay", "2ms", "-o", path)
        assert done.status == 0, done
        trials = paced(records(pipemark.folder / path))
        assert len(trials) == 4
        assert "Latency against offered load: " in done.out
        assert len(re.findall(r"(2000|8000) .* missed", done.out)) == 2
        # 100 and 200 differ by little: which one it is, chance may say.
        if re.search("knee: (100|200)/s", done.out):
            break
    assert re.search("knee: (100|200)/s", done.out), done
    done = pipemark("run", "--sweep-rate", "1K..2K", "--rate", "5")
    assert done.status == 2 and "--sweep-rate" in done.err
