"""A result file that cannot grow: said, kept, and gone on with."""
import os
import pathlib
import resource
import shutil
import subprocess

import pytest

from conftest import command, on_linux, records

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


def third(path):
    """The size at which a third of what follows the head fits: the head is of
    another size on each machine, and may be more than half of the file; and
    the trials of the next run may be half as long, with less noise in them."""
    head = path.read_text(encoding="utf-8").index('{"t":"trial"')
    return head + (path.stat().st_size - head) // 3


@on_linux
def test_a_full_disk_is_an_error_and_no_death(pipemark):
    pipemark(*WORDS)
    path = pathlib.Path(pipemark.folder, "r.jsonl")
    whole, size = trials(path), third(path)
    path.unlink()
    done = pipemark(*WORDS, preexec_fn=room(size))
    assert done.status == 4, done
    assert "write on r.jsonl: EFBIG" in done.err, done
    assert path.stat().st_size == size
    kept = trials(path)
    assert 0 < len(kept) < len(whole)
    done = pipemark("run", "--resume", "r.jsonl", "--quiet")
    assert done.status == 0, done
    assert sorted(trials(path)) == sorted(whole)
    assert trials(path)[:len(kept)] == kept


def on_small_disk(folder, pages, script):
    """Run the script on a disk of its own with so many pages: a tmpfs that is
    gone with its namespace.  What it leaves in $KEEP stays."""
    if not shutil.which("unshare"):
        pytest.skip("no unshare here")
    disk = folder / "disk"
    disk.mkdir(exist_ok=True)
    mount = "mount -t tmpfs -o size=%dk none disk" % (pages * 4)
    if subprocess.run(["unshare", "-rm", "sh", "-c", mount], cwd=folder,
                      capture_output=True, timeout=60).returncode:
        pytest.skip("a namespace with a tmpfs is refused here")
    env = {**os.environ, "KEEP": str(folder), "PIPEMARK": command("pipemark")[0]}
    done = subprocess.run(["unshare", "-rm", "sh", "-c", mount + " && cd disk\n" + script],
                          cwd=folder, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done
    return done.stderr


RUN = '"$PIPEMARK" ' + " ".join(WORDS)


@on_linux
def test_a_disk_that_fills_up_and_has_room_again(pipemark):
    pipemark(*WORDS)
    path = pathlib.Path(pipemark.folder, "r.jsonl")
    whole = trials(path)
    err = on_small_disk(pipemark.folder, third(path) // 4096 + 1, f"""
        {RUN}; [ $? = 4 ] || exit 1
        cp r.jsonl $KEEP/full.jsonl
        mount -o remount,size=8m none "$PWD" || exit 2
        "$PIPEMARK" run --resume r.jsonl --quiet || exit 3
        cp r.jsonl $KEEP/resumed.jsonl""")
    assert "ENOSPC" in err, err
    kept = trials(path.with_name("full.jsonl"))
    assert 0 < len(kept) < len(whole)
    after = trials(path.with_name("resumed.jsonl"))
    assert after[:len(kept)] == kept and sorted(after) == sorted(whole)
    path.with_name("full.jsonl").unlink()  # ends in the middle of a record


STRESS = '"$PIPEMARK" stress --only names --few --time 300ms -o r.jsonl'


@on_linux
@pytest.mark.parametrize("words, pages", [(RUN, 1), (RUN, 4), (STRESS, 1)],
                         ids=["nothing", "half", "stress"])
def test_no_room_for_the_head_leaves_no_file(pipemark, words, pages):
    """A file without a plan is no use, and would be in the way of the next."""
    err = on_small_disk(pipemark.folder, pages, f"""
        {words}; [ $? = 2 ] || exit 1
        [ ! -e r.jsonl ] || exit 2
        mount -o remount,size=8m none "$PWD" && {RUN}""")
    assert "ENOSPC" in err, err
