"""Which pictures a run gives, and what stands in them."""

from __future__ import annotations

from typing import List, Sequence

from .. import chart as c
from ..answer import Task
from ..naming import Config, measured
from ..result import Run
from .arms import arms
from .buffers import buffers
from .clients import clients
from .compare import compare
from .connect import connect
from .cost import cost
from .heat import heat
from .load import load
from .moments import moments
from .pace import pace
from .percentiles import percentiles
from .sizes import by_size


def plots(run: Run) -> List[c.Figure]:
    """What `pipemark plot` draws."""
    found = measured(run)
    return percentiles(run, found) + by_size(run, found)


def everything(run: Run, found: Sequence[Config], tasks: Sequence[Task]
               ) -> List[c.Figure]:
    """What the report shows, in its order."""
    return (
        arms(run)
        + compare(run, found, tasks)
        + percentiles(run, found)
        + by_size(run, found)
        + buffers(run, found)
        + heat(run, found, tasks)
        + moments(run, found, tasks)
        + load(run, found)
        + clients(run, found)
        + connect(run, found, tasks)
        + cost(run, found, tasks)
        + pace(run, found, tasks)
    )
