"""Small parts, each by itself."""

import asyncio
import functools
import io
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

import electron_pyinstaller
from electron_pyinstaller import _address, _detached, _entry, _hangup, _mark, _messages, _paths, _processes, _serve, _session, _streams
from electron_pyinstaller._open_streams import Streams

GOOD = {"v": 2, "token": "t", "nonce": "n"}


class SessionTest(unittest.TestCase):
    def test_defaults(self):
        session = _session.parse(GOOD)
        self.assertEqual((session.kind, session.lifeline, session.grace_seconds), ("http", "thread", 5.0))
        self.assertEqual(session.address, {"type": "announce"})
        self.assertTrue(session.require_token)

    def test_unknown_keys_are_ignored(self):
        self.assertEqual(_session.parse({**GOOD, "later": [1]}), _session.parse(GOOD))

    def test_refusals(self):
        for wrong in [[], None, "x", {}, {**GOOD, "v": 1}, {**GOOD, "v": "1"}, {**GOOD, "token": ""}, {**GOOD, "nonce": 1}]:
            with self.subTest(wrong=wrong), self.assertRaises(_session.ProtocolError):
                _session.parse(wrong)

    def test_never_shows_the_token(self):
        session = _session.parse({**GOOD, "token": "very-secret"})
        self.assertNotIn("very-secret", f"{session} {session!r} {[session]}")


class InterfaceTest(unittest.TestCase):
    def test_table(self):
        async def asgi(scope, receive, send): ...

        def wsgi(environ, start_response): ...

        def asgi_without_async(scope, receive, send): ...

        def asgi2(scope): ...

        class AsyncObject:
            async def __call__(self, scope, receive, send): ...

        class WsgiObject:
            def __call__(self, environ, start_response): ...

            def method(self, environ, start_response): ...

        class WithExtra:
            def __call__(self, environ, start_response, debug=False): ...

        for app, expected in [
            (asgi, "asgi"),
            (wsgi, "wsgi"),
            (asgi_without_async, "asgi"),
            (asgi2, "asgi"),
            (AsyncObject(), "asgi"),
            (WsgiObject(), "wsgi"),
            (WsgiObject().method, "wsgi"),
            (WithExtra(), "wsgi"),
            (functools.partial(wsgi), "wsgi"),
        ]:
            with self.subTest(app=app):
                self.assertEqual(_serve.detect_interface(app), expected)


class FactoryTest(unittest.TestCase):
    def test_plain_functions_without_required_arguments_are_called(self):
        async def asgi(scope, receive, send): ...

        def wsgi(environ, start_response): ...

        def variadic(*args): ...

        made = object()
        for value, expected in [
            (lambda: made, made),
            (lambda name="x": made, made),
            (lambda **options: made, made),
            (asgi, asgi),
            (wsgi, wsgi),
            (variadic, variadic),
            (made, made),
            (dict, dict),
        ]:
            with self.subTest(value=value):
                self.assertIs(_entry.make_application(value), expected)


@unittest.skipIf(sys.platform == "win32", "POSIX signals and fork")
class ProcessTest(unittest.TestCase):
    def start(self, code, *arguments):
        environment = {**os.environ, "PYTHONPATH": str(Path(_streams.__file__).parent.parent)}
        return subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment, stdout=subprocess.PIPE)

    def test_a_signal_in_the_middle_of_a_message_waits_for_its_end(self):
        code = (
            "from electron_pyinstaller import _messages, _signals; _messages.open_channel(); _signals.install()\n"
            "_messages.send('status', text='go'); _messages.send('result', value='x' * 1000000)\n"
        )
        with self.start(code) as child:
            child.stdout.readline()
            time.sleep(0.3)
            child.terminate()
            time.sleep(0.1)
            messages = [json.loads(line.split(b" ", 1)[1]) for line in child.stdout]
        *parts, stopping = messages
        self.assertEqual(({part["type"] for part in parts}, stopping["type"]), ({"part"}, "stopping"))
        self.assertEqual([part["last"] for part in parts].index(True), len(parts) - 1)
        result = json.loads("".join(part["text"] for part in parts))
        self.assertEqual((result["type"], len(result["value"]), child.returncode), ("result", 1000000, 143))

    def test_a_forked_worker_has_the_default_action_of_sigterm_although_the_program_was_started_by_hand(self):
        code = (
            "import os, signal; from electron_pyinstaller import _handshake; _handshake.begin()\n"
            "def handle_exit(*_): pass\n"
            "handle_exit.__module__ = 'uvicorn.server'; signal.signal(signal.SIGTERM, handle_exit)\n"
            "if os.fork() == 0: print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, flush=True); os._exit(0)\n"
            "os.wait(); print(signal.getsignal(signal.SIGTERM) is handle_exit)\n"
        )
        with self.start(code) as child:
            self.assertEqual(child.stdout.read(), b"True\nTrue\n")

    def test_a_forked_child_that_exits_leaves_the_socket(self):
        code = (
            "import os, sys; from electron_pyinstaller import _address, _serve\n"
            "listener = _address._listen_unix(sys.argv[1]); _serve._remove_at_exit(listener)\n"
            "if os.fork() == 0: sys.exit()\n"
            "os.wait(); print(os.path.exists(listener.path))\n"
        )
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "s")
            with self.start(code, path) as child:
                self.assertEqual(child.stdout.read(), b"True\n")
            self.assertFalse(os.path.exists(path))


