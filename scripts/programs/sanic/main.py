import sys

from sanic import Request, Sanic, json
from sanic.response import HTTPResponse

app = Sanic("Program")


@app.get("/")
async def root(request: Request) -> HTTPResponse:
    return json({"sum": 2 + 3})


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(sys.argv[1]), single_process=True)
