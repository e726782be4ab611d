#!/usr/bin/env python3
"""People at pages with the real program: who gets in by password and code, what a session, a page
of another site and a key for HTTP may do, and how soon what was taken away is gone."""
import http.client
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__))]
import running_engine  # noqa: E402
from people_case import Browser, code_at, make_certificate, PASSWORD, People  # noqa: E402


class SigningIn(People):
    def test_without_it_nothing_is_told_but_that_the_engine_is_there(self):
        engine = self.serve()
        stranger = Browser(engine)
        self.assertEqual(stranger.ask("GET", "/livez")[0], 200)
        for path in ("/api/board", "/api/events", "/api/desk", "/api/session"):
            self.refused(stranger.ask("GET", path), 401, "security.sign_in_needed")
        for kind in ("log.read", "board.show", "contact.address", "customer.show"):
            self.refused(stranger.query(kind), 401, "security.sign_in_needed")
        self.refused(stranger.tell("queue.define", {"queue": "mine"}), 401,
                     "security.sign_in_needed")

    def test_a_person_may_do_what_the_role_says_as_the_agent_that_he_is(self):
        engine = self.serve()
        self.word(engine, "send", "queue.define", "queue=care")
        self.person(engine, "li", "agents", agent="A17")
        li = self.signed_in(engine, "li")
        status, me = li.ask("GET", "/api/session")
        self.assertEqual((status, me["user"], me["agent"], me["roles"]),
                         (200, "li", "A17", ["agents"]))
        self.assertIn("offer.accept", me["sends"])
        status, said = li.tell("agent.sign_in", {"agent": "A17"})
        self.assertEqual((status, said["outcome"]), (200, "accepted"))
        self.refused(li.tell("agent.sign_in", {"agent": "A18"}), 403, "security.not_allowed")
        self.refused(li.tell("queue.define", {"queue": "mine"}), 403, "security.not_allowed")
        self.assertEqual(li.query("agent.show", {"agent": "A17"})[0], 200)
        self.refused(li.query("key.list"), 403, "security.not_allowed")
        told = [e for e in self.audit(engine) if e["type"] == "access.refused"]
        self.assertIn(("li", "page", "queue.define"),
                      {(e["data"].get("client"), e["data"]["what"], e["data"].get("word"))
                       for e in told})

    def test_who_guesses_learns_nothing_and_is_locked_out(self):
        engine = self.serve()
        self.person(engine, "li", "agents")
        for name in ("li", "nobody-of-this-name"):
            for _ in range(5):
                self.refused(Browser(engine).sign_in(name, "wrong password"), 401,
                             "security.sign_in_failed")
            self.refused(Browser(engine).sign_in(name, "wrong password"), 403, "security.locked")
        self.refused(Browser(engine).sign_in("li"), 403, "security.locked")
        self.word(engine, "user", "unlock", "li", "--reason", "asked")
        self.signed_in(engine, "li")
        kinds = [e["type"] for e in self.audit(engine)]
        self.assertEqual(kinds.count("user.sign_in_failed"), 5)
        self.assertEqual(kinds.count("user.locked"), 1)

    def test_a_code_is_asked_for_and_neither_taken_twice_nor_from_a_wrong_clock(self):
        engine = self.serve()
        self.person(engine, "li", "agents")
        secret = self.word(engine, "user", "second-factor", "li").split("secret=")[1].split("&")[0]
        self.refused(Browser(engine).sign_in("li"), 401, "security.code_needed")
        now = int(time.time()) // 30
        self.refused(Browser(engine).sign_in("li", code=code_at(secret, now - 20)), 401,
                     "security.sign_in_failed")
        self.refused(Browser(engine).sign_in("li", code="12345"), 401, "security.sign_in_failed")
        right = code_at(secret, int(time.time()) // 30)
        self.assertEqual(Browser(engine).sign_in("li", code=right)[0], 200)
        self.refused(Browser(engine).sign_in("li", code=right), 401, "security.code_used")

    def test_what_is_no_sign_in_is_said_so_and_changes_nothing(self):
        engine = self.serve()
        browser = Browser(engine)
        for body in ([], {}, {"user": "li"}, {"user": "", "password": "x"},
                     {"user": "a\x01b", "password": "x"}, {"user": 7, "password": 8}):
            self.assertEqual(browser.ask("POST", "/api/session", body)[0], 400, body)
        browser.line.request("POST", "/api/session", "user=li&password=x",
                             {"Content-Type": "application/x-www-form-urlencoded"})
        answer = browser.line.getresponse()
        answer.read()
        self.assertEqual(answer.status, 415)
        self.refused(browser.sign_in("li", "x" * 60_000), 401, "security.sign_in_failed")
        self.assertIn("12 to 256", self.word(engine, "user", "add", "li", "--role", "agents",
                                             said="short\n", code=2))

    def test_nobody_says_at_the_bus_what_a_door_has_to_find_out(self):
        engine = self.serve()
        self.person(engine, "li", "administrator")
        said = self.word(engine, "send", "user.sign_in", "client=li", "session=mine", code=1)
        self.assertIn("security.not_allowed", said)
        browser = Browser(engine)
        browser.cookie = "careline=mine"
        self.refused(browser.ask("GET", "/api/session"), 401, "security.sign_in_needed")


class Sessions(People):
    def test_a_page_of_another_site_can_send_the_cookie_and_nothing_else(self):
        engine = self.serve()
        self.person(engine, "chen", "supervisor")
        chen = self.signed_in(engine, "chen")
        for flag in ("HttpOnly", "SameSite=Strict", "Path=/"):
            self.assertIn(flag, chen.set_cookie)
        what = {"queue": "care"}
        self.refused(chen.tell("queue.define", what, X_CSRF_Token=""), 403,
                     "security.token_missing")
        self.refused(chen.tell("queue.define", what, X_CSRF_Token="0" * 64), 403,
                     "security.token_missing")
        self.assertEqual(chen.tell("queue.define", what, Origin="https://evil.example")[0], 403)
        self.refused(chen.tell("queue.define", what, Origin="http://localhost:1"), 403,
                     "security.token_missing")
        self.refused(chen.ask("DELETE", "/api/session"), 403, "security.token_missing")
        self.assertEqual(chen.tell("queue.define", what)[0], 200)

    def test_a_session_that_somebody_else_chose_is_none(self):
        engine = self.serve()
        self.person(engine, "li", "agents")
        browser = Browser(engine)
        browser.cookie = "careline=chosen-by-another"
        self.refused(browser.ask("GET", "/api/session"), 401, "security.sign_in_needed")
        browser.sign_in("li")
        self.assertNotIn("chosen-by-another", browser.cookie)
        before = browser.cookie
        browser.sign_in("li")
        self.assertNotEqual(browser.cookie, before)

    def test_a_password_of_ones_own_ends_every_session_but_this_one(self):
        engine = self.serve()
        self.person(engine, "li", "agents")
        old, other = self.signed_in(engine, "li"), self.signed_in(engine, "li")
        own = "my very own words"
        for weak in ("short", PASSWORD, "x" * 257, "", 123456789012):
            self.refused(old.sign_in("li", new_password=weak), 403, "security.password_weak")
        self.refused(old.sign_in("li", "not the old one", new_password=own), 401,
                     "security.sign_in_failed")
        self.assertEqual(other.ask("GET", "/api/session")[0], 200)
        self.assertEqual(old.sign_in("li", new_password=own)[0], 200)
        self.assertEqual(old.ask("GET", "/api/session")[0], 200)
        self.refused(other.ask("GET", "/api/session"), 401, "security.sign_in_needed")
        self.refused(other.sign_in("li"), 401, "security.sign_in_failed")
        self.assertEqual(other.sign_in("li", own)[0], 200)
        told = [e for e in self.audit(engine) if e["type"] == "user.password_set"]
        self.assertEqual(told[-1]["data"]["reason"], "own")

    def test_signing_out_ends_it_and_a_restart_does_not(self):
        engine = self.serve()
        self.person(engine, "li", "agents")
        li = self.signed_in(engine, "li")
        self.assertEqual(engine.end(), 0)
        again = running_engine.Engine("--secure", data=engine.data)
        self.addCleanup(again.close)
        other = Browser(again)
        other.cookie = li.cookie
        status, me = other.ask("GET", "/api/session")
        self.assertEqual((status, me["user"], me["csrf"]), (200, "li", li.token))
        self.assertEqual(other.ask("DELETE", "/api/session", X_CSRF_Token=me["csrf"])[0], 204)
        self.assertIn("Max-Age=0", other.set_cookie)
        self.refused(other.ask("GET", "/api/session"), 401, "security.sign_in_needed")

    def test_what_is_taken_away_is_gone_on_what_is_open(self):
        engine = self.serve()
        self.person(engine, "li", "agents", agent="A17")
        self.word(engine, "send", "queue.define", "queue=care")
        self.person(engine, "chen", "supervisor")
        li, chen = self.signed_in(engine, "li"), self.signed_in(engine, "chen")
        stream = Browser(engine)
        stream.line.request("GET", "/api/desk", headers={"Cookie": li.cookie})
        told = stream.line.getresponse()
        self.assertEqual(told.status, 200)
        li.tell("agent.sign_in", {"agent": "A17"})
        heard = self.events(told)
        first = next(data for kind, data in heard if kind == "changed")
        self.assertIn("agent/A17", first["subjects"])
        board = Browser(engine)
        board.line.request("GET", "/api/events", headers={"Cookie": chen.cookie})
        seen = board.line.getresponse()
        self.assertEqual(seen.status, 200)
        self.word(engine, "access", "grant", "chen", "agents")
        self.assertIn("signed_out", [kind for kind, data in self.events(seen)])
        self.word(engine, "access", "grant", "li")
        self.refused(li.tell("agent.set_state", {"agent": "A17", "state": "not_ready"}), 403,
                     "security.not_allowed")
        self.assertIn("signed_out", [kind for kind, data in heard])
        self.word(engine, "access", "revoke", "li", "--reason", "left")
        self.refused(li.query("agent.show", {"agent": "A17"}), 401, "security.sign_in_needed")

    def events(self, answer):
        kind = ""
        for line in answer:
            line = line.decode().rstrip("\n")
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: "):
                yield kind, json.loads(line[6:])

    def test_many_at_once_are_checked_one_after_the_other(self):
        engine = self.serve()
        self.person(engine, "li", "agents")
        answers = []

        def knock():
            answers.append(Browser(engine).sign_in("li", "wrong password")[1].get("type"))
        crowd = [threading.Thread(target=knock) for _ in range(40)]
        for one in crowd:
            one.start()
        for one in crowd:
            one.join()
        self.assertLessEqual(answers.count("security.sign_in_failed"), 5)
        self.assertGreater(answers.count("engine.busy"), 0)
        self.assertLessEqual(set(answers), {"security.sign_in_failed", "security.locked",
                                            "engine.busy"})


class Programs(People):
    def test_a_key_for_http_is_for_what_it_says_until_it_is_taken_back(self):
        engine = self.serve()
        self.word(engine, "send", "queue.define", "queue=care")
        key = next(line for line in
                   self.word(engine, "key", "http", "shop", "--role", "gateway", "--scope",
                             "contact.open").splitlines() if line.startswith("clk_"))
        self.assertRegex(key, r"^clk_[0-9a-f]{8}_[\w-]{43}$")
        shop = Browser(engine)

        def tell(kind, data, shown=key):
            return shop.tell(kind, data, Authorization="Bearer " + shown)
        status, said = tell("contact.open", {"contact": "W-1", "channel": "web", "queue": "care"})
        self.assertEqual((status, said["outcome"]), (200, "accepted"))
        self.refused(tell("contact.abandon", {"contact": "W-1"}), 403, "security.not_allowed")
        self.refused(tell("queue.define", {"queue": "mine"}), 403, "security.not_allowed")
        self.refused(tell("contact.open", {}, key[:-1] + ("A" if key[-1] != "A" else "B")), 401,
                     "security.sign_in_needed")
        for wrong in ("", "clk_", "clk__", "clk_00000000_x", "x" * 9000):
            self.refused(tell("contact.open", {}, wrong), 401, "security.sign_in_needed")
        self.word(engine, "key", "revoke-http", "shop", key.split("_")[1])
        self.refused(tell("contact.open", {"channel": "web", "queue": "care"}), 401,
                     "security.sign_in_needed")

    def test_who_calls_for_help_is_let_through_whatever_the_key_is_for(self):
        engine = self.serve("--safety-divert-to", "external:119")
        key = next(line for line in
                   self.word(engine, "key", "http", "shop", "--role", "gateway", "--scope",
                             "contact.say").splitlines() if line.startswith("clk_"))
        shop = Browser(engine)

        def call(data, shown=key):
            return shop.tell("contact.open", {"contact": "W-1", "channel": "web", **data},
                             Authorization="Bearer " + shown)
        self.refused(call({}), 403, "security.not_allowed")
        status, said = call({"safety": True})
        self.assertEqual((status, said["outcome"]), (200, "accepted"), said)
        self.assertEqual(said["data"]["to"], "external:119")
        # Badly written, it is handed over all the same, and the reply says that nothing is logged.
        status, said = call({"contact": "W-2", "safety": True, "urgency": "high"})
        self.assertEqual((status, said["outcome"]), (200, "accepted"), said)
        self.assertEqual((said["data"]["to"], said["data"]["unlogged"]), ("external:119", True))
        self.refused(call({"safety": True}, "clk_00000000_x"), 401, "security.sign_in_needed")
        li = Browser(engine)
        self.person(engine, "li", "agents")
        li.sign_in("li")
        self.refused(li.tell("contact.open", {"safety": True}, X_CSRF_Token="another site's"), 403,
                     "security.token_missing")

    def test_nobody_speaks_for_another_and_the_log_tells_each_what_he_may_see(self):
        engine = self.serve()
        self.person(engine, "li", "agents", agent="A17")
        li = self.signed_in(engine, "li")
        self.refused(li.tell("session.close", {"name": "phone-1"}), 403,
                     "security.source_claimed")
        self.refused(li.tell("session.hello", {"name": "phone-1", "lease_s": 0.5}), 403,
                     "security.source_claimed")
        li.tell("agent.sign_in", {"agent": "A17"})
        self.refused(li.tell("contact.classify", {"contact": "C", "by": "A18", "duty": "fault"}),
                     403, "security.not_allowed")
        self.refused(li.query("contact.read", {"contact": "C", "agent": "A18"}), 403,
                     "security.not_allowed")
        status, page = li.query("log.read", {"limit": 1000})
        seen = {event["type"].split(".")[0] for event in page["data"]["events"]}
        self.assertIn("agent", seen)
        self.assertFalse(seen & {"user", "key", "api_key", "access", "engine"}, seen)
        status, page = li.query("log.read", {"types": ["user.", "key.accepted"]})
        self.assertEqual(page["data"]["events"], [])

    def test_two_persons_open_what_one_may_not(self):
        engine = self.serve()
        for name, role in (("li", "agents"), ("chen", "supervisor")):
            self.person(engine, name, role)
        li, chen = self.signed_in(engine, "li"), self.signed_in(engine, "chen")
        close = {"site": "hall", "state": "closed"}
        self.refused(li.tell("site.set_state", close), 403, "security.not_allowed")
        self.assertEqual(li.tell("access.ask_more", {"role": "fault", "reason": "flood"})[0], 200)
        self.assertEqual(chen.tell("access.allow_more", {"client": "li", "role": "fault",
                                                         "reason": "flood"})[0], 200)
        # In force a moment after it was accepted, when the door has heard of it; what the command
        # lacks is said then.
        end = time.monotonic() + running_engine.PATIENCE_S
        while li.tell("site.set_state", close)[0] == 403 and time.monotonic() < end:
            pass
        self.assertEqual(li.tell("site.set_state", close)[0], 400)

    def test_who_saw_whom_is_told_by_person_by_agent_and_by_key(self):
        engine = self.serve()
        self.person(engine, "li", "agents", agent="A17")
        self.person(engine, "chen", "agents", agent="A18")
        li, chen = self.signed_in(engine, "li"), self.signed_in(engine, "chen")
        for party, phone in (("P-1", "13812345678"), ("P-2", "13812345679")):
            told = li.tell("customer.register", {
                "party": party, "purpose": "business", "read_back": True,
                "fields": {"name": "张三", "phone": phone, "document_kind": "passport",
                           "document_number": "P" + phone[-8:]}})
            self.assertEqual((told[0], told[1]["outcome"]), (200, "accepted"), told)
        for who, party in ((li, "P-1"), (li, "P-2"), (chen, "P-1")):
            told = who.tell("customer.reveal",
                            {"party": party, "fields": ["phone"], "purpose": "dial"})
            self.assertEqual((told[0], told[1]["outcome"]), (200, "accepted"), told)

        def seen(*asked):
            return [(e["actor"], e["data"]["party"], e["data"]["purpose"], e["data"]["shown"])
                    for e in self.audit(engine, *asked) if e["type"] == "customer.revealed"]
        self.assertEqual(seen("--party", "P-1"), [("li", "P-1", "dial", ["phone"]),
                                                  ("chen", "P-1", "dial", ["phone"])])
        self.assertEqual([who for who, *_ in seen("--agent", "A17")], ["li", "li"])
        self.assertEqual(len(seen("--agent", "A17", "--party", "P-2")), 1)
        line = self.word(engine, "audit", "--party", "P-2").splitlines()[-1]
        self.assertIn("purpose dial", line)
        self.assertIn("shown phone", line)
        key = [e["data"] for e in self.audit(engine) if e["type"] == "key.accepted"][0]
        used = {(e["type"], e["data"]["client"]) for e in
                self.audit(engine, "--fingerprint", key["key"])}
        self.assertEqual(used, {("key.accepted", "admin"), ("key.used", "admin")})
        self.assertEqual(self.audit(engine, "--fingerprint", "nobody's"), [])


class MasterKey(People):
    def test_it_is_changed_while_people_are_served(self):
        engine = self.serve()
        self.word(engine, "send", "queue.define", "queue=care")
        self.person(engine, "li", "agents")
        key = pathlib.Path(engine.data + "/keys/master.key")
        before = key.read_bytes()
        self.word(engine, "send", "contact.open", "contact=C-1", "channel=phone", "queue=care",
                  "address=sip:1001@example.org")
        self.word(engine, "key", "rotate-master", "--reason", "yearly")
        done = [e for e in self.audit_until(engine, "key.master_rotated")]
        self.assertGreaterEqual(done[0]["data"]["keys"], 2)
        self.assertNotEqual(key.read_bytes(), before)
        self.assertEqual(os.stat(key).st_mode & 0o777, 0o600)
        self.signed_in(engine, "li")
        self.assertEqual(engine.end(), 0)
        again = running_engine.Engine("--secure", data=engine.data)
        self.addCleanup(again.close)
        self.assertEqual(Browser(again).sign_in("li")[0], 200)
        shown = subprocess.run([running_engine.PROGRAM, "send", "contact.address", "contact=C-1",
                                "purpose=dial", "--key", engine.admin, "--commands",
                                again.at["commands"]], capture_output=True, text=True, timeout=60)
        self.assertIn("sip:1001@example.org", shown.stdout, shown.stderr)

    def audit_until(self, engine, kind):
        """What happened of a kind, once it has."""
        end = time.monotonic() + running_engine.PATIENCE_S
        while time.monotonic() < end:
            found = [e for e in self.audit(engine) if e["type"] == kind]
            if found:
                return found
        raise AssertionError(f"no {kind}")


class UnderTls(People):
    def test_pages_that_others_reach_are_under_tls(self):
        certificate, key = make_certificate(pathlib.Path(self.own_folder()))
        engine = self.serve("--http", "0.0.0.0:0", "--pages-certificate", certificate,
                            "--pages-key", key)
        self.assertTrue(engine.at["http"].startswith("https://"))
        self.person(engine, "li", "agents")
        li = Browser(engine, certificate)
        self.assertEqual(li.sign_in("li")[0], 200)
        self.assertTrue(li.set_cookie.startswith("__Host-careline="))
        self.assertIn("Secure", li.set_cookie)
        self.assertEqual(li.ask("GET", "/api/session")[1]["user"], "li")
        self.assertEqual(li.ask("GET", "/")[0], 200)
        # A name that stands for this machine makes nobody be on it; being on it does.
        self.assertEqual(li.ask("GET", "/metrics")[0], 200)
        # In clear it says nothing at all.
        plain = http.client.HTTPConnection("127.0.0.1", engine.host_and_port()[1], timeout=60)
        with self.assertRaises((http.client.HTTPException, OSError)):
            plain.request("GET", "/api/session")
            plain.getresponse()

    def test_a_certificate_that_is_none_ends_the_start_with_a_sentence(self):
        for more, said in ((("--pages-certificate", "/nowhere"), "go together"),
                           (("--pages-certificate", "/nowhere", "--pages-key", "/nowhere"),
                            "cannot use the certificate /nowhere"),
                           (("--http", "0.0.0.0:0"), "under TLS only")):
            with self.assertRaisesRegex(RuntimeError, said):
                running_engine.Engine("--secure", *more)


if __name__ == "__main__":
    running_engine.main()