class NumbersTest(unittest.TestCase):
    def test_what_json_has_no_number_for_is_unknown_or_refused(self):
        with mock.patch.object(_messages, "send") as send:
            electron_pyinstaller.status("s", float("nan"))
            electron_pyinstaller.progress(float("inf"))
            self.assertEqual([call.kwargs["percent"] for call in send.call_args_list], [None, None])
        with self.assertRaisesRegex(ValueError, "JSON has no NaN"), mock.patch.object(_messages, "_descriptor", 1):
            electron_pyinstaller.result({"score": float("nan")})
        with self.assertRaisesRegex(ValueError, "JSON has no NaN"):
            electron_pyinstaller.result(float("-inf"))
        with self.assertRaisesRegex(ValueError, "Circular"):
            circle = []
            circle.append(circle)
            electron_pyinstaller.result(circle)


class FatalTest(unittest.TestCase):
    def test_anything_that_has_text_will_do(self):
        with mock.patch.object(_messages, "send") as send, mock.patch("sys.stderr", io.StringIO()) as log:
            with self.assertRaises(SystemExit) as ended:
                electron_pyinstaller.fatal(OSError("full"), code=7)
        self.assertEqual((ended.exception.code, send.call_args.kwargs), (78, {"code": "7", "message": "full"}))
        self.assertIn("full", log.getvalue())

    def test_a_closed_log_does_not_matter(self):
        log = io.StringIO()
        log.close()
        with mock.patch("sys.stderr", log), self.assertRaises(SystemExit):
            electron_pyinstaller.fatal("x")


class StreamsTest(unittest.TestCase):
    def test_missing_streams_are_opened(self):
        with mock.patch.multiple(sys, stdin=None, stdout=None, stderr=None):
            _streams.repair(unbuffered=True)
            self.assertEqual((sys.stdout.encoding, sys.stdout.fileno(), sys.stderr.fileno()), ("utf-8", 1, 2))
            self.assertEqual(sys.stdin.fileno(), 0)

    def test_streams_of_closed_descriptors_swallow_text(self):
        code = (
            "import os, sys; sys.stdin = sys.stdout = sys.stderr = None\n"
            "for number in (0, 1, 2): os.close(number)\n"
            f"sys.path.insert(0, {str(Path(_streams.__file__).parent.parent)!r})\n"
            "from electron_pyinstaller import _streams; _streams.repair(unbuffered=True)\n"
            "print('x'); sys.stderr.write('y'); assert sys.stdin.read() == ''\n"
        )
        self.assertEqual(subprocess.run([sys.executable, "-c", code]).returncode, 0)

    def test_a_code_page_becomes_utf8_by_lines(self):
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding="cp1252")
        repaired = _streams._usable(stream, 1, "w", unbuffered=True)
        print("日本 \udc80", file=repaired)
        self.assertEqual(raw.getvalue().decode().splitlines(), ["日本 \\udc80"])

    def test_a_stream_that_somebody_replaced_is_left_alone(self):
        theirs = io.StringIO()
        self.assertIs(_streams._usable(theirs, 1, "w", unbuffered=True), theirs)


