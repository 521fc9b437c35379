"""connect: links come and go; what is counted adds up, whatever is busy."""
import json

import jsonschema
import pytest

from conftest import ROOT, WINDOWS, on_linux, on_windows
from test_clients import check_clients
from test_run import by_type, check_trials

CONNECT = ("--workload", "connect", "--message", "64", "--verify", "yes", "--warmup", "2ms")
NAMED = ("--kind", "named", "--direction", "duplex")
ENGINES = "blocking,nowait,overlapped,iocp,apc" if WINDOWS else "blocking,nowait,epoll,uring"


def check_life(trial, count):
    """Every part of a connection was timed as often as there were connections."""
    assert trial["messages"] == count and trial["bytes"] == 64 * count
    for part in ("connect", "accept", "first_message", "close"):
        assert trial["hist"][part]["n"] == count, part
    assert trial["metrics"]["messages_per_s"] > 0


@pytest.mark.parametrize("mode", ["byte", "message"])
def test_every_engine_connects(measure, mode):
    done, found = measure(*CONNECT, *NAMED, "--mode", mode, "--io", ENGINES, "--count", "12")
    assert done.status == 0, done
    schema = json.loads((ROOT / "reports/result-1.schema.json").read_text())
    for record in found:
        jsonschema.Draft7Validator(schema).validate(record)
    trials = check_trials(found)
    assert len(trials) == len([c for c in by_type(found, "cell") if not c["skip"]]) >= 3
    for trial in trials:
        check_life(trial, 12)
        # An instance each on Windows; a socket, before anybody came, on Linux.
        assert trial["hist"]["create"]["n"] == (13 if WINDOWS else 1)


def test_clients_that_connect(measure):
    done, found = measure(*CONNECT, *NAMED, "--clients", "5", "--count", "8")
    assert done.status == 0, done
    trial = check_trials(found)[0]
    check_life(trial, 40)
    check_clients(trial, 5, "connect")
    assert all(c["messages"] == 8 for c in trial["clients"])


@pytest.mark.parametrize("transport", ["anon,anon-overlapped"] if WINDOWS else
                         ["pipe,packet,socketpair-stream,socketpair-seqpacket"])
def test_without_a_name_one_program_makes_and_closes(measure, transport):
    done, found = measure("--workload", "connect", "--transport", transport, "--count", "30")
    assert done.status == 0, done
    for trial in check_trials(found):
        assert trial["messages"] == 30
        for part in ("create", "connect", "close"):
            assert trial["hist"][part]["n"] == 30
        assert "accept" not in trial["hist"]
        assert trial["hist"]["create"] == trial["hist"]["connect"]


@on_windows
def test_one_instance_keeps_the_others_busy(measure):
    """ERROR_PIPE_BUSY, WaitNamedPipe, and nobody is lost over it."""
    done, found = measure(*CONNECT, *NAMED, "--instances", "1", "--clients", "2", "--reuse",
                          "yes,no", "--count", "15", "--io", "blocking,overlapped")
    assert done.status == 0, done
    busy = 0
    for trial in check_trials(found):
        check_life(trial, 30)
        assert trial["metrics"]["timeouts"] == 0
        assert trial["metrics"]["producer.retries"] >= trial["metrics"]["busy"]
        busy += trial["metrics"]["busy"]
        once = "reuse=yes" in trial["id"]
        assert trial["hist"]["create"]["n"] == 1 if once else trial["hist"]["create"]["n"] > 30
    assert busy > 0


@on_windows
@pytest.mark.parametrize("wait", ["none", "default"])
def test_who_does_not_wait_long_tries_anew(measure, wait):
    done, found = measure(*CONNECT, *NAMED, "--instances", "1", "--reuse", "yes", "--clients",
                          "3", "--wait", wait, "--count", "15")
    assert done.status == 0, done
    trial = check_trials(found)[0]
    check_life(trial, 45)
    assert trial["metrics"]["busy"] > 0
    assert wait == "default" or trial["metrics"]["timeouts"] == 0


@on_linux
def test_a_fifo_has_no_connections(pipemark):
    done = pipemark("run", "--workload", "connect", "--kind", "named")
    assert done.status == 3
    assert "fifo has no connections: direction=duplex" in done.err


@pytest.mark.parametrize("knobs, said", [
    (("--clients", "65"), "64 at most"), (("--message", "8"), "16 bytes"),
    (("--calls", "yes"), "calls"), (("--drain", "end"), "drain"),
    (("--direction", "inbound"), "direction"), (("--io", "null"), "null")])
def test_what_connect_cannot(pipemark, knobs, said):
    done = pipemark("run", "--workload", "connect", *NAMED, *knobs)
    assert done.status == 3 and said in done.err, done


@pytest.mark.parametrize("knobs, said", [
    (("--reuse", "yes"), "workload=connect" if WINDOWS else "Windows only"),
    pytest.param(("--reuse", "yes", "--workload", "connect", "--io", "iocp"),
                 "completion port", marks=on_windows)])
def test_what_reuse_cannot(pipemark, knobs, said):
    done = pipemark("run", *NAMED, *knobs)
    assert done.status == 3 and said in done.err, done
