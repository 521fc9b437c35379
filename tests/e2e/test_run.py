"""pipemark run: what it measures, keeps and says."""
import csv
import pathlib

import pytest

from conftest import ROOT, WINDOWS, on_linux, records

KINDS = "anonymous,named"


def by_type(found, kind):
    return [r for r in found if r["t"] == kind]


def check_trials(found):
    """Every trial is whole: counts, rates, distributions."""
    trials = by_type(found, "trial")
    assert trials
    for t in trials:
        assert t["ok"], t["error"]
        assert t["phase"] == "done" and t["error"] is None
        assert t["messages"] >= 1
        assert sum(t["integrity"].values()) == 0
    return trials


def test_both_workloads_of_every_kind(measure):
    done, found = measure("--kind", KINDS, "--mode", "byte,message", "--io",
                          "blocking,nowait", "--message", "64,4K,64K",
                          "--workload", "pingpong,stream")
    assert done.status == 0, done
    cells = by_type(found, "cell")
    assert len(cells) == 48
    trials = check_trials(found)
    measured = {c["n"] for c in cells if c["skip"] is None}
    assert {t["cell"] for t in trials} == measured
    assert len(trials) == len(measured) >= 20  # on one CPU nobody polls beside the other
    for c in cells:
        if c["skip"]:
            assert c["skip"]["class"] == "unsupported"
            assert len(c["skip"]["reason"]) > 10
    end = by_type(found, "end")[-1]
    assert end["failed"] == 0 and not end["interrupted"]
    assert end["trials"] == len(trials)


def test_metrics_of_a_pingpong(measure):
    _, found = measure("--message", "64", "--count", "2000", "--stamp", "1")
    trial = check_trials(found)[0]
    m, h = trial["metrics"], trial["hist"]["rtt"]
    assert trial["messages"] == 2000
    assert h["n"] == 2000 == sum(h["b"][1::2]) + h["over"]
    assert h["min"] <= m["rtt_p50"] <= m["rtt_p99"] <= m["rtt_max"] == h["max"]
    assert m["rtt_mean"] == pytest.approx(h["sum"] / h["n"])
    # 2000 samples are enough for p99 and too few for p99.9.
    assert m.get("rtt_p999") is None
    assert m["messages_per_s"] > 0 and m["producer.syscalls"] >= 4000


def test_the_rate_is_the_consumers(measure):
    _, found = measure("--workload", "stream", "--message", "4K")
    trial = check_trials(found)[0]
    rate = trial["messages"] / (trial["measure_ns"] / 1e9)
    assert trial["metrics"]["messages_per_s"] == pytest.approx(rate, rel=1e-6)
    assert trial["bytes"] == trial["messages"] * 4096


def test_variable_lengths_and_verify(measure):
    done, found = measure("--message-min", "1", "--message", "9000", "--verify",
                          "yes", "--workload", "stream,pingpong", "--kind", KINDS)
    assert done.status == 0, done
    for t in check_trials(found):
        assert 1 < t["bytes"] / t["messages"] < 9000


@pytest.mark.parametrize("size", ["1", "7", "8", "15", "16"])
def test_small_messages(measure, size):
    done, found = measure("--message", size, "--workload", "stream,pingpong",
                          "--count", "500", "--verify", "yes")
    assert done.status == 0, done
    assert all(t["messages"] == 500 for t in check_trials(found))


@pytest.mark.parametrize("size,reply", [("1", "1"), ("7", "7"), ("8", "15"),
                                        ("15", "1"), ("64", "4"), ("4", "64")])
def test_small_messages_unread(measure, size, reply):
    """Nobody looks at their content: loops of their own."""
    done, found = measure("--message", size, "--reply", reply, "--count", "500",
                          "--stamp", "none,1")
    assert done.status == 0, done
    silent, timed = sorted(check_trials(found), key=lambda t: len(t["hist"]))
    assert silent["messages"] == timed["messages"] == 500
    assert timed["hist"]["rtt"]["n"] == 500 and "rtt" not in silent["hist"]


def test_reply_of_another_length(measure):
    done, found = measure("--message", "64", "--reply", "10000", "--count", "300")
    assert done.status == 0, done
    assert check_trials(found)[0]["bytes"] == 300 * 64


