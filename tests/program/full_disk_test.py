#!/usr/bin/env python3
"""A disk that fills under the real program: fifty people in talk, and a backup on its way. And
one where the log may not grow, and one that may only be read."""
import ctypes
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import debians_python  # noqa: E402,F401

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                str(pathlib.Path(__file__).resolve().parents[2] / "gateway/kit/python")]
import running_engine  # noqa: E402
from careline_gateway import Desk, Gateway, NoReply, new_id  # noqa: E402

IN_TALK = 50
DISK = b"size=400m"  # the reserve is 256 MiB of it
LEFT_FOR_A_BACKUP = 32 << 10
NEW_NAMESPACE, PRIVATE, ALL_BELOW = 0x20000, 1 << 18, 1 << 14
READ_ONLY, REMOUNT = 1, 32
KIB, MIB = 1 << 10, 1 << 20


def enter_disk(folder):
    """A file system of its own on `folder`, for this process and those it starts alone."""
    system = ctypes.CDLL(None, use_errno=True)
    os.makedirs(folder)
    if (system.unshare(NEW_NAMESPACE) or
            system.mount(None, b"/", None, ALL_BELOW | PRIVATE, None) or
            system.mount(b"none", folder.encode(), b"tmpfs", 0, DISK)):
        raise OSError(ctypes.get_errno(), "no disk")


