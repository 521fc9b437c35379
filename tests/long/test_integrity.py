"""Ten million messages of random lengths at full depth, every byte looked at.

A pipe cuts a write that is larger than the room it has: lengths up to 5000
bytes over a pipe of 64 KiB, or of one page, meet every cut there is.
"""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from conftest import WINDOWS, measure, pipemark  # noqa: E402,F401

MESSAGES = int(os.environ.get("PIPEMARK_MESSAGES", "100000" if WINDOWS else "10000000"))
SKIP = ("--skip-on-success", "no")  # what is done at once comes as a packet too
PAIRS = [  # producer, consumer, depth, what else
    ("overlapped", "overlapped", 64, ()), ("iocp", "iocp", 64, ()),
    ("iocp", "iocp", 64, SKIP), ("apc", "apc", 64, ())] if WINDOWS else [
    ("uring", "uring", 32, ()), ("splice", "uring", 32, ()), ("epoll", "epoll", 1, ()),
    # a switch of tasks for every message: a twentieth of them
    ("uring", "uring", 32, ("--buffer", "4K")), ("splice", "epoll", 1, ("--buffer", "4K")),
    ("epoll", "uring", 32, ("--buffer", "4K"))]
MODES = ["byte", "message"] if WINDOWS else ["byte"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("producer, consumer, depth, more", PAIRS)
def test_nothing_is_lost(measure, producer, consumer, depth, more, mode):  # noqa: F811
    count = MESSAGES // 20 if "4K" in more else MESSAGES
    kind = "named" if WINDOWS else "anonymous"
    done, found = measure(
        "--kind", kind, "--mode", mode, "--producer-io", producer, "--consumer-io", consumer,
        "--depth", depth, *more, "--workload", "stream", "--message", "5000", "--message-min",
        "1", "--verify", "yes", "--count", count, "--stamp", "none", "--timeout", "1h",
        timeout=3700)
    if done.status == 3 and "uring" in (producer, consumer):
        pytest.skip(done.err)
    assert done.status == 0, done
    trial = [r for r in found if r["t"] == "trial"][0]
    assert trial["ok"] and trial["messages"] == count
    assert not any(trial["integrity"].values())
    metrics = trial["metrics"]
    if WINDOWS:
        assert metrics["producer.in_flight_max"] == metrics["consumer.in_flight_max"] == depth
    if producer == "uring":
        assert metrics["producer.in_flight_max"] == depth
        assert metrics["producer.short_transfers"] > 0  # it did meet them
