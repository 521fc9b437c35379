"""pipemark choose: the set of the best, the space, the answer."""

import json
import random
from pathlib import Path

import pytest

from pipemark import calls, choose, cli, space
from pipemark.best import Entrant, best_set, centred, loss
from pipemark.reader import read
from pipemark.units import seconds

from made import File

HERE = Path(__file__).resolve().parent


def field(levels, rounds=20, noise=.05, seed=1):
    """Entrants at these levels; rounds drift, launches scatter."""
    rng = random.Random(seed)
    drift = [rng.gauss(0, .2) for _ in range(rounds)]
    return [Entrant(str(i), [level + d + rng.gauss(0, noise) for d in drift])
            for i, level in enumerate(levels)]


def test_the_best_is_in_the_set():
    """In at least 95 % of the draws, also when eight are equal."""
    missing = 0
    for seed in range(400):
        missing += "3" not in {e.name for e in best_set(field(
            [.0] * 8, seed=seed))}
    assert missing <= 20
    missing = sum("3" not in {e.name for e in best_set(field(
        [.03] * 3 + [0] + [.03] * 4, seed=seed))} for seed in range(200))
    assert missing <= 4


def test_the_worse_are_out_of_it():
    found = best_set(field([0, .3, .3, .01, 1]))
    assert {e.name for e in found} == {"0", "3"}
    assert best_set(field([.2, 0, .4]))[0].name == "1"


def test_too_few_rounds_put_nobody_out():
    assert len(best_set(field([0, 1, 2], rounds=4))) == 3


def test_holes_are_left_out():
    one, two, three = field([0, .5, .5])
    two.worse[3] = one.worse[4] = None
    three.worse = [None] * 20
    assert [e.name for e in best_set([one, two, three])] == ["0"]
    assert loss(two, one).lo > 1.2 and loss(three, one) is None
    assert centred([one, three])["2"] == float("inf")


TRANSPORTS = [
    {"name": "pipe", "here": True, "named": False, "byte": True,
     "message": False, "duplex": False, "message_max": None},
    {"name": "packet", "here": True, "named": False, "byte": False,
     "message": True, "duplex": False, "message_max": 4096},
    {"name": "named", "here": True, "named": True, "byte": True,
     "message": True, "duplex": True, "message_max": None},
    {"name": "tcp", "here": True, "named": True, "byte": True,
     "message": False, "duplex": True, "message_max": None},
    {"name": "fifo", "here": False}]
ENGINES = [{"name": n, "here": n != "apc", "sends": True,
            "receives": n != "splice"}
           for n in ("blocking", "nowait", "iocp", "apc", "splice", "null")]


def ask(needs="", stream=True, size=64, **fixed):
    return space.candidates(space.Wish(fixed, space.check_needs(needs),
                                       stream, size), TRANSPORTS, ENGINES)


def test_space():
    every = ask()
    assert len(every) <= space.MOST_CELLS
    assert {v["transport"] for v in every} == {"pipe", "packet", "named"}
    assert {v["io"] for v in every} == {"blocking", "nowait", "iocp"}
    assert {"transport": "named", "mode": "message", "io": "iocp",
            "depth": "32"} in every
    assert not any("depth" in v or "buffer" in v for v in ask(stream=False))
    assert len({json.dumps(v, sort_keys=True) for v in every}) == len(every)


@pytest.mark.parametrize("needs, left", [
    ("named", {"named"}), ("anonymous", {"pipe", "packet"}),
    ("message-mode", {"packet", "named"}), ("duplex", {"named"}),
    ("byte-mode", {"pipe", "named"}), ("named,anonymous", set())])
def test_needs(needs, left):
    found = ask(needs)
    assert {v["transport"] for v in found} == left
    modes = {v.get("mode") for v in found}
    if needs == "message-mode":
        assert "byte" not in modes


def test_needs_and_sizes_close_doors():
    assert {v["io"] for v in ask("no-spin")} == {"blocking", "iocp"}
    assert "packet" not in {v["transport"] for v in ask(size=8192)}
    with pytest.raises(cli.Failure):
        space.check_needs("fast")


def test_fixed_knobs_are_not_varied():
    assert not any("io" in v for v in ask(io="blocking"))
    assert choose.fixed_knobs(["--placement", "same", "--verify", "--io=x"]
                              ) == {"placement": "same", "verify": "yes",
                                    "io": "x"}
    for bad in (["quick"], ["--buffer", "4K,64K"]):
        with pytest.raises(cli.Failure):
            choose.fixed_knobs(bad)


