"""Ctrl-C keeps what was measured."""
import os
import signal
import subprocess
import time

from conftest import command, on_linux, records


def interrupt(folder, signals):
    """Interrupt a long run after its second trial; returns its status."""
    path = folder / "r.jsonl"
    runner = subprocess.Popen(
        command("pipemark", "run", "--time", "100ms", "--warmup", "10ms", "--trials",
                "200", "-o", "r.jsonl"), cwd=folder, stdin=subprocess.DEVNULL,
        stdout=open(folder / "out", "wb"), stderr=open(folder / "err", "wb"))
    deadline = time.monotonic() + 30
    while not path.exists() or path.read_text().count('"t":"trial"') < 2:
        assert time.monotonic() < deadline and runner.poll() is None
        time.sleep(0.01)
    for _ in range(signals):
        os.kill(runner.pid, signal.SIGINT)
    return runner.wait(timeout=30), records(path), (folder / "out").read_text()


@on_linux
def test_an_interrupted_run_is_whole(tmp_path):
    status, found, out = interrupt(tmp_path, 1)
    assert status == 130
    assert found[-1]["t"] == "end" and found[-1]["interrupted"]
    assert all(t["ok"] for t in found if t["t"] == "trial")
    assert "r.jsonl" in out


@on_linux
def test_the_same_key_heard_twice_is_one(tmp_path):
    status, found, _ = interrupt(tmp_path, 2)
    assert status == 130 and found[-1]["t"] == "end"
