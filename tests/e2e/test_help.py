"""help and list: what they say stands in the tables."""
import json
import os
import socket

from conftest import ROOT, TEMP, WINDOWS, on_linux


def test_the_committed_knob_page_is_current(pipemark):
    done = pipemark("list", "knobs", "--markdown")
    assert done.status == 0
    assert done.out.replace("\r", "") == (ROOT / "reports/KNOBS.md").read_text(), \
        "run make docs"


def some(rows):
    """All, or under Wine every fifth: the tables are the same, a start takes 100 ms."""
    return rows[::5] if WINDOWS else rows


def test_help_knows_every_knob_and_command(pipemark):
    listed = json.loads(pipemark("list", "--json").out)
    knobs = pipemark("help", "knobs").out
    assert all("--%s " % knob["name"] in knobs for knob in listed["knobs"])
    for knob in some(listed["knobs"]):
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
    assert any(c.get("became", {}).get("transport") for c in matrix)
    for name in ("transports", "engines", "presets", "metrics", "knobs", "matrix"):
        assert pipemark("list", name).status == 0


def test_help_knows_whatever_list_lists(pipemark):
    listed = json.loads(pipemark("list", "--json").out)
    for kind in ("transports", "engines", "presets"):
        for row in some(listed[kind]):
            assert pipemark("help", row["name"]).status == 0, row["name"]
    for topic in ("rtt_p50", "matrix", "units", "exit", "kernel", "default",
                  "--message", "help"):
        done = pipemark("help", topic)
        assert done.status == 0 and done.out, topic


def test_lists_of_knobs_say_what_the_program_takes(pipemark):
    for knob in json.loads(pipemark("list", "knobs", "--json").out)["knobs"]:
        words = knob.get("choices", []) + knob.get("words", [])
        for word in words:
            done = pipemark("run", "--explain", "--%s" % knob["name"], word)
            assert done.status in (0, 2, 3), (knob["name"], word, done)
            assert "is unknown" not in done.err and "is no " not in done.err


def test_json_and_markdown_exclude_each_other(pipemark):
    for args in (("knobs", "--json", "--markdown"), ("--markdown",),
                 ("transports", "--markdown"), ("knobs", "metrics")):
        done = pipemark("list", *args)
        assert done.status == 2 and len(done.err.splitlines()) == 1, done


def test_the_matrix_says_why_not(pipemark):
    cells = json.loads(pipemark("list", "matrix", "--json").out)["matrix"]
    assert len(cells) == 2 * 2 * 3 * len({c["io"] for c in cells})
    for cell in cells:
        assert (cell["skip"] is None) == ("became" in cell)
        assert cell["skip"] is None or cell["skip"]["reason"]
    assert {c["became"]["transport"] for c in cells
            if c["skip"] is None and c["io"] == "blocking"
            and c["kind"] == "named"} <= (
                {"fifo", "unix-seqpacket", "named"})


def test_the_pipes_of_this_machine(pipemark, tmp_path):
    """Wine cannot say; Linux knows what listens, and a FIFO is no news to it."""
    done = pipemark("list", "live")
    if WINDOWS:
        assert done.status == 3 and "does not list its pipes" in done.err
        return
    assert done.status == 0
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listens:
        path = str(TEMP / "live")
        listens.bind(path)
        listens.listen(1)
        found = json.loads(pipemark("list", "live", "--json").out)["live"]
        assert {"kind": "unix-seqpacket", "name": path} in found
        assert path in pipemark("list", "live").out
    os.unlink(path)


@on_linux
def test_a_strangers_name_is_no_word_to_the_terminal(pipemark):
    with socket.socket(socket.AF_UNIX) as listens:
        listens.bind("\0pm-%d-\033[31mred" % os.getpid())
        listens.listen(1)
        done = pipemark("list", "live")
    assert "pm-%d-?[31mred" % os.getpid() in done.out and "\033" not in done.out


def test_a_typo_is_noticed(pipemark):
    done = pipemark("help", "mesage")
    assert done.status == 2 and "message" in done.err
