"""The reader: whole, cut off, foreign, newer and damaged files."""

import gzip
import json
import os
import random
import signal
import subprocess
import sys

import pytest

import synth
from conftest import SCRIPTS, one_line
from pipemark import reader
from pipemark.reader import read
from pipemark.result import ResultError

SMALL = [("pipe", "64", "pingpong", {}), ("packet", "64K", "stream", {})]


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_text(synth.make(plan=SMALL, trials=2, values=50))
    return path


def test_a_whole_file(linux):
    run = read(str(linux))
    assert not run.truncated and run.end
    assert len(run.cells) == 50 and len(run.trials) == 48 * 6
    assert sum(not t.ok for t in run.trials) == run.end["failed"] > 0
    skipped = [c for c in run.cells.values() if c.skip]
    assert len(skipped) == 2 and all(not c.trials for c in skipped)


def test_gzip_is_the_same(small, tmp_path):
    packed = tmp_path / "r.gz"
    packed.write_bytes(gzip.compress(small.read_bytes()))
    plain, other = read(str(small)), read(str(packed))
    other.path = plain.path
    assert plain == other


def test_any_prefix_is_read_or_refused_in_one_line(small, tmp_path):
    data = small.read_bytes()
    whole = read(str(small))
    cut = tmp_path / "cut.jsonl"
    for size in [*range(0, len(data), 997), len(data) - 1]:
        cut.write_bytes(data[:size])
        try:
            run = read(str(cut))
        except ResultError as why:
            assert "\n" not in str(why) and str(cut) in str(why)
            assert data[:size].count(b"\n") < 3
            continue
        assert run.truncated and len(run.notes) == 1
        assert len(run.trials) <= len(whole.trials)


def test_cut_gzip_is_read_as_far_as_it_goes(small, tmp_path):
    packed = gzip.compress(small.read_bytes())
    cut = tmp_path / "cut.gz"
    cut.write_bytes(packed[:-200])
    run = read(str(cut))
    assert run.truncated and "ends early" in run.notes[0]
    cut.write_bytes(packed[:40])
    with pytest.raises(ResultError):
        read(str(cut))