@pytest.mark.parametrize("text, value", [("2min", 120), ("30s", 30),
                                         ("500ms", .5), ("1.5h", 5400)])
def test_budget(text, value):
    assert seconds("--budget", text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "30", "s", "1 day", "-3s"])
def test_budget_wrong(text):
    with pytest.raises(cli.Failure):
        seconds("--budget", text)


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    def run(*argv, fake=None):
        monkeypatch.setenv("PIPEMARK", str(HERE / "fake_pipemark.py"))
        monkeypatch.setenv("FAKE", json.dumps(fake or {}))
        status = choose.main([*argv, "-o", str(tmp_path / "out"), "--quiet"])
        return status, capsys.readouterr().out
    return run


@pytest.mark.parametrize("goal", ["throughput", "p50"])
def test_it_takes_the_fastest(call, goal):
    status, out = call("--message", "8K", "--goal", goal, "--format", "json",
                       fake={"speed": {"transport=pipe": 1.3,
                                       "io=nowait": .8}})
    told = json.loads(out)
    assert status == cli.DONE
    assert told["taken"] == {"transport": "unix-seqpacket", "io": "nowait"}
    assert told["alike"] == [] and told["calls"]
    lost = {x["family"]: x["ratio"] for x in told["lost"]}
    assert lost["io=blocking"] == pytest.approx(1.25, rel=.03)
    assert lost["transport=pipe"] == pytest.approx(1.3, rel=.03)
    assert (told["value"] > 1e9) == (goal == "throughput")


def test_the_answer_for_people(call):
    status, out = call("--message", "8K", "--goal", "p50", "--placement",
                       "same", fake={"speed": {"io=nowait": 1.5}})
    assert status == cli.DONE and "Take  transport=" in out
    assert "Cannot be told apart" in out or "unix" in out
    assert "pipemark run --message 8K --workload pingpong" in out
    assert "times worse" in out and "Write" in out


def test_what_was_fixed_is_said_once(call):
    _, out = call("--goal", "p50", "--transport", "unix-seqpacket")
    assert "2 configurations tried, the best 2 measured again" in out
    again = out[out.index("To measure it again"):].split("\n")[0]
    assert again.count("--transport") == 1 and again.count("--io ") == 1


def test_a_rate_is_for_what_has_a_load(call):
    with pytest.raises(cli.Failure) as why:
        call("--goal", "throughput", "--rate", "10K")
    assert why.value.status == cli.WRONG and "--rate" in str(why.value)


def test_a_budget_that_is_too_short_is_said():
    short, usual = (choose._how_long(text, seconds("", text), 52, .015,
                                     [choose.SCREEN_S, choose.FINAL_S])
                    for text in ("8s", "2min"))
    assert "8s is too short" in short and short.startswith("about 2")
    assert usual == "about 2min"


def test_a_moved_machine_is_unproven(call):
    status, out = call("--goal", "p50", fake={"canary_moves": True})
    assert status == cli.CANNOT and "NOT PROVEN" in out


def test_nothing_fits(call):
    with pytest.raises(cli.Failure) as why:
        call("--need", "named,anonymous")
    assert why.value.status == cli.CANNOT


def test_no_number_is_no_answer(call):
    with pytest.raises(cli.Failure) as why:
        call("--goal", "p99")       # the stand-in has no rtt_p99
    assert why.value.status == cli.CANNOT


def test_a_cell_that_loses_messages_has_no_speed(tmp_path):
    file = File(["io=blocking", "io=nowait"], 10)
    file.factor[1, "a"] = .5
    file.corrupt = {(1, "a", 4)}
    run = read(file.write(tmp_path / "r.jsonl"))
    goal = choose.goal_of("p50", False)
    assert [c.id for c in choose.finalists(run, goal)] == ["io=blocking"]


@pytest.mark.parametrize("transport", sorted(calls.MAKERS))
def test_every_transport_has_its_calls(tmp_path, transport):
    run = read(File(["buffer=256K"], 6).write(tmp_path / "r.jsonl"))
    cell = run.cells[0, "a"]
    cell.transport = transport
    cell.knobs["buffer"].n = 262144
    lines = calls.calls(cell, "linux")
    assert any("262144" in line for line in lines)
    assert "read(reader" in lines[-1]
