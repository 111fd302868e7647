import multiprocessing
import sys

import uvicorn

if __name__ == "__main__":
    # A script of one's own needs this line, frozen or not on Windows; asgi, wsgi, call and module entries do not.
    multiprocessing.freeze_support()
    uvicorn.run("application:api", port=int(sys.argv[1]))