class PathsTest(unittest.TestCase):
    def test_application_data(self):
        home = Path.home()
        for platform, environment, expected in [
            ("win32", {"APPDATA": "C:/Data"}, Path("C:/Data")),
            ("win32", {}, home / "AppData" / "Roaming"),
            ("darwin", {}, home / "Library" / "Application Support"),
            ("linux", {}, home / ".config"),
            ("linux", {"XDG_CONFIG_HOME": "/x"}, Path("/x")),
        ]:
            with self.subTest(platform=platform, environment=environment):
                self.assertEqual(_paths._application_data(platform, environment), expected)

    def test_frozen_resources_are_below_the_bundle(self):
        with mock.patch.object(sys, "_MEIPASS", "/opt/App/_internal", create=True):
            self.assertEqual(electron_pyinstaller.resource_path("config", "a.json"), Path("/opt/App/_internal/config/a.json"))


@unittest.skipIf(sys.platform == "win32", "POSIX pipes")
class HangupTest(unittest.TestCase):
    def test_a_shared_pipe_is_not_read(self):
        reader, writer = os.pipe()
        os.write(writer, b"data")
        os.close(writer)
        _hangup.waiter(reader, shared=True, raw=False, parent_pid=None)()
        self.assertEqual(os.read(reader, 10), b"data")

    def test_a_raw_one_ends_with_the_parent_only(self):
        reader, writer = os.pipe()
        os.close(writer)
        parent = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(0.6)"])
        wait = _hangup.waiter(reader, shared=True, raw=True, parent_pid=parent.pid)
        import threading

        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        waiting.join(0.3)
        self.assertTrue(waiting.is_alive())
        parent.wait()
        waiting.join(2)
        self.assertFalse(waiting.is_alive())

    def test_is_alive(self):
        self.assertTrue(_hangup.is_alive(os.getpid()))
        self.assertTrue(_hangup.is_alive(1))
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()
        self.assertFalse(_hangup.is_alive(child.pid))


