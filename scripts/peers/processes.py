"""The worker processes of a peer: started, counted, ended with all that they started."""

import contextlib
import os
import pathlib
import signal
import subprocess
import time

from server import MORTAL

TICKS = os.sysconf("SC_CLK_TCK")


def _stat(process):
    """The fields of /proc/PID/stat behind the name, or None if the process is gone."""
    try:
        text = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def tree(roots):
    """These processes and everything below them."""
    children = {}
    for name in os.listdir("/proc"):
        fields = _stat(name) if name.isdigit() else None
        if fields:
            children.setdefault(int(fields[1]), []).append(int(name))
    found, ahead = [], list(roots)
    while ahead:
        process = ahead.pop()
        found.append(process)
        ahead += children.get(process, [])
    return found


def cpu_seconds(processes):
    """CPU time that they have used so far."""
    total = 0
    for process in processes:
        fields = _stat(process)
        if fields:
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


class Workers:
    """`command` so many times; what they say goes to a file. All are gone at the end of `with`."""

    def __init__(self, command, times, environment, directory):
        self.command = command
        self.times = times
        self.environment = environment
        self.directory = directory
        self.running = []

    def __enter__(self):
        try:
            with open(self.directory / "workers.log", "wb") as log:
                for _ in range(self.times):
                    self.running.append(
                        subprocess.Popen(
                            MORTAL + self.command,
                            stdin=subprocess.DEVNULL,
                            stdout=log,
                            stderr=log,
                            env=self.environment,
                            cwd=self.directory,
                        )
                    )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        everybody = tree(worker.pid for worker in self.running)
        for worker in self.running:
            if worker.poll() is None:
                worker.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline and any(worker.poll() is None for worker in self.running):
            time.sleep(0.05)
        # Those whose parent is gone are no longer below it, so they were noted before.
        for process in everybody:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for worker in self.running:
            worker.wait()

    def processes(self):
        return tree(worker.pid for worker in self.running)

    def check(self):
        """Complains if one of them has ended."""
        for worker in self.running:
            if worker.poll() is not None:
                self.fail(f"a worker ended with status {worker.returncode}")

    def fail(self, what):
        """Complains, with the last words of the workers."""
        lines = (self.directory / "workers.log").read_text(encoding="utf-8", errors="replace").splitlines()
        raise RuntimeError("\n    ".join([what, *lines[-15:]]))
