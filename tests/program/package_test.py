#!/usr/bin/env python3
"""The Debian package and its unit: what is inside, and that systemd takes it."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import running_engine  # noqa: E402

FROM = running_engine.ROOT / "tools/package"
BUILD = pathlib.Path(running_engine.PROGRAM).resolve().parent


def run(*words, **how):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, **how)


class TheUnit(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="careline-unit-")
        self.addCleanup(folder.cleanup)
        self.unit = pathlib.Path(folder.name) / "careline.service"
        text = (FROM / "careline.service").read_text()
        # Verifying looks for the program where the unit says it is.
        self.unit.write_text(text.replace("/usr/bin/careline", str(BUILD / "careline")))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_systemd_understands_every_line(self):
        done = run("systemd-analyze", "verify", "--man=no", self.unit)
        said = [line for line in done.stderr.splitlines() if "careline.service" in line]
        self.assertEqual((done.returncode, said), (0, []), done.stderr)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_little_is_left_to_somebody_who_breaks_in(self):
        done = run("systemd-analyze", "security", "--offline=true", "--no-pager", self.unit)
        level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        self.assertTrue(level, done.stdout + done.stderr)
        self.assertLess(float(level.group(1)), 2.5)

    def test_wrong_usage_and_damaged_data_are_not_started_again(self):
        text = self.unit.read_text()
        self.assertIn("RestartPreventExitStatus=2 3", text)
        self.assertIn("Type=notify", text)


class TheConfiguration(unittest.TestCase):
    def test_the_program_takes_it(self):
        done = run(running_engine.PROGRAM, "config", "check", "--config", FROM / "careline.toml")
        self.assertEqual(done.returncode, 0, done.stderr)


@unittest.skipUnless(shutil.which("cpack") and shutil.which("dpkg-deb"),
                     "cpack and dpkg-deb are needed")
class ThePackage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="careline-package-")
        done = run("cpack", "-G", "DEB", "-B", cls.folder.name, cwd=BUILD)
        cls.said = done.stdout + done.stderr
        cls.made = list(pathlib.Path(cls.folder.name).glob("careline_*.deb"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_it_holds_program_service_configuration_and_pages_to_read(self):
        self.assertEqual(len(self.made), 1, self.said)
        inside = run("dpkg-deb", "--contents", self.made[0]).stdout
        for path, mode in (("./usr/bin/careline", "-rwxr-xr-x"),
                           ("./lib/systemd/system/careline.service", "-rw-r--r--"),
                           ("./etc/careline/careline.toml", "-rw-r--r--"),
                           ("./usr/share/careline/careline.rules.yml", "-rw-r--r--"),
                           ("./usr/share/doc/careline/runbooks/README.md", "-rw-r--r--")):
            self.assertRegex(inside, rf"(?m)^{re.escape(mode)} root/root .* {re.escape(path)}$")
        self.assertNotIn(str(running_engine.ROOT), inside)
        self.assertNotIn("./var/", inside)

    def test_its_scripts_make_the_user_and_keep_the_data(self):
        control = pathlib.Path(self.folder.name) / "control"
        run("dpkg-deb", "--control", self.made[0], control)
        self.assertEqual((control / "conffiles").read_text(), "/etc/careline/careline.toml\n")
        for script in ("postinst", "prerm", "postrm"):
            self.assertTrue(os.access(control / script, os.X_OK), script)
            self.assertEqual(run("sh", "-n", control / script).returncode, 0, script)
        self.assertIn("adduser --system --group", (control / "postinst").read_text())
        for script in ("prerm", "postrm"):
            self.assertNotRegex((control / script).read_text(), r"\brm\b|\bdeluser\b")
        about = (control / "control").read_text()
        self.assertRegex(about, r"(?m)^Depends: .*\badduser\b")
        self.assertRegex(about, r"(?m)^Depends: .*\blibsystemd0\b")
        self.assertRegex(about, r"(?m)^Depends: .*\bliblmdb0\b")


if __name__ == "__main__":
    unittest.main()
