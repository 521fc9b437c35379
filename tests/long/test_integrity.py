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
ENGINES = [("overlapped", "overlapped", "64K"), ("iocp", "iocp", "64K"),
           ("apc", "apc", "64K")] if WINDOWS else [
    ("uring", "uring", "64K"), ("splice", "uring", "64K"), ("epoll", "epoll", "64K"),
    # a switch of tasks for every message: a twentieth of them
    ("uring", "uring", "4K"), ("splice", "epoll", "4K"), ("epoll", "uring", "4K")]


@pytest.mark.parametrize("producer, consumer, buffer", ENGINES)
def test_nothing_is_lost(measure, producer, consumer, buffer):  # noqa: F811
    count = MESSAGES if buffer == "64K" else MESSAGES // 20
    knobs = ["--depth", "32"] if {producer, consumer} - {"splice", "blocking", "epoll"} else []
    if WINDOWS:
        knobs += ["--kind", "named"]
    done, found = measure(
        "--producer-io", producer, "--consumer-io", consumer, *knobs, "--buffer", buffer,
        "--workload", "stream", "--message", "5000", "--message-min", "1", "--verify",
        "yes", "--count", count, "--stamp", "none", "--timeout", "1h", timeout=3700)
    if done.status == 3 and "uring" in (producer, consumer):
        pytest.skip(done.err)
    assert done.status == 0, done
    trial = [r for r in found if r["t"] == "trial"][0]
    assert trial["ok"] and trial["messages"] == count
    metrics = trial["metrics"]
    if producer == "uring":
        assert metrics["producer.in_flight_max"] == 32
        assert metrics["producer.short_transfers"] > 0  # it did meet them
