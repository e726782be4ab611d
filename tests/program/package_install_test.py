#!/usr/bin/env python3
"""The Debian package installed, run, removed and purged: on a copy of this machine's file system
that is gone with the test, so that the machine itself stays as it is."""
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

BUILD = pathlib.Path(running_engine.PROGRAM).resolve().parent
DATA = "/var/lib/careline"
CONFIGURATION = "/etc/careline/careline.toml"

# What is written in it is in memory; nothing of it is seen outside. What the machine has mounted on
# its own (/proc, /dev, the package) is shown in it to look at.
COPY = """
set -e
mount --make-rprivate /
mount -t tmpfs none "$1"
mkdir "$1/changes" "$1/work" "$1/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/changes,workdir=$1/work" "$1/root"
mount -t proc proc "$1/root/proc"
mount --bind /dev "$1/root/dev"
mkdir -p "$1/root/package"
mount --bind "$2" "$1/root/package"
mount -t tmpfs none "$1/root/run"
echo ready
exec cat
"""


def run(*words, **how):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, **how)


class Machine:
    """A copy of this one, with the package's folder as /package."""

    def __init__(self, package):
        self.folder = tempfile.mkdtemp(prefix="careline-machine-")
        self.holds = subprocess.Popen(
            ["unshare", "--mount", "sh", "-c", COPY, "sh", self.folder, str(package)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.is_there = self.holds.stdout.readline() == "ready\n"

    def run(self, *words):
        return run("nsenter", f"--mount=/proc/{self.holds.pid}/ns/mnt",
                   "chroot", self.folder + "/root", "env", "-i",
                   "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", *words)

    def close(self):
        _, why = self.holds.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)
        return why


@unittest.skipUnless(all(map(shutil.which, ("cpack", "dpkg", "unshare", "nsenter", "chroot"))),
                     "cpack, dpkg and util-linux are needed")
@unittest.skipUnless(os.geteuid() == 0, "needs the right to mount a file system")
@unittest.skipIf(os.path.exists(DATA), "the package was installed on this machine")
class TheInstalledPackage(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="careline-package-")
        self.addCleanup(folder.cleanup)
        first = Machine(folder.name)  # before a package is made for nothing
        why = first.close()
        if not first.is_there:
            self.skipTest("no copy of the file system can be mounted: " + why)
        made = run("cpack", "-G", "DEB", "-B", folder.name, cwd=BUILD)
        packages = list(pathlib.Path(folder.name).glob("careline_*.deb"))
        self.assertEqual(len(packages), 1, made.stdout + made.stderr)
        self.package = "/package/" + packages[0].name
        self.machine = Machine(folder.name)
        self.addCleanup(self.machine.close)
        self.assertTrue(self.machine.is_there)

    def does(self, *words):
        done = self.machine.run(*words)
        self.assertEqual(done.returncode, 0, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout + done.stderr

    def has(self, path):
        return self.machine.run("test", "-e", path).returncode == 0

    def test_it_serves_as_its_user_and_leaves_what_happened_to_people_when_it_goes(self):
        self.does("dpkg", "--install", self.package)
        self.runs_as_installed()
        self.systemd_takes_the_unit()
        position = self.keeps_a_log()

        # Somebody's own lines are kept, over an upgrade too.
        self.does("sh", "-c", f"echo '# ours' >> {CONFIGURATION}")
        self.does("dpkg", "--install", self.package)
        self.assertIn("# ours", self.does("cat", CONFIGURATION))

        self.does("dpkg", "--remove", "careline")
        self.assertFalse(self.has("/usr/bin/careline"))
        self.assertFalse(self.has("/lib/systemd/system/careline.service"))
        self.assertTrue(self.has(CONFIGURATION))
        self.assertTrue(self.has(DATA + "/log/data.mdb"))

        said = self.does("dpkg", "--purge", "careline")
        self.assertIn(f"{DATA} is kept", said)
        self.assertFalse(self.has(CONFIGURATION))
        self.assertTrue(self.has(DATA + "/log/data.mdb"))

        self.does("dpkg", "--install", self.package)
        self.assertIn(f'"head":{position}', self.does(
            "/usr/bin/careline", "log", "verify", "--json", "--data", DATA))

    def runs_as_installed(self):
        self.assertRegex(self.does("/usr/bin/careline", "version"), r"\d+\.\d+\.\d+")
        self.does("/usr/bin/careline", "config", "check", "--config", CONFIGURATION)
        user = self.does("getent", "passwd", "careline").split(":")
        self.assertEqual(user[5:], [DATA, "/usr/sbin/nologin\n"])
        self.assertEqual(self.does("stat", "-c", "%U:%G %a", CONFIGURATION),
                         "root:careline 640\n")
        self.assertFalse(self.has(DATA))  # systemd makes it; nothing was started

    def systemd_takes_the_unit(self):
        if self.machine.run("sh", "-c", "command -v systemd-analyze").returncode != 0:
            return
        unit = "/lib/systemd/system/careline.service"
        done = self.machine.run("systemd-analyze", "verify", "--man=no", unit)
        said = [line for line in done.stderr.splitlines() if "careline.service" in line]
        self.assertEqual((done.returncode, said), (0, []), done.stderr)
        judged = self.machine.run("systemd-analyze", "security", "--offline=true", "--no-pager",
                                  unit)
        level = re.search(r"Overall exposure level for \S+: ([\d.]+)", judged.stdout)
        self.assertTrue(level, judged.stdout + judged.stderr)
        self.assertLess(float(level.group(1)), 2.5)

    def keeps_a_log(self):
        """Serves once with the installed configuration, as its user; where its log stands then."""
        self.does("install", "-d", "-o", "careline", "-g", "careline", "-m", "0700", DATA)
        serve = (f"/usr/bin/careline serve --config {CONFIGURATION} --commands tcp://127.0.0.1:0 "
                 "--events tcp://127.0.0.1:0 --http 127.0.0.1:0")
        self.does("setpriv", "--reuid=careline", "--regid=careline", "--clear-groups", "sh", "-c",
                  f"mkfifo {DATA}/ready; {serve} > {DATA}/ready & read line < {DATA}/ready; "
                  f"rm {DATA}/ready; kill $!; wait $!")
        found = re.search(r'"head":(\d+)', self.does(
            "/usr/bin/careline", "log", "verify", "--json", "--data", DATA))
        return int(found.group(1))


if __name__ == "__main__":
    running_engine.main()
