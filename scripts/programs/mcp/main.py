import asyncio

from fastmcp import Client, FastMCP

server = FastMCP("tools")


@server.tool
def add(a: int, b: int) -> int:
    return a + b


async def main() -> None:
    async with Client(server) as client:
        print("sum:", (await client.call_tool("add", {"a": 2, "b": 3})).data)


asyncio.run(main())
