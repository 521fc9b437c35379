"""The two programs without a runner."""
import os
import subprocess

import pytest

from conftest import BUILD, TIME_SCALE, WINDOWS, command, on_linux

SHORT = ["--time", "50ms", "--warmup", "10ms"]


def start(program, *args, cwd, **kwargs):
    return subprocess.Popen(command(program, *args), cwd=cwd,
                            stdin=kwargs.pop("stdin", subprocess.DEVNULL),
                            **kwargs)


@pytest.mark.parametrize("workload", ["stream", "pingpong"])
@pytest.mark.parametrize("first", ["consumer", "producer"])
def test_two_terminals(tmp_path, workload, first):
    name = "hand-%d-%s-%s" % (os.getpid(), workload, first)
    args = ["--link", name, "--workload", workload, *SHORT]
    out = open(tmp_path / "out", "wb"), open(tmp_path / "out2", "wb")
    programs = ["pipemark-consumer", "pipemark-producer"]
    if first == "producer":
        programs.reverse()
    running = [start(p, *args, cwd=tmp_path, stdout=out[i], stderr=subprocess.STDOUT)
               for i, p in enumerate(programs)]
    statuses = [p.wait(timeout=30 * TIME_SCALE) for p in running]
    text = (tmp_path / "out").read_text() + (tmp_path / "out2").read_text()
    assert statuses == [0, 0], text
    assert "messages_per_s" in text
    if workload == "pingpong":
        assert "rtt_p50" in text


@on_linux
def test_a_shells_pipe(tmp_path):
    script = "%s --link - --workload stream %s 2>err | %s --link - --workload stream" % (
        " ".join(command("pipemark-producer")), " ".join(SHORT),
        " ".join(command("pipemark-consumer")))
    done = subprocess.run(["bash", "-o", "pipefail", "-c", script], cwd=tmp_path,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done
    assert "bytes_per_s" in done.stdout
    # What the shell asked for is not known; the number for that is no figure.
    assert "asked_bytes" not in done.stdout
    assert "send_bytes_per_s" in (tmp_path / "err").read_text()


@on_linux
def test_warnings_have_names(tmp_path):
    """They were the sum of their bits."""
    script = "%s --link - --workload stream --count 1 2>err | %s --link - " \
        "--workload stream --count 1" % (" ".join(command("pipemark-producer")),
                                         " ".join(command("pipemark-consumer")))
    done = subprocess.run(["bash", "-o", "pipefail", "-c", script], cwd=tmp_path,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    line, = [x for x in done.stdout.splitlines() if x.startswith("warnings")]
    assert "few" in line.split(), line


@on_linux
def test_figures_that_nobody_can_read_are_no_success(tmp_path):
    script = "head -c 1000000 /dev/zero | %s --link - --workload stream --peer foreign " \
             "--message 1000 >/dev/full" % " ".join(command("pipemark-consumer"))
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True,
                          text=True, timeout=30)
    assert done.returncode == 4, done
    assert done.stderr == "pipemark-consumer: standard output: No space left on device\n"


@on_linux
def test_a_foreign_peer(tmp_path):
    script = "head -c 1000000 /dev/zero | %s --link - --workload stream --peer foreign " \
             "--message 1000" % " ".join(command("pipemark-consumer"))
    done = subprocess.run(["bash", "-o", "pipefail", "-c", script], cwd=tmp_path,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done
    assert "1000000" in done.stdout


def test_different_settings_are_noticed(tmp_path):
    name = "differ-%d" % os.getpid()
    with open(tmp_path / "o", "wb") as out, open(tmp_path / "p", "wb") as other:
        consumer = start("pipemark-consumer", "--link", name, "--workload", "stream",
                         "--message", "128", *SHORT, cwd=tmp_path, stdout=out,
                         stderr=subprocess.STDOUT)
        producer = start("pipemark-producer", "--link", name, "--workload", "stream",
                         "--message", "64", *SHORT, cwd=tmp_path, stdout=other,
                         stderr=subprocess.STDOUT)
        statuses = [p.wait(timeout=30 * TIME_SCALE) for p in (consumer, producer)]
    assert statuses[0] == 2 and statuses[1] != 0
    assert "different" in (tmp_path / "o").read_text()


def test_no_server(tmp_path):
    done = subprocess.run(command("pipemark-producer", "--link", "nobody-%d" % os.getpid(),
                                  "--wait", "50ms"), cwd=tmp_path, timeout=30 * TIME_SCALE,
                          stdout=subprocess.DEVNULL, stderr=open(tmp_path / "e", "wb"),
                          stdin=subprocess.DEVNULL)
    text = (tmp_path / "e").read_text()
    assert done.returncode == 4 and "nobody" in text
    assert len(text.strip().splitlines()) == 1


def test_build_has_three_programs():
    suffix = ".exe" if WINDOWS else ""
    for name in ("pipemark", "pipemark-producer", "pipemark-consumer"):
        assert (BUILD / "bin" / (name + suffix)).exists()
