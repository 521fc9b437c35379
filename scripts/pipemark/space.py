"""The configurations that are worth trying on this machine.

What exists comes from the program; here is only which knobs go together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Sequence

from . import cli, drive

MOST_CELLS = 60
# Moves nothing, or throws away what it moves: no way to hand over a message.
NO_CHOICE = ("null", "splice")
# A line to compare with, not a pipe.
NO_PIPE = ("tcp",)
# Engines that take several operations at once.
DEEP = ("overlapped", "iocp", "apc", "uring")
DEPTHS = ("8", "32")
BUFFERS = ("4K", "256K", "1M")

Transport = Dict[str, Any]
Values = Dict[str, str]

NEEDS: Dict[str, Callable[[Transport], bool]] = {
    "message-mode": lambda t: bool(t["message"]),
    "byte-mode": lambda t: bool(t["byte"]),
    "named": lambda t: bool(t["named"]),
    "anonymous": lambda t: not t["named"],
    "duplex": lambda t: bool(t["duplex"]),
}
NO_SPIN = "no-spin"     # a need that speaks of the I/O style


@dataclass
class Wish:
    """What the user asked for: fixed knobs, and what the pipe must have."""

    fixed: Values
    needs: List[str]
    stream: bool            # a saturated stream: depth and buffer matter
    message_bytes: int


def check_needs(text: str) -> List[str]:
    """--need message-mode,named as a list."""
    words = [w for w in text.split(",") if w]
    for word in words:
        if word not in NEEDS and word != NO_SPIN:
            raise cli.Failure(cli.WRONG, f"--need {word}: it is none of "
                              + " ".join([*NEEDS, NO_SPIN]))
    return words


def _transports(wish: Wish, listed: Sequence[Transport]) -> List[Transport]:
    found = []
    for t in listed:
        if not t.get("here") or t["name"] in NO_PIPE:
            continue
        most = t.get("message_max")
        if most and wish.message_bytes > most:
            continue
        if all(NEEDS[n](t) for n in wish.needs if n in NEEDS):
            found.append(t)
    return found


def _engines(wish: Wish, listed: Sequence[Dict[str, Any]]) -> List[str]:
    found = []
    for e in listed:
        spins = e["name"] == "nowait" and NO_SPIN in wish.needs
        if (e.get("here") and e["name"] not in NO_CHOICE and not spins
                and e.get("sends", True) and e.get("receives", True)):
            found.append(e["name"])
    return found


def _modes(t: Transport, wish: Wish) -> List[Values]:
    """A transport that keeps messages and bytes is two of them."""
    if t["byte"] and t["message"]:
        modes = ["byte", "message"]
        if "message-mode" in wish.needs:
            modes = ["message"]
        elif "byte-mode" in wish.needs:
            modes = ["byte"]
        return [{"transport": t["name"], "mode": m} for m in modes]
    return [{"transport": t["name"]}]


def candidates(wish: Wish, transports: Sequence[Transport],
               engines: Sequence[Dict[str, Any]]) -> List[Values]:
    """At most MOST_CELLS, the plain ones first: every transport with every
    engine, then other buffers, then deeper queues."""
    kinds = [m for t in _transports(wish, transports)
             for m in _modes(t, wish)]
    styles = _engines(wish, engines)
    found = [dict(kind, io=io) for io in styles for kind in kinds]
    if wish.stream:
        deep = [io for io in styles if io in DEEP]
        found += [dict(kind, io=io, depth=d) for d in DEPTHS for io in deep
                  for kind in kinds]
        first = "blocking" if "blocking" in styles else (styles or [""])[0]
        found += [dict(kind, io=first, buffer=b) for b in BUFFERS
                  for kind in kinds]
    kept = []
    for values in found:
        values = {k: v for k, v in values.items() if k not in wish.fixed}
        if values not in kept:
            kept.append(values)
    return kept[:MOST_CELLS]


def ask(wish: Wish) -> List[Values]:
    """The candidates of this machine."""
    transports = drive.ask(["list", "transports", "--json"])["transports"]
    engines = drive.ask(["list", "engines", "--json"])["engines"]
    found = candidates(wish, transports, engines)
    if not found:
        raise cli.Failure(cli.CANNOT, "nothing on this machine has all of "
                          + ", ".join(wish.needs or ["that"]))
    return found
