#!/usr/bin/env python3
"""The Python kit against an engine that loses, dies, is busy and says nothing."""
import concurrent.futures
import os
import pathlib
import sys
import threading
import time
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "gateway/kit/python"), str(ROOT / "tests/gateway"), str(ROOT / "tests")]

import debians_python  # noqa: E402,F401

import careline_gateway.courier  # noqa: E402
import careline_gateway.follow  # noqa: E402
import phone_gateway  # noqa: E402
from careline_gateway import (  # noqa: E402
    Client, Closed, Desk, Event, Gateway, NoReply, NotAccepted, TooLarge, new_id)
from kit_case import PATIENCE_S, KitCase  # noqa: E402
from small_engine import SmallEngine  # noqa: E402


class WithEngine(KitCase):
    def setUp(self):
        careline_gateway.courier.RETRY_S = 0.05
        self.engine = SmallEngine()
        self.addCleanup(self.engine.stop)

    def positions(self, follow, count):
        return [event.position for event in self.take(follow, count)]

    def count(self, kind):
        return sum(1 for asked, _ in self.engine.asked if asked == kind)


class Commands(WithEngine):
    def test_what_is_said_reaches_the_engine_in_its_words(self):
        gateway = self.client()
        gateway.say("C-1", "hello", line=3)
        self.assertEqual(self.engine.log[-1]["data"],
                         {"contact": "C-1", "text": "hello", "line": 3, "from": "customer"})
        self.client(Desk, "desk-1").decline("C-1", "A")
        self.assertEqual(self.engine.log[-1]["data"],
                         {"contact": "C-1", "agent": "A", "reason": "reject"})

    def test_silence_and_busy_are_answered_with_the_same_id_and_one_effect(self):
        gateway = self.client()
        self.engine.outcomes = ["silent", "busy", "silent"]
        reply = gateway.open("phone", contact="C-7", queue="care")
        self.assertTrue(reply.accepted)
        self.assertEqual(self.count("contact.open"), 4)
        self.assertEqual(len({i for kind, i in self.engine.asked if kind == "contact.open"}), 1)
        self.assertEqual(len(self.engine.log), 1)

    def test_no_is_an_exception_that_names_the_reason(self):
        gateway = self.client()
        self.engine.outcomes = ["refused"]
        with self.assertRaises(NotAccepted) as no:
            gateway.abandon("nobody")
        self.assertEqual(no.exception.reply.problem["type"], "routing.unknown_contact")

    def test_an_engine_that_stays_busy_is_told_as_busy(self):
        gateway = self.client()
        self.engine.outcomes = ["busy"] * 100_000
        self.assertEqual(gateway.ask("contact.open", patience_s=0.05).outcome, "busy")

    def test_an_engine_that_is_away_is_unknown_and_the_same_id_goes_on_later(self):
        gateway = self.client()
        self.engine.stop()
        with self.assertRaises(NoReply) as unknown:
            gateway.ask("contact.open", patience_s=0.05, contact="C-1")
        self.engine.start()
        reply = gateway.ask("contact.open", command_id=unknown.exception.id, contact="C-1")
        again = gateway.ask("contact.open", command_id=unknown.exception.id, contact="C-1")
        self.assertEqual(reply, again)
        self.assertEqual(len(self.engine.log), 1)

    def test_many_are_in_flight_at_once(self):
        gateway = self.client()
        waiting = [gateway.start("contact.open", contact=f"C-{n}") for n in range(3_000)]
        self.assertTrue(all(future.result(PATIENCE_S).accepted for future in waiting))
        self.assertEqual(len(self.engine.log), 3_000)

    def test_a_gateway_that_gives_up_one_call_goes_on_with_the_others(self):
        gateway = self.client()
        for n in range(200):
            future = gateway.start("contact.open", contact=f"C-{n}")
            if not future.cancel():
                self.assertTrue(future.result(PATIENCE_S).accepted)
        self.assertTrue(gateway.open("phone", contact="C-after").accepted)

    def test_one_id_asked_twice_at_once_is_answered_twice(self):
        gateway = self.client()
        self.engine.outcomes = ["silent"]
        one = new_id()
        both = [gateway.start("contact.open", command_id=one, contact="C-1") for _ in range(2)]
        self.assertEqual(both[0].result(PATIENCE_S), both[1].result(PATIENCE_S))

    def test_what_was_given_up_while_the_engine_was_away_does_not_reach_it_later(self):
        gateway = self.client()
        self.engine.stop()
        given_up = []
        for n in range(5):
            with self.assertRaises(NoReply) as unknown:
                gateway.ask("contact.open", patience_s=0.1, contact=f"C-{n}")
            given_up.append(unknown.exception.id)
        waits = gateway.start("contact.open", contact="C-waits")
        self.engine.start()
        self.assertTrue(waits.result(PATIENCE_S).accepted)
        # The first may have left before the connection was known to be dead.
        self.assertEqual([i for _, i in self.engine.asked if i in given_up[1:]], [])

    def test_a_body_that_the_engine_would_not_take_is_refused_here(self):
        gateway = self.client()
        for size in (70_000, 2_000_000):
            with self.assertRaises(TooLarge) as no:
                gateway.say("C-1", "x" * size)
            self.assertIn("contact.say", str(no.exception))
        self.assertEqual(self.count("contact.say"), 0)
        self.assertTrue(gateway.say("C-1", "x" * 65_000).accepted)

    def test_a_closed_client_says_so_and_leaves_nobody_waiting(self):
        gateway = self.client()
        self.engine.stop()
        waits = gateway.start("contact.open", contact="C-1")
        gateway.close(say_so=False)
        with self.assertRaises(NoReply):
            waits.result(PATIENCE_S)
        for kind in ("contact.open", "log.read"):
            with self.assertRaises(Closed):
                gateway.ask(kind)
        self.engine.start()

    def test_a_mistake_in_the_courier_leaves_nobody_waiting(self):
        gateway = self.client()
        self.engine.stop()
        waits = gateway.start("contact.open", contact="C-1")
        with mock.patch.object(threading, "excepthook") as told:
            with mock.patch.object(gateway._courier, "_send_due", side_effect=ZeroDivisionError):
                gateway._courier._wake()
                with self.assertRaises(NoReply):
                    waits.result(PATIENCE_S)
            gateway._courier._thread.join()
        self.assertEqual(told.call_count, 1)
        with self.assertRaises(Closed):
            gateway.ask("contact.open")
        self.engine.start()

    def test_ids_are_uuids_of_version_7(self):
        ids = {new_id() for _ in range(1000)}
        self.assertEqual(len(ids), 1000)
        for one in ids:
            self.assertRegex(one, "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-")


