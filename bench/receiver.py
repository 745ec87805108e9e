"""A receiver of webhooks that does nothing but note when each came, in a process of its own."""

import asyncio
import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Receiver:
    """A running receiver, and where it is."""

    port: int

    @property
    def url(self) -> str:
        """The address of its hook."""
        return f"http://{HOST}:{self.port}/hook"

    def seen(self) -> dict[str, float]:
        """Return when each id first came since the last look, in seconds of the clock on the wall."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", "/seen")
            found: dict[str, float] = json.loads(connection.getresponse().read())
            return found


@contextlib.contextmanager
def running() -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, __file__, str(port)], stdout=subprocess.PIPE)
    try:
        if process.stdout is None or process.stdout.readline() != b"ready\n":
            raise RuntimeError("the receiver does not come up")
        yield Receiver(port)
    finally:
        process.terminate()
        process.wait(10)


async def _serve(port: int) -> None:
    seen: dict[str, float] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
                told = {name.lower(): value for name, value in headers.items()}
                await reader.readexactly(int(told.get("content-length", "0")))
                body = b""
                if head.startswith("GET"):
                    body = json.dumps(seen).encode()
                    seen.clear()
                elif "webhook-id" in told:
                    seen.setdefault(told["webhook-id"], time.time())
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async with await asyncio.start_server(answer, HOST, port) as server:
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