def test_a_message_larger_than_the_pipe(measure):
    """Three peers hang here."""
    done, found = measure("--buffer", "4K", "--message", "1M", "--verify", "yes",
                          "--kind", KINDS, "--workload", "stream,pingpong",
                          "--count", "20")
    assert done.status == 0, done
    for t in check_trials(found):
        assert t["messages"] == 20
    pipes = [t for t in by_type(found, "trial")
             if by_type(found, "cell")[t["cell"]]["became"]["transport"] != "unix-stream"]
    assert any(t["buffers"]["consumer"] == 4096 for t in pipes)


@pytest.mark.parametrize("kind", ["anonymous", "named"])
def test_the_buffer_asked_for_is_recorded(measure, kind):
    done, found = measure("--kind", kind, "--workload", "stream,pingpong",
                          "--in-buffer", "8K,os", "--out-buffer", "16K")
    assert done.status == 0, done
    asked = {r["id"]: r["buffers"]["asked"] for r in found if r["t"] == "trial"}
    assert len(asked) == 4
    for cell, size in asked.items():
        # the consumer is the server, and in-buffer is what a server reads
        assert size == (8192 if "in-buffer=8K" in cell else None), cell


def test_different_engines_at_the_two_ends(measure):
    done, found = measure("--producer-io", "nowait", "--consumer-io", "blocking",
                          "--workload", "stream", "--poll", "yield")
    assert done.status == 0, done
    assert by_type(found, "cell")[0]["became"]["producer"] == "nowait"
    check_trials(found)


def test_null_engine_has_a_floor(measure):
    done, found = measure("--io", "null", "--workload", "stream,pingpong")
    assert done.status == 0, done
    assert all(0 < t["metrics"]["floor"] < 2000 for t in check_trials(found))


def test_hand_over_by_standard_handles(measure):
    done, found = measure("--hand-over", "std", "--workload", "stream,pingpong")
    assert done.status == 0, done
    check_trials(found)


def test_two_arms_come_in_pairs(measure):
    done, found = measure("--a", "message=64", "--b", "message=4K", trials=4)
    assert done.status == 0, done
    trials = check_trials(found)
    assert [t["slot"] for t in trials] == list(range(8))
    for first, second in zip(trials[::2], trials[1::2]):
        assert {first["arm"], second["arm"]} == {"a", "b"}
        assert (first["pair"], second["pair"]) == (0, 1)
        assert first["round"] == second["round"]


def test_order_is_repeatable_and_complete(measure):
    orders = []
    for _ in range(2):
        _, found = measure("--message", "64,128,256", "--seed", "7", "--time",
                           "1ms", "--warmup", "0ms", trials=3)
        trials = by_type(found, "trial")
        orders.append([t["cell"] for t in trials])
        for r in range(3):
            assert sorted(orders[-1][3 * r:3 * r + 3]) == [0, 1, 2]
    assert orders[0] == orders[1]


def test_skips_do_not_fail_a_matrix(measure):
    wrong = "anon" if not WINDOWS else "fifo"
    right = "pipe" if not WINDOWS else "named"
    done, found = measure("--transport", wrong + "," + right)
    assert done.status == 0, done
    skipped = [c for c in by_type(found, "cell") if c["skip"]]
    assert len(skipped) == 1 and ("Windows" if not WINDOWS else "Linux").lower() \
        in skipped[0]["skip"]["reason"].lower()


def test_a_single_impossible_cell(pipemark):
    done = pipemark("run", "--transport", "fifo" if WINDOWS else "anon")
    assert done.status == 3
    assert len(done.err.strip().splitlines()) == 1


@on_linux
def test_prefixes_of_arms_make_arms(pipemark):
    """--b-exec was ignored without --b, and no arm told its prefix."""
    done = pipemark("run", "--message", "64", "--time", "20ms", "--trials", 1,
                    "--b-exec", "nice -n 3", "-o", "r.jsonl")
    assert done.status == 0 and "arm a: as it is\n" in done.out, done
    assert "arm b: as it is under nice -n 3\n" in done.out, done
    arms = [r["arm"] for r in records(pipemark.folder / "r.jsonl", "trial")]
    assert sorted(arms) == ["a", "b"]


def test_strict_is_so_with_warnings_too(measure):
    """It was so with skipped cells only, other than --help says."""
    done, found = measure("--message", "64", "--count", "1")
    assert done.status == 0 and found[-2]["warnings"], done
    done, _ = measure("--message", "64", "--count", "1", "--strict")
    assert done.status == 3 and "trials with a warning: 1," in done.err, done


