"""passlib: its handlers are loaded by names in a table; nothing here imports one."""

from answering import answering
from passlib.context import CryptContext


def check():
    context = CryptContext(schemes=["pbkdf2_sha256", "sha512_crypt"])
    return {"verified": context.verify("secret", context.hash("secret"))}


app = answering(check)
