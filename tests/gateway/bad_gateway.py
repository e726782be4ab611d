"""A telephone exchange that does one thing wrong: `bad_gateway.py WHAT`. It reads what
phone_gateway.py reads."""
import os
import pathlib
import sys
import threading
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
sys.path[:0] = [str(ROOT / "gateway/kit/python"), str(ROOT / "tests")]

import debians_python  # noqa: E402,F401

import careline_gateway.client  # noqa: E402
import careline_gateway.courier  # noqa: E402
import careline_gateway.follow  # noqa: E402
from careline_gateway import Gateway, NoReply, NotAccepted, wire  # noqa: E402

WHAT = sys.argv[1]
KNOWN_KEYS = {"specversion", "id", "source", "type", "subject", "time", "data", "partition",
              "position", "previous", "causationid", "correlationid", "actor", "dataversion"}


def takes_known_words_only(body):
    if set(body) - KNOWN_KEYS:
        os._exit(1)
    return careful(body)


def in_a_hurry(body):
    return patient({**body, "retry_ms": 10})


# What is wrong before the gateway is there.
if WHAT == "no_uuid7":
    wire.new_id = lambda: str(uuid.uuid4())
elif WHAT == "no_kind":
    Gateway.kind = None
elif WHAT == "hurries":
    patient, wire.Reply.of = wire.Reply.of, in_a_hurry
elif WHAT == "dies_of_unknown_words":
    careful, wire.Event.of = wire.Event.of, takes_known_words_only
elif WHAT == "reads_no_log":
    careline_gateway.follow.SILENCE_S = 3600.0
    careline_gateway.follow.Follow._heard = lambda *_: None
    careline_gateway.follow.Follow._came = lambda self, event: self._ready.append(event)
elif WHAT == "no_second_hello":
    careline_gateway.client.Client._beaten = \
        lambda self, _: setattr(self, "_beat_open", False)
elif WHAT == "other_id_after_silence":
    careline_gateway.courier.RETRY_S = 3600.0


class Exchange:
    def __init__(self, gateway):
        self.gateway, self.calls, self.ended, self.first = gateway, {}, set(), None

    def ring(self, number):
        more = {"queue": "care", "address": number}
        if WHAT == "unknown_key":
            more["adress"] = more.pop("address")
        if WHAT == "not_understood":
            more["urgency"] = "very"
        if WHAT == "does_more":
            self.gateway.ask("queue.define", queue="mine")
        if WHAT == "one_id_for_two":
            self.first = more["command_id"] = self.first or wire.new_id()
        try:
            reply = self.open(more)
        except NotAccepted:
            return
        self.calls[reply.data["contact"]] = number

    def open(self, more):
        if WHAT != "other_id_after_silence":
            return self.gateway.open("phone", **more)
        while True:
            try:
                return self.gateway.open("phone", patience_s=0.5, **more)
            except NoReply:
                pass

    def hang_up(self, number):
        for contact, caller in list(self.calls.items()):
            if caller == number and (contact not in self.ended or WHAT == "ends_twice"):
                self.gateway.ask("contact.abandon", contact=contact)

    def tell(self, event):
        if event.type == "session.replaced" and self.gateway.is_replaced(event):
            if WHAT == "closes_its_successor":
                threading.Timer(0.4, self.gateway.ask, ["session.close"]).start()
            elif WHAT != "goes_on":
                os._exit(1)
        to = event.data.get("to", "")
        if event.type in ("contact.finished", "contact.abandoned") or to.startswith("external:"):
            self.ended.add(event.data["contact"])


def main():
    with Gateway("phone-bad") as gateway:
        if WHAT == "another_name":
            gateway._courier.source = "somebody"
        if WHAT == "no_beats":
            gateway._courier._beat_s = None
        exchange = Exchange(gateway)
        events = gateway.follow(["contact.", "session.replaced"])
        threading.Thread(target=lambda: [exchange.tell(e) for e in events], daemon=True).start()
        for line in sys.stdin:
            word, number = line.split()
            exchange.ring(number) if word == "ring" else exchange.hang_up(number)


if __name__ == "__main__":
    main()
