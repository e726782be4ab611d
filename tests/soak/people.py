"""Who calls, writes and works in the soak: a mixed load at a rate that does not follow the engine.

Contacts come when they are due, however the engine fares. What becomes of each is drawn from one
seed when it comes: most are served, some leave, are called back, transferred, held, missed.
"""
import random
import time

TALK_S = (0.3, 1.7)
SHIFT_CONTACTS = (30, 90)
NOBODY_HAS = "nobody has it"
KINDS = (("phone", "care", 0.55), ("chat", "chat", 0.25), ("web", "letters", 0.12),
         ("kiosk", "care", 0.08))
FATES = (("serve", 0.76), ("abandon", 0.08), ("callback", 0.05), ("transfer", 0.05),
         ("hold", 0.05), ("help", 0.01))
DECLINES, MISSES, RATES = 0.03, 0.02, 0.2
CUSTOMERS = 2000
SOURCES = 8        # desks; and as many gateways
STANDING = 300     # wait all the time, for a skill that nobody has
RING_S = 2.0       # of our seconds


def mean_talk_s():
    return sum(TALK_S) / 2


class Contact:
    __slots__ = ("name", "source", "kind", "fate", "callback", "transferred")

    def __init__(self, name, source, kind, fate):
        self.name, self.source, self.kind, self.fate = name, source, kind, fate
        self.callback = self.transferred = False


class Agent:
    __slots__ = ("name", "source", "talks", "left")

    def __init__(self, name, source, left):
        self.name, self.source, self.left = name, source, left
        self.talks = set()


