"""Run the program `pipemark` and get its result file.

The commands that measure (versus, gate, choose, noise) plan here and measure
there: one scheduler, one way to launch.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from typing import Any, Dict, List, Optional, Sequence

from . import cli
from .reader import read
from .result import Cell, Run

PROGRAM = "PIPEMARK"        # in the environment: the program to run
HERE = os.path.dirname(os.path.realpath(__file__))


def program() -> List[str]:
    """The words that start pipemark: $PIPEMARK, else the one beside this
    script, else the one built in this source tree, else the one on PATH."""
    given = os.environ.get(PROGRAM)
    if given:
        return _under_wine(given)
    ending = ".exe" if os.name == "nt" else ""
    beside = os.path.dirname(os.path.abspath(sys.argv[0] or "."))
    machine = platform.machine()  # as the Makefile calls it
    machine = {"AMD64": "x86_64", "armv7l": "armhf"}.get(machine, machine)
    host = f"{platform.system().lower()}-{machine}"
    for folder in (beside, os.path.join(HERE, "..", "..", "build", host,
                                        "bin")):
        path = os.path.normpath(os.path.join(folder, "pipemark" + ending))
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return [path]
    found = shutil.which("pipemark")
    if found:
        return [found]
    raise cli.Failure(cli.CANNOT, "the program pipemark is not here: build it "
                      f"with make, or say in {PROGRAM} where it is")


def _under_wine(path: str) -> List[str]:
    """A Windows program on another system goes through the Wine wrapper of
    the source tree."""
    wrapper = os.path.normpath(os.path.join(HERE, "..", "wine-run"))
    if path.endswith(".exe") and os.name != "nt" and os.path.exists(wrapper):
        return [wrapper, path]
    return [path]


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """The child's status; on Ctrl-C it ends by itself and keeps its file."""
    try:
        return process.wait()
    except KeyboardInterrupt as why:
        if isinstance(why, cli.Terminated):
            process.terminate()
        try:
            process.wait(timeout=10)
        except (KeyboardInterrupt, subprocess.TimeoutExpired):
            process.send_signal(signal.SIGTERM)
            process.wait()
        raise


def measure(arguments: Sequence[str], path: str) -> Run:
    """`pipemark run` into a new file, its progress on our standard error.

    Failure with the program's own status if there is no file in the end; and
    if there is one before, which would be taken for what was measured.
    """
    if os.path.exists(path):
        raise cli.Failure(cli.WRONG, f"{path} is there already, from another "
                          "measurement: -o takes a new folder")
    words = [*program(), "run", "-o", path, *arguments]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL)
    try:
        status = _wait(process)
    except KeyboardInterrupt:
        raise cli.Failure(cli.INTERRUPTED, f"interrupted; {path} has what "
                          "was measured so far") from None
    if status == cli.INTERRUPTED:
        raise cli.Failure(cli.INTERRUPTED, f"interrupted; {path} has what "
                          "was measured so far")
    if not os.path.exists(path):
        _drop(os.path.dirname(path))
        raise cli.Failure(status if status in (2, 3, 4) else cli.FAILED,
                          f"pipemark run ended with status {status} and "
                          "measured nothing")
    return read(path)


def _drop(folder: str) -> None:
    """Not left behind: a folder that new_folder named, and that is empty."""
    if os.path.basename(folder).startswith("pipemark-"):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def ask(arguments: Sequence[str]) -> Any:
    """What a `pipemark list ... --json` says."""
    words = [*program(), *arguments]
    done = subprocess.run(words, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise cli.Failure(done.returncode if done.returncode in (2, 3)
                          else cli.FAILED, said[-1] if said else
                          f"{' '.join(arguments)} failed")
    try:
        return json.loads(done.stdout)
    except ValueError as why:
        raise cli.Failure(cli.FAILED, f"{' '.join(arguments)} said no JSON: "
                          f"{why}") from None


def new_folder(given: Optional[str], command: str) -> str:
    """A folder for this command's files: -o, else a new one named after now."""
    path = given or time.strftime(f"pipemark-{command}-%Y%m%dT%H%M%SZ",
                                  time.gmtime())
    taken, again = path, 1
    while not given and os.path.exists(path):   # begun in the same second
        again += 1
        path = f"{taken}-{again}"
    cli.make_folder(path)
    return path


def base_values(a: Cell, b: Optional[Cell] = None) -> Dict[str, str]:
    """What was asked for beneath the sets of the arms: a knob that one arm's
    set hides is taken from the other arm, one that both hide does not matter.
    """
    hidden = ("", "--a", "--b")
    found = {}
    for cell in (a, b):
        for name, value in (cell.knobs if cell else {}).items():
            if value.origin not in hidden:
                found.setdefault(name, value.v)
    return found


def matrix_text(cells: Sequence[Dict[str, str]]) -> str:
    """A matrix file of exactly these cells, in this order."""
    lines = []
    for i, values in enumerate(cells):
        lines.append(f"[cell-{i}]")
        lines += [f"{name} = {value}" for name, value in values.items()]
    return "\n".join(lines) + "\n"
