"""The slope test of the soak, on series that are known to rise or not."""
import importlib.util
import pathlib
import random

import pytest

PATH = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "soak.py"
SPEC = importlib.util.spec_from_file_location("soak", PATH)
soak = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(soak)


def noisy(slope, count=200, seed=1):
    drawn = random.Random(seed)
    return [1000 + slope * i / count + drawn.gauss(0, 30) for i in range(count)]


def test_flat_is_flat_and_a_rise_is_found():
    assert sum(soak.rises(noisy(0, seed=s), 0) for s in range(200)) <= 4
    assert all(soak.rises(noisy(200, seed=s), 100) for s in range(20))
    assert not soak.rises(noisy(50), 100)
    assert not soak.rises(noisy(-500), 100)


def test_one_leaked_handle_now_and_then_is_found():
    assert soak.rises([4.0 + i // 40 for i in range(200)], 0.5)
    assert not soak.rises([4.0 + i % 2 for i in range(200)], 0.5)


def test_one_jump_of_the_machine_is_no_rise():
    values = noisy(0)
    values[100:104] = [5000.0] * 4
    assert not soak.rises(values, 100)


def test_a_busy_machine_is_no_rise():
    """Bursts of other work, more and more of them: the best quarter stays."""
    drawn = random.Random(3)
    values = [v * (2 if drawn.random() < i / 400 else 1)
              for i, v in enumerate(noisy(0))]
    assert not soak.slows(values)
    assert soak.slows(noisy(300))


def test_what_rises_once_is_launched_again():
    """The machine's rise is over some time, the program's is in every launch."""
    seen = iter([True, True, False, True])
    assert not soak.confirmed(lambda: next(seen))
    assert next(seen)
    assert soak.confirmed(lambda: True)


@pytest.mark.parametrize("text,value", [("30min", 1800), ("90s", 90), ("1h", 3600)])
def test_times(text, value):
    assert soak.seconds(text) == value
