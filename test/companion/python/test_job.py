"""The job object with the system's calls replaced. That Windows then ends what is in it is shown where there is one."""

import ctypes
import importlib
import io
import os
import sys
import unittest
from unittest import mock

KILL_ON_CLOSE = 0x2000
BREAKAWAY_OK = 0x0800
SILENT_BREAKAWAY_OK = 0x1000


class Kernel:
    """Stands in for kernel32: notes what is asked and refuses what is named."""

    def __init__(self):
        self.calls = []
        self.limits = []
        self.refuses = ""

    def __getattr__(self, name):
        def call(*arguments):
            if name == "SetInformationJobObject":
                job, kind, limits, size = arguments
                self.limits.append((kind, limits._obj.LimitFlags, size))
            else:
                self.calls.append((name, *arguments))
            return 0 if name == self.refuses else 77

        function = mock.Mock(side_effect=call)
        setattr(self, name, function)
        return function


@unittest.skipIf(sys.platform == "win32", "the real calls are used there")
class JobTest(unittest.TestCase):
    def setUp(self):
        self.kernel = Kernel()
        for patch in (
            mock.patch.object(sys, "platform", "win32"),
            mock.patch.object(ctypes, "WinDLL", lambda *_, **__: self.kernel, create=True),
            mock.patch.object(ctypes, "get_last_error", lambda: 5, create=True),
            mock.patch.object(ctypes, "WinError", lambda code: OSError(code, "Access is denied"), create=True),
            mock.patch.object(os, "startfile", lambda _: self.kernel.calls.append("startfile"), create=True),
        ):
            patch.start()
            self.addCleanup(patch.stop)
        sys.modules.pop("electron_pyinstaller._job", None)
        self.job = importlib.import_module("electron_pyinstaller._job")
        self.addCleanup(sys.modules.pop, "electron_pyinstaller._job", None)

    def flags(self):
        return [flags for _, flags, _ in self.kernel.limits]

    def test_the_program_enters_a_job_that_ends_with_it_and_keeps_its_handle(self):
        self.job.enter()
        self.assertEqual(self.kernel.calls, [("CreateJobObjectW", None, None), ("AssignProcessToJobObject", 77, -1)])
        # JobObjectExtendedLimitInformation, of 144 bytes where pointers have 64 bits.
        self.assertEqual(self.kernel.limits, [(9, KILL_ON_CLOSE | BREAKAWAY_OK, 144)])

    def test_where_the_system_refuses_the_program_runs_without_and_says_so(self):
        for refuses in ("CreateJobObjectW", "SetInformationJobObject", "AssignProcessToJobObject"):
            with self.subTest(refuses), mock.patch("sys.stderr", io.StringIO()) as said:
                self.kernel.calls.clear()
                self.kernel.refuses = refuses
                self.job.enter()
                closed = [name for name, *_ in self.kernel.calls if name == "CloseHandle"]
                self.assertEqual(closed, [] if refuses == "CreateJobObjectW" else ["CloseHandle"])
                self.assertIn("Access is denied", said.getvalue())
                self.kernel.limits.clear()
                with self.job.left():
                    pass
                self.assertEqual(self.kernel.limits, [])

    def test_what_is_started_meanwhile_is_outside_and_the_last_one_closes_the_door(self):
        self.job.enter()
        with self.job.left():
            with self.job.left():
                pass
            self.assertTrue(self.flags()[-1] & SILENT_BREAKAWAY_OK)
        self.assertFalse(self.flags()[-1] & SILENT_BREAKAWAY_OK)
        with self.assertRaises(OSError), self.job.left():
            raise OSError("nothing opens it")
        self.assertFalse(self.flags()[-1] & SILENT_BREAKAWAY_OK)

    def test_what_is_opened_for_the_user_is_outside(self):
        from electron_pyinstaller import _detached

        self.job.enter()
        # Not the attribute of the package, which an earlier test may have left there.
        with mock.patch("electron_pyinstaller._job", self.job):
            _detached.open_external("https://example.org")
        self.assertEqual(self.kernel.calls[-1], "startfile")
        self.assertEqual([bool(flags & SILENT_BREAKAWAY_OK) for flags in self.flags()], [False, True, False])


if __name__ == "__main__":
    unittest.main()
