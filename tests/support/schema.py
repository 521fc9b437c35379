"""Every result file that the tests make is held against the schema.

conftest.py of tests/e2e checks whatever a program has written or changed;
tests/py checks the files that its makers make.
"""
import json
import pathlib

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "reports/result-1.schema.json").read_text())
INTEGERS = {"type": "integer", "minimum": 0}


def _items(validator, items, instance, schema):
    """Long lists of counts, which are most of a file, at once."""
    if items == INTEGERS and isinstance(instance, list) and \
            all(type(n) is int and n >= 0 for n in instance):
        return
    yield from jsonschema.Draft7Validator.VALIDATORS["items"](
        validator, items, instance, schema)


CHECK = jsonschema.validators.extend(
    jsonschema.Draft7Validator, {"items": _items})(SCHEMA)


def _unknown(record):
    """Members that the schema has not; a reader may meet them, a test not."""
    known = SCHEMA["definitions"].get(record["t"], {"properties": {}})
    return sorted(set(record) - set(known["properties"]))


def check_text(text, name="the file"):
    """A result file's text, its last line whole or not."""
    for number, line in enumerate(text.split("\n")[:-1], 1):
        record = json.loads(line)
        wrong = next(CHECK.iter_errors(record), None)
        assert not _unknown(record), "%s:%d: not in the schema: %s" % (
            name, number, ", ".join(_unknown(record)))
        if wrong is not None:
            cause = min(wrong.context, default=wrong, key=lambda e: -len(e.path))
            raise AssertionError("%s:%d does not fit the schema: %s: %s" % (
                name, number, "/".join(map(str, cause.absolute_path)),
                cause.message[:300]))


def is_result(path):
    """Does it begin as a result file does?"""
    with open(path, "rb") as file:
        return file.read(11) == b'{"t":"run",'


class Folder:
    """The result files below a folder, each checked when it is new or was
    changed since the last look."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.known = {}

    def _state(self):
        return {p: (p.stat().st_size, p.stat().st_mtime_ns)
                for p in self.path.rglob("*.jsonl") if p.is_file()}

    def look(self):
        """What is there now is not checked."""
        self.known = self._state()

    def check(self):
        """Check what is new; how many files that was."""
        state, checked = self._state(), 0
        for path, mark in state.items():
            if self.known.get(path) != mark and is_result(path):
                check_text(path.read_text(encoding="utf-8"), path.name)
                checked += 1
        self.known = state
        return checked
