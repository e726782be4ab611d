#!/usr/bin/env python3
"""The engine's double of the Python kit: what a gateway's own tests make of it, and that it answers
as the real engine does."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "gateway/kit/python"), str(ROOT / "tests/gateway"), str(ROOT / "tests")]

import debians_python  # noqa: E402,F401

import zmq  # noqa: E402

import careline_gateway.courier  # noqa: E402
import careline_gateway.double  # noqa: E402
from careline_gateway import (  # noqa: E402
    Client, Desk, Gateway, NoReply, NotAccepted, double_words, new_id, wire)
from careline_gateway.double import EngineDouble  # noqa: E402
from kit_case import PATIENCE_S, KitCase  # noqa: E402

CARELINE = os.environ.get("CARELINE_BIN", "")


class WithDouble(KitCase):
    def setUp(self):
        before = careline_gateway.courier.RETRY_S
        careline_gateway.courier.RETRY_S = 0.05
        self.addCleanup(setattr, careline_gateway.courier, "RETRY_S", before)
        self.engine = self.enterContext(EngineDouble())


class Talking(WithDouble):
    def test_a_contact_is_opened_queued_and_leaves(self):
        gateway = self.client()
        calls = gateway.follow(["contact."])
        first = gateway.open("phone", queue="care", address="sip:1001@example.org")
        second = gateway.open("phone", queue="care", contact="call-2")
        self.assertEqual(first.data,
                         {"contact": "C-1", "queue": "care", "queue_position": 1})
        self.assertEqual(second.data["queue_position"], 2)
        gateway.abandon("C-1")
        events = self.take(calls, 7)
        self.assertEqual([event.type for event in events],
                         ["contact.opened", "contact.triaged", "contact.queued"] * 2 +
                         ["contact.abandoned"])
        self.assertEqual([event.position for event in events],
                         list(range(events[0].position, events[0].position + 7)))
        self.assertEqual(events[3].previous, events[0].position)
        self.assertIsInstance(events[0].data["address"], bytes)
        self.assertEqual(gateway.open("phone", queue="care").data["queue_position"], 2)

    def test_what_came_is_there_to_be_looked_at(self):
        gateway = self.client()
        gateway.start("contact.say", contact="C-1", text="hello")
        self.assertEqual(self.engine.wait_for("contact.say")[0].data["text"], "hello")
        self.assertEqual([c.type for c in self.engine.received()], ["session.hello", "contact.say"])
        self.assertEqual(self.engine.received("contact.open"), [])
        self.assertEqual(self.engine.received("session.hello")[0].source, "phone-1")

    def test_the_same_id_is_done_once_and_answered_alike(self):
        gateway = self.client()
        one = new_id()
        call = {"channel": "phone", "queue": "care"}
        once = gateway.ask("contact.open", command_id=one, **call)
        self.assertEqual(once, gateway.ask("contact.open", command_id=one, **call))
        other = gateway.ask("contact.open", command_id=one, channel="chat")
        self.assertEqual(other.problem["type"], "command.id_reused")
        self.assertEqual(len(self.engine.received("contact.open")), 3)

    def test_an_agent_answers_because_the_test_says_so(self):
        gateway, desk = self.client(), self.client(Desk, "desk-1")
        offers = desk.follow(["offer."])
        contact = gateway.open("phone", queue="care").data["contact"]
        self.engine.publish("offer.made", contact=contact, agent="A", queue="care",
                            expires="2026-03-02T01:00:15.000Z", number=1)
        offer = self.take(offers, 1)[0]
        self.assertEqual((offer.subject, offer.data["agent"]), (f"contact/{contact}", "A"))
        desk.accept(contact, "A")
        self.engine.publish("contact.connected", contact=contact, agent="A")
        gateway.abandon(contact)  # who hangs up in talk has finished it
        self.assertEqual(self.take(gateway.follow(["contact.finished"], after=0), 1)[0].data,
                         {"contact": contact, "agent": "A", "disposition": "customer_left"})

    def test_what_was_said_is_read_and_a_word_has_no_fields_but_those_given(self):
        gateway, desk = self.client(), self.client(Desk, "desk-1")
        contact = gateway.open("chat", queue="care").data["contact"]
        said = {"contact": contact, "next": 1, "said": 1, "lines": [
            {"from": "customer", "line": 1, "text": "hello", "time": "2026-03-02T01:00:00.000Z"}]}
        self.engine.answer_next("contact.read", "accepted", data=said, times=2)
        self.assertEqual(gateway.read(contact), said)
        self.assertEqual(desk.read(contact, "A", after=3, limit=2), said)
        self.assertEqual([c.data for c in self.engine.received("contact.read")],
                         [{"contact": contact, "after": 0},
                          {"contact": contact, "agent": "A", "after": 3, "limit": 2}])

    def test_a_counter_calls_who_has_a_ticket_calls_again_and_nobody_comes(self):
        desk = self.client(Desk, "desk-1")
        self.engine.answer_next("agent.call_next", "accepted", data={"waiting": 0})
        self.assertIsNone(desk.call_next("A", "3"))
        called = {"contact": "K-1", "ticket": "A001"}
        self.engine.answer_next("agent.call_next", "accepted", data=called)
        self.assertEqual(desk.call_next("A", "3", queue="bills"), called)
        desk.recall("A")
        desk.miss("A")
        self.assertEqual([(c.type, c.data) for c in self.engine.received()[1:]], [
            ("agent.call_next", {"agent": "A", "counter": "3"}),
            ("agent.call_next", {"agent": "A", "counter": "3", "queue": "bills"}),
            ("ticket.recall", {"agent": "A"}), ("ticket.miss", {"agent": "A"})])

    def test_a_client_beats_and_closes(self):
        client = self.client(Client, lease_s=0.15)
        self.engine.wait_for("session.beat", count=2, timeout_s=PATIENCE_S)
        client.close()
        follow = self.client(name="phone-2").follow(["session.closed"], after=0)
        self.assertEqual(self.take(follow, 1)[0].data["session"], "phone-1")


class Misbehaving(WithDouble):
    def test_busy_is_asked_again_and_its_fallback_is_handed_on(self):
        gateway = self.client()
        self.engine.answer_next("contact.open", "busy", times=2, retry_ms=1)
        self.assertTrue(gateway.open("phone", queue="care").accepted)
        self.assertEqual(len({c.id for c in self.engine.wait_for("contact.open", 3)}), 1)
        self.engine.answer_next("contact.open", "busy", times=900, retry_ms=1,
                                fallback="external:branch-2")
        with self.assertRaises(NotAccepted) as no:
            gateway.send("contact.open", channel="phone", queue="care", patience_s=0.1)
        self.assertEqual(no.exception.reply.fallback, "external:branch-2")

    def test_a_refusal_names_its_reason(self):
        gateway = self.client()
        self.engine.answer_next("contact.say", "refused", problem="routing.line_taken",
                                data={"line": 3})
        self.engine.answer_next("contact.rate", "invalid")
        with self.assertRaises(NotAccepted) as no:
            gateway.say("C-1", "hello", line=1)
        self.assertEqual(no.exception.reply.problem["type"], "routing.line_taken")
        self.assertEqual(no.exception.reply.data, {"line": 3})
        self.assertEqual(gateway.ask("contact.rate").outcome, "invalid")

    def test_silence_and_a_lost_reply_end_in_one_effect(self):
        gateway = self.client()
        for outcome in ("silence", "lost"):
            self.engine.answer_next("contact.open", outcome)
            self.assertTrue(gateway.open("phone", contact=outcome, queue="care").accepted)
        self.assertEqual(len(self.engine.received("contact.open")), 4)
        opened = self.client(name="phone-2").follow(["contact.opened"], after=0)
        self.assertEqual([e.data["contact"] for e in self.take(opened, 2)], ["silence", "lost"])
        self.engine.answer_next("contact.abandon", "silence", times=100)
        with self.assertRaises(NoReply):
            gateway.ask("contact.abandon", contact="lost", patience_s=0.1)

    def test_a_query_is_answered_as_told(self):
        gateway = self.client()
        self.engine.answer_next("contact.address", "accepted", data={"address": "sip:1001"})
        self.engine.publish("contact.opened", contact="C-9", channel="phone", gateway="phone-1")
        self.assertEqual(gateway.address("C-9", purpose="dial"), "sip:1001")

    def test_what_the_bus_loses_comes_from_the_log(self):
        gateway = self.client()
        for types in ((), ("contact.",)):
            follow = gateway.follow(types)
            self.engine.lose_next(2)
            contact = gateway.open("phone", queue="care").data["contact"]
            self.engine.publish("contact.timed_out", contact=contact, reason="patience", lost=True)
            self.assertEqual({event.type for event in self.take(follow, 4)}, {
                "contact.opened", "contact.triaged", "contact.queued", "contact.timed_out"})

    def test_it_goes_away_and_comes_back_with_all_that_it_knew(self):
        gateway = self.client()
        follow = gateway.follow()
        one = new_id()
        once = gateway.ask("contact.open", command_id=one, channel="phone", queue="care")
        self.take(follow, 3)
        self.engine.go_away()
        with self.assertRaises(NoReply):
            gateway.ask("contact.abandon", contact="C-1", patience_s=0.1)
        with self.assertRaisesRegex(NoReply, "no connection to tcp:.*does it ask for a key\\?"):
            self.client(name="phone-2", patience_s=0.1)
        self.engine.publish("contact.timed_out", contact="C-1", reason="patience")
        self.engine.come_back()
        self.assertEqual(self.take(follow, 1)[0].type, "contact.timed_out")
        self.assertEqual(once, gateway.ask("contact.open", command_id=one, channel="phone",
                                           queue="care"))


class WithAKey(WithDouble):
    def test_a_key_that_is_not_taken_is_told_in_words_and_in_time(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="careline-double-"))
        file = pathlib.Path(folder, "phone-1.key")
        public, secret = (half.decode() for half in zmq.curve_keypair())
        file.touch(0o600)
        file.write_text(f'client = "phone-1"\npublic = "{public}"\nsecret = "{secret}"\n'
                        f'server = "{public}"\n')
        with self.assertRaisesRegex(NoReply, "no connection.*does it accept this client's key"):
            self.client(key_file=str(file), patience_s=0.3)


class Mistakes(WithDouble):
    def test_what_it_cannot_do_is_said(self):
        for what, words in (
                (lambda: self.engine.answer_next("contact.opne", "busy"), "no command"),
                (lambda: self.engine.answer_next("contact.open", "no"), "no outcome 'no'"),
                (lambda: self.engine.answer_next("contact.open", "busy", times=5000), "1 to 1000"),
                (lambda: self.engine.publish("offer", contact="C-1"), "noun.past_participle")):
            with self.assertRaisesRegex(ValueError, words):
                what()
        with self.assertRaisesRegex(RuntimeError, "there already"):
            self.engine.come_back()
        self.client()
        with self.assertRaisesRegex(TimeoutError, "0 of 1 contact.open .*: session.hello"):
            self.engine.wait_for("contact.open", timeout_s=0.01)

    def test_a_record_and_a_log_that_are_full_are_mistakes_of_the_test(self):
        gateway = self.client()
        self.addCleanup(setattr, double_words, "EVENTS_MAX", double_words.EVENTS_MAX)
        double_words.EVENTS_MAX = len(self.engine._words.log)
        with self.assertRaisesRegex(RuntimeError, "is full"):
            self.engine.publish("contact.queued", contact="C-1", queue="care", queue_position=1)
        self.addCleanup(setattr, careline_gateway.double, "RECEIVED_MAX", 10_000)
        careline_gateway.double.RECEIVED_MAX = 1
        with self.assertRaises(NoReply):
            gateway.ask("queue.list", patience_s=0.1)
        with self.assertRaisesRegex(RuntimeError, "failed") as failed:
            self.engine.received()
        self.assertIn("is full", str(failed.exception.__cause__))
        with self.assertRaisesRegex(RuntimeError, "failed"):
            self.engine.__exit__(None, None, None)
        self.engine._failure = None


class ThePage(unittest.TestCase):
    def test_its_section_runs_where_there_is_no_engine(self):
        page = (ROOT / "docs/gateway.md").read_text()
        section = re.search(r"^## \d+\. Your own tests without an engine$(.*?)^## ", page,
                            re.M | re.S).group(1)
        code = "".join(re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S))
        self.assertIn("EngineDouble", code)
        environment = {"PYTHONPATH": str(ROOT / "gateway/kit/python"), "PATH": os.environ["PATH"],
                       "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run([sys.executable, "-c", code], env=environment, text=True,
                              capture_output=True, timeout=PATIENCE_S * 3)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


class RealEngine:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="careline-double-")
        anywhere = "127.0.0.1:0"
        self.process = subprocess.Popen(
            [CARELINE, "serve", "--data", self.folder.name, "--http", anywhere,
             "--commands", f"tcp://{anywhere}", "--events", f"tcp://{anywhere}"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = self.process.stdout.readline()
        addresses = dict(word.split("=", 1) for word in ready.split()[1:])
        self.commands, self.events = addresses["commands"], addresses["events"]
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


class Line:
    """Both sockets, and bodies as they are on the wire."""

    def __init__(self, engine):
        self.context = zmq.Context()
        self.dealer, self.sub = self.context.socket(zmq.DEALER), self.context.socket(zmq.SUB)
        for socket in (self.dealer, self.sub):
            socket.setsockopt(zmq.LINGER, 0)
            socket.setsockopt(zmq.RCVTIMEO, int(PATIENCE_S * 1000))
        self.dealer.connect(engine.commands)
        self.sub.connect(engine.events)
        self.sub.subscribe("")
        self.whole_beat()  # from here on all is heard
        self.ids = []

    def whole_beat(self):
        self.sub.subscribe("log.head")  # whoever subscribes is told all
        while True:
            topic, body = self.sub.recv_multipart()
            if topic == b"log.head" and wire.unpack(body)["since"] == 0:
                return wire.unpack(body)

    def ask(self, kind, /, source="phone-1", command_id=None, **data):
        self.ids.append(command_id or new_id())
        return self.ask_bytes(wire.pack({"id": self.ids[-1], "type": kind, "source": source,
                                         "data": data}))

    def ask_bytes(self, body):
        self.dealer.send_multipart([b"", body])
        empty, reply = self.dealer.recv_multipart()
        assert empty == b""
        return wire.unpack(reply)

    def heard(self, head):
        events = []
        while not events or events[-1]["position"] < head:
            topic, body = self.sub.recv_multipart()
            if topic != b"log.head":
                events.append(wire.unpack(body))
                assert topic.decode() == events[-1]["type"]
        return events

    def close(self):
        self.dealer.close()
        self.sub.close()
        self.context.term()


HELLO = {"name": "phone-1", "kind": "gateway", "lease_s": 30, "instance": "one"}


def talk(line):
    """A short talk; gives all replies."""
    one = new_id()
    steps = [
        ("session.hello", HELLO), ("session.hello", HELLO), ("session.beat", {}),
        ("queue.define", {"queue": "care"}),
        ("contact.open", {"channel": "phone", "queue": "care", "address": "sip:1",
                          "customer": {"id": "c-1", "name": "Li Wei"}, "language": "zh"}),
        ("contact.open", {"command_id": one, "contact": "C-x", "channel": "phone",
                          "queue": "care"}),
        ("contact.open", {"command_id": one, "queue": "care", "channel": "phone",
                          "contact": "C-x"}),
        ("contact.open", {"command_id": one, "contact": "C-y", "channel": "phone"}),
        ("contact.open", {"contact": "C-x", "channel": "phone", "queue": "care", "urgency": 0}),
        ("contact.open", {"contact": "C-x", "channel": "chat", "queue": "care"}),
        ("contact.open", {"contact": "C-y", "channel": "phone", "queue": "nowhere"}),
        ("contact.open", {"contact": "C-y", "channel": "phone"}),
        ("queue.define", {"queue": "default", "ring_s": 20}),
        ("contact.open", {"contact": "C-y", "channel": "chat", "need": "the bill is wrong"}),
        ("contact.open", {"contact": "C-help", "channel": "phone", "queue": "119"}),
        ("contact.open", {"contact": "C-help-2", "channel": "phone", "safety": True}),
        ("contact.open", {"contact": "C-z"}), ("contact.open", {"channel": "", "contact": 7}),
        ("contact.abandon", {"contact": "C-x"}), ("contact.abandon", {"contact": "C-x"}),
        ("contact.abandon", {"contact": "C-help"}), ("contact.abandon", {"contact": "nobody"}),
        ("contact.abandon", {}), ("contact.abandon", {"contact": "C-x", "command_id": "1"}),
        ("contact.rate", {"contact": "nobody", "score": 5}), ("contact.opne", {}),
        ("log.read", {"after": 4, "limit": 2}), ("log.read", {"after": 9999, "limit": 2}),
        ("log.read", {"after": 2, "limit": 3, "types": ["contact.opened", "queue."]}),
        ("contact.open", {"channel": "phone", "queue": "care"}),
        ("session.hello", {**HELLO, "instance": "two"}), ("session.close", {}),
        ("session.beat", {}), ("session.close", {}), ("log.read", {"after": 0, "limit": 0}),
        ("log.read", {})]
    replies = [line.ask(kind, **fields) for kind, fields in steps]
    return replies + [line.ask_bytes(body) for body in (
        b"", b"\xc1", wire.pack([1]), wire.pack({"type": "session.beat"}), b"x" * 70_000,
        wire.pack({"id": one}), wire.pack({"id": one, "type": 3}),
        wire.pack({"id": one, "type": "contact.abandon", "data": []}))]


def plain(value, ids, key=""):
    """What may differ between two engines is taken out: times, seals, pseudonyms, ids by their
    number."""
    if isinstance(value, dict):
        return {k: plain(v, ids, k) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v, ids) for v in value]
    if key in ("id", "causationid") and value in ids:
        return f"command {ids.index(value)}"
    if key in ("time", "person", "fingerprint", "seed") or isinstance(value, bytes):
        return re.sub("[0-9a-f]", "0", value) if isinstance(value, str) else type(value).__name__
    return value


@unittest.skipUnless(os.access(CARELINE, os.X_OK), "needs the program, as CARELINE_BIN")
class LikeTheRealOne(unittest.TestCase):
    maxDiff = None

    def test_the_same_talk_brings_the_same_replies_and_events(self):
        said = []
        for kind in (RealEngine, lambda: EngineDouble(queues=[])):
            with kind() as engine:
                line = Line(engine)
                self.addCleanup(line.close)
                replies = talk(line)
                for reply in replies:
                    if reply["outcome"] == "invalid":
                        reply["problem"].pop("detail", None)  # words for a person
                head = replies[-9]["data"]["head"]
                events = line.heard(head)
                beat = line.whole_beat()
                said.append(plain([replies, events, beat], line.ids))
        real, double = said
        for step, (one, other) in enumerate(zip(real[0], double[0])):
            self.assertEqual(one, other, f"reply {step}")
        for one, other in zip(real[1], double[1]):
            self.assertEqual(one, other)
        self.assertEqual(real, double)
        self.assertGreater(len(real[1]), 15)

    def test_an_event_that_a_test_publishes_is_dressed_as_the_engines(self):
        with RealEngine() as engine:
            desk = Desk("desk-1", engine.commands, engine.events)
            self.addCleanup(desk.close, say_so=False)
            desk.send("queue.define", queue="care")
            desk.sign_in("A")
            for contact in ("C-1", "C-2", "C-3"):
                desk.send("contact.open", contact=contact, channel="chat" if contact == "C-3" else
                          "phone", queue="care")
            desk.accept("C-1", "A")
            desk.say("C-1", "hello")
            desk.hold("C-1", "A")
            desk.resume("C-1", "A")
            desk.finish("C-1", "A", disposition="fault")
            desk.decline("C-2", "A")
            desk.send("contact.request_callback", contact="C-3", number="1001")
            desk.send("contact.change", contact="C-3", urgency=2)
            desk.send("contact.rate", contact="C-1", score=5)
            desk.send("agent.change", agent="A", skills={"zh": 3})
            desk.sign_out("A")
            log = desk.send("log.read", after=0, limit=1000).data["events"]
        self.assertGreater(len({event["type"] for event in log}), 20)
        with EngineDouble(queues=[]) as double:
            for event in log[2:]:
                ours = double.publish(event["type"], actor=event["actor"], data=event["data"]).body
                for body in (event, ours):
                    body.pop("causationid", None)
                    body["time"] = re.sub("[0-9]", "0", body["time"])
                self.assertEqual(ours, event)

    def test_its_words_are_the_engines(self):
        run = [CARELINE, "catalogue"]
        bus = json.loads(subprocess.check_output([*run, "--asyncapi"]))
        words = {name.split(".", 1)[1] for name in bus["operations"] if name.startswith("receive.")}
        self.assertEqual(words, double_words.COMMANDS | double_words.QUERIES)
        page = subprocess.check_output(run, text=True)
        queries = page[page.index("## Queries"):page.index("## Events of the engine")]
        self.assertEqual(set(re.findall(r"^### (\S+)", queries, re.M)), double_words.QUERIES)
        kinds = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", page, re.M | re.S))
        versions = {kind: int(found[1]) for kind, text in kinds.items()
                    if (found := re.search(r"Data version (\d+)", text))}
        self.assertEqual(versions, double_words.VERSIONS)
        hidden = {kind: set(re.findall(r"^\| `(\w+)` .*sealed", text, re.M))
                  for kind, text in kinds.items() if kind not in words}
        self.assertEqual({kind: fields for kind, fields in hidden.items() if fields},
                         {kind: set(fields) for kind, fields in double_words.SEALED.items()})
        rows = re.findall(r'problem_row\{"([^"]+)",\s*"([^"]+)",\s*"([^"]+)"\}',
                          (ROOT / "messages/problems.cpp").read_text())
        problems = {code: (outcome, title) for code, outcome, title in rows}
        for code, words in double_words.PROBLEMS.items():
            self.assertEqual(words, problems[code])


if __name__ == "__main__":
    unittest.main()
