#!/usr/bin/env python3
"""Builds the C++ of docs/gateway.md as it stands, outside this project, against the kit as it is
installed; and runs it against the real program."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/gateway.md").read_text()
PROGRAM = os.environ.get("CARELINE_BIN", "")
BUILD = pathlib.Path(PROGRAM).parent
PATIENCE_S = 300

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES CXX)
add_executable(my_gateway my_gateway.cpp)
{linked}
target_compile_options(my_gateway PRIVATE -Wall -Wextra)
"""


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.M | re.S)


def cached(name):
    found = re.search(rf"^{name}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M)
    return found.group(1) if found else ""


class ThePageInCpp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="careline-kit-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.environment = {name: text for name, text in os.environ.items()
                            if not name.startswith("CARELINE_")}

    def run_here(self, *words):
        done = subprocess.run(words, cwd=self.folder, env=self.environment, text=True,
                              capture_output=True, timeout=PATIENCE_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def build(self, linked, text):
        (self.folder / "CMakeLists.txt").write_text(PROJECT.format(linked=linked))
        (self.folder / "my_gateway.cpp").write_text(text)
        sanitizers = cached("CARELINE_SANITIZE")
        flags = f"-fsanitize={sanitizers}" if sanitizers else ""
        self.run_here("cmake", "-S", ".", "-B", "build", "-G", "Ninja",
                      f"-DCMAKE_CXX_FLAGS={flags}", f"-DCMAKE_PREFIX_PATH={self.folder}/kit")
        self.run_here("cmake", "--build", "build")

    def start_engine(self):
        engine = subprocess.Popen(
            [PROGRAM, "serve", "--data", "data", "--commands", "tcp://127.0.0.1:0", "--events",
             "tcp://127.0.0.1:0", "--http", "127.0.0.1:0"], cwd=self.folder,
            env=self.environment, stdout=subprocess.PIPE, text=True)
        self.addCleanup(engine.stdout.close)
        self.addCleanup(engine.wait)
        self.addCleanup(engine.kill)
        at = dict(word.split("=", 1) for word in engine.stdout.readline().split()[1:])
        self.environment.update(CARELINE_COMMANDS=at["commands"], CARELINE_EVENTS=at["events"])

    def test_the_page_runs_as_it_stands(self):
        self.run_here("cmake", "--install", str(BUILD), "--component", "kit", "--prefix", "kit")
        headers = sorted(path.name for path in (self.folder / "kit/include").rglob("*.hpp"))
        self.assertEqual(headers, ["client.hpp", "value.hpp"])
        linked, = blocks("cmake")
        self.build(linked, "".join(blocks("cpp")))
        self.start_engine()
        self.assertEqual(self.run_here("build/my_gateway"), "There is no contact of this id.\n")

    def test_the_kit_is_found_in_the_sources_alone(self):
        (self.folder / "CMakeLists.txt").write_text(PROJECT.format(
            linked=f"add_subdirectory({ROOT}/gateway/kit/cpp kit)\n"
                   "target_link_libraries(my_gateway PRIVATE careline::gateway)"))
        (self.folder / "my_gateway.cpp").write_text("int main() {}\n")
        self.run_here("cmake", "-S", ".", "-B", "build", "-G", "Ninja")


if __name__ == "__main__":
    if not os.access(PROGRAM, os.X_OK) or not (BUILD / "CMakeCache.txt").exists():
        print("skipped: needs the program in its build folder, as CARELINE_BIN")
        sys.exit(77)
    unittest.main()
