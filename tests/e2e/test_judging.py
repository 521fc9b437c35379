"""The commands that judge, over real runs.

A machine under test is busy, so what is asked is what must hold anyhow: files
and exit status fit together, a large real slow-down is seen where it is, and
a machine that moved is said to have moved.
"""
import json
import os
import pathlib
import subprocess
import sys

import pytest

from conftest import BUILD, ROOT, TIME_SCALE, WINDOWS

SHORT = ["--time", "20ms", "--warmup", "5ms"]


@pytest.fixture
def tool(tmp_path):
    """pipemark-NAME of the scripts, driving the programs under test."""
    program = BUILD / "bin" / ("pipemark.exe" if WINDOWS else "pipemark")
    env = dict(os.environ, PIPEMARK=str(program.resolve()))

    def call(name, *args, status=(0, 3)):
        done = subprocess.run(
            [sys.executable, str(ROOT / "scripts" / f"pipemark-{name}"),
             *map(str, args)], cwd=tmp_path, env=env, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=120 * TIME_SCALE)
        assert done.returncode in status, done.stderr + done.stdout
        return done
    call.folder = tmp_path
    return call


def moved(told):
    return any("moved" in text or "sentinel" in text
               for text in told["unproven"])


def test_versus_sees_a_real_delay_in_its_cell(tool):
    """5 ms: a round trip on a busy machine may take one or two by itself."""
    done = tool("versus", "--a", "", "--b", "", "--message", "64,4K",
                "--count", "40", "--warmup", "5ms", "--screen", "8",
                "--confirm", "8", "--sentinels", "1",
                "--inject-delay", "5ms@1", "--quiet", "-o", "out")
    told = json.loads((tool.folder / "out" / "compare.json").read_text())
    assert told["status"] == done.returncode
    rows = {r["name"]: r for r in told["rows"]}
    assert rows["message=4K"]["ratio"] > 2 > rows["message=64"]["ratio"]
    assert told["sentinels"] and all(r["ratio"] < 2 for r in told["sentinels"])
    if not moved(told):
        assert rows["message=4K"]["verdict"] == "regressed"
        assert done.returncode in (0, 3)
    again = tool("versus", "--judge", "out")
    assert again.stdout == done.stdout
    assert (tool("versus", "--judge", "out", "--fail-on", "regressed",
                 status=(1, 3)).returncode == 1) == (not moved(told))


def test_versus_compares_two_kinds_of_pipe(tool):
    tool("versus", "--a", "kind=anonymous", "--b", "kind=named", *SHORT,
         "--screen", "6", "--confirm", "6", "--sentinels", "1", "--quiet",
         "-o", "out")
    told = json.loads((tool.folder / "out" / "compare.json").read_text())
    assert len(told["rows"]) == 1
    assert "kind=anonymous" in told["design"]
    assert WINDOWS == ("Wine" in told["where"])


def test_versus_of_what_cannot_be(tool):
    tool("versus", "--a", "", "--b", "no-such-knob=1", status=(2,))
    both = ("kind=anonymous mode=message" if WINDOWS
            else "transport=packet message=64K")
    tool("versus", "--a", both, "--b", both, *SHORT, status=(2, 3))


def test_compare_gate_and_history(tool):
    run = [os.path.abspath(BUILD / "bin" / ("pipemark.exe" if WINDOWS
                                           else "pipemark"))]
    if WINDOWS:
        run = [str(ROOT / "scripts" / "wine-run"), *run]
    for name in ("one", "two"):
        subprocess.run([*run, "run", *SHORT, "--trials", "3", "--quiet", "-o",
                        name + ".jsonl"], cwd=tool.folder, check=True,
                       stdin=subprocess.DEVNULL, timeout=60 * TIME_SCALE)
    done = tool("compare", "one.jsonl", "--", "two.jsonl", status=(3,))
    assert "indicative" in done.stdout
    done = tool("gate", "--history", "h", "--run", "one.jsonl")
    assert "learning 0/8" in done.stdout
    again = ("gate", "--history", "h", *SHORT, "--trials", "2", "--quiet", "-o",
             "out")
    assert "learning 1/8" in tool(*again).stdout
    done = tool(*again, status=(2,))  # it judged the run of the time before
    assert "run.jsonl is there already" in done.stderr
    assert "2 runs" in tool("history", "show", "h").stdout


def test_noise(tool):
    done = tool("noise", *SHORT, "--message", "64", "--trials", "6",
                "--format", "json", "--quiet")
    told = json.loads(done.stdout)
    assert len(told["cells"]) <= 1 and told["status"] == done.returncode


@pytest.mark.parametrize("goal", ["p50"] if WINDOWS else ["throughput", "p50"])
def test_choose_answers(tool, goal):
    done = tool("choose", "--message", "1K", "--goal", goal, "--budget",
                "5s", "--need", "no-spin,message-mode", "--format", "json",
                "--quiet", "-o", "out")
    told = json.loads(done.stdout)
    assert told["tried"] > 0 and told["value"] > 0 and told["calls"]
    assert told["taken"] not in told["alike"]
    assert len(told["alike"]) < 8
    assert (tool.folder / "out" / "2-final.jsonl").exists()


def test_choose_needs_what_nothing_has(tool):
    done = tool("choose", "--need", "named,anonymous", status=(3,))
    assert "nothing on this machine" in done.stderr
