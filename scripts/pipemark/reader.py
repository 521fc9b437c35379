"""Reads result files (reports/FORMAT.md): plain or gzipped, whole or cut off.

Whatever is wrong with a file is one ResultError with the file, the line and
the reason. A file that was cut off is read as far as it goes and says so in
`Run.notes`.
"""

from __future__ import annotations

import json
import re
import sys
import zlib
from array import array
from contextlib import nullcontext
from typing import Any, BinaryIO, ContextManager, Dict, Iterator, List, Optional, Tuple

from .hist import Hist
from .result import Cell, Decimal, Heat, Knob, Metric, ResultError, Run, Trial, Value

SCHEMA = "pipemark-result"
MAJOR = 1
CHUNK = 1 << 20
FNV_OFFSET, FNV_PRIME, FNV_MASK = 0xCBF29CE484222325, 0x100000001B3, 2**64 - 1


def read(path: str) -> Run:
    """The result file at `path`, "-" for standard input; ResultError if it is
    none."""
    reader = _Reader(path)
    try:
        with _opened(path) as file:
            for line in _lines(file):
                reader.take(line)
    except zlib.error as why:
        raise reader.error(f"broken gzip data ({why})") from None
    except OSError as why:
        reason = why.strerror or str(why)
        raise ResultError(f"{path}: {reason}") from None
    return reader.finish()


def read_all(paths: List[str]) -> List[Run]:
    """Several files; the same run twice is an error."""
    runs = [read(path) for path in paths]
    seen: Dict[str, str] = {}
    for run in runs:
        if run.id in seen:
            raise ResultError(f"{run.path}: the same run as {seen[run.id]}")
        seen[run.id] = run.path
    return runs


