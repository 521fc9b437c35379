"""selftest: this machine is what the program takes it for."""
import json

from conftest import TEMP, WINDOWS


def test_nothing_unexpected(pipemark):
    """Under Wine exactly the known differences, elsewhere none."""
    done = pipemark("selftest", "--json")
    claims = json.loads(done.out)["claims"]
    seen = {verdict: [c["about"] for c in claims if c["verdict"] == verdict]
            for verdict in {c["verdict"] for c in claims}}
    assert not seen.get("UNEXPECTED") and not seen.get("not asked"), done
    assert done.status == 0
    known = [c["about"] for c in claims if "wine" in c]
    assert seen.get("as Wine does", []) == known
    assert bool(known) == WINDOWS
    assert len(seen["as expected"]) >= 25 and len(claims) >= 40
    assert len({c["about"] for c in claims}) == len(claims)
    assert not list(TEMP.glob("pipemark-self*"))


def test_a_line_for_each(pipemark):
    done = pipemark("selftest")
    lines = [line for line in done.out.splitlines() if ": expected " in line]
    assert done.status == 0 and len(lines) >= 40
    assert all(", seen " in line for line in lines)
    assert "%d as expected" % sum(line.startswith("as expected") for line in lines) in done.out


def test_only_json_is_known(pipemark):
    assert pipemark("selftest", "--jsno").status == 2
    assert "expected" in pipemark("selftest", "--help").out
