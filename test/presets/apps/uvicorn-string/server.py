import sys

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def index():
    return {"ok": True}


if __name__ == "__main__":
    uvicorn.run("application:api", port=int(sys.argv[1]))
