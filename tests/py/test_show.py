"""The terminal's table: width, colour, pipes."""

import json
import os
import pty
import re
import subprocess
import sys

import made
import synth
from conftest import SCRIPTS

ESCAPE = re.compile(r"\033\[\d+m")


def on_terminal(path, columns, **env):
    """Output on a terminal of that width."""
    import fcntl
    import struct
    import termios

    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    clean = {k: v for k, v in os.environ.items()
             if k not in ("NO_COLOR", "COLUMNS", "LINES")}
    process = subprocess.Popen(
        [sys.executable, "-B", SCRIPTS / "pipemark-show", path], stdout=side,
        stderr=subprocess.PIPE,
        env={**clean, "TERM": "xterm", "LC_ALL": "C.UTF-8", **env})
    os.close(side)
    out = b""
    while True:
        try:
            data = os.read(main, 65536)
        except OSError:
            break
        if not data:
            break
        out += data
    assert process.wait(30) == 0
    os.close(main)
    return out.decode()


def test_fits_the_terminal(linux):
    for columns in (40, 80, 200):
        text = ESCAPE.sub("", on_terminal(linux, columns))
        assert max(map(len, text.splitlines())) <= columns


def test_colour_only_where_it_is_wanted(linux, command):
    assert ESCAPE.search(on_terminal(linux, 100))
    assert not ESCAPE.search(on_terminal(linux, 100, NO_COLOR="1"))
    assert not ESCAPE.search(on_terminal(linux, 100, TERM="dumb"))
    assert not ESCAPE.search(command("show", linux).stdout)


def test_names_are_no_words_to_the_terminal(tmp_path, command):
    """A result file may come from anybody."""
    text = synth.make(plan=[("pipe", "64", "pingpong", {})], trials=6, values=200)
    lines = text.rsplit('{"t":"end"', 1)[0].replace(
        '"lab7"', json.dumps("la\033]0;b7\x9b1m")).splitlines(keepends=True)
    for name in ("one", "two"):
        lines[0] = json.dumps({**json.loads(lines[0]), "id": name}) + "\n"
        (tmp_path / name).write_text("".join(lines), encoding="utf-8")
    folder = tmp_path / "history"
    for words in (["show", tmp_path / "one"],
                  ["compare", tmp_path / "one", "--", tmp_path / "two"],
                  ["history", "add", folder, tmp_path / "one"],
                  ["history", "list", folder], ["history", "show", folder]):
        done = command(*words)
        said = done.stdout + done.stderr
        assert "la" in said and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", said), words
    assert "la?]0;b7?1m" in said


def test_says_what_the_page_says(linux, command):
    text = command("show", linux).stdout
    assert "pingpong, 64 B: rtt_p50, lower is better" in text
    assert re.search(r"^=  pipe\b.* µs .* to .*×1\.\d\d  .*[▁-█]", text, re.M)
    assert "packet pipes keep messages up to 4096 bytes" in text
    assert "EPIPE" in text


def test_without_utf8_the_bars_are_ascii(linux):
    text = on_terminal(linux, 120, LC_ALL="C", PYTHONUTF8="0",
                       PYTHONCOERCECLOCALE="0", PYTHONIOENCODING="ascii:replace")
    assert "▇" not in text and re.search(r"[=+*#@]{3}", text)


def test_wine_is_named(wine, command):
    text = command("show", wine).stdout
    titles = [t for t in text.splitlines() if "is better" in t]
    assert titles and all(t.endswith(", Wine") for t in titles)


def test_a_closed_pipe_is_no_error(linux):
    done = subprocess.run(
        f"{sys.executable} -B {SCRIPTS}/pipemark-show {linux} | head -2",
        shell=True, capture_output=True, text=True, timeout=30)
    assert done.stderr == "" and len(done.stdout.splitlines()) == 2


def test_nothing_measured_is_status_3(tmp_path, command):
    path = tmp_path / "none.jsonl"
    path.write_text(synth.make(plan=[("packet", "64K", "stream", {})], trials=2))
    done = command("show", path)
    assert done.returncode == 3 and "4096 bytes" in done.stdout


def test_stress_has_no_cells_and_is_shown(tmp_path):
    head = made.File(cells=()).header()
    common = {"t": "stress", "rounds": 3, "ops": 10, "faults": 4, "recovered": 4,
              "seed": 1, "op": "messages", "fault": "kills"}
    records = [head,
               {**common, "name": "killed", "verdict": "passed", "why": None},
               {**common, "name": "integrity", "verdict": "failed", "lost": 2,
                "why": "verify: 2 lost", "repeat": "pipemark stress --seed 1"},
               {**common, "name": "signals", "verdict": "skipped", "why": "none here"},
               {"t": "end", "trials": 0, "failed": 0}]
    path = tmp_path / "s.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in records))
    done = subprocess.run([sys.executable, "-B", SCRIPTS / "pipemark-show", path],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for text in ("killed", "2 lost", "verify: 2 lost", "none here",
                 "again: pipemark stress --seed 1"):
        assert text in done.stdout, done.stdout