def _opened(path: str) -> ContextManager[BinaryIO]:
    if path == "-":
        return nullcontext(sys.stdin.buffer)
    return open(path, "rb")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines of a plain or gzipped file, ends included; what there is of a
    gzipped file that was cut off. A pipe cannot go back: never seeks."""
    magic = file.read(2)
    if magic != b"\x1f\x8b":
        first = magic if magic.endswith(b"\n") else magic + file.readline()
        if first:
            yield first
        yield from file
        return
    rest, any_line = b"", False
    for chunk in _unpacked(magic, file):
        *whole, rest = (rest + chunk).split(b"\n")
        any_line |= bool(whole)
        for line in whole:
            yield line + b"\n"
    if rest or not any_line:
        yield rest


def _unpacked(magic: bytes, file: BinaryIO) -> Iterator[bytes]:
    packed = magic + file.read(CHUNK)
    while packed:
        member = zlib.decompressobj(wbits=31)  # one of possibly several
        while packed and not member.eof:
            yield member.decompress(packed)
            packed = file.read(CHUNK)
        packed = member.unused_data + packed


def fnv1a(data: bytes, state: int = FNV_OFFSET) -> int:
    """FNV-1a, 64 bits, continued from `state`."""
    for byte in data:
        state = (state ^ byte) * FNV_PRIME & FNV_MASK
    return state


class _Reader:
    """Takes lines one by one and builds the run."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.line = 0
        self.run: Optional[Run] = None
        self.half: Optional[bytes] = None  # a last line without its end
        self.digest = FNV_OFFSET
        self.layouts: Dict[Tuple[int, str, str], int] = {}
        self.takers = {
            "env": self._env,
            "cell": self._cell,
            "trial": self._trial,
            "canary": self._canary,
            "stress": self._stress,
            "end": self._end,
        }

    def error(self, why: str) -> ResultError:
        """At the current line."""
        return ResultError(f"{self.path}:{max(self.line, 1)}: {why}")

    def take(self, line: bytes) -> None:
        """The next line."""
        self.line += 1
        if not line.endswith(b"\n"):
            self.half = line
            if self.run is not None:
                return
        record = self._parse(line)
        try:
            if self.run is None:
                self._run(record)
            else:
                taker = self.takers.get(record["t"])
                if taker:
                    taker(record)
        except ResultError:
            raise
        except (KeyError, TypeError, ValueError, AttributeError,
                IndexError, OverflowError) as why:
            kind = record.get("t")
            text = f"no {why} in it" if isinstance(why, KeyError) else str(why)
            raise self.error(f"broken {kind} record: {text}") from None
        self.digest = fnv1a(line, self.digest)

    def _parse(self, line: bytes) -> Dict[str, Any]:
        try:
            record = json.loads(
                line.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse
            )
        except (ValueError, RecursionError) as why:
            if self.run is None:
                raise self._foreign() from None
            text = re.sub(r": line 1 column (\d+).*", r", column \1", str(why))
            raise self.error(f"broken line: {text}") from None
        if not isinstance(record, dict) or not isinstance(record.get("t"), str):
            if self.run is None:
                raise self._foreign()
            raise self.error("broken line: no record with a type")
        return record

    def _foreign(self) -> ResultError:
        return ResultError(
            f"{self.path}: no pipemark result (its first line is no run record)"
        )

    def _run(self, record: Dict[str, Any]) -> None:
        name, _, version = str(record.get("schema", "")).partition("/")
        if record["t"] != "run" or name != SCHEMA:
            raise self._foreign()
        if not re.fullmatch(r"\d+\.\d+", version):
            raise self.error(f"schema {record['schema']!r} is not understood")
        if int(version.split(".")[0]) != MAJOR:
            raise ResultError(
                f"{self.path}: written as {record['schema']}; this program reads"
                f" {SCHEMA}/{MAJOR}: use the pipemark that wrote it, or a newer one"
            )
        plan = record.get("plan") or {}
        self.run = Run(
            path=self.path,
            id=_text(record["id"]),
            host=_text(record["host"]),
            wine=_text(record["wine"]) if record.get("wine") else None,
            node=_text(record.get("node") or ""),
            header=record,
            metrics={
                m["name"]: Metric(
                    _text(m["name"]),
                    _text(m["unit"]),
                    _text(m["better"]),
                    _text(m.get("help", "")),
                )
                for m in record["metrics"]
            },
            knobs={
                k["name"]: Knob(
                    _text(k["name"]),
                    _text(k.get("type", "")),
                    _text(k.get("unit", "")),
                    _text(k.get("def", "")),
                    _text(k.get("group", "")),
                    _text(k.get("help", "")),
                    _flag(k.get("question", False)),
                )
                for k in record["knobs"]
            },
            arms=[_text(arm) for arm in plan.get("arms", ["a"])],
            sets={a: _text(s) for a, s in plan.get("sets", {}).items()},
            start_ns=_time(record.get("start_ns") or 0),
            version=_text(record.get("version") or ""),
            argv=[_text(word) for word in record.get("argv") or []],
            planned=_integer(plan.get("trials")),
        )

    def _env(self, record: Dict[str, Any]) -> None:
        assert self.run is not None
        for fact in record.get("facts", {}).values():
            _dict(fact)
        for warning in record.get("warnings", []):
            _text(warning["code"])
        self.run.env = record

    def _cell(self, record: Dict[str, Any]) -> None:
        assert self.run is not None
        became = record.get("became") or {}
        cell = Cell(
            line=self.line,
            n=_count(record["n"]),
            arm=_text(record.get("arm", "a")),
            id=_text(record["id"]),
            skip=_skip(record.get("skip")),
            knobs={
                name: Value(_text(k["v"]), _integer(k.get("n")), _text(k.get("from", "")))
                for name, k in record["knobs"].items()
            },
            transport=_maybe(became.get("transport")),
            producer=_maybe(became.get("producer")),
            consumer=_maybe(became.get("consumer")),
            workload_version=_integer(record.get("workload_version")),
            sentinel=_flag(record.get("sentinel", False)),
        )
        if (cell.n, cell.arm) in self.run.cells:
            raise self.error(f"cell {cell.n} of arm {cell.arm} for a second time")
        self.run.cells[cell.n, cell.arm] = cell

    def _trial(self, record: Dict[str, Any]) -> None:
        assert self.run is not None
        key = _count(record["cell"]), _text(record.get("arm", "a"))
        if key not in self.run.cells:
            raise self.error(f"trial of cell {key[0]}, arm {key[1]}: no such cell")
        metrics = record.get("metrics") or {}
        trial = Trial(
            line=self.line,
            cell=key[0],
            arm=key[1],
            round=_count(record["round"]),
            slot=_count(record["slot"]),
            pair=_count(record.get("pair") or 0),
            ok=_flag(record["ok"]),
            phase=_text(record.get("phase") or ""),
            error=_error(record.get("error")),
            start_ns=_time(record.get("start_ns") or 0),
            measure_ns=_time(record.get("measure_ns") or 0),
            messages=_count(record.get("messages") or 0),
            bytes=_count(record.get("bytes") or 0),
            metrics={
                name: _number(v) for name, v in metrics.items() if v is not None
            },
            hists={
                name: Hist.parse(h)
                for name, h in (record.pop("hist", None) or {}).items()
            },
            series=_series(record.pop("series", None)),
            integrity={
                name: _count(n or 0)
                for name, n in (record.get("integrity") or {}).items()
            },
            warnings=[_text(w) for w in record.get("warnings") or []],
            buffers={name: _integer(n)
                     for name, n in (record.get("buffers") or {}).items()},
            cpus={end: [_integer(n) or 0 for n in at]
                  for end, at in (record.get("cpus") or {}).items()},
            noise={name: None if n is None else _number(n)
                   for name, n in (record.get("noise") or {}).items()},
            heat={name: _heat(h)
                  for name, h in (record.pop("heat", None) or {}).items()},
        )
        for name, h in trial.hists.items():
            layout = self.layouts.setdefault((*key, name), h.sub)
            if layout != h.sub:
                raise ValueError(f"{name} in another precision than before")
        self.run.cells[key].trials.append(trial)
        self.run.end = None  # an earlier end, if any, was before a --resume

    def _canary(self, record: Dict[str, Any]) -> None:
        assert self.run is not None
        _count(record["round"])
        self.run.canaries.append(record)

    def _stress(self, record: Dict[str, Any]) -> None:
        assert self.run is not None
        for key in ("name", "verdict"):
            _text(record[key])
        _maybe(record.get("why"))
        for key in ("rounds", "ops", "faults", "recovered"):
            _count(record.get(key) or 0)
        self.run.stress.append(record)

    def _end(self, record: Dict[str, Any]) -> None:
        assert self.run is not None
        given = record.get("digest")
        if given is not None and given != f"fnv1a64:{self.digest:016x}":
            raise self.error(
                "the file was changed after it was written: its digest"
                f" is {given}, that of the lines fnv1a64:{self.digest:016x}"
            )
        self.run.end = record

    def finish(self) -> Run:
        """The run, once there are no more lines."""
        run = self.run
        if not self.line:
            raise ResultError(f"{self.path}: is empty")
        if run is None:
            raise self._foreign()
        if self.half is not None or run.end is None:
            run.truncated = True
            count = sum(len(cell.trials) for cell in run.cells.values())
            run.notes.append(
                f"{self.path}: ends early, after line {self.line}"
                f" (no end record); {count} trials are there"
            )
        if not run.cells and not run.stress:
            raise ResultError(f"{self.path}: ends before its first cell")
        return run


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} should be text")
    return value