def test_resume_measures_nothing_twice(measure, pipemark):
    _, found = measure("--message", "64,4K", "--seed", "3", trials=5)
    whole = measure.path.read_text().splitlines(keepends=True)
    cut = [i for i, r in enumerate(found) if r["t"] == "trial"][4]
    measure.path.write_text("".join(whole[:cut]) + whole[cut][:40])
    done = pipemark("run", "--resume", "r.jsonl", "--quiet")
    assert done.status == 0, done
    again = records(measure.path, "trial")
    keys = [(t["cell"], t["round"], t["arm"]) for t in again]
    assert len(keys) == len(set(keys)) == 10
    assert sorted(keys) == sorted((t["cell"], t["round"], t["arm"])
                                  for t in found if t["t"] == "trial")
    assert records(measure.path)[-1]["t"] == "end"


def test_repeat_measures_the_cell_of_a_line(measure, pipemark):
    _, found = measure("--message", "64,128", "--workload", "stream")
    line = [i for i, r in enumerate(found, 1) if r["t"] == "trial"][0]
    done = pipemark("run", "--repeat", "r.jsonl:%d" % line, "--trials", 1,
                    "--quiet", "-o", "again.jsonl")
    assert done.status == 0, done
    again = records(pipemark.folder / "again.jsonl")
    assert by_type(again, "cell")[0]["id"] == found[line - 1]["id"]


def test_budget_sets_the_trials(pipemark):
    done = pipemark("run", "--time", "20ms", "--warmup", "0ms", "--budget", "1s",
                    "-o", "b.jsonl", "--quiet")
    assert done.status == 0, done
    run = records(pipemark.folder / "b.jsonl", "run")[0]
    assert 8 <= run["plan"]["trials"] <= 50


def test_explain_measures_nothing(pipemark):
    done = pipemark("run", "--explain", "--message", "64,4K")
    assert done.status == 0 and done.out.strip()
    assert not list(pathlib.Path(pipemark.folder).glob("*.jsonl"))


def test_table_and_default_file_name(pipemark):
    done = pipemark("run", "--time", "20ms", "--warmup", "5ms", "--trials", 6,
                    "--message", "64,4K", "--workload", "stream")
    assert done.status == 0, done
    files = list(pathlib.Path(pipemark.folder).glob("pipemark-*.jsonl"))
    assert len(files) == 1 and files[0].name in done.out
    if WINDOWS:
        assert "Wine" in done.out


def test_runs_of_one_second_have_a_file_each(pipemark):
    for _ in range(3):
        done = pipemark("run", "--time", "5ms", "--warmup", 0, "--trials", 1,
                        "--message", "64", "--quiet")
        assert done.status == 0, done
    files = list(pathlib.Path(pipemark.folder).glob("pipemark-*.jsonl"))
    assert len(files) == 3


def test_program_csv_equals_the_scripts(measure):
    done, found = measure("--csv", "c.csv", "--message", "64,4K", trials=2)
    assert done.status == 0, done
    mine = (measure.folder / "c.csv").read_bytes()
    rows = list(csv.DictReader(mine.decode().splitlines()))
    assert len({r["metric"] for r in rows}) > 20
    import subprocess
    subprocess.run([ROOT / "scripts/pipemark-csv", measure.path, "-o",
                    measure.folder / "py"], check=True, timeout=60)
    assert (measure.folder / "py" / "samples.csv").read_bytes() == mine
    assert found


@on_linux
def test_children_die_with_the_runner(tmp_path):
    """The short form of tests/long/test_kills.py."""
    import subprocess
    import time
    from conftest import command
    runner = subprocess.Popen(command("pipemark", "run", "--kind", "named",
                                      "--time", "120s", "--quiet"), cwd=tmp_path)
    children = []
    deadline = time.monotonic() + 60
    while len(children) < 2 and time.monotonic() < deadline:
        text = pathlib.Path("/proc/%d/task/%d/children" % (runner.pid, runner.pid)).read_text()
        children = [int(p) for p in text.split()]
        time.sleep(0.01)
    runner.kill()
    runner.wait()
    assert len(children) == 2
    while any(pathlib.Path("/proc/%d/exe" % p).exists() for p in children):
        assert time.monotonic() < deadline
        time.sleep(0.01)
