"""A few kills; tests/long has the campaign."""
from conftest import WINDOWS
from kills import campaign, leftovers


def test_a_dozen_kills(tmp_path):
    before = leftovers()
    transports = ["named"] if WINDOWS else ["pipe", "fifo", "unix-stream"]
    phases = campaign(tmp_path, 12, transports, 1)
    assert phases["done"] == phases["report"] == 0, phases
    assert leftovers() == before
