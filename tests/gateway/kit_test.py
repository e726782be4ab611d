#!/usr/bin/env python3
"""Runs the code of docs/gateway.md as it stands, against the real program; and kills it."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
KIT = ROOT / "gateway/kit/python"
PAGE = ROOT / "docs/gateway.md"
PATIENCE_S = 120


def python():
    """One that has ZeroMQ and MessagePack: Debian's packages belong to Debian's own."""
    for one in ("/usr/bin/python3", sys.executable):
        if os.path.exists(one) and subprocess.run(
                [one, "-c", "import zmq, msgpack"], capture_output=True).returncode == 0:
            return one
    return None


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


class AGatewayInAnHour(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="careline-kit-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copy(KIT / "phone_gateway.py", self.folder)
        (self.folder / "bin").mkdir()
        (self.folder / "bin/careline").symlink_to(os.path.abspath(os.environ["CARELINE_BIN"]))
        (self.folder / "bin/python3").symlink_to(python())
        self.environment = {name: text for name, text in os.environ.items()
                            if not name.startswith("CARELINE_")}
        self.environment.update(
            PATH=f"{self.folder}/bin:{os.environ['PATH']}", PYTHONPATH=str(KIT),
            PYTHONDONTWRITEBYTECODE="1", CARELINE_COMMANDS="tcp://127.0.0.1:0",
            CARELINE_EVENTS="tcp://127.0.0.1:0", CARELINE_HTTP="127.0.0.1:0")
        self.start_engine()
        self.addCleanup(self.end_engine)

    def start_engine(self):
        """The second time at the addresses of the first."""
        serve, *self.shell = blocks("sh")
        self.engine = subprocess.Popen(
            ["sh", "-c", "exec " + serve.strip()], cwd=self.folder, env=self.environment,
            stdout=subprocess.PIPE, text=True)
        ready = self.engine.stdout.readline()
        self.assertTrue(ready.startswith("ready "), f"no ready line, but {ready!r}")
        addresses = dict(word.split("=", 1) for word in ready.split()[1:])
        self.environment.update(CARELINE_COMMANDS=addresses["commands"],
                                CARELINE_EVENTS=addresses["events"])

    def kill_engine(self):
        self.engine.kill()
        self.engine.wait()
        self.engine.stdout.close()

    def end_engine(self):
        self.engine.terminate()
        try:
            self.assertEqual(self.engine.wait(PATIENCE_S), 0)
        finally:
            self.engine.kill()
            self.engine.stdout.close()

    def run_here(self, *words):
        done = subprocess.run(words, cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_the_page_runs_as_it_stands(self):
        steps = blocks("python")
        self.assertGreaterEqual(len(steps), 7)
        # Python's own line numbers are those of the page, so that a failure names its line there.
        text = PAGE.read_text()
        script = [""] * text.count("\n")
        for step in steps:
            first = text[:text.index(step)].count("\n")
            script[first:first + step.count("\n")] = step.splitlines()
        (self.folder / "gateway.md.py").write_text("\n".join(script) + "\n")
        said = self.run_here("python3", "gateway.md.py")
        self.assertIn("There is no contact of this id.", said)
        for command in self.shell:
            said = self.run_here("sh", "-ec", command)
            self.assertIn("1001: you are number 1", said)
            self.assertIn("1002: you are number", said)

    def test_a_gateway_lives_through_the_sudden_death_of_its_engine(self):
        (self.folder / "follow.py").write_text(FOLLOW)
        gateway = subprocess.Popen(
            ["python3", "follow.py"], cwd=self.folder, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        try:
            for _ in range(3):
                self.assertEqual(gateway.stdout.readline(), "opened\n")
                self.kill_engine()
                self.start_engine()
                gateway.stdin.write("go on\n")
                gateway.stdin.flush()
            self.assertEqual(gateway.communicate(timeout=PATIENCE_S)[0], "whole\n")
        finally:
            gateway.kill()
            gateway.wait()


# Opens contacts, loses its engine after each, and checks that it was told all, once and in order.
FOLLOW = """
import sys
from careline_gateway import Gateway

with Gateway("phone-1", patience_s=60) as gateway:
    gateway.send("queue.define", queue="care")
    events = gateway.follow(after=0)
    for n in range(3):
        place = gateway.open("phone", contact=f"C-{n}", queue="care").data["queue_position"]
        assert place == n + 1, place
        print("opened", flush=True)
        sys.stdin.readline()
    for n in range(3):
        gateway.abandon(f"C-{n}")
    end = gateway.open("phone", contact="C-end", queue="care").position
    got = []
    while not got or got[-1].position < end:
        got.append(events.next(timeout_s=60))
    assert [event.position for event in got] == list(range(1, len(got) + 1))
    opened = [event.data["contact"] for event in got if event.type == "contact.opened"]
    assert opened == ["C-0", "C-1", "C-2", "C-end"], opened
print("whole")
"""


if __name__ == "__main__":
    if not os.access(os.environ.get("CARELINE_BIN", ""), os.X_OK):
        print("skipped: needs the program, as CARELINE_BIN")
        sys.exit(77)
    if not python():
        print("skipped: needs python3-zmq and python3-msgpack")
        sys.exit(77)
    unittest.main()
