"""The articles that the project started from: each program of theirs, corrected, runs.

The presets say what was wrong in which article.
"""
import re

import pytest

from conftest import ROOT, WINDOWS
from test_run import by_type, check_trials

FOLDER = ROOT / "bench" / "presets"
ELSEWHERE = "linux|overlapped" if WINDOWS else "windows|overlapped"
PRESETS = sorted(str(p.relative_to(FOLDER))[:-len(".matrix")]
                 for p in [*FOLDER.glob("article/*.matrix"), FOLDER / "dotnet-default.matrix"])


def asked_after_a_message(cell, trial):
    assert trial["how"]["consumer"].startswith("client ")


def rendezvous(cell, trial):
    if WINDOWS:
        assert cell["knobs"]["buffer"]["n"] == 0
        assert trial["buffers"] == {"asked": 0, "producer": 0, "consumer": 0}


def reused(cell, trial):
    if cell["knobs"]["reuse"]["v"] == "yes":
        assert trial["hist"]["create"]["n"] == 1
    assert trial["hist"]["close"]["n"] == 60


SPECIAL = {"article/001-named-duplex": asked_after_a_message, "dotnet-default": rendezvous,
           "article/003-disconnect": reused}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_article_runs(measure, preset):
    done, found = measure(preset, "--count", "60")
    assert done.status == 0, done
    cells = {c["n"]: c for c in by_type(found, "cell")}
    trials = check_trials(found)
    assert len(trials) == sum(not c["skip"] for c in cells.values()) > 0
    for trial in trials:
        assert trial["messages"] == 60
        assert not any(trial["integrity"].values())
        SPECIAL.get(preset, lambda cell, trial: None)(cells[trial["cell"]], trial)
    for cell in cells.values():
        if cell["skip"]:
            # What this system cannot do belongs to the other one, and says so.
            assert re.search(ELSEWHERE, cell["skip"]["reason"], re.I), cell["skip"]
