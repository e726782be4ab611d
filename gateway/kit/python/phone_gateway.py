#!/usr/bin/env python3
"""A telephone exchange of one line each, as small as a whole gateway can be.

Reads what the telephones do from its input and prints what they hear:

    ring NUMBER [QUEUE]     somebody calls
    hang_up NUMBER          and leaves
    end                     the exchange closes: those who still wait are sent away

Try it with an agent signed in (docs/gateway.md), or without one.
"""
import os
import sys
import threading

from careline_gateway import Gateway, NoReply, NotAccepted

HEARS = {
    "contact.queued": "you are number {queue_position}",
    "contact.connected": "{agent} answers",
    "contact.held": "music",
    "contact.resumed": "{agent} is back",
    "contact.diverted": "you are put through to {to}",
    "contact.timed_out": "nobody could take your call: {reason}",
    "contact.refused": "we cannot take your call: {reason}",
    "contact.finished": "the line is free",
}
ENDS = ("contact.finished", "contact.abandoned", "contact.timed_out", "contact.refused")


def is_end(event):
    """To another queue is a move; to a place outside the engine is the end of it."""
    return event.type in ENDS or (event.type == "contact.diverted"
                                  and event.data.get("to", "").startswith("external:"))


class Exchange:
    def __init__(self, gateway):
        self.gateway = gateway
        self.calls = {}           # contact: number
        self.changed = threading.Condition()

    def ring(self, number, queue="care"):
        with self.changed:
            try:
                reply = self.gateway.open("phone", queue=queue, address=number)
                self.calls[reply.data["contact"]] = number
            except NotAccepted as no:
                self.hear(number, no.reply.fallback or no.reply.problem["title"])
            except NoReply:
                self.hear(number, "please call again")

    def hang_up(self, number):
        for contact, caller in list(self.calls.items()):
            if caller == number:
                try:
                    self.gateway.abandon(contact)
                except NotAccepted:
                    pass  # it ended, or an agent has it and will finish it

    def tell(self, event):
        """Called for each event in order; those of other gateways' contacts are not ours."""
        with self.changed:
            contact = event.data.get("contact")
            number = self.calls.get(contact)
            if number and event.type in HEARS:
                words = {"agent": "", "to": "", "reason": "", "queue_position": "", **event.data}
                self.hear(number, HEARS[event.type].format(**words))
            if is_end(event):
                self.calls.pop(contact, None)
                self.changed.notify_all()

    def close(self):
        """Sends away who still waits, and hears the engine out."""
        for number in list(self.calls.values()):
            self.hang_up(number)
        with self.changed:
            self.changed.wait_for(lambda: not self.calls, timeout=10)

    def hear(self, number, what):
        print(f"{number}: {what}", flush=True)


def follow(exchange, events, ending):
    while not ending.is_set():
        event = events.next(timeout_s=0.2)
        if event and exchange.gateway.is_replaced(event):
            os._exit(1)  # another process goes on under our name, session and all
        if event:
            exchange.tell(event)


def main():
    with Gateway("phone-exchange") as gateway:
        exchange, ending = Exchange(gateway), threading.Event()
        events = gateway.follow(["contact.", "session.replaced"])
        follower = threading.Thread(target=follow, args=(exchange, events, ending))
        follower.start()
        try:
            for line in sys.stdin:
                word, *rest = line.split() or [""]
                if word == "ring" and rest:
                    exchange.ring(*rest[:2])
                elif word == "hang_up" and rest:
                    exchange.hang_up(rest[0])
                elif word == "end":
                    break
            exchange.close()
        finally:
            ending.set()
            follower.join()


if __name__ == "__main__":
    main()
