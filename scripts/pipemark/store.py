"""A folder of result files: the history of machines.

DIR/NODE/ENVIRONMENT/START-RUN.jsonl.gz.  The files are the truth; index.json
only saves reading them again and may be deleted at any time.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
from typing import Any, Dict, List, Optional

from . import cli
from .levels import Point, point
from .reader import read

INDEX = "index.json"
ACCEPTED = "accepted.jsonl"     # accepts.py's
INDEX_VERSION = 3
ENDINGS = (".jsonl", ".jsonl.gz")


def _word(text: str) -> str:
    """A name as one path component."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).strip(".") or "unknown"


def place(folder: str, p: Point) -> str:
    """Where a run belongs."""
    stamp = re.sub(r"[^0-9TZ]", "", p.start) or str(p.start_ns)
    return os.path.join(folder, _word(p.node), _word(p.env),
                        f"{stamp}-{_word(p.id)}.jsonl.gz")


def add(folder: str, path: str) -> Point:
    """Copy a result file in; the same run twice is kept once."""
    run = read(path)
    if run.stress:
        raise cli.Failure(cli.WRONG, f"{path}: what stress found is no "
                          "measurement; a history has nothing to compare in it")
    p = point(run)
    target = place(folder, p)
    if os.path.exists(target):
        p.path = target
        return p
    cli.make_folder(os.path.dirname(target))
    with open(path, "rb") as raw:
        packed = raw.read(2) == b"\x1f\x8b"
    partial = f"{target}.{os.getpid()}.part"
    with open(path, "rb") as source, open(partial, "wb") as out:
        if packed:
            shutil.copyfileobj(source, out)
        else:
            with gzip.GzipFile(filename="", mode="wb", fileobj=out,
                               mtime=0) as squeezed:
                shutil.copyfileobj(source, squeezed)
    os.replace(partial, target)
    p.path = target
    return p


def _files(folder: str) -> List[str]:
    if not os.path.isdir(folder):
        raise cli.Failure(cli.WRONG, f"{folder}: no such folder")
    return sorted(os.path.join(at, name)
                  for at, _, names in os.walk(folder) for name in names
                  if name.endswith(ENDINGS)
                  and os.path.join(at, name) != os.path.join(folder, ACCEPTED))


def _read_index(folder: str) -> Dict[str, Any]:
    try:
        with open(os.path.join(folder, INDEX), encoding="utf-8") as file:
            index = json.load(file)
        if index.get("version") == INDEX_VERSION:
            return dict(index["files"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        pass
    return {}


def _write_index(folder: str, files: Dict[str, Any]) -> None:
    partial = os.path.join(folder, INDEX + f".{os.getpid()}.part")
    try:
        with open(partial, "w", encoding="utf-8") as out:
            json.dump({"version": INDEX_VERSION, "files": files}, out)
        os.replace(partial, os.path.join(folder, INDEX))
    except OSError:
        pass        # a folder that cannot be written can still be read


def _indexed(entry: Any, mark: List[int]) -> Optional[Point]:
    """What the index says of this very file; None if that is nothing sound."""
    try:
        if entry["mark"] == mark:
            return Point.from_json(dict(entry["point"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    return None


def load(folder: str) -> List[Point]:
    """All runs of the folder, oldest first, each run once."""
    old, new, points = _read_index(folder), {}, {}
    for path in _files(folder):
        name = os.path.relpath(path, folder)
        state = os.stat(path)
        mark = [state.st_size, state.st_mtime_ns]
        entry = old.get(name)
        p = _indexed(entry, mark)
        if p is None:
            p = point(read(path))
            entry = {"mark": mark, "point": p.as_json()}
        new[name] = entry
        p.path = path
        points.setdefault(p.id, p)
    if new != old:
        _write_index(folder, new)
    return sorted(points.values(), key=lambda p: (p.start_ns, p.id))


def comparable(points: List[Point], p: Point) -> List[Point]:
    """Those of the same machine and environment, from before this run."""
    return [q for q in points if q.id != p.id and q.node == p.node
            and q.where == p.where and q.env == p.env
            and q.start_ns <= p.start_ns]
