#!/usr/bin/env python3
"""Alert rules name figures that a running engine tells; each has a page that says what to do."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

try:
    import yaml
except ImportError:
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("skipped: needs python3-yaml")
    sys.exit(77)

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import running_engine  # noqa: E402

RULES = running_engine.ROOT / "tools/package/careline.rules.yml"
PAGES = running_engine.ROOT / "docs/runbooks"
FIGURE = re.compile(r"\b(?:careline|process)_[a-z_]+\b")


class Alerts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rules = [rule for group in yaml.safe_load(RULES.read_text())["groups"]
                     for rule in group["rules"]]

    def test_each_names_figures_that_a_running_engine_tells(self):
        engine = running_engine.Engine()
        self.addCleanup(engine.close)
        told = engine.figures()
        self.assertGreater(len(self.rules), 15)
        for rule in self.rules:
            expression = re.sub(r"\{[^}]*\}", "", rule["expr"])
            named = FIGURE.findall(expression)
            self.assertTrue(named or "up" in expression, rule["alert"])
            for name in named:
                self.assertIn(name, told, rule["alert"])

    def test_each_has_a_severity_a_summary_and_a_page(self):
        for rule in self.rules:
            self.assertIn(rule["labels"]["severity"], ("page", "ticket"), rule["alert"])
            self.assertTrue(rule["annotations"]["summary"], rule["alert"])
            page = running_engine.ROOT / rule["annotations"]["runbook"]
            self.assertTrue(page.is_file(), f"{rule['alert']}: {page} is missing")

    def test_each_page_belongs_to_a_rule_and_stands_in_the_list(self):
        wanted = {pathlib.Path(rule["annotations"]["runbook"]).name for rule in self.rules}
        there = {page.name for page in PAGES.glob("*.md")} - {"README.md"}
        self.assertEqual(there, wanted)
        listed = (PAGES / "README.md").read_text()
        for rule in self.rules:
            self.assertIn(f"`{rule['alert']}`", listed)
        for page in there:
            self.assertIn(f"({page})", listed)

    def test_figures_that_pages_name_exist(self):
        known = (running_engine.ROOT / "docs/metrics.md").read_text()
        for page in PAGES.glob("*.md"):
            for name in set(FIGURE.findall(page.read_text())):
                self.assertIn(f"`{name}`", known, page.name)

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_prometheus_itself_takes_them(self):
        done = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
