"""A gateway and an agents' desk: a session, and the engine's words as functions."""
import threading
import uuid

from . import wire
from .courier import Courier
from .follow import Follow


class Client:
    """A client with a session: a lease that the engine sees lapse when this process is gone.

    `with Client("name") as c:` says hello, beats in the background, and says hello again if the
    session was lost meanwhile. Leaving the block closes the session: what it brought stays. A
    process that dies does not get there: after `lease_s` and a grace what it brought lapses.
    `key_file`, or CARELINE_KEY, is for an engine that serves with keys; `name` is the key's client.
    """
    kind = "client"

    def __init__(self, name, commands=None, events=None, lease_s=3.0, patience_s=20.0,
                 key_file=None):
        self.name = name
        self.patience_s = patience_s
        self._events = events
        self._hello = {"name": name, "kind": self.kind, "lease_s": lease_s,
                       "instance": str(uuid.uuid4())}
        self._follows = []
        self._beat_lock = threading.Lock()
        self._beat_open = False
        key = wire.key_of(key_file)
        self._courier = Courier(name, commands, lease_s / 3, self._beat, key)
        try:
            self.session = self.send("session.hello", **self._hello).data
        except BaseException:
            self._courier.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, _value, _trace):
        self.close(say_so=kind is None)

    def close(self, say_so=True):
        """Ends. `say_so` False leaves the session to lapse, as if the process had died."""
        try:
            if say_so:
                self.ask("session.close", patience_s=2.0)
        except (wire.NoReply, wire.Closed):
            pass  # the engine will notice by itself
        finally:
            self._courier.close()  # first: a follower may wait for a page of the log
            for follow in self._follows:
                follow.close()

    def ask(self, kind, /, command_id=None, patience_s=None, **data):
        """Sends a command or query; gives its Reply, whatever it says. Raises NoReply; and, with
        nothing sent, TooLarge or Closed."""
        return self._courier.ask(kind, data, command_id, patience_s or self.patience_s)

    def send(self, kind, /, command_id=None, patience_s=None, **data):
        """The same, but raises NotAccepted for any outcome other than `accepted`."""
        reply = self.ask(kind, command_id, patience_s, **data)
        if not reply.accepted:
            raise wire.NotAccepted(reply)
        return reply

    def start(self, kind, /, command_id=None, patience_s=None, **data):
        """The same without waiting: a Future of the Reply. For many at once. What is called when
        it is done must not wait: it is called on the thread that carries all commands."""
        return self._courier.send(kind, data, command_id, patience_s or self.patience_s)

    def follow(self, types=(), after=None, on_reset=None):
        """Events from behind `after` (None: from now on), each once; see Follow. Raises NoReply
        where it cannot learn what "now" is."""
        follow = Follow(self._courier, types, after, self._events, on_reset)
        self._follows.append(follow)
        return follow

    def is_replaced(self, event):
        """Whether `event` says that another process goes on under this name: then end."""
        return (event.type == "session.replaced" and event.data.get("session") == self.name
                and event.data.get("instance") == self._hello["instance"])

    def _beat(self):
        """On the courier's thread: starts, never waits."""
        with self._beat_lock:
            if not self._beat_open:
                self._beat_open = True
                self._start_unless_closed("session.beat", self._beaten)

    def _beaten(self, future):
        with self._beat_lock:
            self._beat_open = False
        if future.exception() is None and \
                future.result().problem.get("type") == "session.unknown":
            self._start_unless_closed("session.hello", None, **self._hello)

    def _start_unless_closed(self, kind, then, /, **data):
        try:
            future = self.start(kind, **data)
        except wire.Closed:
            return
        if then:
            future.add_done_callback(then)


