"""A result file that cannot grow: said, kept, and gone on with."""
import errno
import os
import pathlib
import resource

from conftest import on_linux, records

WORDS = ("run", "--message", "64,4K,16K", "--time", "20ms", "--warmup", "2ms",
         "--trials", "4", "--quiet", "-o", "r.jsonl")


def room(size):
    """In the child: no file may grow beyond size, as on a full disk."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def trials(path):
    """(cell, round) of each whole trial record, in order."""
    text = path.read_text(encoding="utf-8")
    (path.parent / "whole").write_text(text[:text.rfind("\n") + 1],
                                       encoding="utf-8")
    return [(r["cell"], r["round"]) for r in records(path.parent / "whole", "trial")]


@on_linux
def test_a_full_disk_is_an_error_and_no_death(pipemark):
    pipemark(*WORDS)
    path = pathlib.Path(pipemark.folder, "r.jsonl")
    whole, size = trials(path), path.stat().st_size
    path.unlink()
    done = pipemark(*WORDS, preexec_fn=room(size * 2 // 3))
    assert done.status == 4, done
    assert os.strerror(errno.EFBIG) in done.err or "EFBIG" in done.err, done
    kept = trials(path)
    assert 0 < len(kept) < len(whole)
    done = pipemark("run", "--resume", "r.jsonl", "--quiet")
    assert done.status == 0, done
    assert sorted(trials(path)) == sorted(whole)
    assert trials(path)[:len(kept)] == kept
