"""The schema of the result file: what is written fits, what is wrong does not."""

import copy
import json

import jsonschema
import pytest

import synth
from conftest import SCRIPTS

SCHEMA_FILE = SCRIPTS.parent / "reports/result-1.schema.json"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def check():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    return jsonschema.Draft7Validator(SCHEMA)


@pytest.mark.parametrize("made", [
    dict(fail=True), dict(system="windows", wine="wine 8.0"),
    dict(sets=("", "buffer=4K"))], ids=["linux", "wine", "arms"])
def test_all_records_fit(check, made):
    kinds = set()
    for line in synth.make(values=50, trials=2, **made).splitlines():
        record = json.loads(line)
        check.validate(record)
        kinds.add(record["t"])
    assert kinds == {"run", "env", "cell", "trial", "end"}


def test_no_name_is_defined_twice():
    """JSON takes the last of two members of one name and says nothing."""
    def once(pairs):
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names)), names
        return dict(pairs)
    json.loads(SCHEMA_FILE.read_text(encoding="utf-8"), object_pairs_hook=once)


def test_the_examples_of_the_format_fit(check):
    text = (SCRIPTS.parent / "reports/FORMAT.md").read_text(encoding="utf-8")
    blocks = [b.split("```")[0] for b in text.split("```json\n")[1:]]
    assert len(blocks) >= 6
    for block in blocks:
        check.validate(json.loads(block))


def test_unknown_members_and_records_are_allowed(check):
    check.validate({"t": "later", "anything": 1})


CLIENT = {"messages": 64, "bytes": 4096, "first_ns": 0, "last_ns": 99}


@pytest.mark.parametrize("clients,fits", [
    ([CLIENT, CLIENT], True), ([CLIENT], False), ([CLIENT, {"messages": 1}], False),
    ([CLIENT, {**CLIENT, "rtt": {"sub": 8}}], False)])
def test_several_clients(check, clients, fits):
    trial = next(r for r in map(json.loads, synth.make(values=50, trials=1).splitlines())
                 if r["t"] == "trial")
    trial["clients"] = clients
    assert check.is_valid(trial) == fits


WRONG = [
    ("run", lambda r: r.update(schema="pipemark-result/2.0")),
    ("run", lambda r: r.update(host="dos")),
    ("run", lambda r: r.pop("metrics")),
    ("env", lambda r: r["facts"].update(x={"v": None, "src": ""})),
    ("cell", lambda r: r.update(skip={"class": "unsupported", "reason": ""})),
    ("cell", lambda r: r.update(n=-1)),
    ("trial", lambda r: r.update(ok=False)),
    ("trial", lambda r: r.update(phase="lunch")),
    ("trial", lambda r: r["metrics"].update(rtt_p50="fast")),
    ("trial", lambda r: next(iter(r["hist"].values())).update(sub=8)),
    ("end", lambda r: r.update(digest="md5:0")),
]


@pytest.mark.parametrize("kind,spoil", WRONG)
def test_what_is_wrong_is_found(check, kind, spoil):
    lines = synth.make(values=50, trials=1).splitlines()
    record = next(r for r in map(json.loads, lines) if r["t"] == kind)
    spoiled = copy.deepcopy(record)
    spoil(spoiled)
    check.validate(record)
    with pytest.raises(jsonschema.ValidationError):
        check.validate(spoiled)
