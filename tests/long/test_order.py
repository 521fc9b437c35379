"""100 000 messages of random sizes at full depth: nothing lost, repeated or reordered."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from conftest import WINDOWS, run_program, records  # noqa: E402

ENGINES = [("overlapped", "yes"), ("iocp", "yes"), ("iocp", "no"), ("apc", "yes")] \
    if WINDOWS else [("uring", None), ("epoll", None)]


@pytest.mark.parametrize("mode", ["byte", "message"])
@pytest.mark.parametrize("io, skip", ENGINES)
def test_random_sizes_at_full_depth(tmp_path, io, skip, mode):
    args = ["--skip-on-success", skip] if skip == "no" else []
    deep = [] if io == "epoll" else ["--depth", "64"]
    done = run_program(
        "pipemark", "run", "--kind", "named", "--mode", mode, "--io", io, *args, *deep,
        "--message", "5000", "--message-min", "1", "--count", "100000", "--verify", "yes",
        "--workload", "stream", "--warmup", "0ms", "--trials", "1", "--timeout", "400s",
        "--quiet", "-o", "o.jsonl", cwd=tmp_path, timeout=450)
    assert done.status == 0, done
    trial = records(tmp_path / "o.jsonl", "trial")[0]
    assert trial["messages"] == 100000
    assert not any(trial["integrity"].values())
    if WINDOWS:
        assert trial["metrics"]["producer.in_flight_max"] == 64
        assert trial["metrics"]["consumer.in_flight_max"] == 64
