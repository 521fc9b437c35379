"""What all commands share: how they start, what they say, how they end."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from typing import Callable, List, NoReturn, Optional, Sequence, TextIO

from .result import ResultError

DONE, FOUND, WRONG, CANNOT, FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 130
CONTROLS = {code: "?" for code in (*range(32), *range(127, 160))}
SYSTEM_PYTHON = "/usr/bin/python3"
RESTARTED = "PIPEMARK_RESTARTED"  # in the environment: do not try again


class Failure(Exception):
    """Ends a command with one line and an exit status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


class Terminated(KeyboardInterrupt):
    """SIGTERM: as Ctrl-C, but no terminal has sent it to the children too."""


def _terminated(*_: object) -> NoReturn:
    raise Terminated


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(
            prog=f"pipemark {name}",
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        raise Failure(WRONG, f"{message}; try --help")


def run(name: str, command: Callable[[List[str]], int]) -> NoReturn:
    """Run a command's function on the arguments and exit with its status."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_DFL:  # the script's first act
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminated)
    _speak()
    status = FAILED
    try:
        status = command(sys.argv[1:])
        sys.stdout.flush()
    except Failure as why:
        _say(name, str(why))
        status = why.status
    except ResultError as why:
        _say(name, str(why))
        status = WRONG
    except BrokenPipeError:  # of `| head`: nothing went wrong
        _mute(sys.stdout)
        status = DONE
    except OSError as why:
        where = f"{why.filename}: " if why.filename else ""
        _say(name, f"{where}{why.strerror or why}")
        status = WRONG
    except KeyboardInterrupt:
        _say(name, "interrupted")
        status = INTERRUPTED
    except Exception:  # Python would end with 1: a regression was found
        traceback.print_exc()
        status = FAILED
    sys.exit(status)


def _speak() -> None:
    """Files and pipes get UTF-8 whatever the locale is; a terminal gets a
    question mark for what it cannot show."""
    if sys.stdout is None:  # closed by whoever started us
        sys.stdout = open(os.devnull, "w", encoding="utf-8")
    elif sys.stdout.isatty():
        sys.stdout.reconfigure(errors="replace")  # type: ignore
    else:
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")  # type: ignore


def _mute(stream: TextIO) -> None:
    """Its reader has gone. What is still buffered would fail again at the end,
    and make the exit status 120."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def put(text: str) -> None:
    """To standard output.  Its reader may have enough; what was found is still
    the exit status."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _mute(sys.stdout)


def note(name: str, lines: Sequence[str]) -> None:
    """Remarks for the user, on standard error."""
    for line in lines:
        _say(name, line)


def plain(line: str) -> str:
    """Without characters that a terminal would obey: names come from files."""
    return line.translate(CONTROLS)


def for_xml(text: str) -> str:
    """Without characters that XML cannot hold."""
    return "".join(c for c in text if c in "\t\n" or " " <= c < "\ud800"
                   or "\ue000" <= c <= "\ufffd" or c > "\uffff")


def _say(name: str, text: str) -> None:
    line = plain(" ".join(text.split()))
    try:
        print(f"pipemark {name}: {line}", file=sys.stderr)
    except BrokenPipeError:
        _mute(sys.stderr)


def need(modules: Sequence[str]) -> None:
    """Go on under the system's own interpreter if it has these modules,
    whatever python3 is first on PATH; else under this one if it has them."""
    if os.path.realpath(sys.executable) == os.path.realpath(SYSTEM_PYTHON):
        missing = _missing(modules)
    elif RESTARTED not in os.environ and _system_has(modules):
        os.environ[RESTARTED] = "1"
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, *sys.argv])
    else:
        missing = _missing(modules)
    if missing:
        debian = " ".join(f"python3-{m}" for m in missing)
        raise Failure(
            CANNOT,
            f"needs {' and '.join(missing)}: on Debian apt-get install {debian},"
            " elsewhere pip install -r scripts/requirements.txt",
        )


def _missing(modules: Sequence[str]) -> List[str]:
    from importlib.util import find_spec

    return [m for m in modules if find_spec(m) is None]


def _system_has(modules: Sequence[str]) -> bool:
    import subprocess

    if not os.access(SYSTEM_PYTHON, os.X_OK):
        return False
    check = "import sys\nfrom importlib.util import find_spec as f\n" \
        "sys.exit(any(f(m) is None for m in sys.argv[1:]))"
    return subprocess.call([SYSTEM_PYTHON, "-c", check, *modules]) == 0


def folder_for(paths: Sequence[str], given: Optional[str]) -> str:
    """Where a command puts its files: what -o says, else a folder beside the
    first result, named after it."""
    if given:
        return given
    if paths[0] == "-" or not os.path.isfile(paths[0]):
        raise Failure(WRONG, f"{paths[0]} is no file beside which to put files:"
                      " say where with -o")
    folder, name = os.path.split(paths[0])
    for ending in (".gz", ".jsonl"):
        if name.endswith(ending):
            name = name[: -len(ending)]
    taken = os.path.join(folder, name)
    return taken if taken != paths[0] else taken + ".d"


def make_folder(path: str) -> None:
    """Create it if need be; a file in its place is the user's mistake."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as why:
        raise Failure(WRONG, f"{path}: {why.strerror or why}") from None
