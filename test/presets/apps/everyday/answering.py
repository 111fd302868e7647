"""Makes a WSGI application of a function: its result as JSON at every path."""

import json


def answering(check):
    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(check()).encode()]

    return application
