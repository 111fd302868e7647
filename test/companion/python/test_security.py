"""Who may pass: the policy and both wrappers, without a server."""

import asyncio
import hashlib
import hmac
import json
import unittest

from electron_pyinstaller._security import Policy, allowed_hosts, guard_asgi, guard_wsgi

POLICY = Policy(token="secret", hosts=allowed_hosts("127.0.0.1", 4000), instance="i")
HOST, TOKEN = b"127.0.0.1:4000", b"secret"
NAME = b"x-electron-pyinstaller-token"


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"app"})


def ask(headers, path="/x", kind="http", policy=POLICY, extensions=None, method="GET"):
    sent = []

    async def receive():
        return {"type": f"{kind}.connect"}

    async def send(message):
        sent.append(message)

    scope = {"type": kind, "path": path, "method": method, "headers": headers}
    if extensions is not None:
        scope["extensions"] = extensions
    asyncio.run(guard_asgi(app, policy)(scope, receive, send))
    return sent


class PolicyTest(unittest.TestCase):
    def test_table(self):
        for host, token, expected in [
            (HOST, TOKEN, None),
            (b"LOCALHOST:4000", TOKEN, None),
            (b"[::1]:4000", TOKEN, None),
            (None, TOKEN, 403),
            (b"", TOKEN, 403),
            (b"127.0.0.1", TOKEN, 403),
            (b"127.0.0.1:4001", TOKEN, 403),
            (b"evil.example:4000", TOKEN, 403),
            (b"evil.example:4000", None, 403),
            (HOST, None, 401),
            (HOST, b"", 401),
            (HOST, b"Bearer secret", 401),
            (HOST, b"Secret", 401),
            (HOST, b"secret ", 401),
            (HOST, b"secre\xff", 401),
        ]:
            with self.subTest(host=host, token=token):
                refusal = POLICY.refusal(host, token)
                self.assertEqual(refusal[0] if refusal else None, expected)

    def test_without_a_token_the_origin_counts(self):
        policy = POLICY._replace(token=None)
        for origin, expected in [
            (None, None),  # Not a browser, or a page's own image; see docs/security.md.
            (b"app://main", None),
            (b"file://", None),
            (b"http://127.0.0.1:4000", None),
            (b"http://localhost:5173", None),
            (b"http://[::1]:5173", None),
            (b"null", 403),
            (b"https://evil.example", 403),
            (b"HTTP://EVIL.EXAMPLE", 403),
            (b"http://127.0.0.1.evil.example", 403),
            (b"http://127.0.0.1:80.evil.example", 403),
            (b"http://localhost@evil.example", 403),
            (b"http://evil.example, app://main", 403),
        ]:
            with self.subTest(origin=origin):
                refusal = policy.refusal(HOST, None, origin)
                self.assertEqual(refusal[0] if refusal else None, expected)
                self.assertIsNone(policy._replace(hosts=None).refusal(None, None, origin))
                self.assertIsNone(POLICY.refusal(HOST, TOKEN, origin))

    def test_a_page_of_the_backend_itself_may_ask_it_at_any_address(self):
        policy = Policy(token=None, hosts=allowed_hosts("192.168.1.2", 4000), instance=None)
        self.assertIsNone(policy.refusal(b"192.168.1.2:4000", None, b"http://192.168.1.2:4000"))
        self.assertEqual(policy.refusal(b"192.168.1.2:4000", None, b"http://192.168.1.3:4000")[0], 403)

    def test_any_host_on_a_unix_socket(self):
        policy = Policy(token="secret", hosts=None, instance=None)
        self.assertIsNone(policy.refusal(None, TOKEN))
        self.assertEqual(policy.refusal(None, None)[0], 401)

    def test_hosts_of_an_address(self):
        self.assertEqual(allowed_hosts("127.0.0.1", 1), {"127.0.0.1:1", "localhost:1", "[::1]:1"})
        self.assertIn("192.168.1.2:1", allowed_hosts("192.168.1.2", 1))
        self.assertIn("[fe80::1]:1", allowed_hosts("fe80::1", 1))
        self.assertNotIn("0.0.0.0:1", allowed_hosts("0.0.0.0", 1))
        self.assertIn("localhost", allowed_hosts("127.0.0.1", 80))


