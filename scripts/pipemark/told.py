"""What is said of every run: how many, on which machine, when."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Sequence

from .result import Run, number_text


def count(n: int, what: str) -> str:
    """"1 trial", "2 trials"."""
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def listed(words: Sequence[str]) -> str:
    """"a", "a and b", "a, b and c"."""
    head = ", ".join(words[:-1])
    return f"{head} and {words[-1]}" if head else "".join(words)


def machine(run: Run) -> str:
    """Its name and what it is, in parentheses; "" if nothing is known."""
    facts = run.env.get("facts") or {}
    words = []
    for name, form in (("cpu_model", "{}"), ("cpus_allowed", "{} CPUs"),
                       ("os", "{}"), ("kernel", "{}")):
        value = (facts.get(name) or {}).get("v")
        if value is not None:
            words.append(form.format(number_text(value).split(" #")[0]))
    words = ([run.node] if run.node else []) + list(dict.fromkeys(words))
    return f" ({', '.join(words)})" if words else ""


def when(run: Run) -> str:
    """" on 2026-11-21 02:03 UTC, in 12 s"."""
    start = run.start_ns
    if not start:
        return ""
    at = datetime.fromtimestamp(start // 10**9, timezone.utc)
    text = f" on {at:%Y-%m-%d %H:%M} UTC"
    ends = [t.start_ns + t.measure_ns for t in run.trials]
    if ends and max(ends) > start:
        seconds = (max(ends) - start) / 1e9
        minutes, rest = divmod(round(seconds), 60)
        text += f", in {minutes} min {rest} s" if minutes else f", in {rest} s"
    return text


def caption(run: Run, text: str) -> str:
    """A table's, which says so when the numbers are Wine's."""
    return f"{text} (Wine)" if run.wine else text
