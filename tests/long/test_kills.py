"""Two hundred kills over every transport: nothing hangs, nothing is left."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from conftest import WINDOWS  # noqa: E402
from kills import campaign, leftovers  # noqa: E402

KILLS = int(os.environ.get("PIPEMARK_KILLS", "200"))
LINUX = ["pipe", "packet", "fifo", "unix-stream", "unix-seqpacket",
         "socketpair-stream", "socketpair-seqpacket"]


def test_kills(tmp_path, record_property):
    before = leftovers()
    phases = campaign(tmp_path, KILLS, ["named", "anon"] if WINDOWS else LINUX, 7)
    record_property("phases", str(phases))
    print(phases)
    for phase in ("open", "warmup", "drain", "measure"):
        assert phases[phase] >= KILLS // 10, phases
    assert leftovers() == before
