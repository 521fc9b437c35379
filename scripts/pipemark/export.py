"""pipemark export: results for other tools."""

from __future__ import annotations

import os
import sys
from typing import List

from . import cli, exports
from .exports.hdr import hgrms
from .reader import read


def main(arguments: List[str]) -> int:
    """The command."""
    parser = cli.Parser("export", "Write a result in the format of another tool.")
    parser.add_argument("result", help="result file (.jsonl, .jsonl.gz)")
    parser.add_argument("--format", required=True, choices=exports.FORMATS,
                        metavar="FORMAT", help=", ".join(exports.FORMATS))
    parser.add_argument("-o", metavar="PATH", help="file instead of standard"
                        " output; hdr-hgrm: the folder, a file for each cell")
    options = parser.parse_args(arguments)
    run = read(options.result)
    cli.note("export", run.notes)
    if run.stress and options.format not in ("junit", "markdown"):
        raise cli.Failure(cli.CANNOT, f"{options.result}: what stress found is no"
                          " measurement; junit and markdown can tell it")
    if options.format == "hdr-hgrm":
        folder = cli.folder_for([options.result], options.o)
        cli.make_folder(folder)
        for name, text in hgrms(run).items():
            _write(os.path.join(folder, name), text)
            print(os.path.join(folder, name))
        return cli.DONE
    text = exports.TEXTS[options.format](run)
    if options.o:
        _write(options.o, text)
        print(options.o)
    else:
        sys.stdout.write(text)
    return cli.DONE


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
