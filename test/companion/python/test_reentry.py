"""Decisions about command lines and environments; what they lead to is in reentry.test.ts and reentry.e2e.test.ts."""

import os
import unittest

from electron_pyinstaller import _bundle_environment, _command_line, _reentry, _workers

ENGINE = "/opt/app/engine"
LOKY = "from joblib.externals.loky.backend.resource_tracker import main; main(7, False)"


class CommandLines(unittest.TestCase):
    def test_flags_are_read_as_python_reads_them(self):
        cases = {
            ("-c", "print(1)", "x"): ("code", "print(1)", ["x"]),
            ("-cprint(1)",): ("code", "print(1)", []),
            ("-Bc", "print(1)"): ("code", "print(1)", []),
            ("-B", "-S", "-I", "-X", "utf8=1", "-W", "ignore", "-c", LOKY): ("code", LOKY, []),
            ("-Xutf8=1", "-Werror", "-OO", "-m", "pip", "-c"): ("module", "pip", ["-c"]),
            ("--check-hash-based-pycs", "never", "-mpip"): ("module", "pip", []),
            ("worker.py", "-c", "x"): ("file", "worker.py", ["-c", "x"]),
            ("-u", "/a/b.PYW"): ("file", "/a/b.PYW", []),
        }
        for arguments, expected in cases.items():
            with self.subTest(arguments=arguments):
                self.assertEqual(_command_line.parse(list(arguments)), expected)

    def test_what_is_not_for_python_is_left_alone(self):
        for arguments in ([], ["-c"], ["--host", "127.0.0.1"], ["--port=1"], ["serve"], ["-n", "4"], ["-"], ["-W"], ["--", "-c", "x"]):
            with self.subTest(arguments=arguments):
                self.assertIsNone(_command_line.parse(arguments))


class Helpers(unittest.TestCase):
    def test_multiprocessing_is_known_by_its_arguments(self):
        for arguments in (
            ["--multiprocessing-fork", "tracker_fd=5", "pipe_handle=7"],
            ["-B", "-S", "-I", "-c", "from multiprocessing.resource_tracker import main;main(5)"],
            ["-c", "import sys; from multiprocessing.forkserver import main; main(1, 2, [])"],
            ["-c", "from multiprocessing.semaphore_tracker import main;main(5)"],
        ):
            with self.subTest(arguments=arguments):
                self.assertTrue(_workers.is_multiprocessing(arguments))
        for arguments in ([], ["-c", "import multiprocessing"], ["-m", "multiprocessing"], ["-c", "print('from multiprocessing.x import main')"]):
            with self.subTest(arguments=arguments):
                self.assertFalse(_workers.is_multiprocessing(arguments))

    def test_its_relatives_are_known(self):
        for code in (
            LOKY,
            "from loky.backend.resource_tracker import main; main(7, True)",
            "from joblib.externals.loky.backend.semaphore_tracker import main; main(7)",
            "from multiprocess.resource_tracker import main;main(5)",
            "import sys; from multiprocess.forkserver import main; main(1, 2, [])",
            "from billiard.semaphore_tracker import main;main(5)",
        ):
            with self.subTest(code=code):
                self.assertTrue(_workers._HELPER.match(code))
        for code in ("from evil.resource_tracker import main; main()", "from loky.backend.x import other", "print(1)"):
            with self.subTest(code=code):
                self.assertIsNone(_workers._HELPER.match(code))


class Refusals(unittest.TestCase):
    def refused(self, environment, arguments=(), serves=True, ancestor=False):
        return _reentry.is_refused(environment, ENGINE, list(arguments), serves=serves, ancestor=lambda: ancestor)

    def test_whatever_the_arguments_are_it_is_not_started_from_inside(self):
        for arguments in ([], ["worker.py"], ["-c", "x"], ["--port", "1"], ["x"]):
            for serves in (True, False):
                self.assertTrue(self.refused({_reentry.INSIDE: ENGINE}, arguments, serves))
                self.assertTrue(self.refused({_reentry.INSTANCE: "0123"}, arguments, serves))
                self.assertTrue(self.refused({}, arguments, serves, ancestor=True))

    def test_by_hand_it_starts(self):
        self.assertFalse(self.refused({}))
        self.assertFalse(self.refused({}, ["--port", "1"]))
        self.assertFalse(self.refused({}, ["-c", "settings.ini"], serves=False))

    def test_a_server_is_no_interpreter_wherever_it_is_started(self):
        for arguments in (["worker.py"], ["-B", "-c", "x"], ["-m", "pip"]):
            self.assertTrue(self.refused({}, arguments))

    def test_another_program_may_be_a_helper_of_the_running_one(self):
        self.assertFalse(self.refused({_reentry.INSIDE: "/opt/other/engine", _reentry.INSTANCE: "0123"}))

    def test_the_process_that_a_reloader_starts_is_the_program(self):
        for name in ("WERKZEUG_RUN_MAIN", "RUN_MAIN"):
            self.assertFalse(self.refused({_reentry.INSIDE: ENGINE, name: "true"}, serves=False))
            self.assertTrue(self.refused({_reentry.INSIDE: ENGINE, name: "true"}, serves=True))


class Environment(unittest.TestCase):
    bundle = "/opt/app/_internal"

    def taken(self, **variables):
        taken = _bundle_environment.take_back(variables, self.bundle)
        return variables, taken

    def test_what_was_before_the_bundle_comes_back(self):
        left, taken = self.taken(
            LD_LIBRARY_PATH=f"{self.bundle}{os.pathsep}/usr/x", LD_LIBRARY_PATH_ORIG="/usr/x", _PYI_ARCHIVE_FILE="e", _MEIPASS2="m", A="1"
        )
        self.assertEqual(left, {"LD_LIBRARY_PATH": "/usr/x", "A": "1"})
        self.assertEqual(sorted(taken), ["LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG", "_MEIPASS2", "_PYI_ARCHIVE_FILE"])

    def test_what_was_not_there_is_gone(self):
        for more in ({}, {"LD_LIBRARY_PATH_ORIG": ""}):
            self.assertEqual(self.taken(LD_LIBRARY_PATH=self.bundle, **more)[0], {})

    def test_what_the_user_set_stays(self):
        left, taken = self.taken(LD_LIBRARY_PATH="/usr/x", DYLD_LIBRARY_PATH="/usr/y")
        self.assertEqual((left, taken), ({"LD_LIBRARY_PATH": "/usr/x", "DYLD_LIBRARY_PATH": "/usr/y"}, {}))


if __name__ == "__main__":
    unittest.main()
