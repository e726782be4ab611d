"""What the engine's double answers and writes: the few words that every gateway needs, as an engine
with nobody signed in does them. tests/gateway/kit_double_test.py holds it to the real one."""
import datetime
import hashlib
import uuid

EVENTS_MAX = 100_000    # of a double's log
PAGE_EVENTS_MAX = 1000  # of a page of it, as the engine's
SOURCE = "careline/0"

COMMANDS = frozenset("""
    contact.open contact.rate queue.define agent.sign_in agent.set_state agent.sign_out agent.change
    agent.finish_wrap_up offer.accept offer.decline contact.change contact.abandon
    contact.request_callback contact.hold contact.resume contact.transfer contact.finish contact.say
    contact.deliver contact.answer dial.report offer.pull_back agent.force_state contact.supervise
    contact.join contact.leave contact.park site.set_state queue.remove
    agent.call_next ticket.recall ticket.miss
    customer.register customer.amend customer.link customer.unlink customer.merge customer.split
    customer.find customer.reveal customer.erase identity.verify consent.give consent.withdraw
    right.request right.fulfil right.refuse
    promise.make promise.keep promise.move
    contact.classify contact.issue_materials contact.present_materials contact.remind
    triage.define area.define area.remove wording.define wording.forbid materials.define
    self_service.open self_service.end
    session.hello session.beat session.close
    key.accept key.revoke access.grant access.revoke access.ask_more access.allow_more
    access.record_violation access.reinstate user.set_password user.vet user.bind
    user.set_second_factor user.unlock user.sign_in user.fail_sign_in user.sign_out
    api_key.accept api_key.revoke key.rotate_master""".split())
QUERIES = frozenset("""
    queue.show queue.list agent.show agent.list contact.show why.contact why.agent contact.address
    contact.read hall.show board.show log.read engine.status
    customer.show customer.timeline identity.check promise.list promise.show
    triage.show area.show area.list wording.show wording.list wording.check materials.show
    self_service.show
    key.list access.list access.explain user.list""".split())

PROBLEMS = {
    "command.field_invalid": ("invalid", "A field has a value that it cannot have."),
    "command.field_missing": ("invalid", "A field that the command needs is missing."),
    "command.id_invalid": ("invalid", "A command's id must be a UUID of version 7."),
    "command.id_reused": ("refused", "This id was used before for a different command."),
    "command.malformed": ("invalid", "The message is not a map that can be read."),
    "command.too_large": ("invalid", "The message is larger than the engine takes."),
    "command.type_unknown": ("invalid", "There is no command or query of this type."),
    "engine.busy": ("busy", "The engine has as much in hand as it takes; send again."),
    "log.bad_position": ("refused", "The log has no such position."),
    "reception.contact_exists": ("refused", "A contact of this id exists with other fields."),
    "reception.unknown_contact": ("refused", "There is no contact of this id."),
    "routing.contact_ended": ("refused", "The contact has ended."),
    "routing.unknown_contact": ("refused", "There is no contact of this id."),
    "routing.unknown_queue": ("refused", "There is no queue of this id."),
    "session.unknown": ("refused", "There is no open session of this name."),
}
NEEDED = {"contact.open": "channel", "contact.abandon": "contact", "queue.define": "queue",
          "session.hello": "name"}
EMERGENCY = ("110", "119", "120", "122")

VERSIONS = {"queue.defined": 5, "agent.signed_in": 3, "agent.changed": 3, "contact.queued": 4,
            "contact.opened": 2, "contact.said": 2, "contact.delivered": 2, "contact.changed": 2,
            "contact.transferred": 2, "contact.finished": 2, "contact.supervised": 2,
            "contact.triaged": 2}  # others: 1
SEALED = {"contact.opened": ("need", "customer", "address"), "contact.said": ("text",),
          "contact.callback_requested": ("number",), "contact.answered_form": ("fields",),
          "customer.registered": ("fields",), "customer.amended": ("fields",),
          "user.password_set": ("hash",), "user.second_factor_set": ("secret",)}
# The first of these that an event has is its subject.
SUBJECTS = ("party", "promise", "episode", "contact", "agent", "area", "wording", "queue",
            "session", "site", "form", "business", "client")
OF_RECEPTION = ("contact.rate", "contact.classify", "contact.issue_materials",
                "contact.present_materials", "contact.remind")
STATES = {"contact.queued": "waiting", "offer.made": "offered", "offer.expired": "waiting",
          "offer.declined": "waiting", "offer.rescinded": "waiting",
          "contact.connected": "connected", "contact.held": "held",
          "contact.resumed": "connected"}
ENDS = ("contact.finished", "contact.abandoned", "contact.timed_out", "contact.refused")

