"""Stands in for the engine in tests of the Python kit: a log in memory behind real sockets, that
loses events, falls silent, is busy and dies when a test says so."""
import threading

import msgpack
import zmq

CODE = {"busy": "engine.busy", "refused": "routing.unknown_contact"}


class SmallEngine:
    def __init__(self):
        self.log = []
        self.commands = self.events = "tcp://127.0.0.1:*"
        self.answered = {}        # id: reply
        self.asked = []           # (type, id) of every command that came
        self.outcomes = []        # instead of the next ones: "silent", "busy", "refused"
        self.unreadable = 0       # so many pages of the log cannot be read
        self.sessions = set()
        self.loses = False        # events go into the log and not onto the bus
        self._told = 0
        self._since = 0           # what beats begin to tell of
        self._lock = threading.RLock()
        self.start()

    def start(self):
        """Also after stop: at the same addresses."""
        self._context = zmq.Context()
        self._ending = threading.Event()
        self._router, self._pub = self._context.socket(zmq.ROUTER), self._context.socket(zmq.XPUB)
        self._pub.setsockopt(zmq.XPUB_VERBOSE, 1)
        for socket in (self._router, self._pub):
            socket.setsockopt(zmq.LINGER, 0)
        self._router.bind(self.commands)
        self._pub.bind(self.events)
        self.commands = self._router.getsockopt_string(zmq.LAST_ENDPOINT)
        self.events = self._pub.getsockopt_string(zmq.LAST_ENDPOINT)
        self._told = len(self.log)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self):
        self._ending.set()
        self._thread.join()
        self._router.close()
        self._pub.close()
        self._context.term()

    def write(self, *types):
        with self._lock:
            for kind in types:
                self._append(kind, {"contact": "C-1"})

    def write_one(self, kind, data):
        with self._lock:
            self._append(kind, data)

    def write_unheard(self, *types):
        """As if the bus had lost them, and the beat that told of them."""
        with self._lock:
            self.loses = True
            self.write(*types)
            self._told = self._since = len(self.log)
            self.loses = False

    def forget_everything(self):
        with self._lock:
            self.log, self._told, self._since = [], 0, 0

    def _append(self, kind, data):
        before = [e["position"] for e in self.log if e["type"] == kind]
        at = len(self.log) + 1
        self.log.append({"specversion": "1.0", "id": f"0-{at}", "type": kind, "data": data,
                         "subject": f"contact/{data.get('contact', '')}", "partition": "0",
                         "position": at, "previous": before[-1] if before else 0})
        return at

    def _run(self):
        poller = zmq.Poller()
        poller.register(self._router, zmq.POLLIN)
        poller.register(self._pub, zmq.POLLIN)
        while not self._ending.is_set():
            ready = dict(poller.poll(20))
            with self._lock:
                if self._router in ready:
                    self._answer(self._router.recv_multipart())
                if self._pub in ready:
                    self._pub.recv()
                self._tell(beat=self._pub in ready or not ready)

    def _tell(self, beat):
        while self._told < len(self.log) and not self.loses:
            event = self.log[self._told]
            self._told += 1
            self._pub.send_multipart([event["type"].encode(), msgpack.packb(event)])
        if beat:
            told = self.log[:self._told]
            types = {event["type"]: event["position"] for event in told[self._since:]}
            news = {"partition": "0", "head": len(told), "since": self._since, "types": types}
            self._pub.send_multipart([b"log.head", msgpack.packb(news)])

    def _answer(self, frames):
        command = msgpack.unpackb(frames[-1])
        self.asked.append((command["type"], command["id"]))
        how = ""
        if self.outcomes and command["type"] not in ("log.read", "session.beat"):
            how = self.outcomes.pop(0)
        if how == "silent":
            return
        reply = {"id": command["id"], "outcome": how or "accepted"}
        if how:
            reply["problem"] = {"type": CODE[how], "title": "No."}
            reply["retry_ms"] = 1
        elif command["id"] in self.answered:
            reply = self.answered[command["id"]]
        else:
            reply.update(self._does(command))
            if reply["outcome"] != "busy":
                self.answered[command["id"]] = reply
        self._router.send_multipart(frames[:-1] + [msgpack.packb(reply)])

    def _does(self, command):
        data, kind, source = command["data"], command["type"], command["source"]
        if kind == "log.read":
            return self._page(data)
        if kind == "session.hello":
            resumed = source in self.sessions
            self.sessions.add(source)
            return {"data": {"session": source, "resumed": resumed}}
        if kind == "session.beat":
            return {} if source in self.sessions else {
                "outcome": "refused", "problem": {"type": "session.unknown", "title": "Who?"}}
        if kind == "session.close":
            self.sessions.discard(source)
            return {}
        noun, verb = kind.split(".")
        return {"position": self._append(f"{noun}.{verb}ed", data), "data": data}

    def _page(self, data):
        after, types = data["after"], data.get("types")
        if self.unreadable:
            self.unreadable -= 1
            return {"outcome": "busy", "retry_ms": 1,
                    "problem": {"type": "log.unreadable", "title": "No."}}
        if after > len(self.log):
            return {"outcome": "refused", "problem": {"type": "log.bad_position", "title": "No."}}
        scanned = self.log[after:after + data["limit"]]
        wanted = [e for e in scanned if not types or any(
            e["type"] == t or (t.endswith(".") and e["type"].startswith(t)) for t in types)]
        return {"data": {"events": wanted, "next": after + len(scanned), "head": len(self.log)}}
