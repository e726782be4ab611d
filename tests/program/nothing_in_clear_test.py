#!/usr/bin/env python3
"""A day's worth of what is personal goes through the real program, with keys on the bus and under
TLS; then every byte on the wire, on the disk, in copies and in what the program said is looked
through for it."""
import base64
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import debians_python  # noqa: E402,F401

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                str(pathlib.Path(__file__).resolve().parents[2] / "gateway/kit/python")]
import people_case  # noqa: E402
import running_engine  # noqa: E402
from careline_gateway import Desk, Gateway  # noqa: E402

NAME, PHONE, ID = "欧阳清晨", "13712349876", "11010519491231002X"
ADDRESS, NUMBER = "sip:7788@hall.example", "13587654321"
SAID, ANSWERED = "我的账单 for July is far too high", "I will look into your bill at once"
NEED, HOME = "bill-of-the-neighbour", "朝阳区建国路七十八号"
PASSWORD = people_case.PASSWORD
CLEAR = (NAME, PHONE, ID, ADDRESS, NUMBER, SAID, ANSWERED, NEED, HOME, PASSWORD)


def forms_of(text):
    """As it may stand somewhere: in an encoding, as hexadecimal, as base64 at any offset."""
    for encoding in ("utf-8", "utf-16-le", "gb18030"):
        plain = text.encode(encoding)
        yield plain
        yield plain.hex().encode()
        for offset in range(3):
            whole = base64.b64encode(b"\0" * offset + plain)
            yield whole[(offset * 8 + 5) // 6 + 1:len(whole) - 4]
    yield json.dumps(text)[1:-1].encode()


FORMS = {form: text for text in CLEAR for form in forms_of(text) if len(form) > 5}


def found_in(data):
    return sorted({text for form, text in FORMS.items() if form in data})


class Wire:
    """Stands between the clients and one of the engine's sockets, and remembers what goes by."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.to = host.split("//")[-1].replace("0.0.0.0", "127.0.0.1"), int(port)
        self.seen = bytearray()
        self.front = socket.create_server(("127.0.0.1", 0))
        self.port = self.front.getsockname()[1]
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self):
        while True:
            try:
                near, _ = self.front.accept()
            except OSError:
                return  # closed
            far = socket.create_connection(self.to)
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._carry, args=(a, b), daemon=True).start()

    def _carry(self, a, b):
        try:
            while some := a.recv(65536):
                self.seen += some
                b.sendall(some)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it is over


class NothingInClear(people_case.People):
    def test_what_is_personal_is_read_nowhere(self):
        folder = pathlib.Path(self.own_folder())
        certificate = people_case.make_certificate(folder)
        engine = self.serve("--http", "127.0.0.1:0", "--snapshot-events", "20",
                            "--pages-certificate", certificate[0], "--pages-key", certificate[1])
        wires = {name: Wire(engine.at[name]) for name in ("commands", "events", "http")}
        for wire in wires.values():
            self.addCleanup(wire.front.close)
        keys = {name: self.keyed(engine, folder, name, role)
                for name, role in (("chat-1", "gateway"), ("desk-1", "agents"))}
        self.word(engine, "send", "queue.define", "queue=care")
        self.a_day(wires, keys)
        self.person(engine, "li", "agents")
        page = people_case.Browser(engine, certificate[0], port=wires["http"].port)
        self.assertEqual(page.sign_in("li")[0], 200)
        told = "".join(page.ask("GET", path)[1] for path in ("/metrics", "/readyz?verbose"))
        self.word(engine, "log", "backup", str(folder / "copy"), "--data", engine.data, bus=False)
        exported = self.word(engine, "log", "export", "--data", engine.data, bus=False)
        self.assertEqual(engine.end(), 0)
        self.assertIn("contact.said", exported)
        places = {str(path): path.read_bytes()
                  for root in (pathlib.Path(engine.data), folder / "copy")
                  for path in root.rglob("*") if path.is_file()}
        self.assertTrue(any("snapshot" in path for path in places), sorted(places))
        places.update({f"the wire of {name}": bytes(wire.seen) for name, wire in wires.items()})
        places.update({"the journal": engine.said().encode(), "the pages": told.encode(),
                       "the export": exported.encode()})
        for name, wire in wires.items():
            self.assertGreater(len(wire.seen), 1000, name)
        self.assertEqual({place: found for place, data in places.items()
                          if (found := found_in(data))}, {})

    def a_day(self, wires, keys):
        """Somebody writes, is answered, registered, looked at and called back."""
        at = {name: f"tcp://127.0.0.1:{wires[name].port}" for name in ("commands", "events")}
        with Gateway("chat-1", **at, key_file=keys["chat-1"]) as gateway, \
                Desk("desk-1", **at, key_file=keys["desk-1"]) as desk:
            calls = gateway.follow(["contact."])
            desk.sign_in("A", channels={"chat": 1})
            desk.ready("A")
            gateway.open("chat", "C-1", queue="care", need=NEED, address=ADDRESS,
                         customer={"name": NAME, "phone": PHONE})
            gateway.say("C-1", SAID)
            desk.accept("C-1", "A")
            desk.say("C-1", ANSWERED)
            self.assertEqual([line["text"] for line in desk.read("C-1", "A")["lines"]],
                             [SAID, ANSWERED])
            self.assertEqual(gateway.address("C-1", "dial"), ADDRESS)
            desk.send("customer.register", party="ouyang", purpose="business", read_back=True,
                      contact="C-1", fields={"name": NAME, "phone": PHONE,
                                             "document_kind": "resident_id", "document_number": ID})
            desk.send("customer.register", party="home", purpose="fault", read_back=True,
                      fields={"phone": NUMBER, "address": HOME})
            shown = desk.send("customer.reveal", party="ouyang", fields=["name"],
                              purpose="dial").data
            self.assertEqual(shown["values"]["name"], NAME)
            gateway.answer_form("C-1", "moving", {"name": NAME, "to": HOME})
            desk.finish("C-1", "A", disposition="solved")
            gateway.open("chat", "C-2", queue="care", customer={"name": NAME})
            gateway.request_callback("C-2", NUMBER)
            while calls.next(timeout_s=running_engine.PATIENCE_S).type \
                    != "contact.callback_requested":
                pass

    def keyed(self, engine, folder, name, role):
        file = str(folder / f"{name}.key")
        self.word(engine, "key", "make", name, "--out", file, bus=False)
        self.word(engine, "key", "accept", name, file, "--role", role)
        return file

    def test_who_looks_would_find_it(self):
        for text in CLEAR:
            for data in (text.encode(), b"x" + text.encode("utf-16-le"),
                         base64.b64encode(b"ab" + text.encode() + b"cd")):
                self.assertEqual(found_in(data), [text])
        self.assertEqual(found_in(os.urandom(1 << 20)), [])


if __name__ == "__main__":
    running_engine.main()
