#!/usr/bin/env python3
"""Each rule of tidy bites where it should, and lets what is right alone."""
import json
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import guide_map  # noqa: E402
import headers  # noqa: E402
import named_tests  # noqa: E402
import rules  # noqa: E402

HEADER = "#pragma once\n"


def said(name, text):
    return [sentence for _, _, sentence in rules.check_file(name, text)]


class Bites(unittest.TestCase):
    def bites(self, name, text, words, line=None):
        found = list(rules.check_file(name, text))
        self.assertEqual(len(found), 1, found)
        self.assertIn(words, found[0][2])
        if line:
            self.assertEqual(found[0][1], line)

    def passes(self, name, text):
        self.assertEqual(said(name, text), [])

    def test_floors(self):
        self.bites("store/a.cpp", '#include "actors/board/model.hpp"\n', "floor", 1)
        self.bites("messages/a.cpp", '#include "store/event_log.hpp"\n', "floor")
        self.bites("gateway/a.cpp", '\n#include "actors/kernel/turn.hpp"\n', "floor", 2)
        self.bites("actors/board/decide.cpp", '#include "store/writer.hpp"\n', "floor")
        self.bites("actors/board/decide.cpp", '#include "actors/kernel/caf_shell.hpp"\n', "shell")
        self.bites("actors/board/decide.cpp", '#include "model.hpp"\n', "root")
        self.passes("actors/board/actor.cpp", '#include "store/writer.hpp"\n')
        self.passes("tools/careline/cmd_serve.cpp", '#include "store/writer.hpp"\n')
        self.passes("messages/a.cpp", '// #include "store/event_log.hpp"\n')

    def test_homes(self):
        self.bites("messages/json.cpp", "#include <msgpack.hpp>\n", "messages/codec.cpp")
        self.bites("store/writer.cpp", "#include <lmdb.h>\n", "store/lmdb")
        self.bites("actors/board/model.hpp", HEADER + "#include <caf/all.hpp>\n", "caf_", 2)
        self.bites("gateway/http/a.cpp", "#include <zmq.hpp>\n", "gateway/bus")
        self.bites("messages/a.cpp", "#include <sodium.h>\n", "store/")
        self.passes("messages/codec.cpp", "#include <msgpack.hpp>\n")
        self.passes("store/keys/secrets.cpp", "#include <sodium.h>\n")

    def test_sizes(self):
        self.bites("store/a.cpp", "int a;\n" * 501, "lines")
        self.passes("store/a.cpp", "int a;\n" * 500)
        self.bites("store/a.cpp", "//" + "x" * 99 + "\n", "columns")
        self.passes("store/a.cpp", "//" + "x" * 98 + "\n")
        self.bites("tests/CMakeLists.txt", "#" + "x" * 100 + "\n", "columns")
        self.bites("store/a.cpp", "int f() {\n" + "  g();\n" * 59 + "}\n", "function", 1)
        self.passes("store/a.cpp", "int f() {\n" + "  g();\n" * 58 + "}\n")
        self.bites("store/a.cpp", "a::a(int b)\n    : b_(b) {\n" + "  g();\n" * 60 + "}\n",
                   "function", 2)
        self.passes("store/a.cpp", "namespace a {\n" + "int b;\n" * 70 + "}\n")
        self.passes("store/a.hpp", HEADER + "class a {\n" + "  int b;\n" * 70 + "};\n")
        self.bites("tools/a.py", "def f():\n" + "    g()\n" * 60, "function")

    def test_form(self):
        self.bites("store/a.cpp", "int a; \n", "spaces")
        self.bites("store/a.cpp", "int a;", "line end")
        self.bites("store/a.hpp", "int a;\n", "pragma once")
        self.bites("store/a.cpp", "\tint a;\n", "tab")
        self.bites("docs/a.md", "and so on # A page\n", "heading", 1)
        self.passes("docs/a.md", "# A page\n")

    def test_banned_calls(self):
        self.bites("store/a.cpp", "auto t = std::chrono::system_clock::now();\n", "time is data")
        self.passes("tools/careline/a.cpp", "auto t = std::chrono::steady_clock::now();\n")
        self.passes("store/a.cpp", "// never steady_clock::now() here\n")
        self.bites("tests/store/a_test.cpp", "std::this_thread::sleep_for(1s);\n", "never sleeps")
        self.bites("tests/gateway/a_test.py", "time.sleep(1)\n", "never sleeps")
        self.bites("tests/browser/a.mjs", "await new Promise((go) => setTimeout(go, 500))\n",
                   "never sleeps")
        self.bites("tests/browser/a.mjs", "await sleep(500)\n", "never sleeps")
        self.bites("tests/browser/a.mjs", "import { setTimeout } from 'timers/promises'\n",
                   "never sleeps")
        self.passes("tests/browser/a.mjs", "setTimeout(() => failed(why), patienceMs).unref()\n")
        self.bites("tests/fuzz/run", "while busy; do sleep 1; done\n", "never sleeps")
        self.bites("tests/gateway/a.sh", "  sleep 0.5\n", "never sleeps")
        self.passes("tests/gateway/a.sh", "# nobody should sleep here\n")
        self.bites("actors/board/decide.cpp", "int a = rand();\n", "seed")
        self.bites("store/a.cpp", "using namespace std;\n", "name what")
        self.bites("store/a.cpp", "auto* a = new thing(1);\n", "make_unique")
        self.passes("store/a.cpp", "std::unique_ptr<thing> a{new thing(1)};\n")
        self.passes("store/a.cpp", 'say("a new queue (empty)");\n')
        self.bites("store/a.cpp", "delete a;\n", "owner")
        self.passes("store/a.hpp", HEADER + "struct a {\n  a(const a&) = delete;\n};\n")
        self.bites("docs/a.md", "# A page\nTODO: write\n", "finish")

    def test_machines(self):
        self.bites("docs/a.md", "# A page\ncd /" + "work/main\n", "root")
        self.bites("tools/run", "echo >/" + "tmp/x\n", "mktemp")
        self.bites("docs/a.md", "# A page\nhttps://" + "registry.npmjs.org\n", "registry")
        self.passes("docs/a.md", "# A page\nthe work/ folder, $root/tmp/x\n")

    def test_every_test_is_in_a_program(self):
        cmake = {"tests/CMakeLists.txt": "careline_tests(store careline_store)\n"}
        lost = rules.check_tests_in_targets({**cmake, "tests/lost/a_test.cpp": ""})
        self.assertEqual(len(list(lost)), 1)
        kept = rules.check_tests_in_targets({**cmake, "tests/store/a_test.cpp": ""})
        self.assertEqual(list(kept), [])

    def test_the_map_follows_the_tags(self):
        texts = {"messages/a.hpp": "// (R1.2.3)\n",
                 "tests/store/a_test.cpp": 'TEST_CASE("a place is kept", "[R1.2.3][slow]") {}\n'}
        page = guide_map.page(texts)
        self.assertIn("| R1.2.3 | `messages/a.hpp` | `tests/store/a_test.cpp`: a place is kept |",
                      page)
        self.assertEqual(list(guide_map.check({**texts, guide_map.PAGE: page})), [])
        self.assertEqual(len(list(guide_map.check({**texts, guide_map.PAGE: "old\n"}))), 1)

    def test_a_page_names_tests_that_are_there(self):
        texts = {"tests/a_test.cpp": 'TEST_CASE("nobody waits") {}\n',
                 "docs/complaints.md": 'one: "nobody waits"\ntwo: "everybody does"\n'}
        (page, line, sentence), = named_tests.check(texts)
        self.assertEqual((page, line), ("docs/complaints.md", 2))
        self.assertIn("everybody does", sentence)

    def test_the_map_knows_letters_and_counts_a_file_once(self):
        texts = {"messages/a.hpp": "// (R9.1.2b), not R9.1.2a\n",
                 "tests/scenes/a.scene": "# [R9.1.2b] first\n# [R9.1.2b] again\n# [R10.1]\n"}
        code, tests = guide_map.entries(texts)
        self.assertEqual(code, {"R9.1.2b": ["messages/a.hpp"], "R9.1.2a": ["messages/a.hpp"]})
        self.assertEqual(tests, {"R9.1.2b": [("tests/scenes/a.scene", "")],
                                 "R10.1": [("tests/scenes/a.scene", "")]})
        rows = [row.split(" ")[1] for row in guide_map.page(texts).split("\n")
                if row.startswith("| R")]
        self.assertEqual(rows, ["R9.1.2a", "R9.1.2b", "R10.1"])

    def test_a_header_compiles_alone_and_is_seen_again_when_it_changed(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "good.hpp").write_text(HEADER + "#include <string>\nstd::string f();\n")
            (root / "bad.hpp").write_text(HEADER + "std::string f();\n")
            names = ["good.hpp", "bad.hpp"]
            found = headers.check(root, names, folder)
            self.assertEqual([name for name, _, _ in found], ["bad.hpp"])
            (root / "bad.hpp").write_text(HEADER + "#include \"good.hpp\"\nstd::string g();\n")
            self.assertEqual(headers.check(root, names, folder), [])
            (root / "good.hpp").write_text(HEADER + "int f();\n")
            self.assertEqual(len(headers.check(root, names, folder)), 1)

    def test_a_header_that_a_built_file_begins_with_was_compiled_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("first.hpp", "second.hpp", "unbuilt.hpp"):
                (root / name).write_text(HEADER + "std::string f();\n")
            for name, text in (("a.cpp", '// a\n#include "first.hpp"\n#include "second.hpp"\n'),
                               ("b.cpp", '#include "unbuilt.hpp"\n')):
                (root / name).write_text(text)
            (root / "a.o").write_text("")
            commands = [{"file": str(root / f"{n}.cpp"), "command": f"c++ -o {n}.o -c {n}.cpp"}
                        for n in ("a", "b")]
            (root / "compile_commands.json").write_text(json.dumps(commands))
            found = headers.check(root, ["first.hpp", "second.hpp", "unbuilt.hpp"], folder)
            self.assertEqual([name for name, _, _ in found], ["second.hpp", "unbuilt.hpp"])


if __name__ == "__main__":
    unittest.main()
