"""pipemark stress: each verdict, seen on a fault that was planted."""
import os
import re

import pytest

from conftest import WINDOWS, on_linux, records

PLANTS = {"drop": "lost", "repeat": "repeated", "corrupt": "corrupt",
          "reorder": "reordered", "hang": "hangs", "leak": "leaks"}
BAD = sorted(set(PLANTS.values()) | {"broken"})


@pytest.fixture
def stress(pipemark):
    """pipemark stress with a result file; returns (Done, its stress records)."""
    def call(*args, **kwargs):
        path = pipemark.folder / "s.jsonl"
        if path.exists():
            path.unlink()
        done = pipemark("stress", "-o", "s.jsonl", *args, **kwargs)
        return done, records(path, "stress") if path.exists() else []
    return call


@pytest.mark.parametrize("plant", sorted(PLANTS))
def test_planted_fault_is_reported(stress, plant):
    if WINDOWS and plant == "leak":
        pytest.skip("Wine does not count handles")
    done, found = stress("--only", "integrity", "--seed", 3, "--round", 0,
                         "--plant", plant + ":5")
    assert done.status == 1, done
    (record,) = found
    assert record["verdict"] == "failed" and record["why"]
    assert record[PLANTS[plant]] >= 1
    assert not any(record[b] for b in BAD if b != PLANTS[plant]), record
    assert record["repeat"] == "pipemark stress --only integrity --seed 3 --round 0"
    assert record["repeat"] in done.out
    if plant == "hang":  # told before the kill
        assert "hang: consumer" in done.err and "state: " in done.err.lower()
        assert re.search(r"hang: consumer \d+: operation \d+: next returned 4096", done.err)
        assert re.search(r"hang: producer \d+: operation \d+: \w+", done.err)
        if not WINDOWS:
            assert "wchan: " in done.err and "bytes unread" in done.err


def test_too_few_is_not_passed(stress):
    done, (record,) = stress("--only", "slow-reader", "--time", "300ms", "--few")
    assert done.status == 3, done
    assert record["verdict"] == "too-few"


def test_all_pass_for_a_moment(stress):
    done, found = stress("--time", "3s", "--seed", 5, timeout=150)
    assert done.status == 0, done
    for record in found:
        assert record["verdict"] in ("passed", "skipped"), record
        if record["verdict"] == "skipped":
            assert record["why"], record
        else:
            assert record["ops"] >= record["least_ops"], record
            assert record["faults"] >= record["least_faults"], record
            assert record["recovered"] >= 1 or not record["least_faults"], record
    assert sum(r["verdict"] == "passed" for r in found) >= 3


def test_same_seed_same_round(stress):
    words = ("--only", "stopped", "--round", 4, "--plant", "nonsense")
    whys = {stress(*words, "--seed", 11)[1][0]["why"] for _ in range(2)}
    assert len(whys) == 1 and None not in whys, whys


def test_list_and_refusals(pipemark):
    done = pipemark("stress", "--list")
    assert done.status == 0 and "integrity" in done.out
    done = pipemark("stress", "--only", "integrty")
    assert done.status == 2 and "did you mean integrity?" in done.err
    done = pipemark("stress", "--only", "names,integrty")
    assert done.status == 2 and "did you mean integrity?" in done.err
    done = pipemark("stress", "--only", "names,,integrity")
    assert done.status == 2 and "no stressor" in done.err
    assert pipemark("stress", "--time", "5").status == 2
    done = pipemark("stress", "--round", "5", "--only", "names,integrity")
    assert done.status == 2 and "one --only" in done.err
    assert pipemark("stress", "--round", "5").status == 2


def test_only_these(stress):
    done, found = stress("--only", "killed,names, killed", "--only", "flood",
                         "--time", "1ms", "--few")
    assert done.status == 3, done
    assert [record["name"] for record in found] == ["killed", "names",
                                                    "flood"]


@pytest.mark.parametrize("plant,count", [("leak", "leaks"), ("hang", "hangs")])
def test_planted_fault_of_an_agent(stress, plant, count):
    if WINDOWS and plant == "leak":
        pytest.skip("Wine does not count handles")
    done, (record,) = stress("--only", "open-close", "--seed", 3, "--round", 0,
                             "--plant", plant)
    assert done.status == 1, done
    assert record["verdict"] == "failed" and record[count] >= 1, record
    assert "opener" in record["why"], record


def test_a_stranger_that_may_join_is_reported(stress):
    """The victim believes anybody: the verdict must notice."""
    done, (record,) = stress("--only", "hostile", "--seed", 3, "--time", "2s",
                             "--plant", "open-door")
    assert done.status == 1, done
    assert "a stranger could join" in record["why"], record


def test_an_impostor_that_is_believed_is_reported(stress):
    """It reads to the end, as the consumer would: the verdict must notice."""
    done, (record,) = stress("--only", "impostor", "--seed", 3, "--round", 0,
                             "--plant", "open-door")
    assert done.status == 1, done
    assert "producer: ended as if all were well" in record["why"], record


def test_time_beyond_what_was_asked_is_said(stress):
    """Each does its least, however long that takes."""
    done, (record,) = stress("--only", "names", "--time", "1ms")
    assert done.status == 0 and record["ops"] >= record["least_ops"], done
    assert done.err.count("the time is over") == 1, done


@on_linux
def test_a_pipe_that_cannot_be_opened_refuses_no_stranger(stress):
    """A folder with a name too long for a socket: nobody was ever let in."""
    folder = "/tmp/" + 100 * "x"
    done, (record,) = stress("--only", "hostile", "--seed", 3, "--round", 0,
                             env={**os.environ, "TMPDIR": folder})
    assert done.status == 1 and record["verdict"] == "failed", done
    assert record["broken"] == 1 and "has room for" in record["why"], record
