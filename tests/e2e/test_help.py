"""help and list: what they say stands in the tables."""
import json

from conftest import ROOT


def test_the_committed_knob_page_is_current(pipemark):
    done = pipemark("list", "knobs", "--markdown")
    assert done.status == 0
    assert done.out.replace("\r", "") == (ROOT / "reports/KNOBS.md").read_text(), \
        "run make docs"


def test_help_knows_every_knob_and_command(pipemark):
    listed = json.loads(pipemark("list", "--json").out)
    knobs = pipemark("help", "knobs").out
    for knob in listed["knobs"]:
        assert "--%s " % knob["name"] in knobs
        assert pipemark("help", knob["name"]).status == 0
    commands = pipemark("help").out
    for name in ("run", "list", "csv", "plot", "versus"):
        assert name in commands
    assert pipemark("run", "--help").out.startswith("usage")
    assert pipemark().out == commands


def test_lists_are_json(pipemark):
    listed = json.loads(pipemark("list", "--json").out)
    assert {m["name"] for m in listed["metrics"]} >= {"rtt_p50", "bytes_per_s"}
    assert any(p["name"] == "quick" for p in listed["presets"])
    matrix = json.loads(pipemark("list", "matrix", "--json").out)["matrix"]
    assert any(c["became"]["transport"] for c in matrix)
    for name in ("transports", "engines", "presets", "metrics", "knobs", "matrix"):
        assert pipemark("list", name).status == 0


def test_a_typo_is_noticed(pipemark):
    done = pipemark("help", "mesage")
    assert done.status == 2 and "message" in done.err
