"""The calls that a programmer would write for a configuration."""

from __future__ import annotations

from typing import Dict, List

from .result import Cell


def _buffer(cell: Cell) -> int:
    return cell.number("buffer") or 0


def _linux_pipe(cell: Cell, flags: str = "") -> List[str]:
    lines = [f"pipe2(fd, O_CLOEXEC{flags});"]
    if _buffer(cell) and _buffer(cell) != 65536:
        lines.append(f"fcntl(fd[1], F_SETPIPE_SZ, {_buffer(cell)});")
    return lines


def _packet(cell: Cell) -> List[str]:
    return _linux_pipe(cell, " | O_DIRECT")


def _fifo(cell: Cell) -> List[str]:
    lines = ['mkfifo("/run/user/UID/NAME", 0600);',
             'reader = open("/run/user/UID/NAME", O_RDONLY | O_CLOEXEC);',
             'writer = open("/run/user/UID/NAME", O_WRONLY | O_CLOEXEC);']
    if _buffer(cell) and _buffer(cell) != 65536:
        lines.append(f"fcntl(reader, F_SETPIPE_SZ, {_buffer(cell)});")
    return lines


def _socket_buffer(cell: Cell, end: str) -> List[str]:
    if not _buffer(cell):
        return []
    return [f"size = {_buffer(cell)}; setsockopt({end}, SOL_SOCKET, "
            "SO_SNDBUF, &size, sizeof(size));"]


def _unix(cell: Cell, kind: str) -> List[str]:
    return [f"server = socket(AF_UNIX, {kind} | SOCK_CLOEXEC, 0);",
            "bind(server, &address, sizeof(address)); listen(server, 1);",
            "reader = accept4(server, NULL, NULL, SOCK_CLOEXEC);",
            f"writer = socket(AF_UNIX, {kind} | SOCK_CLOEXEC, 0);",
            "connect(writer, &address, sizeof(address));",
            *_socket_buffer(cell, "writer")]


def _socketpair(cell: Cell, kind: str) -> List[str]:
    return [f"socketpair(AF_UNIX, {kind} | SOCK_CLOEXEC, 0, fd);",
            *_socket_buffer(cell, "fd[1]")]


def _anon(cell: Cell) -> List[str]:
    return [f"CreatePipe(&reader, &writer, &inheritable, {_buffer(cell)});"]


def _named(cell: Cell) -> List[str]:
    overlapped = cell.consumer in ("overlapped", "iocp", "apc")
    mode = "MESSAGE" if cell.text("mode") == "message" else "BYTE"
    read = "MESSAGE" if cell.text("read-mode") == "message" else "BYTE"
    wait = "PIPE_NOWAIT" if cell.consumer == "nowait" else "PIPE_WAIT"
    flags = " | FILE_FLAG_OVERLAPPED" if overlapped else ""
    duplex = cell.text("workload") == "pingpong"
    access = "PIPE_ACCESS_DUPLEX" if duplex else "PIPE_ACCESS_INBOUND"
    rights = ("GENERIC_READ | GENERIC_WRITE" if duplex
              else "GENERIC_WRITE | FILE_READ_ATTRIBUTES")
    asynchronous = "FILE_FLAG_OVERLAPPED" if cell.producer in (
        "overlapped", "iocp", "apc") else "0"
    return [f'reader = CreateNamedPipeW(L"\\\\\\\\.\\\\pipe\\\\NAME", {access}'
            f"{flags} | FILE_FLAG_FIRST_PIPE_INSTANCE,",
            f"    PIPE_TYPE_{mode} | PIPE_READMODE_{read} | {wait} | "
            "PIPE_REJECT_REMOTE_CLIENTS,",
            f"    1, {_buffer(cell)}, {_buffer(cell)}, 0, NULL);",
            f'writer = CreateFileW(L"\\\\\\\\.\\\\pipe\\\\NAME", {rights}, 0, '
            f"NULL, OPEN_EXISTING, {asynchronous}, NULL);"]


MAKERS = {
    "pipe": _linux_pipe, "packet": _packet, "fifo": _fifo,
    "unix-stream": lambda c: _unix(c, "SOCK_STREAM"),
    "unix-seqpacket": lambda c: _unix(c, "SOCK_SEQPACKET"),
    "socketpair-stream": lambda c: _socketpair(c, "SOCK_STREAM"),
    "socketpair-seqpacket": lambda c: _socketpair(c, "SOCK_SEQPACKET"),
    "anon": _anon, "anon-overlapped": _named, "named": _named,
}

# How one end moves a message, by host and engine.
MOVES: Dict[str, Dict[str, str]] = {
    "linux": {
        "blocking": "write(writer, message, n); read(reader, message, n);",
        "nowait": "fcntl(fd, F_SETFL, O_NONBLOCK); read and write again "
                  "while EAGAIN",
        "epoll": "epoll_ctl(ep, EPOLL_CTL_ADD, fd, &in); epoll_wait; then "
                 "read and write",
        "uring": "io_uring_prep_write, io_uring_prep_read; "
                 "io_uring_submit_and_wait",
        "splice": "vmsplice(writer, &message, 1, 0); splice(reader, NULL, "
                  "null_device, NULL, n, SPLICE_F_MOVE);",
    },
    "windows": {
        "blocking": "WriteFile(writer, message, n, &done, NULL); "
                    "ReadFile(reader, message, n, &done, NULL);",
        "nowait": "ReadFile and WriteFile again while ERROR_NO_DATA",
        "overlapped": "WriteFile(writer, message, n, NULL, &overlapped); "
                      "GetOverlappedResult",
        "iocp": "CreateIoCompletionPort; ReadFile with an OVERLAPPED; "
                "GetQueuedCompletionStatusEx",
        "apc": "ReadFileEx, WriteFileEx; SleepEx(INFINITE, TRUE)",
    },
}


def calls(cell: Cell, host: str) -> List[str]:
    """Lines of C: how to make this pipe and how to move a message."""
    maker = MAKERS.get(cell.transport or "")
    lines = maker(cell) if maker else []
    moves = MOVES.get(host, {})
    for end in dict.fromkeys((cell.producer, cell.consumer)):
        text = moves.get(end or "")
        if text:
            depth = cell.text("depth")
            lines.append(text + (f" ({depth} in flight)"
                                 if depth not in ("", "1") else ""))
    return lines
