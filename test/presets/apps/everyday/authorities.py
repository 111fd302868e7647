"""TLS that trusts the authorities certifi brings."""

import ssl

import certifi
from answering import answering


def check():
    context = ssl.create_default_context(cafile=certifi.where())
    return {"authorities": len(context.get_ca_certs()) > 50, "handshake": handshake(context)}


def handshake(context):
    """The first message to a server: it takes ciphers and curves out of the bundled OpenSSL."""
    outgoing = ssl.MemoryBIO()
    connection = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="example.com")
    try:
        connection.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.pending > 100
    return False


app = answering(check)