OPEN_DEFAULTS = {"urgency": 0, "safety": False, "age_s": 0, "prefer_s": 0}
QUEUE_DEFAULTS = {
    "strategy": "longest_idle", "weight": 1, "ring_s": 15, "retry_s": 0, "wrap_up_s": 0,
    "service_level_s": 15, "misses_max": 1, "misses_then": "not_ready",
    "rest_s": {"reject": 0, "busy": 0, "no_answer": 0}, "members": False,
    "wait_estimate": "staffed", "callback_attempts": 3, "callback_spacing_s": 900,
    "talk_s_max": 14400, "resume_s": 0, "offer_when_busy": False}


class No(Exception):
    """A command that is answered by something other than `accepted`."""

    def __init__(self, code, field="", detail="", data=None):
        outcome, title = PROBLEMS[code]
        problem = {"type": code, "title": title, "field": field, "detail": detail}
        super().__init__(title)
        self.reply = {"outcome": outcome, "data": data,
                      "problem": {key: text for key, text in problem.items() if text}}


def check(kind, data, command_id):
    """Raises No where an engine does not understand the command at all."""
    if kind not in COMMANDS | QUERIES:
        raise No("command.type_unknown", "type", kind)
    needed = NEEDED.get(kind)
    if needed and data.get(needed) is None:
        raise No("command.field_missing", needed)
    for key in SUBJECTS:
        value = data.get(key, "?")
        if not isinstance(value, str) or not 1 <= len(value.encode()) <= 128:
            raise No("command.field_invalid", key,
                     "text of 1 to 128 bytes without control characters")
    try:
        is_ours = uuid.UUID(command_id).version == 7
    except ValueError:
        is_ours = False
    if not is_ours:
        raise No("command.id_invalid", "id")


def sealed(value):
    """In place of a personal value: bytes that tell nothing, as the engine's."""
    if isinstance(value, bytes):
        return value
    return b"\x01" + hashlib.blake2b(repr(value).encode()).digest()