class Sessions(WithEngine):
    def test_a_client_says_hello_and_beats_by_itself(self):
        client = self.client(Client, lease_s=0.15)
        self.assertIn("phone-1", self.engine.sessions)
        follow = client.follow()
        while self.count("session.beat") < 3:
            follow.next(0.01)
        client.close()
        self.assertNotIn("phone-1", self.engine.sessions)

    def test_a_session_that_was_lost_is_taken_up_again(self):
        client = self.client(Client, lease_s=0.15)
        self.engine.sessions.clear()
        follow = client.follow()
        while "phone-1" not in self.engine.sessions:
            follow.next(0.01)
        self.assertEqual(self.count("session.hello"), 2)

    def test_a_process_that_fails_does_not_close_its_session(self):
        with self.assertRaises(ZeroDivisionError):
            with self.client(Client):
                raise ZeroDivisionError
        self.assertEqual(self.count("session.close"), 0)

    def test_the_older_of_two_processes_learns_that_it_was_replaced(self):
        older = self.client()
        follow = older.follow(["session.replaced"], after=0)
        for instance in ("another", older._hello["instance"]):
            self.engine.write_one("session.replaced",
                                  {"session": "phone-1", "instance": instance})
        self.assertEqual([older.is_replaced(event) for event in self.take(follow, 2)],
                         [False, True])


