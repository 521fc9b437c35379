"""pipemark report: one page that shows a result, complete in itself."""

from __future__ import annotations

import os
from typing import List, Sequence

from . import cli
from .page import Page, page
from .plot import save
from .reader import read_all

TEMPLATES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "templates")


def main(arguments: List[str]) -> int:
    """The command."""
    parser = cli.Parser("report", "Write one HTML page that shows results, and"
                        " its pictures as PNG and SVG.")
    parser.add_argument("result", nargs="+", help="result file (.jsonl, .jsonl.gz)")
    parser.add_argument("-o", metavar="DIR", help="folder for report.html")
    parser.add_argument("--no-pictures", action="store_true",
                        help="only report.html, which has them inside")
    options = parser.parse_args(arguments)
    cli.need(["jinja2"] if options.no_pictures else
             ["jinja2", "numpy", "matplotlib"])
    runs = read_all(options.result)
    for run in runs:
        cli.note("report", run.notes)
    folder = cli.folder_for(options.result, options.o)
    cli.make_folder(folder)
    pages = [page(run, i) for i, run in enumerate(runs)]
    path = os.path.join(folder, "report.html")
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(html(pages))
    if not options.no_pictures:
        for p in pages:
            save(p.figures, folder, "" if len(pages) == 1 else p.run.id + "-")
    print(path)
    return cli.DONE


def html(pages: Sequence[Page]) -> str:
    """The whole page."""
    return render("report.html", pages=pages)


def render(template: str, **values: object) -> str:
    """A page of ours, its style and script inside."""
    import jinja2

    loader = jinja2.FileSystemLoader(TEMPLATES)
    engine = jinja2.Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined)

    def inline(name: str) -> str:
        with open(os.path.join(TEMPLATES, name), encoding="utf-8") as file:
            return file.read()

    return engine.get_template(template).render(
        css=inline("report.css"), js=inline("report.js"), **values) + "\n"
