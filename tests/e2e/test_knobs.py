"""Knobs of the pipe itself, each to the end: what it does here, or why not."""
import os
import stat
import subprocess
import time

import pytest

from conftest import TEMP, WINDOWS, command, on_linux, on_windows
from test_run import by_type, check_trials

NAMED = ("--kind", "named")


def skips(found):
    """Reason by id of the cells that were skipped."""
    return {c["id"]: c["skip"]["reason"] for c in by_type(found, "cell") if c["skip"]}


@pytest.mark.parametrize("workload", ["stream", "pingpong"])
def test_messages_of_no_bytes(measure, workload):
    done, found = measure(*NAMED, "--mode", "message", "--message", "0",
                          "--workload", workload, "--count", "300")
    assert done.status == 0, done
    trial = check_trials(found)[0]
    assert trial["messages"] == 300 and trial["bytes"] == 0


@pytest.mark.parametrize("workload", ["stream", "pingpong"])
def test_some_messages_of_no_bytes(measure, workload):
    """The closing message may draw length 0, and must be told from one."""
    done, found = measure(*NAMED, "--mode", "message", "--message", "3",
                          "--message-min", "0", "--verify", "yes", "--workload",
                          workload, "--count", "200", trials=3)
    assert done.status == 0, done
    assert all(t["messages"] == 200 for t in check_trials(found))


def test_no_bytes_are_refused_on_a_byte_pipe(pipemark):
    done = pipemark("run", *NAMED, "--message", "0")
    assert done.status == 3 and "0 bytes" in done.err


@on_windows
def test_a_message_pipe_read_in_bytes(measure):
    done, found = measure(*NAMED, "--mode", "message", "--read-mode", "byte", "--io",
                          "blocking,overlapped,iocp,apc", "--message", "3000",
                          "--message-min", "10", "--verify", "yes", "--workload", "stream",
                          "--count", "100")
    assert done.status == 0, done
    assert len(check_trials(found)) == 4


@on_windows
def test_the_rest_of_a_message(measure):
    """ERROR_MORE_DATA: reads of 700 bytes of messages of 2000, on every engine."""
    done, found = measure(*NAMED, "--mode", "message", "--io", "blocking,overlapped,iocp,apc",
                          "--read-buffer", "700", "--message", "2000",
                          "--verify", "yes", "--workload", "stream", "--count", "100")
    assert done.status == 0, done
    trials = check_trials(found)
    assert len(trials) == 4
    for trial in trials:
        assert trial["messages"] == 100
        assert trial["metrics"]["consumer.short_transfers"] >= 200  # two of three


@on_windows
def test_messages_cannot_be_read_from_a_byte_pipe(pipemark):
    done = pipemark("run", *NAMED, "--mode", "byte", "--read-mode", "message")
    assert done.status == 2 and "mode = message" in done.err


@on_linux
def test_read_mode_is_refused_on_linux(pipemark):
    done = pipemark("run", *NAMED, "--mode", "message", "--read-mode", "byte")
    assert done.status == 3 and "indows" in done.err


@pytest.mark.parametrize("kind", ["anonymous", "named"])
def test_drain_is_counted_in_messages(measure, kind):
    """Each drain waits for a slow reader, who never finds two messages; without,
    they wait for him together."""
    done, found = measure("--kind", kind, "--workload", "stream", "--message", "64",
                          "--count", "300", "--drain", "1,none", "--read-size", "64K",
                          "--inject-delay", "300us")
    assert done.status == 0, done
    together = {}
    for t in check_trials(found):
        assert t["messages"] == 300
        together["drain=1" in t["id"]] = t["metrics"]["consumer.messages_per_op"]
    assert together[True] == 1 < together[False]


def test_drain_needs_a_stream(pipemark):
    done = pipemark("run", "--drain", "5", "--workload", "pingpong")
    assert done.status == 2 and "stream" in done.err