class People:
    """The load on one BusLine. `count` tells what became of how many."""

    def __init__(self, line, rate, speed, seed):
        self.line, self.rate, self.speed = line, rate, speed
        self.dice = random.Random(seed)
        self.contacts = {}
        self.agents = {}
        self.count = {}
        self._opened = 0
        self._run = f"{time.time_ns() // 1_000_000_000:x}"
        for kind, then in (("offer.made", self._offered), ("contact.connected", self._connected),
                           ("dial.requested", self._dial), ("agent.state_changed", self._state),
                           ("contact.finished", self._ended), ("contact.abandoned", self._ended),
                           ("contact.timed_out", self._ended), ("contact.refused", self._ended),
                           ("contact.diverted", self._diverted)):
            line.on(kind, then)

    def prepare(self, then):
        """Queues, agents and those who wait all the time; `then` once the last is answered."""
        ring = {"ring_s": RING_S * self.speed, "misses_max": 1}
        left = []

        def send(source, kind, data):
            left.append(kind)
            self.line.send(source, kind, data, lambda reply: self._prepared(reply, left, then))
        for queue, more in (("care", {"wrap_up": "manual"}), ("chat", {}), ("letters", {}),
                            ("second", {}), ("crowd", {"skills": [NOBODY_HAS]})):
            send("supervisor", "queue.define", {"queue": queue, "wrap_up": "none", **ring, **more})
        for n in range(SOURCES):
            for name, kind in ((f"gateway-{n}", "gateway"), (f"desk-{n}", "agents")):
                send(name, "session.hello", {"name": name, "kind": kind, "lease_s": 30})
                self.line.after(5, lambda s=name: self._beat(s))
        for n in range(int(self.rate * mean_talk_s() * 1.6) + 8):
            agent = Agent(f"A-{n}", f"desk-{n % SOURCES}", self.dice.randint(*SHIFT_CONTACTS))
            self.agents[agent.name] = agent
            send(agent.source, "agent.sign_in", self._sign_in(agent))
        for n in range(STANDING):
            send(f"gateway-{n % SOURCES}", "contact.open",
                 {"contact": f"W-{n}", "channel": "web", "queue": "crowd"})

    def begin(self):
        self._next_at = time.monotonic()
        self._arrive()

    def _prepared(self, reply, left, then):
        if not reply.accepted:
            raise RuntimeError(f"the soak could not be prepared: {reply}")
        left.pop()
        if not left:
            then()

    def _counted(self, what):
        self.count[what] = self.count.get(what, 0) + 1

    def _beat(self, source):
        self.line.send(source, "session.beat", {})
        self.line.after(5, lambda: self._beat(source))

    def _pick(self, shares):
        return self.dice.choices(shares, [row[-1] for row in shares])[0]

    # --- the people ----------------------------------------------------------------------------

    def _arrive(self):
        while self._next_at <= time.monotonic():
            self._open(self._next_at)
            self._next_at += self.dice.expovariate(self.rate)
        self.line.at(self._next_at, self._arrive)

    def _open(self, due):
        self._opened += 1
        channel, queue, _share = self._pick(KINDS)
        fate = self._pick(FATES)[0]
        contact = Contact(f"C-{self._run}-{self._opened}",
                          f"gateway-{self._opened % SOURCES}", channel, fate)
        self.contacts[contact.name] = contact
        who = self.dice.randrange(CUSTOMERS)
        data = {"contact": contact.name, "channel": channel, "address": f"soak:{who}",
                "queue": "119" if fate == "help" else queue,
                "customer": {"id": f"K-{who}", "name": f"Customer {who}"}}
        if fate in ("abandon", "callback"):
            data["skills"] = [NOBODY_HAS]
        self.line.send(contact.source, "contact.open", data,
                       lambda reply: self._opened_as(contact, reply), due)

    def _opened_as(self, contact, reply):
        self._counted("opened")
        if contact.fate == "abandon":
            self.line.after(self.dice.uniform(0.5, 3), lambda: self.line.send(
                contact.source, "contact.abandon", {"contact": contact.name}))
        elif contact.fate == "callback":
            self.line.send(contact.source, "contact.request_callback",
                           {"contact": contact.name, "number": "13900000000"},
                           lambda _reply: self._call_back_by_anybody(contact))

    def _call_back_by_anybody(self, contact):
        contact.callback = True
        self.line.send(contact.source, "contact.change", {"contact": contact.name, "skills": []})

    def _dial(self, data):
        contact = self.contacts.get(data["contact"])
        if contact:
            result = self.dice.choices(("answered", "busy"), (0.9, 0.1))[0]
            self.line.send(contact.source, "dial.report",
                           {"contact": contact.name, "result": result})

    def _diverted(self, data):
        if data["to"].startswith("external:"):
            self._ended(data)

    def _ended(self, data):
        contact = self.contacts.pop(data["contact"], None)
        if contact:
            self._counted("ended")
            if contact.kind != "web" and self.dice.random() < RATES:
                self.line.send(contact.source, "contact.rate",
                               {"contact": contact.name, "score": self.dice.randint(1, 5)})

    # --- the agents ----------------------------------------------------------------------------

    @staticmethod
    def _sign_in(agent):
        return {"agent": agent.name, "skills": {"zh": 5},
                "channels": {"phone": 1, "kiosk": 1, "chat": 2, "web": 2}}

    def _offered(self, data):
        agent = self.agents.get(data["agent"])
        if not agent:
            return
        both = {"contact": data["contact"], "agent": agent.name}
        luck = self.dice.random()
        if luck < MISSES:
            self._counted("missed")
        elif luck < MISSES + DECLINES:
            self.line.send(agent.source, "offer.decline", {**both, "reason": "busy"})
        else:
            self.line.send(agent.source, "offer.accept", both)

    def _connected(self, data):
        agent = self.agents.get(data["agent"])
        if not agent:
            return
        contact = self.contacts.get(data["contact"])
        agent.talks.add(data["contact"])
        talk_s = self.dice.uniform(*TALK_S)
        both = {"contact": data["contact"], "agent": agent.name}
        if contact and contact.fate == "transfer" and not contact.transferred:
            contact.transferred = True
            self.line.after(talk_s / 2, lambda: self._leave(
                agent, "contact.transfer", {**both, "to_queue": "second"}, data["queue"]))
            return
        if contact and contact.fate == "hold":
            self.line.after(talk_s / 3, lambda: self.line.send(agent.source, "contact.hold", both))
            self.line.after(talk_s / 2,
                            lambda: self.line.send(agent.source, "contact.resume", both))
        if contact and contact.kind in ("chat", "web"):
            self._converse(contact, agent, talk_s)
        self.line.after(talk_s, lambda: self._leave(
            agent, "contact.finish", {**both, "disposition": "solved"}, data["queue"]))

    def _converse(self, contact, agent, talk_s):
        if contact.kind == "web":
            self.line.after(talk_s / 2, lambda: self.line.send(
                contact.source, "contact.answer",
                {"contact": contact.name, "form": "address", "fields": {"street": "a long one"}}))
            return
        for n in range(4):
            speaker, source = (("agent", agent.source), ("customer", contact.source))[n % 2]
            words = {"contact": contact.name, "from": speaker, "line": n // 2 + 1,
                     "text": f"line {n} of what is said in a chat of the soak"}
            self.line.after(talk_s * n / 5,
                            lambda s=source, w=words: self.line.send(s, "contact.say", w))
        self.line.after(talk_s * 4.5 / 5, lambda: self.line.send(
            contact.source, "contact.deliver",
            {"contact": contact.name, "line": 2, "from": "agent"}))

    def _leave(self, agent, kind, data, queue):
        def left(_reply):
            agent.talks.discard(data["contact"])
            agent.left -= 1
            if queue == "care":
                self.line.after(0.05, lambda: self.line.send(
                    agent.source, "agent.finish_wrap_up", {"agent": agent.name}))
            if agent.left == 0:
                self.line.send(agent.source, "agent.set_state",
                               {"agent": agent.name, "state": "not_ready", "reason": "shift_end"})
                self.line.after(1, lambda: self._go_home(agent))
        self.line.send(agent.source, kind, data, left)

    def _go_home(self, agent):
        if agent.talks:
            self.line.after(0.5, lambda: self._go_home(agent))
            return

        def gone(reply):
            if not reply.accepted:  # still in wrap-up
                self.line.after(0.5, lambda: self._go_home(agent))
                return
            self._counted("shifts")
            agent.left = self.dice.randint(*SHIFT_CONTACTS)
            self.line.after(1, lambda: self.line.send(
                agent.source, "agent.sign_in", self._sign_in(agent)))
        self.line.send(agent.source, "agent.sign_out", {"agent": agent.name}, gone)

    def _state(self, data):
        """An agent who was set aside comes back."""
        agent = self.agents.get(data["agent"])
        if agent and data["state"] == "not_ready" and data.get("reason") in ("missed_offers",
                                                                             "session_lost"):
            self.line.after(1, lambda: self.line.send(
                agent.source, "agent.set_state", {"agent": agent.name, "state": "ready"}))
