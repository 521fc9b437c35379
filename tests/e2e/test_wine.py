"""scripts/wine-run: what it starts in the background holds nothing open."""
import os
import shutil
import subprocess

import pytest

from conftest import ROOT, TEMP, on_windows


def wine_run(prefix, *args, **kwargs):
    return subprocess.run([str(ROOT / "scripts" / "wine-run"), *args],
                          env={**os.environ, "WINEPREFIX": str(prefix)},
                          stdin=subprocess.DEVNULL, check=True, **kwargs)


def end_server(prefix):
    for name in ("wineserver", "wineserver-stable"):
        if shutil.which(name):
            subprocess.run([name, "-k"], check=False, timeout=60, env={
                **os.environ, "WINEPREFIX": str(prefix),
                "TMPDIR": str(prefix / "tmp")})
            return
    pytest.skip("no wineserver to end")


@on_windows
def test_the_first_program_does_not_keep_its_reader(tmp_path):
    """Services that Wine starts with it had its output, for 300 s."""
    prefix = TEMP / "wine"
    said = tmp_path / "said"
    try:
        with open(said, "wb") as out:
            wine_run(prefix, "hostname", stdout=out, stderr=out, timeout=200)
        end_server(prefix)
        done = wine_run(prefix, "hostname", stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT, timeout=100)
    finally:
        end_server(prefix)
        shutil.rmtree(prefix, ignore_errors=True)
    assert done.stdout.strip() and done.stdout.strip() == said.read_bytes().strip()