def test_a_stamp_in_every_nth_of_any_count(measure):
    done, found = measure("--workload", "stream", "--count", "1003", "--stamp", "7")
    assert done.status == 0, done
    trial = check_trials(found)[0]
    assert trial["messages"] == 1003
    assert trial["hist"]["time_in_pipe"]["n"] == 1003 // 7


def test_who_the_client_is(measure):
    done, found = measure(*NAMED, "--impersonate", "yes", "--mode", "byte,message")
    assert done.status == 0, done
    for t in check_trials(found):
        how = t["how"]["consumer"]
        if WINDOWS:
            assert how.startswith("client impersonated: ")
        else:
            assert how.startswith("client by SO_PEERCRED: uid %d," % os.getuid())
    cells = by_type(found, "cell")
    assert WINDOWS or cells[0]["became"]["transport"] == "unix-stream"


@on_windows
def test_nobody_to_impersonate(pipemark):
    done = pipemark("run", *NAMED, "--impersonate", "yes", "--direction", "outbound",
                    "--workload", "stream")
    assert done.status == 3 and "outbound" in done.err


def test_security_of_the_other_system(measure):
    done, found = measure(*NAMED, "--security",
                          "private,os,mode:0600,sddl:D:P(A;;GA;;;WD)")
    assert done.status == 0, done
    check_trials(found)
    reasons = skips(found)
    assert len(reasons) == 1
    (cell, reason), = reasons.items()
    assert ("mode:0600" if WINDOWS else "sddl:") in cell
    assert ("linux" if WINDOWS else "windows") in reason


@pytest.mark.parametrize("text", ["mode:8", "mode:", "mode:7777", "acl", "sddl:"])
def test_security_that_is_none(pipemark, text):
    done = pipemark("run", *NAMED, "--security", text)
    assert done.status == 2 and "security" in done.err


@on_linux
@pytest.mark.parametrize("io", ["unix-stream", "fifo"])
def test_mode_bits_are_those_of_the_file(io):
    """By hand, so that the file is there to be looked at."""
    server = subprocess.Popen(command("pipemark-consumer", "--link", "m",
                                      "--transport", io, "--security", "mode:0620"))
    folder = TEMP / ("pipemark-%d-m" % os.getuid())
    file = folder / ("sock" if io == "unix-stream" else "in")
    try:
        deadline = time.monotonic() + 60
        while not (file.exists() and stat.S_IMODE(file.stat().st_mode) == 0o620):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o710
    finally:
        server.terminate()
        server.wait()


@on_windows
def test_instances_and_default_timeout(measure):
    done, found = measure(*NAMED, "--instances", "1,unlimited", "--default-timeout",
                          "0,20ms", "--wait", "default")
    assert done.status == 0, done
    assert len(check_trials(found)) == 4


@on_windows
def test_what_a_client_allows(measure):
    """Wine ignores it: that the calls are made is all that shows here."""
    done, found = measure(*NAMED, "--impersonate", "yes", "--sqos",
                          "anonymous,identification,impersonation,delegation")
    assert done.status == 0, done
    assert len(check_trials(found)) == 4


@on_linux
@pytest.mark.parametrize("knob", ["--instances=2", "--default-timeout=1s",
                                  "--sqos=anonymous", "--host=elsewhere"])
def test_knobs_of_windows(pipemark, knob):
    done = pipemark("run", *NAMED, knob)
    assert done.status == 3 and "Windows" in done.err


def test_an_anonymous_pipe_has_one_client(pipemark):
    done = pipemark("run", "--clients", "2")
    assert done.status == 3 and "kind = named" in done.err


def test_nobody_serves(tmp_path):
    """By hand, wait = none asks once, and a time is kept: unasked it is 10 s."""
    for wait, least in (("none", 0), ("300ms", 0.3)):
        start = time.monotonic()
        done = subprocess.run(command("pipemark-producer", "--link", "nobody-is-there",
                                      "--wait", wait), stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, cwd=tmp_path, timeout=60)
        assert done.returncode == 4, done.stderr
        assert least <= time.monotonic() - start < 9.9