@unittest.skipIf(sys.platform == "win32", "POSIX pipes")
class UnreadTest(unittest.TestCase):
    def run_with_output(self, *, is_read):
        """Write after the reader left, or did not; returns exit code and what arrived."""
        code = (
            "import sys; from electron_pyinstaller import _unread; sys.stdin.read(); _unread.divert(0.05, None)\n"
            "print('saving', flush=True); sys.stderr.write('saving'); sys.exit(7)\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(Path(_streams.__file__).parent.parent)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen([sys.executable, "-c", code], env=environment, **pipes) as child:
            if not is_read:
                child.stdout.close()
            child.stdin.close()
            output = child.stdout.read() if is_read else None
        return child.returncode, output

    def test_output_without_a_reader_is_no_error(self):
        self.assertEqual(self.run_with_output(is_read=False), (7, None))

    def test_output_with_a_reader_arrives(self):
        self.assertEqual(self.run_with_output(is_read=True), (7, b"saving\nsaving"))


class OpenStreamsTest(unittest.TestCase):
    def run_app(self, app, incoming):
        """Run an application; the server stops 50 ms later. Returns what it sent."""
        sent = []

        async def main():
            streams = Streams()
            messages = iter(incoming)

            async def receive():
                for message in messages:
                    return message
                await asyncio.sleep(30)

            async def send(message):
                sent.append(message)

            asyncio.get_running_loop().call_later(0.05, streams.end)
            await asyncio.wait_for(streams.watch(app)({"type": "http"}, receive, send), 5)

        asyncio.run(main())
        return sent

    def start(self, *headers):
        return {"type": "http.response.start", "status": 200, "headers": list(headers)}

    def test_body_messages_arrive_in_order(self):
        body = [{"type": "http.request", "body": bytes([number]), "more_body": number < 3} for number in range(4)]
        seen = []

        async def app(scope, receive, send):
            while True:
                message = await receive()
                seen.append(message)
                if not message["more_body"]:
                    break

        self.run_app(app, body)
        self.assertEqual(seen, body)

    def test_a_waiting_stream_is_told_that_the_client_left(self):
        async def app(scope, receive, send):
            await receive()
            await send(self.start((b"Content-Type", b"text/event-stream; charset=utf-8")))
            first = await receive()
            second = await receive()
            self.assertEqual([first["type"], second["type"]], ["http.disconnect"] * 2)

        sent = self.run_app(app, [{"type": "http.request", "body": b"", "more_body": False}])
        self.assertEqual(sent[-1], {"type": "http.response.body", "body": b"", "more_body": False})

    def test_another_cut_response_stays_incomplete(self):
        async def app(scope, receive, send):
            await receive()
            await send(self.start((b"content-type", b"video/mp4")))
            await receive()

        sent = self.run_app(app, [{"type": "http.request", "body": b"", "more_body": False}])
        self.assertEqual([message["type"] for message in sent], ["http.response.start"])

    def test_a_response_of_known_length_is_not_cut(self):
        async def app(scope, receive, send):
            await receive()
            await send(self.start((b"content-length", b"3")))
            waiting = asyncio.ensure_future(receive())
            await asyncio.sleep(0.3)
            self.assertFalse(waiting.done())
            waiting.cancel()
            await send({"type": "http.response.body", "body": b"abc"})

        self.assertEqual(len(self.run_app(app, [{"type": "http.request", "body": b"", "more_body": False}])), 2)

    def test_whoever_asks_without_waiting_learns_that_the_client_left(self):
        def answer_at_once(waiting):
            """As Starlette's `request.is_disconnected()`, which gives up whatever has to wait."""
            try:
                waiting.send(None)
            except StopIteration as done:
                return done.value
            waiting.close()

        seen = []

        async def app(scope, receive, send):
            await receive()
            for _ in range(3):
                seen.append(answer_at_once(receive()))
                await asyncio.sleep(0.01)

        self.run_app(app, [{"type": "http.request", "body": b"", "more_body": False}, {"type": "http.disconnect"}])
        self.assertEqual(seen, [None, {"type": "http.disconnect"}, {"type": "http.disconnect"}])

    def test_a_stream_that_completes_itself_is_completed_once(self):
        last = {"type": "http.response.body", "body": b"data: bye\n\n", "more_body": False}

        async def app(scope, receive, send):
            await receive()
            await send(self.start((b"content-type", b"text/event-stream")))
            await receive()
            await send(last)

        sent = self.run_app(app, [{"type": "http.request", "body": b"", "more_body": False}])
        self.assertEqual([sent[-1], len(sent)], [last, 2])

    def test_headers_that_can_be_read_once_arrive(self):
        async def app(scope, receive, send):
            await send({**self.start(), "headers": iter([(b"content-length", b"0"), (b"x-mine", b"1")])})
            await send({"type": "http.response.body", "body": b""})

        self.assertEqual(list(self.run_app(app, [])[0]["headers"]), [(b"content-length", b"0"), (b"x-mine", b"1")])


@unittest.skipUnless(sys.platform == "linux", "the limit that marks is Linux's")
class MarkTest(unittest.TestCase):
    INSTANCE = "00112233445566aa"

    def run_marked(self, code, **environment):
        """Run code in a process that is marked, so that this one is not."""
        beginning = f"from electron_pyinstaller import _mark; _mark.apply({self.INSTANCE!r})\n"
        env = {**os.environ, "ELECTRON_PYINSTALLER_INSTANCE": self.INSTANCE, **environment}
        done = subprocess.run([sys.executable, "-c", beginning + code], env=env, stdout=subprocess.PIPE, timeout=30, check=True)
        return done.stdout.decode()

    def test_the_limit_is_inherited_and_never_reached(self):
        text = self.run_marked("import subprocess; subprocess.run(['cat', '/proc/self/limits'], env={})")
        self.assertRegex(text, rf"realtime timeout +{_mark.limit_of(self.INSTANCE)} +unlimited")
        self.assertGreater(_mark.limit_of("0" * 16), 10**18)

    def test_a_limit_that_was_set_before_stays(self):
        code = f"import resource; resource.setrlimit(resource.RLIMIT_RTTIME, (5000, -1)); _mark.apply({'f' * 16!r}); print(resource.getrlimit(resource.RLIMIT_RTTIME)[0])"
        before = "import resource; resource.setrlimit(resource.RLIMIT_RTTIME, (-1, -1))\n"
        self.assertEqual(self.run_marked(before + code), "5000\n")

    def test_what_is_detached_has_no_mark_and_what_follows_has_it_again(self):
        code = (
            "import subprocess, electron_pyinstaller as e\n"
            "e.start_detached(['sh', '-c', 'cat /proc/self/limits; env'], stdout=None).wait()\n"
            "subprocess.run(['cat', '/proc/self/limits'])"
        )
        detached, again = self.run_marked(code, _PYI_ARCHIVE_FILE="x").split("ELECTRON_PYINSTALLER_DETACHED=")
        self.assertRegex(detached, r"realtime timeout +unlimited")
        self.assertNotRegex(detached, r"(?m)^(_PYI_|ELECTRON_PYINSTALLER_INSTANCE)")
        self.assertTrue(again.startswith(self.INSTANCE))
        self.assertIn(str(_mark.limit_of(self.INSTANCE)), again)

    def test_an_environment_of_ones_own_is_detached_too(self):
        code = "import electron_pyinstaller as e\ne.start_detached(['env'], stdout=None, env={'PATH': '/usr/bin:/bin', 'ELECTRON_PYINSTALLER_INSTANCE': 'x'}).wait()"
        self.assertEqual(set(self.run_marked(code).split()), {"PATH=/usr/bin:/bin", f"ELECTRON_PYINSTALLER_DETACHED={self.INSTANCE}"})


class OpenExternalTest(unittest.TestCase):
    def opened(self, target):
        with mock.patch.object(_detached, "start_detached") as start, mock.patch.object(_detached, "_opener", lambda: "opener"), mock.patch.object(
            sys, "platform", "linux"
        ):
            electron_pyinstaller.open_external(target)
        return start.call_args[0][0]

    def test_addresses_are_passed_as_they_are(self):
        for address in ["https://example.org/?a=b&c=$(d)", "mailto:a@example.org", "x-app+1.0:open"]:
            self.assertEqual(self.opened(address), ["opener", address])

    def test_files_are_absolute_so_that_no_name_is_an_option(self):
        with tempfile.TemporaryDirectory() as folder:
            before = os.getcwd()
            os.chdir(folder)
            try:
                for name in ["--help", "a: b.pdf", "notes:2.txt", "c d.pdf"]:
                    Path(name).touch()
                    self.assertEqual(self.opened(name), ["opener", os.path.join(os.getcwd(), name)])
                    self.assertEqual(self.opened(Path(name)), ["opener", os.path.join(os.getcwd(), name)])
            finally:
                os.chdir(before)

    def test_what_is_not_there_cannot_be_opened(self):
        for name in ["/no/such/file.pdf", "no such file.pdf", "-x"]:
            with self.assertRaises(FileNotFoundError):
                self.opened(name)
        with mock.patch("shutil.which", lambda _: None), mock.patch.object(sys, "platform", "linux"):
            with self.assertRaisesRegex(FileNotFoundError, "xdg-open is not installed"):
                electron_pyinstaller.open_external("https://example.org")


@unittest.skipIf(sys.platform == "win32", "POSIX")
class ProcessesTest(unittest.TestCase):
    PS = b"""    1     0     1 Ss   Mon Sep 21 20:20:02 2026
  100     1   100 S    Mon Sep 21 20:20:03 2026
  101   100   100 S+   Mon Sep 21 20:20:04 2026
  102   101   102 T    Mon Sep 21 20:20:05 2026
  103     1   103 Z    Mon Sep 21 20:20:05 2026
"""

    def test_ps_is_read(self):
        found = _processes.from_ps(self.PS)
        self.assertEqual([each.pid for each in found], [1, 100, 101, 102])
        self.assertEqual(found[3], _processes.Process(102, 101, 102, 0, "Mon Sep 21 20:20:05 2026"))

    def test_ps_is_asked(self):
        with mock.patch.object(sys, "platform", "darwin"):
            self.assertIn(os.getpid(), [each.pid for each in _processes.listed()])

    def test_without_marks_descendants_count_also_when_their_parents_are_gone(self):
        now = _processes.from_ps(self.PS)
        tree = _processes.Tree(100, 1, "0" * 16, leads_group=True)
        with mock.patch.object(_processes, "is_marked", lambda *_: None), mock.patch.object(_processes, "listed", lambda: now):
            self.assertEqual(sorted(each.pid for each in tree.others()), [101, 102])
            now = [each._replace(parent=1) for each in now if each.pid in (1, 102)]
            self.assertEqual([each.pid for each in tree.others()], [102])
            # Another process got the number.
            now = [each._replace(started="later") for each in now]
            self.assertEqual(tree.others(), [])


class ListenerTest(unittest.TestCase):
    def test_asyncio_sends_small_answers_at_once(self):
        async def accepted():
            listener = _address.bind_first("127.0.0.1", [0])
            seen = asyncio.get_running_loop().create_future()

            def answer(_reader, writer):
                option = (socket.IPPROTO_TCP, socket.TCP_NODELAY)
                seen.set_result(writer.get_extra_info("socket").getsockopt(*option))
                writer.close()

            async with await asyncio.start_server(answer, sock=listener.socket):
                _, writer = await asyncio.open_connection("127.0.0.1", listener.port)
                option = await asyncio.wait_for(seen, 10)
                writer.close()
            return option

        self.assertNotEqual(asyncio.run(accepted()), 0)


if __name__ == "__main__":
    unittest.main()
