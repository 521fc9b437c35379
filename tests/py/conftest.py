"""Makes scripts/ importable and gives tests result files to read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Callable, Dict, Optional

import pytest
from hypothesis import HealthCheck, settings

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parents[1] / "scripts"
sys.path.insert(0, str(SCRIPTS))
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "support"))
sys.dont_write_bytecode = True
os.environ.pop("PYTHONUNBUFFERED", None)  # it hides what buffers do

import made  # noqa: E402
import schema  # noqa: E402
import synth  # noqa: E402

made.checked = synth.checked = schema.check_text
# A busy machine is slow: that is no fault of the example which it met.
settings.register_profile(
    "any machine", deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def linux(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole Linux result, default matrix, six trials."""
    path = tmp_path_factory.mktemp("linux") / "linux.jsonl"
    path.write_text(synth.make("linux", fail=True), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def wine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole Windows result made under Wine."""
    path = tmp_path_factory.mktemp("wine") / "wine.jsonl"
    path.write_text(synth.make("windows", seed=2, wine="wine 8.0"), encoding="utf-8")
    return path


Command = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs scripts/pipemark-NAME in a folder of its own, with a deadline."""

    def run(name: str, *arguments: object, env: Optional[Dict[str, str]] = None,
            cwd: Optional[Path] = None) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-B", str(SCRIPTS / f"pipemark-{name}"),
             *map(str, arguments)],
            cwd=cwd or tmp_path, env={**os.environ, **(env or {})},
            capture_output=True, text=True, timeout=120)

    return run


def one_line(done: subprocess.CompletedProcess) -> str:
    """The single line of a refusal."""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]
