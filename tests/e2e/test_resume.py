"""Going on with a run, and repeating a line of one."""
import gzip
import signal
import subprocess
import time

import pytest

from conftest import ROOT, TIME_SCALE, WINDOWS, command, records


def cut_after(measure, trials):
    """Leave so many trials, and a part of the next one."""
    lines = measure.path.read_bytes().splitlines(keepends=True)
    at = [i for i, line in enumerate(lines)
          if line.startswith(b'{"t":"trial"')][trials]
    measure.path.write_bytes(b"".join(lines[:at]) + lines[at][:50])


def test_summary_and_csv_hold_what_was_there_before(measure, pipemark):
    measure("--message", "64,4K", trials=3)
    cut_after(measure, 4)
    done = pipemark("run", "--resume", "r.jsonl", "--csv", "s.csv")
    assert done.status == 0, done
    assert "6 trials of 2 configurations" in done.out
    theirs = subprocess.run(
        [str(ROOT / "scripts" / "pipemark-csv"), "--only", "samples",
         str(measure.path)], capture_output=True, check=True).stdout
    assert (pipemark.folder / "s.csv").read_bytes() == theirs


def test_the_second_end_counts_the_whole_file(measure, pipemark):
    measure("--message", "64", trials=3)
    done = pipemark("run", "--resume", "r.jsonl", "--quiet")
    assert done.status == 0, done
    ends = records(measure.path, "end")
    assert len(ends) == 2 and ends[-1]["trials"] == 3


def test_what_stands_in_front_of_the_programs_goes_on(measure, pipemark):
    """The rest was measured without it."""
    measure("--message", "64", "--exec", "no-such-program", trials=3)
    cut_after(measure, 1)
    done = pipemark("run", "--resume", "r.jsonl", "--quiet")
    assert done.status == 4, done
    assert "3 of 3 trials failed; the first one in spawn" in done.err, done
    assert [t["ok"] for t in records(measure.path, "trial")] == [False] * 3


@pytest.mark.parametrize("more", [["--trials", "9"], ["-o", "other.jsonl"],
                                  ["--budget", "9s"], ["--message", "128"]], ids=" ".join)
def test_a_run_goes_on_as_it_began(measure, pipemark, more):
    """All but the last were ignored."""
    measure("--message", "64")
    before = measure.path.read_bytes()
    done = pipemark("run", "--resume", "r.jsonl", *more)
    assert done.status == 2 and done.err.count("\n") == 1, done
    assert "leave out" in done.err
    assert measure.path.read_bytes() == before


def test_a_run_of_another_system_is_refused(measure, pipemark):
    measure("--message", "64")
    here, there = ("windows", "linux") if WINDOWS else ("linux", "windows")
    lines = measure.path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[0] = lines[0].replace('"host":"%s"' % here, '"host":"%s"' % there)
    measure.path.write_text("".join(lines[:-1]), encoding="utf-8")
    before = measure.path.read_bytes()
    done = pipemark("run", "--resume", "r.jsonl")
    assert done.status == 2 and done.err.count("\n") == 1, done
    assert there in done.err and "--repeat" in done.err
    assert measure.path.read_bytes() == before


def test_a_run_that_goes_on_is_not_resumed(measure, pipemark, tmp_path):
    """Two writers cut off and overwrote each other's lines."""
    with open(tmp_path / "said", "wb") as said:
        process = subprocess.Popen(
            command("pipemark", "run", "--message", "64", "--time", "100ms",
                    "--warmup", "5ms", "--trials", 300, "--quiet", "-o",
                    "r.jsonl"), cwd=tmp_path, stdout=said, stderr=said,
            stdin=subprocess.DEVNULL)
        try:
            wait_for_trials(process, measure.path, 1)
            done = pipemark("run", "--resume", "r.jsonl", "--quiet")
            assert process.poll() is None, "over too early to tell"
        finally:
            process.kill()
            process.wait()
    assert done.status == 2 and done.err.count("\n") == 1, done
    assert "is being written by another program" in done.err, done


def test_a_packed_file_is_refused_and_left_alone(measure, pipemark):
    measure("--message", "64")
    packed = gzip.compress(measure.path.read_bytes())
    (pipemark.folder / "r.jsonl.gz").write_bytes(packed)
    for option in ("--resume=r.jsonl.gz", "--repeat=r.jsonl.gz:3"):
        done = pipemark("run", option)
        assert done.status == 2 and done.err.count("\n") == 1, done
        assert "gunzip" in done.err
    assert (pipemark.folder / "r.jsonl.gz").read_bytes() == packed


@pytest.mark.parametrize("arm", ["a", "b"])
def test_repeat_takes_the_arm_of_the_line(measure, pipemark, arm):
    measure("--message", "64", "--b", "message=128")
    line = [i for i, r in enumerate(records(measure.path), 1)
            if r["t"] == "trial" and r["arm"] == arm][0]
    done = pipemark("run", "--repeat", "r.jsonl:%d" % line, "--trials", 1,
                    "--quiet", "-o", "again.jsonl")
    assert done.status == 0, done
    cell = records(pipemark.folder / "again.jsonl", "cell")[0]
    assert cell["knobs"]["message"]["n"] == {"a": 64, "b": 128}[arm]
    # What was measured then is not measured now.
    assert len(records(pipemark.folder / "again.jsonl", "trial")) == 1


def test_repeat_takes_no_knobs_beside_the_line(measure, pipemark):
    """They were ignored, and the result looked as if they had not been."""
    measure("--message", "64")
    for more in (["--time", "7ms"], ["quick"], ["--b", "message=128"]):
        done = pipemark("run", "--repeat", "r.jsonl:3", "--trials", 1, *more)
        assert done.status == 2 and done.err.count("\n") == 1, done
        assert "leave out" in done.err
    assert [p.name for p in pipemark.folder.glob("*.jsonl")] == ["r.jsonl"]


@pytest.mark.skipif(WINDOWS, reason="Wine has no console whose Ctrl-C could be sent")
def test_an_interrupted_run_ends_well_and_goes_on(measure, pipemark, tmp_path):
    with open(tmp_path / "said", "wb") as said:
        process = subprocess.Popen(
            command("pipemark", "run", "--message", "64", "--time", "50ms",
                    "--warmup", "5ms", "--trials", 40, "--quiet", "-o",
                    measure.path), stdout=said, stderr=said)
        wait_for_trials(process, measure.path, 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130, (tmp_path / "said").read_text()
    end = records(measure.path)[-1]
    assert end["t"] == "end" and end["interrupted"] is True
    had = len(records(measure.path, "trial"))
    assert end["trials"] == had and 2 <= had < 40
    done = pipemark("run", "--resume", measure.path, "--quiet")
    assert done.status == 0, done
    end = records(measure.path)[-1]
    assert end["trials"] == 40 and end["interrupted"] is False


def wait_for_trials(process, path, count, deadline_s=60):
    """Until so many trials are in the file; reading it is the wait."""
    give_up = time.monotonic() + deadline_s * TIME_SCALE
    while process.poll() is None and time.monotonic() < give_up:
        if path.exists() and path.read_bytes().count(b'\n{"t":"trial"') >= count:
            return
    raise AssertionError("no %d trials in %d s" % (count, deadline_s))
