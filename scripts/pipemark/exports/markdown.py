"""A Markdown summary, for a pull request or a wiki."""

from __future__ import annotations

from typing import List, Sequence

from .. import answer, stress
from ..answers import answers
from ..naming import configs
from ..page import problems, summary
from ..result import Run
from ..table import Table


def markdown(run: Run) -> str:
    """Summary, answers, what was skipped or failed."""
    title = f"## pipemark: {run.where}{f' on {run.node}' if run.node else ''}"
    if run.stress:
        return "\n".join([title, "", escape(" ".join(stress.summary(run))), "",
                          *table(stress.table(run))]) + "\n"
    every = configs(run)
    found = [x for x in every if x.cell.good]
    parts = [title, "", escape(" ".join(summary(run, every, found))), ""]
    parts += table(answers(run, answer.tasks(run, found)))
    trouble = problems(run, every)
    if trouble.rows:
        parts += ["", *table(trouble)]
    return "\n".join(parts) + "\n"


def table(t: Table) -> List[str]:
    """A caption and a table."""
    return [f"*{escape(t.caption)}*", "", _row(t.head),
            "|" + "---|" * len(t.head), *(_row(r) for r in t.rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(escape(c) for c in cells) + " |"


def escape(text: str) -> str:
    """So that names do not become markup."""
    for letter in "\\`*_|<>":
        text = text.replace(letter, "\\" + letter)
    return " ".join(text.split())
