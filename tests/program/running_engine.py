"""The real program as a service manager would start it, for the tests beside this file."""
import functools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("CARELINE_BIN", str(ROOT / "build/dev/careline"))
PATIENCE_S = 60


def main():
    """As unittest.main; where each test was skipped it says why, and ends as skipped."""
    done = unittest.main("__main__", exit=False).result
    if done.wasSuccessful() and done.testsRun == len(done.skipped):
        print("skipped: " + done.skipped[0][1])
        sys.exit(77)
    sys.exit(not done.wasSuccessful())


class Engine:
    """`careline serve` on a folder and addresses of its own: `more` flags, environment `names`.
    `disk(folder)` puts a disk under the data folder, in the engine's own process; `data` is the
    folder of an engine before."""

    def __init__(self, *more, names=None, prepare=None, disk=None, data=None):
        self.folder = tempfile.mkdtemp(prefix="careline-engine-")
        environment = {name: text for name, text in os.environ.items()
                       if not name.startswith("CARELINE_")}
        environment.update(names or {})
        data = data or self.folder + "/data"
        if disk:
            data = self.folder + "/disk/data"
            prepare = functools.partial(disk, self.folder + "/disk")
        self.journal = open(self.folder + "/journal", "w+b")
        try:
            self.process = subprocess.Popen(
                [PROGRAM, "serve", "--data", data, *self.where(more), *more],
                env=environment, preexec_fn=prepare, stdout=subprocess.PIPE, stderr=self.journal,
                text=True)
        except BaseException:
            self.journal.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        ready = self.process.stdout.readline()
        if not ready.startswith("ready "):
            self.process.wait(PATIENCE_S)
            said = self.said()
            self.close()
            raise RuntimeError(f"no ready line but {ready!r}: {said}")
        self.at = dict(word.split("=", 1) for word in ready.split()[1:])

    @staticmethod
    def where(more):
        """Free ports of this machine, but where `more` says otherwise."""
        places = {"--commands": "tcp://127.0.0.1:0", "--events": "tcp://127.0.0.1:0",
                  "--http": "127.0.0.1:0"}
        return [word for flag, place in places.items() if flag not in more
                for word in (flag, place)]

    def get(self, path):
        """Status and body."""
        try:
            with urllib.request.urlopen(self.at["http"] + path, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def figures(self):
        """{name: number}; of a name with labels their sum, and each row under its whole text.
        Nothing where no place is free for who asks."""
        status, text = self.get("/metrics")
        if status == 503:
            return None
        found = {}
        for line in text.splitlines():
            if line.startswith("#") or not line:
                continue
            row, number = line.rsplit(" ", 1)
            found[row] = float(number)
            if "{" in row:
                name = row.split("{")[0]
                found[name] = found.get(name, 0) + float(number)
        return found

    def send(self, kind, data):
        """One command over the program's own client; its exit code and reply."""
        done = subprocess.run(
            [PROGRAM, "send", kind, "--data", json.dumps(data), "--json",
             "--commands", self.at["commands"]],
            capture_output=True, text=True, timeout=PATIENCE_S)
        return done.returncode, done.stdout + done.stderr

    def host_and_port(self):
        host, port = self.at["http"].removeprefix("http://").rsplit(":", 1)
        return host, int(port)

    def connect(self):
        line = socket.create_connection(self.host_and_port(), timeout=PATIENCE_S)
        return line

    def said(self):
        self.journal.seek(0)
        return self.journal.read().decode()

    def end(self, how=signal.SIGTERM):
        """Its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)

    def close(self):
        self.end(signal.SIGKILL)
        self.process.stdout.close()
        self.journal.close()
        shutil.rmtree(self.folder, ignore_errors=True)
