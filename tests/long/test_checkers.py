"""valgrind and ThreadSanitizer, where they have something to say.

`make test-long` builds what they need: build/shared (dynamic, since valgrind
replaces malloc) and build/linux-x86_64-thread.
"""
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VALGRIND = ["valgrind", "-q", "--error-exitcode=99", "--leak-check=full",
            "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite",
            "--trace-children=yes", "--child-silent-after-fork=yes"]
# All that parses, counts and writes, and both ends of every pair of engines in
# one process.  The rest are processes that die, and system calls valgrind
# does not know (pidfd_open, io_uring).
PROGRAMS = [p.relative_to(ROOT / "tests").with_suffix("")
            for p in sorted((ROOT / "tests/unit").glob("*_test.c"))
            if p.stem != "proc_test"] + [pathlib.Path("conform/ends_test")]


@pytest.mark.skipif("windows" in os.environ.get("PIPEMARK_BUILD", ""),
                    reason="valgrind runs Linux programs")
@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_valgrind_finds_nothing(program):
    done = subprocess.run([*VALGRIND, ROOT / "build/shared/tests" / program],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]


@pytest.mark.skipif("windows" in os.environ.get("PIPEMARK_BUILD", ""),
                    reason="ThreadSanitizer runs Linux programs")
def test_threads_do_not_race():
    """Blocking engines have a thread for each link; a race is exit status 66."""
    build = ROOT / "build/linux-x86_64-thread"
    for program in ("unit/proc_test", "conform/death_test"):
        done = subprocess.run([build / "tests" / program], timeout=300,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
        assert "ThreadSanitizer" not in done.stdout + done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         "-k", "not memory and not multitude", "tests/e2e/test_clients.py",
         "tests/e2e/test_connect.py"],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=900, env={**os.environ, "PIPEMARK_BUILD": str(build)})
    assert done.returncode == 0, done.stdout[-6000:]
