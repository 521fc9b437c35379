"""Many clients, whole: 1, 8 and 64 links, both modes, every message looked at."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "e2e"))
from conftest import run_program, records  # noqa: E402
from test_clients import check_clients, check_fairness  # noqa: E402


def test_one_eight_sixty_four(tmp_path):
    done = run_program(
        "pipemark", "run", "--clients", "1,8,64", "--io", "blocking,overlapped", "--kind",
        "named", "--mode", "byte,message", "--workload", "stream", "--verify", "yes",
        "--quiet", "-o", "c.jsonl", cwd=tmp_path, timeout=600)
    assert done.status == 0, done
    knobs = {c["n"]: c["knobs"] for c in records(tmp_path / "c.jsonl", "cell")}
    trials = records(tmp_path / "c.jsonl", "trial")
    assert len(knobs) == 12 and len(trials) == 120
    for trial in trials:
        count = knobs[trial["cell"]]["clients"]["n"]
        assert trial["ok"] and not any(trial["integrity"].values())
        assert trial["messages"] > 0
        if count > 1:
            check_clients(trial, count, "time_in_pipe")
            check_fairness(trial)
