import asyncio
import sys
import time
import types
import unittest
from unittest import mock

from electron_pyinstaller._wakeful import Wakeful


class Server:
    def __init__(self):
        self.should_exit = False
        self.server_state = types.SimpleNamespace(connections=set(), tasks=set())


class WakefulTest(unittest.TestCase):
    def setUp(self):
        self.module = types.ModuleType("uvicorn.server")
        patch = mock.patch.dict(sys.modules, {"uvicorn": types.ModuleType("uvicorn"), "uvicorn.server": self.module})
        patch.start()
        self.addCleanup(patch.stop)
        self.server = Server()
        self.waits = Wakeful(self.server)

    def in_loop(self, work):
        async def run():
            self.waits.install()
            begin = time.monotonic()
            await work()
            return time.monotonic() - begin

        return asyncio.run(asyncio.wait_for(run(), 20))

    def test_a_tick_ends_when_the_server_is_to_end(self):
        async def work():
            asyncio.get_running_loop().run_in_executor(None, self.waits.wake)
            await self.module.asyncio.sleep(30)

        self.in_loop(work)

    def test_a_tick_takes_its_time_otherwise(self):
        self.assertGreaterEqual(self.in_loop(lambda: self.module.asyncio.sleep(0.03)), 0.029)

    def test_the_end_waits_as_long_as_something_is_open(self):
        self.server.should_exit = True
        for things in (self.server.server_state.connections, self.server.server_state.tasks):
            with self.subTest(things is self.server.server_state.tasks):

                async def work():
                    things.add(1)
                    asyncio.get_running_loop().call_later(0.03, things.clear)
                    await self.module.asyncio.sleep(30)

                self.assertGreaterEqual(self.in_loop(work), 0.029)

    def test_the_end_waits_no_longer_than_the_server_wanted(self):
        self.server.should_exit = True
        self.server.server_state.tasks.add(1)
        self.in_loop(lambda: self.module.asyncio.sleep(0.03))

    def test_the_rest_of_asyncio_is_there(self):
        async def work():
            self.assertIs(self.module.asyncio.wait_for, asyncio.wait_for)

        self.in_loop(work)

    def test_another_loop_sleeps_as_usual(self):
        async def work():
            pass

        self.in_loop(work)
        self.assertEqual(asyncio.run(self.module.asyncio.sleep(0, "result")), "result")

    def test_waking_what_has_ended_does_nothing(self):
        async def work():
            pass

        self.waits.wake()
        self.in_loop(work)
        self.waits.wake()


if __name__ == "__main__":
    unittest.main()
