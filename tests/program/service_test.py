#!/usr/bin/env python3
"""The engine as a service: what the manager is told; what becomes of it on a disk that hangs."""
import os
import resource
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import running_engine  # noqa: E402

SHIM = os.path.join(os.path.dirname(os.path.abspath(running_engine.PROGRAM)),
                    "libstalling_disk.so")


class Manager:
    """What systemd is to a service: a datagram socket that is named in the environment."""

    def __init__(self, case):
        folder = tempfile.TemporaryDirectory(prefix="careline-manager-")
        case.addCleanup(folder.cleanup)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        case.addCleanup(self.socket.close)
        self.socket.settimeout(running_engine.PATIENCE_S)
        self.socket.bind(folder.name + "/notify")
        self.names = {"NOTIFY_SOCKET": folder.name + "/notify", "WATCHDOG_USEC": "300000"}

    def until(self, word):
        """All that was told up to and with `word`."""
        lines = []
        while word not in lines:
            lines += self.socket.recv(4096).decode().splitlines()
        return lines


class AService(unittest.TestCase):
    def start(self, *more, **how):
        engine = running_engine.Engine(*more, **how)
        self.addCleanup(engine.close)
        return engine

    def test_the_manager_is_told_ready_alive_and_stopping_in_that_order(self):
        manager = Manager(self)
        engine = self.start(names=manager.names)
        first = [line for line in manager.until("READY=1") if not line.startswith("STATUS=")]
        self.assertEqual(first[0], "READY=1")
        manager.until("WATCHDOG=1")
        self.assertEqual(engine.get("/readyz")[0], 200)
        self.assertNotIn("READY=1", manager.until("WATCHDOG=1"))
        engine.process.terminate()
        manager.until("STOPPING=1")
        self.assertEqual(engine.end(), 0)

    def test_nothing_is_told_before_it_serves(self):
        manager = Manager(self)
        manager.socket.settimeout(0)
        with self.assertRaises(RuntimeError):
            running_engine.Engine("--speed", "0", names=manager.names)
        with self.assertRaises(BlockingIOError):
            manager.socket.recv(4096)

    def test_a_low_limit_of_open_files_is_raised_and_said(self):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        engine = self.start(prepare=lambda: resource.setrlimit(resource.RLIMIT_NOFILE,
                                                               (256, most)))
        held = int(engine.figures()["process_max_fds"])
        self.assertGreater(held, 256)
        self.assertIn(f"up to {held} files and connections at once", engine.said())

    def test_the_status_says_why_it_is_not_ready(self):
        manager = Manager(self)
        engine = self.start("--disk-mib", "256", names=manager.names)  # no more than the reserve
        told = [line for line in manager.until("READY=1") if line.startswith("STATUS=")]
        while not told:
            told = [line for line in manager.socket.recv(4096).decode().splitlines()
                    if line.startswith("STATUS=")]
        self.assertIn("STATUS=not ready: log: ", told[-1])
        # Not ready is not dead: it goes on with what is open, and is not started again for it.
        manager.until("WATCHDOG=1")
        self.assertEqual(engine.get("/readyz")[0], 503)


@unittest.skipUnless(os.path.exists(SHIM), "the shim of the disk was not built")
class ADiskThatHangs(unittest.TestCase):
    def start(self, *more):
        folder = tempfile.TemporaryDirectory(prefix="careline-disk-")
        self.addCleanup(folder.cleanup)
        self.fifo = folder.name + "/stalled"
        engine = running_engine.Engine("--commit-slow-s", "1", *more, names={
            "LD_PRELOAD": SHIM, "STALLED_DISK": self.fifo,
            "ASAN_OPTIONS": "verify_asan_link_order=0",
            "TSAN_OPTIONS": os.environ.get("TSAN_OPTIONS", "") + " verify_link_order=0"})
        self.addCleanup(engine.close)
        return engine

    def stall(self, engine):
        """From now on no sync comes back; a command waits for one."""
        os.mkfifo(self.fifo)
        command = subprocess.Popen(
            [running_engine.PROGRAM, "send", "queue.define", "--data", '{"queue":"care"}',
             "--commands", engine.at["commands"], "--json"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(command.stdout.close)
        self.addCleanup(command.kill)
        return command

    def go_on(self):
        waits = os.open(self.fifo, os.O_WRONLY)  # comes back when the sync is there to be let go
        os.unlink(self.fifo)
        os.close(waits)

    def test_a_commit_that_hangs_makes_it_not_ready_and_one_that_comes_back_ready_again(self):
        engine = self.start()
        self.assertEqual(engine.get("/readyz")[0], 200)
        command = self.stall(engine)
        while engine.get("/readyz")[0] == 200:
            pass
        status, checks = engine.get("/readyz?verbose")
        self.assertEqual(status, 503)
        self.assertRegex(checks, r"\[-\]commit failing: the one that runs has taken [\d.]+ s")
        self.assertEqual(checks.count("[-]"), 1, checks)
        figures = engine.figures()
        self.assertEqual(figures["careline_ready"], 0)
        self.assertGreaterEqual(figures["careline_log_commit_running_seconds"], 1)
        self.assertGreaterEqual(figures["careline_commands_in_flight"], 1)
        self.go_on()
        self.assertIn('"accepted"', command.communicate(timeout=running_engine.PATIENCE_S)[0])
        while engine.get("/readyz")[0] != 200:
            pass
        self.assertIn("[+]commit ok", engine.get("/readyz?verbose")[1])
        self.assertEqual(engine.end(), 0)

    def test_a_commit_that_never_comes_back_ends_it_with_a_code_and_a_sentence(self):
        engine = self.start("--commit-end-s", "1")
        self.stall(engine)
        self.assertEqual(engine.process.wait(running_engine.PATIENCE_S), 1)
        self.assertRegex(engine.said(), r"a commit has not come back from the disk for [\d.]+ s")


if __name__ == "__main__":
    unittest.main()
