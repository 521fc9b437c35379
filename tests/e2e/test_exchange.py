"""exchange = transact, call: a message and its reply in one call."""
import pytest

from conftest import on_linux, on_windows
from test_run import by_type, check_trials

MESSAGES = ("--kind", "named", "--mode", "message", "--verify", "yes")


@on_windows
def test_one_call_a_round_trip(measure):
    done, found = measure(*MESSAGES, "--exchange", "write-read,transact", "--message", "300",
                          "--reply", "2000", "--read-buffer", "700,2000", "--count", "60")
    assert done.status == 0, done
    knobs = {c["n"]: c["knobs"] for c in by_type(found, "cell")}
    trials = check_trials(found)
    assert len(trials) == 4
    for trial in trials:
        cell = knobs[trial["cell"]]
        calls = 2 - (cell["exchange"]["v"] == "transact")
        # Replies of 2000 bytes through reads of 700: two more with the rest.
        calls += 2 * (cell["read-buffer"]["n"] == 700)
        assert trial["messages"] == 60
        assert trial["metrics"]["producer.calls_per_message"] == pytest.approx(calls / 2, abs=.1)


@on_windows
def test_an_empty_message_and_an_empty_reply(measure):
    done, found = measure(*MESSAGES, "--exchange", "transact", "--message", "0", "--reply", "0",
                          "--count", "40")
    assert done.status == 0, done
    trial = check_trials(found)[0]
    assert trial["metrics"]["producer.calls_per_message"] == pytest.approx(.5, abs=.1)


@on_windows
@pytest.mark.parametrize("knobs, said", [
    (("--workload", "stream"), "pingpong"), (("--mode", "byte"), "mode = message"),
    (("--io", "overlapped"), "producer-io = blocking")])
def test_what_cannot_transact(pipemark, knobs, said):
    done = pipemark("run", "--kind", "named", "--mode", "message", "--exchange", "transact",
                    *knobs)
    assert done.status == 3 and said in done.err, done


@on_linux
def test_it_is_for_windows(pipemark):
    done = pipemark("run", *MESSAGES, "--exchange", "transact")
    assert done.status == 3 and "exists on Windows only" in done.err


CALLS = ("--kind", "named", "--mode", "message", "--workload", "connect", "--exchange", "call",
         "--message", "300", "--verify", "yes", "--warmup", "2ms")


@on_windows
def test_one_call_a_connection(measure):
    """CallNamedPipe: a link, a message, its reply and the end of it."""
    done, found = measure(*CALLS, "--consumer-io", "blocking,overlapped", "--reuse", "no,yes",
                          "--clients", "1,3", "--count", "15")
    assert done.status == 0, done
    knobs = {c["n"]: c["knobs"] for c in by_type(found, "cell")}
    trials = check_trials(found)
    assert len(trials) == 8
    for trial in trials:
        count = 15 * knobs[trial["cell"]]["clients"]["n"]
        assert trial["messages"] == count
        for part in ("connect", "accept", "first_message", "close"):
            assert trial["hist"][part]["n"] == count, part


@on_windows
def test_a_call_while_the_pipe_goes(measure):
    """Between two clients there is no instance: who waited for one (676) tries again."""
    done, found = measure(*CALLS, "--instances", "1", "--count", "400")
    assert done.status == 0, done
    assert check_trials(found)[0]["messages"] == 400


@on_windows
def test_a_call_is_explained(pipemark):
    done = pipemark("run", *CALLS, "--explain")
    text = " ".join(done.out.split())
    assert "reached by the producer (the client), who tries for 10s: CallNamedPipeW" in text
    assert "1 CallNamedPipe a connection" in text
    assert "1 ReadFile, then 1 WriteFile a connection" in text


@on_windows
@pytest.mark.parametrize("knobs, said", [
    (("--workload", "pingpong"), "workload=connect"), (("--mode", "byte"), "mode = message"),
    (("--io", "iocp"), "producer-io = blocking")])
def test_what_cannot_call(pipemark, knobs, said):
    done = pipemark("run", *CALLS, *knobs)
    assert done.status == 3 and said in done.err, done
