#!/usr/bin/env python3
"""Keys and roles with the real program: the first start, the words that change them, and what those
without a right come to."""
import json
import os
import pathlib
import socket
import stat
import subprocess
import sys
import threading
import time
import unittest
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import debians_python  # noqa: E402,F401

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                str(pathlib.Path(__file__).resolve().parents[2] / "gateway/kit/python")]
import running_engine  # noqa: E402
import zmq  # noqa: E402
from careline_gateway import Desk, Gateway, NotAccepted  # noqa: E402
from careline_gateway import wire  # noqa: E402
from careline_gateway.client import Client  # noqa: E402


def until(is_so):
    """Waits for a condition, never for a time."""
    end = time.monotonic() + running_engine.PATIENCE_S
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError("it never came to be so")


class Keyed(unittest.TestCase):
    def serve(self, *more, secure=True):
        engine = running_engine.Engine(*(("--secure",) if secure else ()), *more)
        self.addCleanup(engine.close)
        engine.data = engine.folder + "/data"
        engine.admin = engine.data + "/admin.key"
        return engine

    def word(self, engine, *words, key="admin", code=0):
        """A subcommand's stdout; it must end with `code`."""
        flags = []
        if key is not None:
            flags = ["--key", engine.admin if key == "admin" else key]
        if words[:2] not in (("key", "make"), ("key", "show")):
            flags += ["--commands", engine.at["commands"].replace("0.0.0.0", "127.0.0.1")]
        done = subprocess.run([running_engine.PROGRAM, *words, *flags], capture_output=True,
                              text=True, timeout=running_engine.PATIENCE_S)
        self.assertEqual(done.returncode, code, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout if code == 0 else done.stderr

    def client(self, engine, name, *roles):
        """Makes a client's key and has it accepted; its key file."""
        file = f"{engine.folder}/{name}.key"
        self.word(engine, "key", "make", name, "--out", file)
        more = [flag for role in roles for flag in ("--role", role)]
        self.word(engine, "key", "accept", name, file, *more)
        return file

    def send(self, engine, key, *words, code=0):
        return self.word(engine, "send", *words, "--timeout", "20", key=key, code=code)

    def audit(self, engine, *more):
        return [json.loads(line) for line in
                self.word(engine, "audit", "--json", *more).splitlines()]


class TheFirstStart(Keyed):
    def test_makes_the_administrators_key_once_and_writes_it_down(self):
        engine = self.serve()
        self.assertEqual(sorted(engine.at), ["commands", "events", "http"])
        self.assertEqual(stat.S_IMODE(os.stat(engine.admin).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(engine.data + "/keys/bus.key").st_mode), 0o600)
        self.assertIn(engine.admin, engine.said())
        shown = self.word(engine, "key", "show", engine.admin, "--json", key=None)
        before = pathlib.Path(engine.admin).read_text()
        secret = before.split('secret = "')[1].split('"')[0]
        self.assertNotIn(secret, shown + engine.said())
        granted = [e for e in self.audit(engine) if e["type"] == "access.granted"]
        self.assertEqual([e["data"]["roles"] for e in granted], [["administrator"]])
        self.assertEqual(engine.end(), 0)
        again = running_engine.Engine("--secure", data=engine.data)
        self.addCleanup(again.close)
        self.assertEqual(pathlib.Path(engine.admin).read_text(), before)
        self.assertNotIn("administrator", again.said())
        again.admin = engine.admin
        listed = json.loads(self.word(again, "key", "list", "--json"))
        self.assertEqual(listed["clients"][0]["keys"], [json.loads(shown)["public"]])

    def test_an_address_that_is_not_loopback_asks_for_keys_by_itself(self):
        engine = self.serve("--commands", "tcp://0.0.0.0:0", secure=False)
        self.assertTrue(engine.at["commands"].startswith("tcp://0.0.0.0:"))
        self.assertTrue(os.path.exists(engine.admin))
        self.word(engine, "send", "engine.status", "--timeout", "1", key=None, code=1)
        self.word(engine, "send", "engine.status")
        with self.assertRaisesRegex(RuntimeError, "other machines can reach"):
            running_engine.Engine("--http", "0.0.0.0:0", "--secure")

    def test_without_it_loopback_is_as_plain_as_it_was_and_grants_nothing(self):
        engine = self.serve(secure=False)
        self.assertFalse(os.path.exists(engine.admin))
        self.word(engine, "send", "queue.define", "queue=care", key=None)
        public = "x" * 40
        said = self.word(engine, "key", "accept", "me", public, key=None, code=1)
        self.assertIn("security.keys_off", said)


class TheWords(Keyed):
    def test_a_client_may_do_what_its_roles_say_and_what_it_may_not_is_written_down(self):
        engine = self.serve()
        key = self.client(engine, "phone-1", "gateway")
        self.word(engine, "send", "queue.define", "queue=care")
        self.send(engine, key, "contact.open", "channel=phone", "queue=care", "contact=C-1")
        self.assertIn("security.not_allowed",
                      self.send(engine, key, "queue.define", "queue=mine", code=1))
        self.assertIn("security.source_claimed",
                      self.send(engine, key, "queue.list", "--source", "phone-2", code=1))
        explained = self.word(engine, "access", "explain", "phone-1", "queue.define")
        self.assertTrue(explained.startswith("no: "), explained)
        self.assertIn("supervisor", explained)
        self.assertTrue(self.word(engine, "access", "explain", "phone-1", "contact.queued")
                        .startswith("yes: "))
        self.word(engine, "access", "explain", "phone-1", "queue.defin", code=2)

        def told():
            return {(e["type"], e["data"].get("what"), e["data"].get("reason"))
                    for e in self.audit(engine, "--client", "phone-1")
                    if e["type"] in ("access.refused", "key.used")}
        until(lambda: told() == {("access.refused", "command", "security.not_allowed"),
                                 ("access.refused", "source", "security.source_claimed"),
                                 ("key.used", None, None)})
        figures = engine.figures()
        self.assertEqual(figures["careline_bus_refused_commands_total"], 2)

    def test_roles_that_are_edited_away_are_gone_from_an_open_session(self):
        engine = self.serve()
        key = self.client(engine, "phone-1", "gateway")
        self.word(engine, "send", "queue.define", "queue=care")
        with Gateway("phone-1", engine.at["commands"], engine.at["events"],
                     key_file=key) as gateway:
            gateway.open("phone", queue="care")
            self.word(engine, "access", "grant", "phone-1", "hall_display")
            with self.assertRaises(NotAccepted) as refused:
                gateway.open("phone", queue="care")
            self.assertEqual(refused.exception.reply.problem["type"], "security.not_allowed")
            self.assertTrue(gateway.open("phone", safety=True).data["diverted"])
            self.word(engine, "access", "revoke", "phone-1", "--reason", "stolen")
            with self.assertRaises(NotAccepted) as refused:
                gateway.send("queue.list")
            self.assertEqual(refused.exception.reply.problem["type"], "security.unknown_key")
        before = engine.figures()["careline_bus_refused_connections_total"]
        stranger = wire.connect(zmq.Context.instance(), zmq.DEALER, engine.at["commands"],
                                wire.Key(key))
        self.addCleanup(stranger.close, 0)
        until(lambda: engine.figures()["careline_bus_refused_connections_total"] > before)
        self.assertEqual(stranger.poll(0, zmq.POLLOUT), 0)

    def test_a_key_is_rotated_with_both_accepted_meanwhile(self):
        engine = self.serve()
        old = self.client(engine, "phone-1", "gateway")
        new = f"{engine.folder}/new.key"
        self.word(engine, "key", "make", "phone-1", "--out", new)
        self.word(engine, "key", "accept", "phone-1", new)
        for key in (old, new):
            self.send(engine, key, "queue.list")
        third = f"{engine.folder}/third.key"
        self.word(engine, "key", "make", "phone-1", "--out", third)
        self.assertIn("security.too_many_keys",
                      self.word(engine, "key", "accept", "phone-1", third, code=1))
        self.word(engine, "key", "revoke", "phone-1", old, "--reason", "rotated")
        self.send(engine, new, "queue.list")
        self.word(engine, "send", "queue.list", "--timeout", "1", key=old, code=1)
        self.assertIn("security.key_revoked",
                      self.word(engine, "key", "accept", "phone-1", old, code=1))
        self.assertIn("security.key_taken",
                      self.word(engine, "key", "accept", "phone-2", new, code=1))
        self.word(engine, "key", "make", "phone-1", "--out", new, code=1)  # never over another

    def test_a_key_file_whose_path_is_as_long_as_a_key_is_a_file(self):
        engine = self.serve()
        name = "k" * (40 - len(f"{engine.folder}/.key"))
        self.send(engine, self.client(engine, name, "board"), "queue.list")

    def test_the_last_administrator_stays(self):
        engine = self.serve()
        for words in (("access", "revoke", "admin"), ("access", "grant", "admin", "board"),
                      ("key", "revoke", "admin", engine.admin)):
            self.assertIn("security.last_administrator", self.word(engine, *words, code=1))
        second = self.client(engine, "second", "administrator")
        self.word(engine, "access", "revoke", "admin", key=second)
        self.word(engine, "send", "queue.list", key=second)
        self.assertIn("security.unknown_role",
                      self.word(engine, "access", "grant", "second", "king", key=second, code=1))

    def test_a_key_file_that_others_may_read_is_not_used(self):
        engine = self.serve()
        key = self.client(engine, "phone-1", "gateway")
        os.chmod(key, 0o644)
        self.assertIn("chmod 600", self.send(engine, key, "queue.list", code=2))
        with self.assertRaises(PermissionError):
            Gateway("phone-1", engine.at["commands"], engine.at["events"], key_file=key)
        self.assertIn("cannot read", self.send(engine, key + ".gone", "queue.list", code=2))

    def test_who_looks_after_security_takes_away_and_gives_nothing(self):
        engine = self.serve()
        officer = self.client(engine, "officer", "security_officer")
        self.client(engine, "phone-1", "gateway")
        self.word(engine, "access", "list", key=officer)
        self.assertIn("security.not_allowed",
                      self.word(engine, "access", "grant", "officer", "administrator",
                                key=officer, code=1))
        self.word(engine, "access", "revoke", "phone-1", key=officer)
        offline = subprocess.run([running_engine.PROGRAM, "audit", "--data", engine.data,
                                  "--client", "officer"], capture_output=True, text=True,
                                 timeout=running_engine.PATIENCE_S)
        self.assertEqual(offline.returncode, 0)
        self.assertIn("access.revoked", offline.stdout)

    def test_what_was_taken_away_stays_away_when_the_engine_comes_back(self):
        engine = self.serve()
        key = self.client(engine, "phone-1", "gateway")
        self.word(engine, "access", "revoke", "phone-1")
        self.assertEqual(engine.end(), 0)
        again = running_engine.Engine("--secure", data=engine.data)
        self.addCleanup(again.close)
        again.admin = engine.admin
        self.word(again, "send", "queue.list", "--timeout", "1", key=key, code=1)
        self.word(again, "send", "queue.list")


class WhatIsSeen(Keyed):
    def test_a_hall_display_sees_no_agent_and_no_person_live_or_in_the_log(self):
        engine = self.serve()
        display = self.client(engine, "hall-1", "hall_display")
        desk = self.client(engine, "desk-1", "agents")
        self.word(engine, "send", "queue.define", "queue=care")
        hall = Client("hall-1", engine.at["commands"], engine.at["events"], key_file=display)
        self.addCleanup(hall.close)
        live = hall.follow()
        with Desk("desk-1", engine.at["commands"], engine.at["events"], key_file=desk) as own:
            own.sign_in("A", ready=False)
            own.send("contact.open", channel="counter", queue="care", contact="T-1")
            seen = live.next(running_engine.PATIENCE_S)
        self.assertEqual(seen.type, "contact.queued")
        read = hall.send("log.read", after=0, limit=1000).data
        self.assertEqual({e["type"] for e in read["events"]}, {"queue.defined", "contact.queued"})
        self.assertEqual(read["next"], read["head"])
        self.assertEqual(hall.send("log.read", after=0, limit=1000,
                                   types=["agent.", "key."]).data["events"], [])
        with self.assertRaises(NotAccepted):
            hall.send("contact.show", contact="T-1")
        self.assertIn("queues", hall.send("board.show").data)

    def test_a_board_outside_follows_by_a_key(self):
        engine = self.serve()
        key = self.client(engine, "board-1", "actor")
        board = subprocess.Popen(
            [running_engine.PROGRAM, "actor", "board", "--engine", engine.at["commands"],
             "--events", engine.at["events"], "--key", key], stdout=subprocess.PIPE, text=True)
        self.addCleanup(board.stdout.close)
        self.addCleanup(board.wait, running_engine.PATIENCE_S)
        self.addCleanup(board.terminate)
        self.assertTrue(board.stdout.readline().startswith("ready engine="))

    def test_pages_of_a_board_outside_ask_by_its_key(self):
        engine = self.serve()
        self.word(engine, "send", "queue.define", "queue=care")
        key = self.client(engine, "board-1", "actor", "board")
        board = subprocess.Popen(
            [running_engine.PROGRAM, "actor", "board", "--engine", engine.at["commands"],
             "--events", engine.at["events"], "--key", key, "--http", "127.0.0.1:0"],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(board.stdout.close)
        self.addCleanup(board.wait, running_engine.PATIENCE_S)
        self.addCleanup(board.terminate)
        at = dict(word.split("=", 1) for word in board.stdout.readline().split()[1:])["http"]
        asked = urllib.request.Request(
            at + "/api/query", json.dumps({"type": "queue.show", "data": {"queue": "care"}})
            .encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=running_engine.PATIENCE_S) as page:
            said = json.load(page)
        self.assertEqual((said["outcome"], said["data"]["queue"]), ("accepted", "care"))


class OnTheWire(Keyed):
    def test_what_was_recorded_of_a_connection_does_nothing_when_it_is_said_again(self):
        engine = self.serve()
        key = self.client(engine, "phone-1", "gateway")
        self.word(engine, "send", "queue.define", "queue=care")
        host, port = engine.at["commands"].removeprefix("tcp://").rsplit(":", 1)
        recorded = bytearray()
        front = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(front.close)

        def carry():
            near, _ = front.accept()
            far = socket.create_connection((host, int(port)))

            def back():
                try:
                    while said := far.recv(65536):
                        near.sendall(said)
                except OSError:
                    pass  # it is over

            threading.Thread(target=back, daemon=True).start()
            try:
                while said := near.recv(65536):
                    recorded.extend(said)
                    far.sendall(said)
            finally:
                far.shutdown(socket.SHUT_RDWR)
                for end in (near, far):
                    end.close()

        threading.Thread(target=carry, daemon=True).start()
        done = subprocess.run(
            [running_engine.PROGRAM, "send", "contact.open", "channel=phone", "queue=care",
             "--key", key, "--commands", f"tcp://127.0.0.1:{front.getsockname()[1]}"],
            capture_output=True, text=True, timeout=running_engine.PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        before = engine.figures()
        # Nothing of the command can be read off the wire.
        self.assertNotIn(b"contact.open", recorded)
        with socket.create_connection((host, int(port))) as line:
            line.sendall(recorded)
            line.settimeout(running_engine.PATIENCE_S)
            try:
                while line.recv(65536):  # until the engine ends it
                    pass
            except ConnectionError:
                pass
        until(lambda: engine.figures()["careline_bus_refused_connections_total"]
              > before["careline_bus_refused_connections_total"])
        after = engine.figures()
        self.assertEqual(after["careline_bus_commands_total"],
                         before["careline_bus_commands_total"])


if __name__ == "__main__":
    running_engine.main()
