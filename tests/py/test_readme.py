"""What the README points at is there, and the sample is a sample."""

import re

import pytest

from conftest import SCRIPTS
from pipemark.naming import measured
from pipemark.reader import read
from schema import check_text

ROOT = SCRIPTS.parent
SAMPLE = ROOT / "reports/sample"


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "reports/FORMAT.md",
                                  "reports/ARTICLES.md", "reports/PEERS.md"])
def test_links_lead_somewhere(name):
    page = ROOT / name
    links = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [x for x in links if "://" not in x and not (page.parent / x).exists()]
    assert missing == []


def test_the_sample_is_small_whole_and_readable():
    import gzip

    assert sum(p.stat().st_size for p in SAMPLE.iterdir()) < 5 << 18
    packed = SAMPLE / "results.jsonl.gz"
    check_text(gzip.decompress(packed.read_bytes()).decode("utf-8"), "sample")
    run = read(str(packed))
    assert not run.truncated and not run.wine
    assert len(measured(run)) == len(run.cells) == 16
    assert run.id in (SAMPLE / "report.html").read_text(encoding="utf-8")
    for picture in ("by-size-stream.svg", "percentiles-pingpong.svg"):
        assert run.id in (SAMPLE / picture).read_text(encoding="utf-8")
