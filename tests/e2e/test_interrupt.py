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
    deadline = time.monotonic() + 60
    while not path.exists() or path.read_text().count('"t":"trial"') < 2:
        assert time.monotonic() < deadline and runner.poll() is None
        time.sleep(0.01)
    for _ in range(signals):
        os.kill(runner.pid, signal.SIGINT)
    return runner.wait(timeout=60), records(path), (folder / "out").read_text()


def ticks(pid):
    """CPU time that a process has used, in ticks."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        after_name = file.read().rpartition(")")[2].split()
    return int(after_name[11]) + int(after_name[12])


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


@on_linux
def test_a_warm_up_that_is_interrupted_is_no_hang(tmp_path):
    runner = subprocess.Popen(
        command("pipemark", "run", "--time", "1ms", "--warmup", "60s", "--trials", "2",
                "-o", "r.jsonl"), cwd=tmp_path, stdin=subprocess.DEVNULL,
        stdout=open(tmp_path / "out", "wb"), stderr=open(tmp_path / "err", "wb"))
    ends = f"/proc/{runner.pid}/task/{runner.pid}/children"
    deadline = time.monotonic() + 60
    while True:     # both ends are there and have been at it for some time
        with open(ends, encoding="ascii") as file:
            pids = file.read().split()
        if len(pids) == 2 and all(ticks(pid) > 5 for pid in pids):
            break
        assert time.monotonic() < deadline and runner.poll() is None
        time.sleep(0.01)
    os.kill(runner.pid, signal.SIGINT)
    assert runner.wait(timeout=60) == 130
    assert "hang" not in (tmp_path / "err").read_text()
    assert not [pid for pid in pids if os.path.exists(f"/proc/{pid}")]