def _maybe(value: Any) -> Optional[str]:
    return None if value is None else _text(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} should be true or false")
    return value


def _dict(value: Any) -> Dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} should be an object")
    return value


def _skip(value: Any) -> Optional[Dict[str, Any]]:
    if value is not None:
        _text(_dict(value)["reason"])
    return value


def _error(value: Any) -> Optional[Dict[str, Any]]:
    if value is not None:
        _text(_dict(value)["text"])
    return value


def _integer(value: Any) -> Optional[int]:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise TypeError(f"{value!r} should be an integer")


def _count(value: Any) -> int:
    number = _integer(value)
    if number is None or number < 0:
        raise TypeError(f"{value!r} should be a count")
    return number


def _time(value: Any) -> int:
    """Nanoseconds, of which 64 bits hold 292 years."""
    number = _count(value)
    if number >= 2**63:
        raise ValueError(f"{value} ns is no time")
    return number


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} should be a number")
    return value


def _series(value: Any) -> Optional[Dict[str, Any]]:
    if value is None:
        return None
    for name in ("messages", "bytes"):
        for step in value[name]:
            _count(step)
    if len(value["messages"]) != len(value["bytes"]) or \
            _count(value["interval_ns"]) < 1:
        raise ValueError("a series whose lists do not fit")
    return value


def _heat(value: Any) -> Heat:
    """Whole counts are all that an array takes."""
    rows = [array("Q", row) for row in value["rows"]]
    if _count(value["interval_ns"]) < 1 or any(len(row) % 2 for row in rows):
        raise ValueError("a heat map whose lists do not fit")
    return Heat(value["interval_ns"], _count(value["sub"]), rows)