class Words:
    """An engine's state, folded from its log, and what its commands do to both."""

    def __init__(self):
        self.log = []
        self.queues = set()
        self._last = {}       # type: position
        self._contacts = {}   # id: state, queue, agent, end, and the fields it was opened with
        self._sessions = {}   # name: the fields of its hello
        self.write("log.created", {"seed": 1, "time_zone": "Asia/Shanghai", "offset_minutes": 480})
        self.write("engine.speed_set", {"speed": 1})

    def write(self, kind, data, actor="engine", cause=None):
        """One event into the log; gives it as it goes over the wire."""
        if len(self.log) >= EVENTS_MAX:
            raise RuntimeError(f"the double's log takes {EVENTS_MAX} events and is full")
        at = len(self.log) + 1
        now = datetime.datetime.now(datetime.timezone.utc)
        subject = next((f"{key}/{data[key]}" for key in SUBJECTS if data.get(key)), "engine/0")
        hidden = SEALED.get(kind, ())
        event = {
            "specversion": "1.0", "id": f"0-{at}", "source": SOURCE, "type": kind,
            "subject": subject, "time": now.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "partition": "0", "position": at, "previous": self._last.get(kind, 0),
            "causationid": cause, "correlationid": data.get("contact"), "actor": actor,
            "dataversion": VERSIONS.get(kind, 1),
            "data": {key: sealed(value) if key in hidden else value
                     for key, value in data.items() if value is not None}}
        event = {key: value for key, value in event.items() if value is not None}
        self.log.append(event)
        self._last[kind] = at
        self._fold(kind, data)
        return event

    def _fold(self, kind, data):
        if kind == "queue.defined":
            self.queues.add(data["queue"])
        if "contact" not in data:
            return
        contact = self._contacts.setdefault(data["contact"], {"state": "waiting", "fields": {}})
        is_outside = kind == "contact.diverted" and str(data.get("to", "")).startswith("external:")
        if kind in ENDS or is_outside:
            contact.update(state="ended", ended_as=kind)
        elif contact["state"] != "ended" and kind in STATES:
            contact["state"] = STATES[kind]
        for key in ("queue", "agent"):
            if key in data:
                contact[key] = data[key]

    def does(self, command):
        """The reply to a command, without its id. Raises No."""
        kind, data = command["type"], command["data"]
        do = getattr(self, "_" + kind.replace(".", "_"), None)
        if do:
            return do(command, data)
        if data.get("contact") and data["contact"] not in self._contacts:
            floor = "reception" if kind in OF_RECEPTION else "routing"
            raise No(f"{floor}.unknown_contact", "contact", data["contact"])
        return {}

    def _wrote(self, command, kind, data):
        self.write(kind, data, command["source"], command["id"])

    def _session_hello(self, command, data):
        name = data["name"]
        before = self._sessions.get(name)
        now = {"session": name, "kind": data.get("kind"), "lease_s": data.get("lease_s", 3),
               "instance": data.get("instance")}
        self._sessions[name] = now
        if before and before["instance"] != now["instance"]:
            self._wrote(command, "session.replaced", before)
        if before != now:
            self._wrote(command, "session.resumed" if before else "session.opened", now)
        reply = {"session": name, "resumed": bool(before), "position": len(self.log)}
        return {"data": reply, "position": len(self.log) if before != now else None}

    def _session_of(self, command, data):
        name = data.get("name", command["source"])
        if name not in self._sessions:
            raise No("session.unknown", "name")
        return name

    def _session_beat(self, command, data):
        self._session_of(command, data)
        return {}

    def _session_close(self, command, data):
        self._wrote(command, "session.closed", self._sessions.pop(self._session_of(command, data)))
        return {"position": len(self.log)}

    def _queue_define(self, command, data):
        self._wrote(command, "queue.defined", {**QUEUE_DEFAULTS, **data})
        return {"position": len(self.log)}

    def _contact_open(self, command, data):
        name = data.get("contact") or self._free_name()
        is_help = data.get("safety") is True or data.get("queue") in EMERGENCY or \
            data.get("need") in EMERGENCY
        queue = data.get("queue") or "default"
        if name in self._contacts and not is_help:
            return self._opened_again(name, data)
        if not is_help and queue not in self.queues:
            raise No("routing.unknown_queue", "queue", queue)
        self._wrote(command, "contact.opened", {
            **OPEN_DEFAULTS, **data, "contact": name, "gateway": command["source"],
            "person": "P-" + sealed((name, data.get("customer"))).hex()[2:34],
            "fingerprint": "P-" + sealed(data).hex()[2:34]})
        self._contacts[name]["fields"] = data
        if is_help:
            to = "external:emergency"
            self._wrote(command, "contact.diverted",
                        {"contact": name, "to": to, "reason": "safety"})
            reply = {"contact": name, "diverted": True, "to": to}
        else:
            reply = self._queued(command, name, queue, is_given="queue" in data)
        return {"position": len(self.log), "data": reply}

    def _free_name(self):
        n = len(self._contacts) + 1
        while f"C-{n}" in self._contacts:
            n += 1
        return f"C-{n}"

    def _queued(self, command, name, queue, is_given):
        place = 1 + sum(1 for other, c in self._contacts.items() if other != name and
                        c.get("queue") == queue and c["state"] in ("waiting", "offered"))
        self._wrote(command, "contact.triaged", {
            "contact": name, "queue": queue, "method": "given" if is_given else "default",
            "confidence": 1 if is_given else 0})
        reply = {"contact": name, "queue": queue, "queue_position": place}
        self._wrote(command, "contact.queued", reply)
        return reply

    def _opened_again(self, name, data):
        reply = self._state_of(name)
        if self._contacts[name]["state"] == "waiting":
            line = [other for other, c in self._contacts.items()
                    if c.get("queue") == reply.get("queue") and c["state"] == "waiting"]
            reply["queue_position"] = 1 + line.index(name)
        if {**OPEN_DEFAULTS, **self._contacts[name]["fields"]} != {**OPEN_DEFAULTS, **data}:
            raise No("reception.contact_exists", "contact", reply["state"], reply)
        return {"data": reply}

    def _state_of(self, name):
        contact = self._contacts[name]
        reply = {"contact": name, "state": contact["state"], "queue": contact.get("queue")}
        return {key: value for key, value in reply.items() if value is not None}

    def _contact_abandon(self, command, data):
        name = data["contact"]
        if name not in self._contacts:
            raise No("routing.unknown_contact", "contact", name)
        contact = self._contacts[name]
        if contact["state"] == "ended":
            if contact["ended_as"] not in ("contact.abandoned", "contact.finished"):
                raise No("routing.contact_ended", "contact", contact["ended_as"])
            return {"data": self._state_of(name)}
        if contact["state"] in ("connected", "held"):
            self._wrote(command, "contact.finished", {
                "contact": name, "agent": contact.get("agent"), "disposition": "customer_left"})
        else:
            self._wrote(command, "contact.abandoned", {"contact": name})
        return {"position": len(self.log)}

    def _log_read(self, _command, data):
        after, head = data.get("after", 0), len(self.log)
        if after > head:
            raise No("log.bad_position", "after", f"the head is {head}")
        limit = min(max(1, data.get("limit", PAGE_EVENTS_MAX)), PAGE_EVENTS_MAX)
        page, scanned = [], after
        for event in self.log[after:]:
            if len(page) == limit:
                break
            scanned = event["position"]
            if wants(data.get("types"), event["type"]):
                page.append(event)
        return {"data": {"events": page, "next": scanned, "head": head}}


def wants(types, kind):
    """Whether `kind` is one of `types`, exact words or prefixes that end in "."; none = all."""
    return not types or any(kind == t or (t.endswith(".") and kind.startswith(t)) for t in types)
