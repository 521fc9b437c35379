"""pipemark versus: both stages, with a stand-in for the program."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipemark import cli, drive, gate, noise, versus
from pipemark.reader import read

HERE = Path(__file__).resolve().parent
COMMAND = HERE.parents[1] / "scripts" / "pipemark-versus"
IDS = "message={} workload=pingpong"


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    def run(*argv, fake=None):
        monkeypatch.setenv("PIPEMARK", str(HERE / "fake_pipemark.py"))
        monkeypatch.setenv("FAKE", json.dumps(fake or {}))
        status = versus.main([*argv, "-o", str(tmp_path / "out")])
        said = capsys.readouterr()
        return status, said.out, said.err
    run.folder = tmp_path / "out"
    return run


SIDES = ("--a", "kind=anonymous", "--b", "kind=named", "--message",
         "64,4K,64K")


def test_the_tree_s_own_program_is_found_on_windows(monkeypatch):
    monkeypatch.delenv("PIPEMARK", raising=False)
    monkeypatch.setattr(drive.platform, "system", lambda: "Windows")
    monkeypatch.setattr(drive.platform, "machine", lambda: "AMD64")
    monkeypatch.setattr(drive.os, "access", lambda path, how: True)
    monkeypatch.setattr(drive.os.path, "isfile",
                        lambda path: "windows-x86_64" in path)
    assert Path(drive.program()[0]).parts[-3:-1] == ("windows-x86_64", "bin")


def test_two_stages(call):
    status, out, err = call(*SIDES, fake={"slower": {IDS.format("4K"): 1.3}})
    assert status == cli.DONE       # a finding is no failure unless told so
    assert "3 of 3 cells judged: 1 regressed, 0 improved" in out
    assert "b is slower than a in message=4K (1.3x)." in out
    assert "Copies against themselves" in out and "a: kind=anonymous, b: kind=named" in out
    assert "Smallest slow-down" in out
    second = read(str(call.folder / versus.CONFIRM_FILE))
    assert IDS.format("4K") in [c.id.replace("kind=anonymous ", "")
                                for c in second.cells.values()]
    assert {p.name for p in call.folder.iterdir()} >= {
        "1-screen.jsonl", "2-confirm.jsonl", "compare.csv", "compare.json"}


def test_judging_kept_files_says_the_same(call, capsys):
    status, out, _ = call(*SIDES, fake={"slower": {IDS.format("4K"): 1.3}})
    assert versus.main(["--judge", str(call.folder)]) == status
    assert capsys.readouterr().out == out
    one = str(call.folder / versus.CONFIRM_FILE)
    assert versus.main(["--judge", one, "--fail-on", "regressed"]) == cli.FOUND


def test_fail_on(call):
    slow = {"slower": {IDS.format("4K"): 1.3}}
    assert call(*SIDES, "--fail-on", "regressed,improved",
                fake=slow)[0] == cli.FOUND


def test_a_reader_that_has_enough_changes_no_verdict(call):
    """It was status 0, also where b had regressed."""
    call(*SIDES, fake={"slower": {IDS.format("4K"): 1.3}})
    ours, theirs = os.pipe()
    os.close(ours)
    done = subprocess.run(
        [sys.executable, str(COMMAND), "--judge", str(call.folder), "--fail-on",
         "regressed", "-o", str(call.folder / "more")], stdout=theirs,
        stderr=theirs, timeout=60)
    os.close(theirs)
    assert done.returncode == cli.FOUND
    assert (call.folder / "more" / "compare.xml").exists()


def test_what_stands_in_front_is_told(tmp_path):
    """Two arms that differ in nothing else were "a against itself"."""
    from made import File
    file = File(["message=64"], 6, ("a", "b"), sets={"a": "", "b": ""})
    head = file.header()
    file.header = lambda: dict(head, argv=["run", "--a-exec", "nice -n 3",
                                           "--b-exec=chrt -f 1"])
    design = versus.judge_path(str(file.write(tmp_path / "r.jsonl")),
                               versus.Rules()).design
    assert design.startswith("a: as it is under nice -n 3, b: as it is under chrt -f 1;")


def test_a_margin_of_no_metric_is_refused(call, monkeypatch, tmp_path):
    """It was taken for one, and the usual margin judged."""
    with pytest.raises(cli.Failure) as why:
        call(*SIDES, "--margin", "p51=40")
    assert why.value.status == cli.WRONG and "p51" in str(why.value)
    assert not call.folder.exists()     # before anything is measured
    monkeypatch.chdir(tmp_path)
    for command in (noise.main, lambda words: gate.main(
            ["--history", "h", *words])):
        with pytest.raises(cli.Failure) as why:
            command(["--margin", "p51=40"])
        assert "p51" in str(why.value) and not list(tmp_path.glob("pipemark-*"))
    assert call(*SIDES, "--margin", "p50=40", fake={
        "slower": {IDS.format("4K"): 1.3}})[1].count("regressed") == 1
    with pytest.raises(cli.Failure):
        versus.main(["--judge", str(call.folder), "--margin", "p51=40"])


def test_nothing_to_confirm(call):
    status, out, err = call("--a", "", "--b", "", "--message", "64")
    assert status == cli.DONE and "1 unchanged" in out
    assert "against itself" in out


def test_a_moved_machine_is_unproven(call):
    status, out, _ = call(*SIDES, fake={
        "slower": {IDS.format("4K"): 1.3}, "canary_moves": True})
    assert status == cli.CANNOT and "NOT PROVEN: the machine moved" in out
    assert "0 regressed" in out


@pytest.mark.parametrize("status", [2, 3, 4])
def test_the_program_refuses(call, status):
    with pytest.raises(cli.Failure) as why:
        call(*SIDES, fake={"status": status})
    assert why.value.status == status


@pytest.mark.parametrize("argv", [
    ["--message", "64"], ["--a", "", "--b", "", "--screen", "3"],
    ["--a", "", "--b", "", "--margin", "x"],
    ["--a", "", "--b", "", "--fail-on", "bad"],
    ["--judge", "x", "--message", "64"]])
def test_wrong_requests(call, argv):
    with pytest.raises(cli.Failure) as why:
        call(*argv)
    assert why.value.status == cli.WRONG


def test_a_delay_finds_its_cell_in_the_second_stage(call):
    run = versus.Campaign(versus._parser().parse_known_args(
        ["--a", "", "--b", "", "-o", str(call.folder),
         "--inject-delay", "3us@2"])[0], [], versus.Rules())

    class Fake:
        def __init__(self, n):
            self.n = n
    assert run._delay([Fake(0), Fake(2)]) == ["--inject-delay", "3us@1"]
    assert run._delay([Fake(0)]) == []


@pytest.mark.parametrize("send, number", [(os.killpg, signal.SIGINT),
                                          (os.kill, signal.SIGTERM)])
def test_an_interrupt_keeps_the_files(tmp_path, send, number):
    """SIGTERM reached the script alone, and the run went on without it."""
    env = dict(os.environ, PIPEMARK=str(HERE / "fake_pipemark.py"),
               FAKE=json.dumps({"stay": 60}))
    process = subprocess.Popen(
        [sys.executable, str(COMMAND), *SIDES, "-o", str(tmp_path / "out")],
        env=env, stderr=subprocess.PIPE, text=True, start_new_session=True)
    kept, deadline = tmp_path / "out" / versus.SCREEN_FILE, time.time() + 20
    while (not kept.exists() or '"t":"end"' not in kept.read_text()):
        assert time.time() < deadline
    send(process.pid, number)
    _, err = process.communicate(timeout=20)    # the run has it open as well
    assert process.returncode == cli.INTERRUPTED
    assert str(kept) in err and kept.exists()


def test_a_refusal_leaves_no_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PIPEMARK", str(HERE / "fake_pipemark.py"))
    monkeypatch.setenv("FAKE", json.dumps({"status": 2}))
    monkeypatch.chdir(tmp_path)
    for command in (noise.main, lambda words: versus.main(["--b", "", *words])):
        with pytest.raises(cli.Failure):
            command(["--quiet"])
        assert not list(tmp_path.iterdir())


def test_no_two_measurements_share_a_folder(tmp_path, monkeypatch):
    """The second one of a second judged the files of the first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(drive.time, "strftime", lambda form, _: form[:13])
    made = [drive.new_folder(None, "gate") for _ in range(3)]
    assert made == ["pipemark-gate", "pipemark-gate-2", "pipemark-gate-3"]
    assert drive.new_folder("pipemark-gate", "gate") == "pipemark-gate"
    (tmp_path / "run.jsonl").touch()
    with pytest.raises(cli.Failure) as why:
        drive.measure([], "run.jsonl")
    assert why.value.status == cli.WRONG and "already" in str(why.value)


def test_base_values_look_beneath_the_sets(tmp_path):
    from made import File
    file = File(["message=64 buffer=1M"], 6, ("a", "b"),
                sets={"a": "buffer=4K mode=message", "b": "mode=byte"})
    run = read(file.write(tmp_path / "r.jsonl"))
    values = drive.base_values(run.cells[0, "a"], run.cells[0, "b"])
    assert values == {"message": "64", "buffer": "1M"}


@pytest.mark.parametrize("rest, short", [
    (["--message", "64,4K"], True), ([], True), (["--verify"], True),
    (["quick"], False), (["--message=64", "my.matrix"], False),
    (["--time", "1s"], False), (["--count=1000"], False)])
def test_trials_are_short_unless_someone_said_how_long(tmp_path, rest, short):
    args = versus._parser().parse_args(["--a", "", "-o", str(tmp_path)])
    made = versus.Campaign(args, rest, versus.Rules())
    assert (made.rest != rest) == short


def test_matrix_text():
    assert drive.matrix_text([{"message": "64", "io": "nowait"}, {}]) == (
        "[cell-0]\nmessage = 64\nio = nowait\n[cell-1]\n")
