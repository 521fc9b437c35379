"""The real programs, run as a user runs them.

PIPEMARK_BUILD names the build folder; an .exe there runs under Wine.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

import schema  # noqa: E402
BUILD = pathlib.Path(os.environ.get("PIPEMARK_BUILD", ROOT / "build/linux-x86_64"))
WINDOWS = "windows" in BUILD.name
TIME_SCALE = 4 if WINDOWS else 1
# A temporary folder of our own, so that what others do in theirs is not seen;
# a short path, since a socket's is at most 107 bytes.
TEMP = pathlib.Path(tempfile.mkdtemp(
    prefix="pme", dir="/tmp" if len(tempfile.gettempdir()) > 52 else None))
os.environ["TMPDIR"] = str(TEMP)


def command(program, *args):
    """The words that start one of the three programs."""
    path = BUILD / "bin" / (program + (".exe" if WINDOWS else ""))
    prefix = [str(ROOT / "scripts" / "wine-run")] if WINDOWS else []
    return [*prefix, str(path), *map(str, args)]


SEEN = set()  # result files that a program left or read, checked if it wrote


class Done:
    """What a program said and how it ended."""

    def __init__(self, process, out, err):
        self.status = process.returncode
        self.out, self.err = out, err

    def __repr__(self):
        return "status %s\n%s\n%s" % (self.status, self.out, self.err)


def run_program(program, *args, cwd, timeout=60, **kwargs):
    """Run to the end with files for stdio (Wine wants them) and a deadline.
    Every result file that it wrote must fit the schema."""
    results = schema.Folder(cwd)
    results.look()
    out_path, err_path = pathlib.Path(cwd) / ".out", pathlib.Path(cwd) / ".err"
    with open(out_path, "wb") as out, open(err_path, "wb") as err:
        process = subprocess.run(command(program, *args), cwd=cwd, stdout=out,
                                 stderr=err, stdin=subprocess.DEVNULL,
                                 timeout=timeout * TIME_SCALE, **kwargs)
    done = Done(process, out_path.read_text(errors="replace"),
                err_path.read_text(errors="replace"))
    out_path.unlink()
    err_path.unlink()
    results.check()
    SEEN.update(results.known)
    return done


def records(path, kind=None):
    """The records of a result file, all or of one type."""
    with open(path, encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    return [r for r in found if kind in (None, r["t"])]


@pytest.fixture
def pipemark(tmp_path):
    """pipemark run in a folder of its own: pipemark("run", ...)."""
    def call(*args, **kwargs):
        return run_program("pipemark", *args, cwd=tmp_path, **kwargs)
    call.folder = tmp_path
    return call


@pytest.fixture
def measure(pipemark):
    """Short run with a result file; returns (Done, records)."""
    def call(*args, trials=1, **kwargs):
        path = pipemark.folder / "r.jsonl"
        if path.exists():
            path.unlink()
        done = pipemark("run", "--time", "30ms", "--warmup", "5ms", "--trials",
                        trials, "--quiet", "-o", "r.jsonl",
                        *(() if "--timeout" in args else ("--timeout", "50s")),
                        *args, **kwargs)
        return done, records(path) if path.exists() else []
    call.path = pipemark.folder / "r.jsonl"
    call.folder = pipemark.folder
    return call


@pytest.fixture(autouse=True)
def results_fit(tmp_path):
    """Files that something else than run_program made: the scripts, say."""
    yield
    for path in tmp_path.rglob("*.jsonl"):
        if path not in SEEN and path.is_file() and schema.is_result(path):
            schema.check_text(path.read_text(encoding="utf-8"), path.name)


on_linux = pytest.mark.skipif(WINDOWS, reason="a Linux matter")
on_windows = pytest.mark.skipif(not WINDOWS, reason="a Windows matter")
sys.dont_write_bytecode = True


def pytest_sessionfinish():
    """What is left in the temporary folder was forgotten by somebody."""
    shutil.rmtree(TEMP, ignore_errors=True)
