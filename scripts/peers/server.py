"""A private redis-server, and the few words of its protocol that measuring takes."""

import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

# A child ends with its parent, even if that one is killed.
MORTAL = ["setpriv", "--pdeathsig", "TERM"]


class Client:
    """One connection, one command at a time."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.reader = self.socket.makefile("rb")

    def __call__(self, *words):
        self.socket.sendall(encoded(words))
        return self.reply()

    def reply(self):
        line = self.reader.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the private redis-server hung up")
        kind, rest = line[:1], line[1:-2]
        if kind == b"-":
            raise RuntimeError(f"Redis says: {rest.decode()}")
        if kind == b"+":
            return rest.decode()
        if kind == b":":
            return int(rest)
        size = int(rest)
        if size < 0:
            return None
        if kind == b"$":
            return self.reader.read(size + 2)[:-2].decode()
        return [self.reply() for _ in range(size)]

    def close(self):
        self.reader.close()
        self.socket.close()


def encoded(words):
    """A command as it goes over the wire."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


class Server:
    """Started as those of `fenliu bench` are: in memory only, on a Unix socket; gone at the end of `with`."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="fenliu-compare-"))
        self.socket = str(self.directory / "s")
        self.process = None

    def __enter__(self):
        words = ["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", str(self.directory)]
        words += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
        try:
            with open(self.directory / "redis.log", "wb") as log:
                self.process = subprocess.Popen(
                    MORTAL + words, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            deadline = time.monotonic() + 30
            while True:
                try:
                    client = self.connect()
                    client("PING")
                    client.close()
                    return self
                except OSError:
                    if self.process.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError("the private redis-server did not start") from None
                    time.sleep(0.02)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def connect(self):
        return Client(self.socket)

    def environment(self, database, more):
        """What a worker or a producer is told."""
        return {
            **os.environ,
            **more,
            "FENLIU_COMPARE_SOCKET": self.socket,
            "FENLIU_COMPARE_DATABASE": str(database),
            "PYTHONPATH": str(pathlib.Path(__file__).parent),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


def main_thread_seconds(client):
    """CPU time of the thread that runs all commands."""
    lines = dict(line.split(":", 1) for line in client("INFO", "cpu").splitlines() if ":" in line)
    return sum(float(lines[f"used_cpu_{kind}_main_thread"]) for kind in ("user", "sys"))