class Gateway(Client):
    """Where people come in: opens contacts and tells the engine what becomes of them."""
    kind = "gateway"

    def open(self, channel, contact=None, **more):
        """A person arrives. `more`: queue or need, customer, address, language, urgency, …"""
        return self.send("contact.open", channel=channel, contact=contact, **more)

    def say(self, contact, text, speaker="customer", line=None):
        """A line of a chat. The same `line` twice is said once."""
        return self.send("contact.say", contact=contact, text=text, line=line, **{"from": speaker})

    def delivered(self, contact, line, speaker=None):
        """A line reached the person; without `speaker` it is of all who said one of that number."""
        return self.send("contact.deliver", contact=contact, line=line, **{"from": speaker})

    def answer_form(self, contact, form, fields):
        return self.send("contact.answer", contact=contact, form=form, fields=fields)

    def abandon(self, contact):
        """The person left before anybody answered."""
        return self.send("contact.abandon", contact=contact)

    def request_callback(self, contact, number):
        return self.send("contact.request_callback", contact=contact, number=number)

    def rate(self, contact, score):
        return self.send("contact.rate", contact=contact, score=score)

    def address(self, contact, purpose):
        """The address in clear, for a purpose (a code: "dial"); only whom brought the contact is
        told, and that it was told, and what for, is written down."""
        return self.send("contact.address", contact=contact, purpose=purpose).data.get("address")

    def number(self, contact, purpose=None):
        """The number of a callback, by the same rules."""
        return self.send("contact.address", contact=contact, purpose=purpose).data.get("number")

    def show(self, contact):
        return self.send("contact.show", contact=contact).data

    def read(self, contact, after=0, limit=None):
        """What was said in a chat that this gateway opened: `lines`, each with from, line, time
        and text; `next` is `after` of the next call."""
        return self.send("contact.read", contact=contact, after=after, limit=limit).data

    def hall(self, prefix=None, site=None):
        """What a hall shows: serving, called, missed, and of each area how many wait."""
        return self.send("hall.show", prefix=prefix, site=site).data


class Desk(Client):
    """Agents' desks: one session may speak for many agents."""
    kind = "agents"

    def sign_in(self, agent, **more):
        """`more`: skills {name: level}, channels {name: how many}, queues {name: tier}, ready."""
        return self.send("agent.sign_in", agent=agent, **more)

    def sign_out(self, agent):
        return self.send("agent.sign_out", agent=agent)

    def ready(self, agent):
        return self.send("agent.set_state", agent=agent, state="ready")

    def not_ready(self, agent, reason=None):
        return self.send("agent.set_state", agent=agent, state="not_ready", reason=reason)

    def accept(self, contact, agent):
        return self.send("offer.accept", contact=contact, agent=agent)

    def decline(self, contact, agent, reason="reject"):
        return self.send("offer.decline", contact=contact, agent=agent, reason=reason)

    def say(self, contact, text, line=None):
        return self.send("contact.say", contact=contact, text=text, line=line, **{"from": "agent"})

    def hold(self, contact, agent):
        return self.send("contact.hold", contact=contact, agent=agent)

    def resume(self, contact, agent):
        return self.send("contact.resume", contact=contact, agent=agent)

    def transfer(self, contact, agent, to_queue=None, to_agent=None):
        return self.send("contact.transfer", contact=contact, agent=agent, to_queue=to_queue,
                         to_agent=to_agent)

    def finish(self, contact, agent, disposition=None):
        return self.send("contact.finish", contact=contact, agent=agent, disposition=disposition)

    def finish_wrap_up(self, agent):
        return self.send("agent.finish_wrap_up", agent=agent)

    def read(self, contact, agent, after=0, limit=None):
        """What was said in a chat that this agent is in; see Gateway.read."""
        return self.send("contact.read", contact=contact, agent=agent, after=after,
                         limit=limit).data

    def call_next(self, agent, counter, queue=None):
        """The next who has a ticket, to this counter; gives its contact and ticket, or None."""
        told = self.send("agent.call_next", agent=agent, counter=counter, queue=queue).data
        return told if told.get("contact") else None

    def recall(self, agent):
        """The ticket that the agent called, once more."""
        return self.send("ticket.recall", agent=agent)

    def miss(self, agent, contact=None):
        """Nobody came."""
        return self.send("ticket.miss", agent=agent, contact=contact)
