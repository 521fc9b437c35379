"""A whole run of the ARM builds, runner and both ends emulated.

The numbers mean nothing; that every message arrives as it was sent, with 32
bits as well, and that the result file is like any other, does.
"""
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT, records

EMULATORS = {
    "linux-armhf": ["qemu-arm", "-L", "/usr/arm-linux-gnueabihf"],
    "linux-aarch64": ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"],
}


@pytest.mark.parametrize("host", sorted(EMULATORS))
def test_every_message_arrives(tmp_path, host):
    if BUILD.name != "linux-x86_64":
        pytest.skip("once is enough")
    emulator, program = EMULATORS[host], ROOT / "build" / host / "bin" / "pipemark"
    assert shutil.which(emulator[0]), "make setup test installs it"
    assert program.exists(), "make HOST=%s" % host
    path = tmp_path / "r.jsonl"
    done = subprocess.run(
        [*emulator, str(program), "run", "--exec", " ".join(emulator),
         "--transport", "pipe,fifo,unix-stream,unix-seqpacket,packet",
         "--message", "64,64K", "--workload", "pingpong,stream", "--verify",
         "--time", "50ms", "--warmup", "10ms", "--trials", "1", "--timeout",
         "30s", "-o", str(path), "--csv", str(tmp_path / "s.csv")],
        cwd=tmp_path, capture_output=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr.decode()
    trials = records(path, "trial")
    assert len(trials) == 18  # packet carries no 64K
    for trial in trials:
        assert trial["ok"] and not any(trial["integrity"].values()), trial
        assert trial["messages"] > 0 and trial["measure_ns"] > 0
    theirs = subprocess.run(
        [str(ROOT / "scripts" / "pipemark-csv"), "--only", "samples", str(path)],
        capture_output=True, check=True).stdout
    assert (tmp_path / "s.csv").read_bytes() == theirs
