"""Asks an HTTP server for its health again and again, over one connection, and tells how long it was kept waiting.

Run as a program it takes host, port and the server's process. Each line on its input is answered with a JSON list: the
seconds that it waited for each answer since the last line, less those in which the server's main thread, or this
program, waited for a processor: they say how busy the machine is, and nothing of the server.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from pathlib import Path

PAUSE_SECONDS = 0.003


def queued(process: str) -> float:
    """Give the seconds for which a process' main thread has waited for a processor so far; Linux tells it."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9


def main(host: str, port: str, process: str) -> None:
    """Ask until the input ends."""
    question = f"GET /health HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode()
    waited: list[float] = []
    with socket.create_connection((host, int(port))) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            before, began = queued(process) + queued("self"), time.perf_counter()
            line.sendall(question)
            answer = line.recv(4096)
            while b'"status":"ok"' not in answer:
                answer += line.recv(4096)
            seconds = time.perf_counter() - began
            waited.append(max(0.0, seconds - (queued(process) + queued("self") - before)))
            if select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
                if not sys.stdin.readline():
                    return
                sys.stdout.write(json.dumps(waited) + "\n")
                sys.stdout.flush()
                waited.clear()


if __name__ == "__main__":
    main(*sys.argv[1:])