class Following(WithEngine):
    def test_what_was_and_what_comes_once_and_in_order(self):
        self.engine.write(*["contact.opened"] * 2_300)
        follow = self.client().follow(after=0)
        self.assertEqual(self.positions(follow, 2_300), list(range(1, 2_301)))
        self.engine.write(*["contact.queued"] * 5)
        self.assertEqual(self.positions(follow, 5), list(range(2_301, 2_306)))

    def test_without_a_place_it_begins_now(self):
        self.engine.write("contact.opened")
        follow = self.client().follow()
        self.engine.write("contact.queued")
        self.assertEqual(self.positions(follow, 1), [2])

    def test_where_it_was_is_where_the_next_one_begins(self):
        self.engine.write(*["contact.opened"] * 10)
        client = self.client()
        follow = client.follow(after=0)
        self.take(follow, 4)
        self.assertEqual(follow.at, 4)
        self.assertEqual(self.positions(client.follow(after=follow.at), 6), list(range(5, 11)))

    def test_what_the_bus_lost_comes_from_the_log(self):
        follow = self.client().follow(after=0)
        self.engine.write("contact.opened")
        self.take(follow, 1)
        self.engine.write_unheard(*["contact.queued"] * 30)
        self.engine.write("contact.finished")
        self.assertEqual(self.positions(follow, 31), list(range(2, 33)))

    def test_the_beat_tells_of_lost_events_with_none_after_them(self):
        for types in ((), ("contact.",)):
            follow = self.client(name=f"follower-{len(types)}").follow(types, after=0)
            before = len(self.engine.log)
            self.take(follow, before)
            self.engine.write_unheard("contact.queued", "contact.finished")
            self.assertEqual(self.positions(follow, 2), [before + 1, before + 2])

    def test_some_types_are_followed_without_missing_one(self):
        follow = self.client().follow(["contact.", "offer.made"], after=0)
        self.engine.write("contact.opened", "agent.signed_in", "offer.made", "offer.expired")
        self.assertEqual(self.positions(follow, 2), [1, 3])
        self.engine.write_unheard("offer.made", "agent.signed_out")
        self.engine.write("contact.queued", "offer.made")
        self.assertEqual(sorted(self.positions(follow, 3)), [5, 7, 8])
        self.assertIsNone(follow.next(0.05))

    def test_an_engine_that_dies_and_comes_back_is_followed_on(self):
        follow = self.client().follow(after=0)
        self.engine.write("contact.opened")
        self.take(follow, 1)
        for _ in range(2):
            self.engine.stop()
            self.engine.write(*["contact.queued"] * 5)
            self.engine.start()
            self.engine.write("contact.finished")
        self.assertEqual(self.positions(follow, 12), list(range(2, 14)))

    def test_a_follower_that_hears_no_beat_asks_the_log(self):
        deaf = Client("deaf", self.engine.commands, "tcp://127.0.0.1:9")
        self.addCleanup(deaf.close, say_so=False)
        follow = deaf.follow(after=0)
        with mock.patch.object(careline_gateway.follow, "SILENCE_S", 0.05):
            for at in (1, 2):
                self.engine.write("contact.opened")
                self.assertEqual(self.positions(follow, 1), [at])

    def test_an_event_is_waited_for_no_longer_than_asked_wherever_the_engine_is(self):
        client = self.client()
        follow = client.follow(after=0)
        self.engine.stop()
        with mock.patch.object(careline_gateway.follow, "ASK_S", 0.05):
            begun = time.monotonic()
            for _ in range(4):
                self.assertIsNone(follow.next(0.1))
            self.assertLess(time.monotonic() - begun, PATIENCE_S / 2)
            self.engine.write("contact.opened")
            self.engine.start()
            self.assertEqual(self.positions(follow, 1), [1])

    def test_closing_lets_every_follower_out(self):
        for is_away in (False, True):
            client = self.client(name=f"client-{is_away}")
            follows = [client.follow(after=0), client.follow(["contact."])]
            if is_away:
                self.engine.stop()
            with concurrent.futures.ThreadPoolExecutor() as threads:
                told = [threads.submit(list, follow) for follow in follows]
                told.append(threads.submit(client.follow(after=0).next))
                client.close(say_so=False)
                self.assertEqual([all.result(PATIENCE_S) for all in told[:2]], [[], []])
                with self.assertRaises(Closed):
                    told[2].result(PATIENCE_S)
        self.engine.start()

    def test_a_log_that_cannot_be_read_for_now_is_not_another_log(self):
        was = []
        follow = self.client().follow(after=0, on_reset=was.append)
        self.engine.write(*["contact.opened"] * 5)
        self.take(follow, 5)
        self.engine.unreadable = 3
        self.engine.write_unheard("contact.queued")
        self.engine.write("contact.finished")
        self.assertEqual(self.positions(follow, 2), [6, 7])
        self.assertEqual(was, [])

    def test_another_log_is_noticed_and_followed_from_its_first(self):
        was = []
        follow = self.client().follow(after=0, on_reset=was.append)
        self.engine.write(*["contact.opened"] * 5)
        self.take(follow, 5)
        self.engine.stop()
        self.engine.forget_everything()
        self.engine.write("queue.defined", "queue.defined")
        self.engine.start()
        self.assertEqual([e.type for e in self.take(follow, 2)], ["queue.defined"] * 2)
        self.assertEqual(was, [5])


class Exchange(unittest.TestCase):
    def test_a_caller_who_is_put_through_to_outside_is_no_longer_ours(self):
        exchange = phone_gateway.Exchange(None)
        exchange.calls = {"C-1": "1001"}
        said = []
        exchange.hear = lambda number, what: said.append(what)
        for to in ("care", "external:branch-2"):
            self.assertEqual(exchange.calls, {"C-1": "1001"})
            exchange.tell(Event.of({"type": "contact.diverted", "position": 1,
                                    "data": {"contact": "C-1", "to": to, "reason": "safety"}}))
        self.assertEqual(exchange.calls, {})
        self.assertEqual(said[-1], "you are put through to external:branch-2")


if __name__ == "__main__":
    unittest.main()
