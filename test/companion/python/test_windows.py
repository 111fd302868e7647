"""The Windows branch with the system's calls replaced. Shows its decisions, not that Windows behaves as believed."""

import ctypes
import importlib
import os
import sys
import types
import unittest
from unittest import mock


class Kernel:
    """Stands in for kernel32: any function may be called; those that matter are programmed."""

    def __init__(self):
        self.calls = []
        self.parent_ended = False
        self.open_result = 77

    def __getattr__(self, name):
        def call(*arguments):
            self.calls.append(name)
            if name == "OpenProcess":
                return self.open_result
            if name == "WaitForSingleObject":
                return 0 if self.parent_ended else 0x102
            return 1

        function = mock.Mock(side_effect=call)
        setattr(self, name, function)
        return function


@unittest.skipIf(sys.platform == "win32", "the real calls are used there")
class WindowsTest(unittest.TestCase):
    def setUp(self):
        self.kernel = Kernel()
        self.peeks = []

        def peek(handle, size):
            step = self.peeks.pop(0)
            if isinstance(step, Exception):
                raise step
            if step == "end":
                self.kernel.parent_ended = True
                return (0, 0)
            return (step, 0)

        fakes = {
            "_winapi": types.SimpleNamespace(PeekNamedPipe=peek),
            "msvcrt": types.SimpleNamespace(get_osfhandle=lambda descriptor: 1000 + descriptor),
        }
        for patch in (
            mock.patch.dict(sys.modules, fakes),
            mock.patch.object(sys, "platform", "win32"),
            mock.patch.object(ctypes, "WinDLL", lambda *_, **__: self.kernel, create=True),
        ):
            patch.start()
            self.addCleanup(patch.stop)
        sys.modules.pop("electron_pyinstaller._windows", None)
        # Not `from ... import`, which would find the module of the test before as an attribute of the package.
        self.windows = importlib.import_module("electron_pyinstaller._windows")
        self.addCleanup(sys.modules.pop, "electron_pyinstaller._windows", None)
        sleep = mock.patch.object(self.windows.time, "sleep")
        self.sleep = sleep.start()
        self.addCleanup(sleep.stop)

    def test_a_broken_pipe_ends_the_wait(self):
        self.peeks = [0, 0, OSError("broken pipe")]
        self.windows.waiter(0, shared=False, raw=False, parent_pid=None)()
        self.assertEqual(self.sleep.call_count, 2)

    def test_bytes_are_taken_away_unless_somebody_else_reads_them(self):
        reader, writer = os.pipe()
        os.write(writer, b"abc")
        self.peeks = [3, OSError()]
        self.windows.waiter(reader, shared=True, raw=False, parent_pid=None)()
        self.peeks = [3, OSError()]
        with mock.patch.object(os, "read", side_effect=os.read) as read:
            self.windows.waiter(reader, shared=False, raw=False, parent_pid=None)()
        self.assertEqual(read.call_count, 1)

    def test_the_parents_end_ends_the_wait_although_the_pipe_is_open(self):
        self.peeks = [0, "end", 0]
        self.windows.waiter(0, shared=False, raw=False, parent_pid=5)()
        self.assertEqual(self.peeks, [0])

    def test_raw_waits_for_the_parent_alone(self):
        self.kernel.parent_ended = True
        self.windows.waiter(0, shared=True, raw=True, parent_pid=5)()
        self.assertEqual(self.peeks, [])

    def test_a_parent_that_may_not_be_opened_leaves_the_pipe(self):
        self.kernel.open_result = None
        self.peeks = [0, OSError()]
        self.windows.waiter(0, shared=True, raw=True, parent_pid=5)()

    def test_a_process_is_outlived_when_it_ends_in_the_time(self):
        self.assertTrue(self.windows.outlives(5, 3))
        self.kernel.parent_ended = True
        self.assertFalse(self.windows.outlives(5, 3))
        self.assertEqual(self.kernel.calls, ["OpenProcess", "WaitForSingleObject", "CloseHandle"] * 2)
        self.kernel.open_result = None
        self.assertTrue(self.windows.outlives(5, 3))
        self.sleep.assert_called_once_with(3)

    def test_the_guard_registers_a_wait_and_keeps_its_handles(self):
        self.kernel.TerminateProcess = ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 0)
        self.windows.terminate_with_parent(5)
        self.assertEqual(self.kernel.calls, ["OpenProcess", "RegisterWaitForSingleObject"])
        self.assertEqual(len(self.windows._kept), 2)

    def test_standard_input_is_replaced(self):
        self.windows.replace_standard_input()
        number, handle = self.kernel.SetStdHandle.call_args.args
        self.assertEqual((number.value & 0xFFFFFFFF, handle), (0xFFFFFFF6, 1000))


if __name__ == "__main__":
    unittest.main()