class AsgiTest(unittest.TestCase):
    def test_a_good_request_reaches_the_application(self):
        sent = ask([(b"host", HOST), (NAME, TOKEN)])
        self.assertEqual(sent[1]["body"], b"app")

    def test_the_application_sees_the_headers_of_the_caller_and_not_the_token(self):
        own = [(b"host", HOST), (b"authorization", b"Bearer of-the-user"), (b"cookie", b"a=1")]
        for policy in (POLICY, POLICY._replace(token=None)):
            for kind in ("http", "websocket"):
                with self.subTest(token=policy.token, kind=kind):
                    seen = []

                    async def application(scope, receive, send):
                        seen.append(scope["headers"])

                    scope = {"type": kind, "path": "/x", "method": "GET", "headers": [*own, (NAME.title(), TOKEN)]}
                    asyncio.run(guard_asgi(application, policy)(scope, None, None))
                    self.assertEqual(seen, [own])

    def test_two_values_of_a_header_count_as_none(self):
        self.assertEqual(ask([(b"host", HOST), (b"host", HOST), (NAME, TOKEN)])[0]["status"], 403)
        twice = [(b"host", HOST), (NAME, TOKEN), (NAME, TOKEN)]
        self.assertEqual(ask(twice)[0]["status"], 401)

    def test_two_origins_count_as_foreign(self):
        origin = (b"origin", b"app://main")
        policy = POLICY._replace(token=None)
        self.assertEqual(ask([(b"host", HOST), origin], policy=policy)[0]["status"], 200)
        self.assertEqual(ask([(b"host", HOST), origin, origin], policy=policy)[0]["status"], 403)

    def test_header_names_in_any_case(self):
        self.assertEqual(ask([(b"Host", HOST), (NAME.title(), TOKEN)])[0]["status"], 200)

    def test_websocket_refusal_with_and_without_response_extension(self):
        headers = [(b"host", HOST)]
        with_extension = ask(headers, kind="websocket", extensions={"websocket.http.response": {}})
        self.assertEqual([m["type"] for m in with_extension], ["websocket.http.response.start", "websocket.http.response.body"])
        self.assertEqual(with_extension[0]["status"], 401)
        self.assertEqual(ask(headers, kind="websocket"), [{"type": "websocket.close", "code": 1008}])

    def test_ping_is_get_only(self):
        headers = [(b"host", HOST), (NAME, TOKEN)]
        path = "/.electron-pyinstaller/ping"
        self.assertEqual(ask(headers, path)[1]["body"], b'{"instance": "i"}')
        self.assertEqual(ask(headers, path, method="POST")[1]["body"], b"app")

    def test_a_challenge_is_answered_with_a_proof_and_without_a_token(self):
        path = "/.electron-pyinstaller/ping"
        policy = POLICY._replace(key="secret")
        asked = [(b"host", HOST), (b"x-electron-pyinstaller-challenge", b"c1")]
        expected = hmac.new(b"secret", b"ping c1 " + HOST, hashlib.sha256).hexdigest()
        sent = ask(asked, path, policy=policy)
        self.assertEqual((sent[0]["status"], json.loads(sent[1]["body"])), (200, {"proof": expected}))
        self.assertEqual(ask(asked, "/", policy=policy)[0]["status"], 401)
        self.assertEqual(ask(asked, path, method="POST", policy=policy)[0]["status"], 401)
        self.assertEqual(ask([(b"host", b"evil.example"), asked[1]], path, policy=policy)[0]["status"], 403)
        self.assertEqual(ask([asked[1]], path, policy=policy)[0]["status"], 403)
        self.assertEqual(ask([*asked, asked[1]], path, policy=policy)[0]["status"], 401)
        self.assertEqual(ask(asked, path)[0]["status"], 401)  # In a terminal there is nobody to prove anything to.

    def test_lifespan_passes(self):
        seen = []

        async def lifespan(scope, receive, send):
            seen.append(scope["type"])

        asyncio.run(guard_asgi(lifespan, POLICY)({"type": "lifespan"}, None, None))
        self.assertEqual(seen, ["lifespan"])


