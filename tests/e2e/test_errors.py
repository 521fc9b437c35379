"""Wrong input of every kind: one clear line, the right status, nothing lost."""
import os
import pathlib
import subprocess

import pytest

from conftest import TEMP, WINDOWS, command, on_linux

MATRIX_BAD = "message = 64\nmesage = 4K\n"

CASES = [
    # arguments, status, what the one line must say
    (["run", "--mesage", "64"], 2, ["mesage", "did you mean --message"]),
    (["run", "--message", "64Q"], 2, ["64Q"]),
    (["run", "--message"], 2, ["needs a value"]),
    (["run", "--time", "500"], 2, ["500", "ms"]),
    (["run", "--io", "blokcing"], 2, ["blokcing", "blocking"]),
    (["run", "--transport", "pip"], 2, ["pip", "pipe"]),
    (["run", "--message", "99999999999G"], 2, ["99999999999G"]),
    (["run", "no-such.matrix"], 2, ["no-such.matrix", "presets"]),
    (["run", "bad.matrix"], 2, ["bad.matrix:2", "message"]),
    (["run", "a.matrix", "b.matrix"], 2, ["a.matrix", "b.matrix"]),
    (["run", "--trials", "0"], 2, ["trials"]),
    (["run", "--trials", "many"], 2, ["many"]),
    (["run", "--budget", "1"], 2, ["budget: 1", "unit"]),
    (["run", "--sweep-rate", "a..b"], 2, ["--sweep-rate"]),
    (["run", "-o", "-"], 2, ["-o -", "file"]),
    (["run", "-o", "r.jsonl", "--csv", "r.jsonl"], 2, ["same file"]),
    (["run", "--quiet=no"], 2, ["--quiet takes no value"]),
    (["run", "--placement", "0:99"], 3, ["99"]),
    (["run", "--a", "message=64"], 2, ["--b"]),
    (["run", "--b", "mesage=64"], 2, ["mesage"]),
    (["run", "--resume", "missing.jsonl"], 2, ["missing.jsonl"]),
    (["run", "--resume", "bad.matrix"], 2, ["bad.matrix"]),
    (["run", "--repeat", "bad.matrix"], 2, ["FILE:LINE"]),
    (["run", "-o", "no/such/folder/r.jsonl"], 2, ["no/such/folder"]),
    (["run", "--csv", "no/such/folder/s.csv"], 2, ["no/such/folder"]),
    (["run", "--csv", "a.matrix"], 2, ["a.matrix"]),
    (["run", "--message-min", "8K"], 2, ["message-min"]),
    (["run", "--collect", "64K"], 3, ["collect"]),
    (["run", "--mode", "message", "--transport",
      "pipe" if not WINDOWS else "anon"], 2, ["message"]),
    (["rum"], 2, ["run"]),
    (["list", "transprots"], 2, ["transports"]),
]


@pytest.fixture
def folder(pipemark):
    (pipemark.folder / "bad.matrix").write_text(MATRIX_BAD)
    (pipemark.folder / "a.matrix").write_text("message = 64\n")
    (pipemark.folder / "b.matrix").write_text("message = 64\n")
    return pipemark.folder


@pytest.mark.parametrize("args,status,words", CASES, ids=lambda v: "-".join(map(str, v))
                         if isinstance(v, list) else str(v))
def test_wrong_input(pipemark, folder, args, status, words):
    before = sorted(p.name for p in pathlib.Path(folder).iterdir())
    temp = sorted(os.listdir(TEMP))
    done = pipemark(*args)
    assert done.status == status, done
    lines = done.err.strip().splitlines()
    assert len(lines) == 1, done
    for word in words:
        assert word in lines[0], done
    after = sorted(p.name for p in pathlib.Path(folder).iterdir())
    assert after == before
    assert sorted(os.listdir(TEMP)) == temp


def test_an_existing_result_is_kept(measure, pipemark):
    measure("--message", "64")
    before = measure.path.read_bytes()
    done = pipemark("run", "-o", "r.jsonl", "--time", "10ms")
    assert done.status == 2 and "r.jsonl" in done.err
    assert "never overwritten" in done.err
    assert measure.path.read_bytes() == before


@on_linux
def test_a_folder_that_takes_no_file_is_asked_once(tmp_path):
    """It was asked for ten names, and the tenth was told."""
    done = subprocess.run(command("pipemark", "run", "--time", "10ms"), cwd="/proc",
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "Z.jsonl: ENOENT" in done.stderr, done


@on_linux
def test_a_full_disk_is_an_error(pipemark):
    done = pipemark("run", "-o", "/dev/full", "--time", "10ms", "--trials", 1)
    assert done.status in (2, 4) and "/dev/full" in done.err


@on_linux
@pytest.mark.parametrize("arguments", [["list", "knobs"], ["help"], ["--version"],
                                       ["list", "matrix"]], ids=" ".join)
def test_a_full_screen_is_an_error(tmp_path, arguments):
    """What cannot be written is no success; a reader that has enough is none
    of our business."""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command("pipemark", *arguments), cwd=tmp_path, stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=30)
    assert done.returncode == 4
    assert done.stderr == "pipemark: standard output: No space left on device\n"
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(command("pipemark", *arguments), cwd=tmp_path, stdout=theirs,
                          stderr=subprocess.PIPE, text=True, timeout=30)
    os.close(theirs)
    assert done.stderr == ""


@on_linux
def test_replies_that_nobody_sees_are_not_verified(pipemark):
    done = pipemark("run", "--transport", "pipe", "--producer-io", "splice", "--workload",
                    "pingpong", "--verify", "yes", "--quiet")
    assert done.status == 3 and "throws away the replies" in done.err, done


@on_linux
@pytest.mark.parametrize("path", ["", "/no/such:/folder"])
def test_a_machine_without_python_is_told_so(pipemark, path):
    done = pipemark("show", "r.jsonl", env={"PATH": path})
    assert done.status == 3 and "needs python3, which is not here" in done.err, done