class SmallDisk(unittest.TestCase):
    def setUp(self):
        try:
            self.engine = running_engine.Engine(disk=enter_disk)
        except subprocess.SubprocessError:
            self.skipTest("needs the right to mount a file system")
        self.addCleanup(self.engine.close)
        self.folder = self.engine.folder + "/disk"
        at = self.engine.at
        self.desk = Desk("desk-1", at["commands"], at["events"])
        self.addCleanup(self.desk.close)
        self.gateway = Gateway("phone-1", at["commands"], at["events"])
        self.addCleanup(self.gateway.close)

    def seen(self, name):
        """A file on the engine's disk, from out here."""
        return f"/proc/{self.engine.process.pid}/root{self.folder}/{name}"

    def take_all(self, but=0):
        """Somebody else's file takes what the disk has left."""
        with open(self.seen("others"), "wb", buffering=0) as others:
            for block in (MIB, KIB):
                try:
                    while others.write(b"x" * block) == block:
                        pass
                except OSError:
                    pass
            others.truncate(others.tell() - but)

    def log(self, *words):
        """`careline log`, where the engine sees its disk."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.engine.process.pid), "-m", running_engine.PROGRAM, "log",
             *words], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def put_in_talk(self, count):
        """So many contacts in talk, each with an agent of its own."""
        self.desk.send("queue.define", queue="care", ring_s=600, fallback="external:branch-2")
        offers = self.desk.follow(["offer.made"])
        pairs = []
        for n in range(count):
            self.desk.sign_in(f"A-{n}")
            self.gateway.open("phone", f"C-{n}", queue="care", address="13900000000",
                              customer={"id": f"K-{n}"})
            offer = offers.next(running_engine.PATIENCE_S)
            pairs.append((offer.data["contact"], offer.data["agent"]))
            self.desk.accept(*pairs[-1])
        return pairs

    def opened(self, **data):
        """The last answer, be it `busy`."""
        return self.gateway.ask("contact.open", channel="phone", patience_s=0.5, **data)


class TheDiskFills(SmallDisk):
    def test_all_fifty_in_talk_can_be_finished(self):
        pairs = self.put_in_talk(IN_TALK)
        self.assertEqual(len(set(pairs)), IN_TALK)
        self.take_all()
        refused = self.opened(queue="care")
        self.assertEqual((refused.outcome, refused.problem.get("type"), refused.fallback),
                         ("busy", "engine.disk_full", "external:branch-2"))
        self.assertEqual(self.engine.get("/readyz")[0], 503)
        self.assertTrue(self.opened(queue="119").accepted)
        for contact, agent in pairs:
            self.desk.finish(contact, agent)
        code, told = self.log("read", "--data", self.folder + "/data", "--type",
                              "contact.finished")
        self.assertEqual(code, 0, told)
        ended = [json.loads(line)["data"]["contact"] for line in told.splitlines()]
        self.assertEqual(sorted(ended), sorted(contact for contact, _agent in pairs))
        os.remove(self.seen("others"))
        self.assertTrue(self.gateway.open("phone", queue="care").accepted)
        self.assertEqual(self.engine.get("/readyz")[0], 200)
        self.assertEqual(self.log("verify", "--data", self.folder + "/data")[0], 0)
        self.assertEqual(self.engine.end(), 0)


class ABackupWhileTheDiskFills(SmallDisk):
    def back_up(self):
        return self.log("backup", self.folder + "/backup", "--data", self.folder + "/data",
                        "--json")

    def test_the_one_before_stays_and_the_engine_goes_on(self):
        pairs = self.put_in_talk(2)
        code, first = self.back_up()
        self.assertEqual(code, 0, first)
        head = json.loads(first)["head"]
        for n in range(100):
            self.desk.say(pairs[0][0], "x" * 1000, line=n + 1)
        self.take_all(but=LEFT_FOR_A_BACKUP)  # it begins, and cannot end
        code, told = self.back_up()
        self.assertEqual(code, 1, told)
        self.assertIn("No space left", told)
        self.assertIn(f"stays as it was, up to event {head}", told)
        for contact, agent in pairs:
            self.desk.finish(contact, agent)
        os.remove(self.seen("others"))
        code, told = self.log("restore", self.folder + "/backup", "--dry-run", "--json")
        self.assertEqual(code, 0, told)
        self.assertEqual(json.loads(told)["head"], head)
        code, told = self.back_up()
        self.assertEqual(code, 0, told)
        self.assertGreater(json.loads(told)["head"], head + 100)
        self.assertEqual(self.engine.end(), 0)


class TheLogsFileMayNotGrow(unittest.TestCase):
    """A limit of the service manager, or of the file system."""

    def test_the_engine_ends_with_what_it_says_and_who_was_taken_in_waits(self):
        folder = tempfile.TemporaryDirectory(prefix="careline-limit-")
        self.addCleanup(folder.cleanup)
        data = folder.name + "/data"
        engine = running_engine.Engine(data=data)
        self.addCleanup(engine.close)
        self.assertEqual(engine.send("queue.define", {"queue": "care"})[0], 0)
        most = os.stat(data + "/log/data.mdb").st_size + 64 * KIB
        resource.prlimit(engine.process.pid, resource.RLIMIT_FSIZE, (most, most))
        taken_in = []
        gateway = Gateway("phone-1", engine.at["commands"], engine.at["events"])
        self.addCleanup(gateway.close)
        while True:
            contact, command_id = f"C-{len(taken_in)}", new_id()
            try:
                reply = gateway.ask("contact.open", channel="phone", contact=contact, queue="care",
                                    command_id=command_id, patience_s=1)
            except NoReply:
                break
            self.assertTrue(reply.accepted, reply)
            taken_in.append(contact)
        self.assertEqual(engine.process.wait(running_engine.PATIENCE_S), 1)
        self.assertIn("the log could not be written", engine.said())
        self.assertGreater(len(taken_in), 0)
        again = running_engine.Engine(data=data)
        self.addCleanup(again.close)
        # The one without an answer, again: it acts once, whether it was written or not.
        gateway = Gateway("phone-1", again.at["commands"], again.at["events"])
        self.addCleanup(gateway.close)
        self.assertTrue(gateway.ask("contact.open", channel="phone", contact=contact, queue="care",
                                    command_id=command_id).accepted)
        code, told = again.send("queue.show", {"queue": "care", "limit": 1000})
        self.assertEqual(code, 0, told)
        waiting = [one["contact"] for one in json.loads(told)["data"]["waiting"]]
        self.assertEqual(waiting, [*taken_in, contact])
        self.assertEqual(again.end(), 0)


class ADiskThatMayOnlyBeRead(unittest.TestCase):
    def test_no_engine_begins_on_it_and_it_says_why(self):
        def read_only(folder):
            enter_disk(folder)
            ctypes.CDLL(None).mount(b"none", folder.encode(), None, REMOUNT | READ_ONLY, None)
        try:
            with self.assertRaises(RuntimeError) as refused:
                running_engine.Engine(disk=read_only)
        except subprocess.SubprocessError:
            self.skipTest("needs the right to mount a file system")
        self.assertIn("Read-only file system", str(refused.exception))


if __name__ == "__main__":
    running_engine.main()