class WsgiTest(unittest.TestCase):
    def test_the_application_sees_the_headers_of_the_caller_and_not_the_token(self):
        own = {"HTTP_HOST": "127.0.0.1:4000", "HTTP_AUTHORIZATION": "Basic of-the-user", "HTTP_COOKIE": "a=1"}
        for policy in (POLICY, POLICY._replace(token=None)):
            with self.subTest(token=policy.token):
                seen = []
                guarded = guard_wsgi(lambda environ, _start: seen.append(dict(environ)) or [], policy)
                guarded({**own, "HTTP_X_ELECTRON_PYINSTALLER_TOKEN": "secret"}, None)
                self.assertEqual(seen, [own])

    def ask(self, policy=POLICY, **environ):
        started = []

        def application(environ, start_response):
            start_response("200 OK", [])
            return [b"app"]

        body = guard_wsgi(application, policy)(environ, lambda status, headers: started.append((status, dict(headers))))
        return started[0][0], b"".join(body), started[0][1]

    def test_table(self):
        good = {"HTTP_HOST": "127.0.0.1:4000", "HTTP_X_ELECTRON_PYINSTALLER_TOKEN": "secret"}
        self.assertEqual(self.ask(**good)[:2], ("200 OK", b"app"))
        self.assertEqual(self.ask(HTTP_X_ELECTRON_PYINSTALLER_TOKEN="secret")[0], "403 Forbidden")
        status, _, headers = self.ask(HTTP_HOST="127.0.0.1:4000")
        self.assertEqual((status, headers["www-authenticate"]), ("401 Unauthorized", "x-electron-pyinstaller-token"))
        ping = {"PATH_INFO": "/.electron-pyinstaller/ping", "REQUEST_METHOD": "GET"}
        self.assertEqual(self.ask(**good, **ping)[:2], ("200 OK", b'{"instance": "i"}'))
        self.assertEqual(self.ask(HTTP_HOST="127.0.0.1:4000", **ping)[0], "401 Unauthorized")

    def test_a_challenge_is_answered_with_a_proof_and_without_a_token(self):
        policy = POLICY._replace(key="secret")
        asked = {
            "PATH_INFO": "/.electron-pyinstaller/ping",
            "REQUEST_METHOD": "GET",
            "HTTP_X_ELECTRON_PYINSTALLER_CHALLENGE": "c1",
        }
        expected = hmac.new(b"secret", b"ping c1 127.0.0.1:4000", hashlib.sha256).hexdigest()
        status, body, _ = self.ask(policy, HTTP_HOST="127.0.0.1:4000", **asked)
        self.assertEqual((status, json.loads(body)), ("200 OK", {"proof": expected}))
        self.assertEqual(self.ask(policy, HTTP_HOST="evil.example", **asked)[0], "403 Forbidden")
        self.assertEqual(self.ask(policy, **asked)[0], "403 Forbidden")
        self.assertEqual(self.ask(HTTP_HOST="127.0.0.1:4000", **asked)[0], "401 Unauthorized")

    def test_without_a_token_the_origin_counts(self):
        asked = {"policy": POLICY._replace(token=None), "HTTP_HOST": "127.0.0.1:4000"}
        self.assertEqual(self.ask(**asked)[0], "200 OK")
        self.assertEqual(self.ask(**asked, HTTP_ORIGIN="https://evil.example")[0], "403 Forbidden")
