"""Unit tests of the sockets the companion listens on. Run with `python -m unittest` from this folder."""

import contextlib
import errno
import io
import os
import socket
import sys
import tempfile
import unittest
from unittest import mock

from electron_pyinstaller import _address

HOST = "127.0.0.1"


def free_port():
    with socket.socket() as server:
        server.bind((HOST, 0))
        return server.getsockname()[1]


def take(port, host=HOST):
    """What another program of the machine may do. Returns the error's number, or 0."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, port))
            server.listen()
        except OSError as error:
            return error.errno
        return 0


def answer_and_close(listener):
    """Leave a connection in TIME_WAIT, as a server that closes first does."""
    with socket.create_connection((HOST, listener.port)) as client:
        accepted, _ = listener.socket.accept()
        accepted.close()
        client.recv(1)
    listener.socket.close()


@unittest.skipIf(sys.platform == "win32", "the rules of POSIX")
class AddressTest(unittest.TestCase):
    def tearDown(self):
        for listener in getattr(self, "listeners", []):
            listener.socket.close()

    def keep(self, listener):
        self.listeners = [*getattr(self, "listeners", []), listener]
        return listener

    def test_a_socket_listens_from_the_first_moment_and_nobody_else_can_take_its_port(self):
        for port in (0, free_port()):
            listener = self.keep(_address.bind_first(HOST, [port]))
            self.assertTrue(_address.listens(listener.socket))
            self.assertEqual(take(listener.port), errno.EADDRINUSE)
            self.assertEqual(take(listener.port, "0.0.0.0"), errno.EADDRINUSE)

    def test_nobody_can_take_the_port_between_binding_and_listening(self):
        seen = []
        listen = socket.socket.listen

        def late(server, *args):
            if not seen:
                seen.append(None)
                seen.append(take(server.getsockname()[1]))
            listen(server, *args)

        for port in (0, free_port()):
            seen.clear()
            with mock.patch.object(socket.socket, "listen", late):
                self.keep(_address.bind_first(HOST, [port]))
            self.assertEqual(seen[1], errno.EADDRINUSE)

    def test_what_is_left_of_the_run_before_is_passed_again_and_again(self):
        port = free_port()
        for _ in range(3):
            answer_and_close(_address.bind_first(HOST, [port]))
        listener = self.keep(_address.bind_first(HOST, [port]))
        self.assertTrue(_address.listens(listener.socket))
        self.assertEqual(take(port), errno.EADDRINUSE)

    def test_who_takes_the_port_while_the_rest_of_the_run_before_is_passed_is_noticed(self):
        port = free_port()
        answer_and_close(_address.bind_first(HOST, [port]))
        bind = _address._bind_tcp
        strangers = []

        def taken(host, wanted, *, shares):
            server = bind(host, wanted, shares=shares)
            stranger = socket.socket()
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            stranger.bind((host, wanted))
            stranger.listen()
            strangers.append(stranger)
            return server

        with mock.patch.object(_address, "_bind_tcp", taken), self.assertRaises(OSError):
            _address._listen_tcp(HOST, port)
        for stranger in strangers:
            stranger.close()

    def test_who_only_looks_whether_a_port_is_free_is_not_in_the_way(self):
        port = free_port()
        looking = socket.socket()
        looking.bind((HOST, port))
        with mock.patch.object(_address.time, "sleep", lambda _seconds: looking.close()):
            self.assertEqual(self.keep(_address.bind_first(HOST, [port])).port, port)

    def test_the_next_port_is_taken_when_one_is_in_use(self):
        used = self.keep(_address.bind_first(HOST, [0]))
        listener = self.keep(_address.bind_first(HOST, [used.port, 0]))
        self.assertNotEqual(listener.port, used.port)
        with mock.patch.object(_address.time, "sleep"), contextlib.redirect_stderr(io.StringIO()) as said:
            with self.assertRaises(SystemExit) as left:
                _address.bind_first(HOST, [used.port])
        self.assertEqual(left.exception.code, 78)
        self.assertIn(f"cannot listen on {HOST}:{used.port}: the address is in use", said.getvalue())

    def test_a_unix_socket_listens_from_the_first_moment(self):
        with tempfile.TemporaryDirectory() as folder:
            listener = self.keep(_address._listen_unix(os.path.join(folder, "s")))
            self.assertTrue(_address.listens(listener.socket))
            self.assertEqual(os.stat(listener.path).st_mode & 0o777, 0o600)

    def test_a_socket_that_does_not_listen_is_recognised(self):
        with socket.socket() as server:
            server.bind((HOST, 0))
            self.assertFalse(_address.listens(server))
        self.assertFalse(_address.listens(server))


if __name__ == "__main__":
    unittest.main()
