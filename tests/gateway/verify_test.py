#!/usr/bin/env python3
"""`careline gateway verify` with gateways that are good, and with some that do one thing wrong."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tests"))

import debians_python  # noqa: E402,F401

PROGRAM = os.environ.get("CARELINE_BIN", "")
PYTHON_ONE = [sys.executable, str(ROOT / "gateway/kit/python/phone_gateway.py")]
CPP_ONE = [os.path.join(os.path.dirname(PROGRAM), "phone_gateway")]
BAD_ONE = [sys.executable, str(ROOT / "tests/gateway/bad_gateway.py")]
PATIENCE_S = 120
ANY_PORT = ["--commands", "tcp://127.0.0.1:0", "--events", "tcp://127.0.0.1:0"]


def environment(**more):
    kept = {name: text for name, text in os.environ.items() if not name.startswith("CARELINE_")}
    return {**kept, "PYTHONPATH": str(ROOT / "gateway/kit/python"), "PYTHONDONTWRITEBYTECODE": "1",
            **more}


class Talk:
    """The program, a gateway at the other end that `knows` this of the ready line, and a person who
    does what is asked for."""

    def __init__(self, gateway, *flags, knows=("commands", "events", "key")):
        self.program = subprocess.Popen(
            [PROGRAM, "gateway", "verify", "--json", *ANY_PORT, *flags], text=True,
            env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ready = self.program.stdout.readline()
        assert ready.startswith("ready "), ready
        at = dict(word.split("=", 1) for word in ready.split()[1:])
        names = {f"CARELINE_{name.upper()}": place for name, place in at.items() if name in knows}
        self.gateway = subprocess.Popen(
            gateway, text=True, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=environment(**names))
        self.calls = 0
        self.said = []

    def hold(self):
        """What it found, by check; and how it ended."""
        try:
            for line in self.program.stderr:
                self.said.append(line)
                self.do(line)
            found = json.loads(self.program.stdout.read())["checks"]
            return {one["check"]: one for one in found}, self.program.wait(PATIENCE_S)
        finally:
            self.program.kill()
            self.gateway.kill()
            for process in (self.program, self.gateway):
                process.wait(PATIENCE_S)
            for pipe in (self.program.stdout, self.program.stderr, self.gateway.stdin):
                try:
                    pipe.close()
                except BrokenPipeError:
                    pass

    def do(self, line):
        """Who has been served hangs up when the next one comes; a good gateway knows it."""
        try:
            if "arrive" in line:
                if self.calls:
                    self.tell(f"hang_up {1000 + self.calls}")
                self.calls += 1
                self.tell(f"ring {1000 + self.calls}")
            elif "leave again" in line:
                self.tell(f"hang_up {1000 + self.calls}")
        except BrokenPipeError:
            pass  # it has died

    def tell(self, line):
        self.gateway.stdin.write(line + "\n")
        self.gateway.stdin.flush()


class Verify(unittest.TestCase):
    def good(self, gateway):
        talk = Talk(gateway)
        found, code = talk.hold()
        wrong = {name: one for name, one in found.items() if one["result"] != "passed"}
        self.assertEqual(set(wrong), {"rights", "dial_report"}, f"{wrong} {talk.said}")
        self.assertEqual({one["result"] for one in wrong.values()}, {"not seen"})
        self.assertEqual(code, 0)

    def test_the_telephone_exchange_in_python_is_a_good_gateway(self):
        self.good(PYTHON_ONE)

    def test_the_telephone_exchange_in_cpp_is_a_good_gateway(self):
        self.good(CPP_ONE)

    def bad(self, what, check, says):
        """Caught by that check, and let pass where nothing is wrong."""
        with self.subTest(what):
            talk = Talk([*BAD_ONE, what], "--only", check, "--seconds", "4")
            found, code = talk.hold()
            one = found[check]
            self.assertEqual(one["result"], "failed", f"{what}: {one} {talk.said}")
            self.assertIn(says, one["sentence"])
            self.assertEqual(code, 1)

    def test_who_does_not_say_who_it_is_is_caught(self):
        self.bad("another_name", "hello", 'opened a contact as "somebody"')
        self.bad("no_kind", "hello", "no name or no kind")

    def test_who_falls_silent_is_caught(self):
        self.bad("no_beats", "beats", "lease of 3 s")

    def test_commands_that_the_engine_cannot_take_are_caught(self):
        self.bad("no_uuid7", "ids", "no UUID of version 7")
        self.bad("not_understood", "understood", "urgency")
        self.bad("unknown_key", "known_keys", '"adress"')

    def test_an_id_for_two_contacts_is_caught(self):
        talk = Talk([*BAD_ONE, "one_id_for_two"], "--only", "ids", "--only", "contact", "--only",
                    "busy", "--seconds", "2")
        found, code = talk.hold()
        self.assertEqual((found["ids"]["result"], code), ("failed", 1), found)

    def test_another_id_after_silence_is_caught(self):
        self.bad("other_id_after_silence", "asks_again", "but under ")

    def test_haste_after_busy_is_caught(self):
        self.bad("hurries", "busy", "asked again after")

    def test_an_event_that_was_not_missed_is_caught(self):
        self.bad("reads_no_log", "lost_event", "did not ask log.read")

    def test_death_of_unknown_words_is_caught(self):
        self.bad("dies_of_unknown_words", "unknown_words", "nothing more came")

    def test_an_end_that_is_not_known_is_caught(self):
        self.bad("ends_twice", "diverted", "contact.abandon")
        talk = Talk([*BAD_ONE, "ends_twice"], "--only", "ends_once", "--only", "contact", "--only",
                    "asks_again", "--seconds", "4")
        found, code = talk.hold()
        self.assertIn("abandoned", found["ends_once"]["sentence"])
        self.assertEqual(code, 1)

    def test_who_does_not_come_back_is_caught(self):
        self.bad("no_second_hello", "comes_back", "session.beat")

    def test_who_goes_on_beside_its_successor_is_caught(self):
        self.bad("goes_on", "replaced", "goes on under the name")
        self.bad("closes_its_successor", "replaced", "closed the session")

    def test_a_gateway_that_it_starts_itself_brings_its_contacts(self):
        ring = f"printf 'ring 1001\\nend\\n' | {sys.executable} {PYTHON_ONE[1]}"
        done = subprocess.run(
            [PROGRAM, "gateway", "verify", *ANY_PORT, "--only", "contact", "--run", ring],
            env=environment(), text=True, capture_output=True, timeout=PATIENCE_S,
            stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"contact +passed")
        self.assertIn("1001: you are number 1", done.stderr)

    def test_nobody_is_no_good_gateway(self):
        done = subprocess.run(
            [PROGRAM, "gateway", "verify", *ANY_PORT, "--only", "contact", "--seconds", "1"],
            env=environment(), text=True, capture_output=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no gateway came", done.stderr)


class ByAKey(unittest.TestCase):
    """With an engine inside that serves with keys."""

    def key(self, client):
        """The gateway's own key file: for the engine that it is made for, wherever that is."""
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="careline-verify-"))
        file = os.path.join(folder, "own.key")
        subprocess.run([PROGRAM, "key", "make", client, "--out", file, "--server-key", "x" * 40],
                       env=environment(), check=True, capture_output=True, timeout=PATIENCE_S)
        return ["--key", file]

    def test_a_gateway_that_is_good_is_so_by_its_key(self):
        checks = ("hello", "rights", "contact", "comes_back", "replaced")
        talk = Talk(PYTHON_ONE, *self.key("phone-exchange"),
                    *(word for check in checks for word in ("--only", check)))
        found, code = talk.hold()
        self.assertEqual({name: one["result"] for name, one in found.items()},
                         dict.fromkeys(checks, "passed"), f"{found} {talk.said}")
        self.assertEqual(code, 0)

    def test_who_does_more_than_a_gateway_may_is_caught(self):
        talk = Talk([*BAD_ONE, "does_more"], *self.key("phone-bad"), "--only", "rights",
                    "--only", "contact", "--seconds", "4")
        found, code = talk.hold()
        self.assertIn("queue.define was turned away", found["rights"]["sentence"])
        self.assertEqual((found["rights"]["result"], code), ("failed", 1))

    def test_who_does_not_use_it_does_not_get_in(self):
        talk = Talk(PYTHON_ONE, *self.key("phone-exchange"), "--only", "contact", "--seconds", "1",
                    knows=("commands", "events"))
        found, code = talk.hold()
        self.assertEqual((found["contact"]["result"], code), ("not seen", 1))
        self.assertIn("no gateway came by the key", "".join(talk.said))

    def test_a_gateway_that_it_starts_itself_is_given_the_key(self):
        ring = f"printf 'ring 1001\\nend\\n' | {sys.executable} {PYTHON_ONE[1]}"
        done = subprocess.run(
            [PROGRAM, "gateway", "verify", *ANY_PORT, *self.key("phone-exchange"), "--only",
             "contact", "--run", ring], env=environment(), text=True, capture_output=True,
            timeout=PATIENCE_S, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"contact +passed")


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK):
        print("skipped: needs the program, as CARELINE_BIN")
        sys.exit(77)
    unittest.main()
