"""The first screen and the report rank by one rule: both read the same file."""
import json
import random
import re
import sys

from conftest import ROOT, on_linux, records

sys.path.insert(0, str(ROOT / "scripts"))

from pipemark import answer  # noqa: E402
from pipemark.naming import configs  # noqa: E402
from pipemark.reader import fnv1a, read  # noqa: E402

TRIALS = 8
MATRIX = """
time = 2ms
warmup = 1ms
transport = pipe, fifo, unix-stream
message = 64, 4K
[flat-out]
workload = pingpong, stream
placement = auto, same
verify = no, yes
slots = auto, 4
[paced]
workload = paced
rate = 2K
verify = no, yes
[swept]
workload = paced
rate = 1K, 3K
arrival = poisson
"""


def remade(path, seed):
    """The file with drawn numbers, warnings and failures, TRIALS rounds."""
    draw = random.Random(seed)
    level, lines = {}, []
    found = records(path)
    found[0]["plan"]["trials"] = TRIALS
    for record in found[:-1]:
        if record["t"] == "trial":
            cell = record["cell"]
            # Some levels are equal, most overlap, some cells are short of trials.
            level.setdefault(cell, draw.choice([5e3, 5.2e3, 5.4e3, 8e3]))
            for number in range(TRIALS):
                lines.append(trial(record, number, level[cell], cell % 9, draw))
        elif record["t"] != "canary":
            lines.append(record)
    text = "".join(json.dumps(r, separators=(",", ":")) + "\n" for r in lines)
    trials = [r for r in lines if r["t"] == "trial"]
    end = dict(found[-1], trials=len(trials), digest="fnv1a64:%016x" % fnv1a(
        text.encode()), failed=sum(not r["ok"] for r in trials))
    path.write_text(text + json.dumps(end, separators=(",", ":")) + "\n")


def trial(record, number, level, kind, draw):
    value = level * draw.uniform(.95, 1.08)
    out = dict(record, round=number, warnings=[], error=None, ok=True,
               phase="done", slot=record["slot"] + 1000 * number,
               metrics={"rtt_p50": value, "bytes_per_s": 1e12 / value,
                        "response_p99": value,
                        "consumer.messages_per_op": 3 if kind == 4 else 1})
    if kind == 3 and number % 3:
        out.update(ok=False, phase="measure", error={
            "class": "gone", "op": "read", "space": None, "code": 0,
            "name": None, "end": "consumer", "text": "read: pipe"})
    if kind == 5 and number % 2:
        out["warnings"] = ["missed"]
    if kind == 7 and number % 4 == 0:
        out["warnings"] = ["void"]
    if kind == 8:
        out["metrics"] = {}
    return out


def words(text):
    """What a name says, in whatever notation: "pipe, slots=4"."""
    return frozenset(re.findall(r"[^\s,;()]+", text)) - {"the", "only", "one"}


def printed(screen):
    """The answers of the screen: [(best, alike, unjudged)], "" if none."""
    out = []
    for line in screen.partition("[lo ..")[0].splitlines()[1:]:
        other = re.match(r" {6}(no slower, .*?|not judged, .*?): (.*)", line)
        if other:
            names = [words(n) for n in other.group(2).split(";")]
            out[-1][1 if other.group(1).startswith("no ") else 2].extend(names)
        elif line.endswith("nothing kept this rate"):
            out.append(("", [], []))
        elif re.match(r"  \S", line):
            name = re.search(r": (.*?), [\d.]+ [a-zA-Z/]+( \[.*)?$", line).group(1)
            out.append((words(name), [], []))
    return out


def ranked(screen):
    """The rows of each table, in order: transport and settings."""
    out = []
    for block in screen.split("\n\n")[2:]:
        lines = block.splitlines()
        if len(lines) > 1 and lines[1].startswith("  transport "):
            at = lines[1].index("settings")
            out.append([words(row.split()[0] + " " + row[at:])
                        for row in lines[2:]])
    return out


def name(place, task):
    rest = [f"{k}={v}" for k, v in place.config.conditions
            if (k, v) not in task.conditions]
    return words(" ".join([place.config.base, *rest]))


@on_linux
def test_one_rule(pipemark):
    path = pipemark.folder / "r.jsonl"
    (pipemark.folder / "m.matrix").write_text(MATRIX)
    done = pipemark("run", "m.matrix", "--trials", 1, "--quiet", "-o", path)
    assert done.status in (0, 4), done
    whole = path.read_bytes()
    for seed in range(3):
        path.write_bytes(whole)
        remade(path, seed)
        done = pipemark("run", "--resume", path)
        assert done.status in (0, 4), done
        run = read(str(path))
        every = answer.tasks(run, [x for x in configs(run) if x.cell.good])
        tasks = [t for t in every if not t.swept]
        want = [(name(t.best, t) if t.places else "",
                 [name(p, t) for p in t.of(answer.ALIKE)],
                 [name(p, t) for p in t.of(answer.UNJUDGED)]) for t in tasks]
        assert printed(done.out) == want, done.out
        assert [rows[:len(t.places)] for rows, t in zip(ranked(done.out), tasks)] \
            == [[name(p, t) for p in t.places] for t in tasks]
        assert len(tasks) == 20 and len(every) == 24
        assert any(a for _, a, _ in want)
        assert any(u for _, _, u in want) and any(b for b, _, _ in want)
