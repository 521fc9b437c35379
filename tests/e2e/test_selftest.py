"""selftest: this machine is what the program takes it for."""
import json
from concurrent.futures import ThreadPoolExecutor

from conftest import TEMP, WINDOWS, run_program


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


def test_a_line_for_each_of_two_at_once(tmp_path):
    """The names that one asks about are no other's."""
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda cwd: run_program("pipemark", "selftest", cwd=cwd), folders))
    for done in both:
        lines = [line for line in done.out.splitlines() if ": expected " in line]
        assert done.status == 0 and len(lines) >= 40, done
        assert all(", seen " in line for line in lines)
        agree = sum(line.startswith("as expected") for line in lines)
        assert "%d as expected" % agree in done.out


def test_only_json_is_known(pipemark):
    assert pipemark("selftest", "--jsno").status == 2
    assert "expected" in pipemark("selftest", "--help").out