@pytest.mark.parametrize("how", ["-", "/dev/stdin", "fifo"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_a_stream_is_read_like_a_file(small, tmp_path, how, packed):
    """`-`, what a shell's pipe or <(...) gives: none of them can seek."""
    data = gzip.compress(small.read_bytes()) if packed else small.read_bytes()
    if how == "fifo":
        how = str(tmp_path / "fifo")
        os.mkfifo(how)
        (tmp_path / "data").write_bytes(data)
        feeder = subprocess.Popen(["/bin/sh", "-c", 'cat data > fifo'], cwd=tmp_path)
    show = [sys.executable, "-B", SCRIPTS / "pipemark-show"]
    done = subprocess.run([*show, how], input=data, capture_output=True, timeout=60)
    want = subprocess.run([*show, small], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == want.stdout and len(done.stdout) > 200
    if how.endswith("fifo"):
        assert feeder.wait(timeout=60) == 0


def test_what_has_no_place_needs_a_folder(small, command, tmp_path):
    """Tables are put beside the result: where is that, of a stream?"""
    done = subprocess.run(
        [sys.executable, "-B", SCRIPTS / "pipemark-csv", "-"], cwd=tmp_path,
        input=small.read_bytes(), capture_output=True, timeout=60)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1
    assert b"-o" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["r.jsonl"]


def started(*words, **env):
    """A Python program that may not find UTF-8 in its surroundings."""
    return subprocess.run(
        [sys.executable, "-B", *words], capture_output=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(SCRIPTS), **env})


def test_a_pipe_gets_utf8_whatever_the_locale(small):
    other, text = small.parent / "2.jsonl", small.read_text()
    other.write_text(text[:text.rindex('{"t":"end"')].replace('"id":"', '"id":"f', 1))
    done = started(SCRIPTS / "pipemark-compare", small, "--", other,
                   "--allow-unlike", PYTHONIOENCODING="cp932")
    assert done.returncode in (3, 4), done.stderr
    assert "\u00b5s" in done.stdout.decode("utf-8")


def test_a_programs_own_mistake_is_no_finding():
    """Python's own status for it is 1: a regression."""
    done = started("-c", "from pipemark import cli\n"
                   "cli.run('x', lambda words: 1 // 0)")
    assert done.returncode == 4 and b"ZeroDivisionError" in done.stderr


@pytest.mark.parametrize("name", ["show", "csv", "export", "report", "compare"])
def test_interrupting_the_start_is_quiet(name, tmp_path):
    """Ctrl-C while modules are still being imported: no traceback."""
    seen = b""
    process = subprocess.Popen(
        [sys.executable, "-B", "-X", "importtime", SCRIPTS / f"pipemark-{name}", "-"],
        cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.PIPE)
    while b"argparse" not in seen:  # cli is being imported
        more = process.stderr.readline()
        assert more, seen
        seen += more
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert b"Traceback" not in seen + rest
    assert process.returncode in (-signal.SIGINT, 130)


@pytest.mark.parametrize("text", [
    b"\n", b"hello\n", b"{}\n", b"[1]\n", b"\x00\xff\n", b"\x1f\x8b\x08",
    b'{"t":"run"}\n', b'{"t":"cell"}\n', b'{"t":"run","schema":"other/1.0"}\n',
])
def test_foreign_files_are_named_so(tmp_path, text):
    path = tmp_path / "f"
    path.write_bytes(text)
    with pytest.raises(ResultError, match="no pipemark result"):
        read(str(path))


def test_an_empty_file_is_called_so(tmp_path, command):
    (tmp_path / "e.jsonl").touch()
    done = command("show", "e.jsonl")
    assert done.returncode == 2 and "e.jsonl: is empty" in one_line(done)


def test_a_newer_major_says_what_would_work(small):
    small.write_text(small.read_text().replace("result/1.0", "result/2.0", 1))
    with pytest.raises(ResultError, match="pipemark-result/2.0.*newer"):
        read(str(small))


def test_a_newer_minor_and_unknown_members_are_fine(tmp_path):
    text = synth.make(plan=SMALL, trials=2, values=50, cut=True)
    text = text.replace("result/1.0", "result/1.7", 1)
    text = text.replace('{"t":"trial",', '{"t":"trial","later":[1],')
    path = tmp_path / "r.jsonl"
    path.write_text(text + '{"t":"omen","x":1}\n')
    assert len(read(str(path)).trials) == 2


def test_a_changed_number_is_noticed(small):
    text = small.read_text()
    at = text.index('"messages":') + 12
    digit = "1" if text[at] != "1" else "2"
    small.write_text(text[:at] + digit + text[at + 1:])
    with pytest.raises(ResultError, match="changed after it was written"):
        read(str(small))


def test_a_resumed_file_counts_its_last_end(tmp_path):
    whole = synth.make(plan=SMALL, trials=2, values=50)
    lines = whole.splitlines(keepends=True)
    first = "".join(lines[:-2])
    end = {"t": "end", "trials": 1, "digest":
           f"fnv1a64:{reader.fnv1a(first.encode()):016x}"}
    text = first + json.dumps(end) + "\n" + lines[-2]
    path = tmp_path / "r.jsonl"
    path.write_text(text)
    assert read(str(path)).truncated
    end["digest"] = f"fnv1a64:{reader.fnv1a(text.encode()):016x}"
    path.write_text(text + json.dumps(end) + "\n")
    run = read(str(path))
    assert not run.truncated and len(run.trials) == 2


def test_the_same_run_twice_is_refused(small, tmp_path):
    other = tmp_path / "copy.jsonl"
    other.write_bytes(small.read_bytes())
    with pytest.raises(ResultError, match="the same run"):
        reader.read_all([str(small), str(other)])


def _damage(record, draw):
    """Replace one random member, at any depth, by something else."""
    target = record
    while True:
        key = draw.choice(list(target)) if isinstance(target, dict) else \
            draw.randrange(len(target))
        if isinstance(target[key], (dict, list)) and target[key] \
                and draw.random() < 0.7:
            target = target[key]
            continue
        if draw.random() < 0.3:
            del target[key]
        else:
            target[key] = draw.choice([None, -1, 1.5, "x", [], {}, [1], True,
                                       10**30, {"a": 1}])
        return


@pytest.mark.parametrize("seed,sets", [(11, None), (12, ("", "buffer=4K"))])
def test_no_damage_makes_a_traceback(tmp_path, seed, sets):
    """Whatever a record is turned into: read, or one line."""
    from pipemark import csv_files, exports, show
    from pipemark.exports.hdr import hgrms
    from pipemark.page import page
    from pipemark.report import html

    draw = random.Random(seed)
    text = synth.make(plan=SMALL, trials=6, values=50, sets=sets)
    lines = [json.loads(x) for x in text.splitlines()[:-1]]
    path = tmp_path / "d.jsonl"
    refused = 0
    for i in range(300):
        copy = json.loads(json.dumps(lines))
        _damage(draw.choice(copy), draw)
        path.write_text("".join(json.dumps(r) + "\n" for r in copy))
        try:
            run = read(str(path))
        except ResultError as why:
            assert "\n" not in str(why)
            refused += 1
            continue
        for table in csv_files.TABLES.values():
            "".join(table([run]))
        "".join(export(run) for export in exports.TEXTS.values())
        hgrms(run)
        show.lines(run, show.Screen(80, True, show.BARS))
        if not i % 4:
            html([page(run, 0)])
    assert refused > 50


def test_commands_say_it_in_one_line(tmp_path, command, small):
    (tmp_path / "foreign").write_text("hello\n")
    for name in ("csv", "plot"):
        for path, words in (("nothing.jsonl", "No such file"),
                            ("foreign", "no pipemark result"),
                            (".", "directory")):
            done = command(name, path)
            assert done.returncode == 2
            assert words in one_line(done)
        done = command(name)
        assert done.returncode == 2 and "--help" in one_line(done)
        done = command(name, small, "-o", "/proc/nowhere")
        assert done.returncode == 2 and "/proc/nowhere" in one_line(done)
    assert not (tmp_path / "nothing").exists()
