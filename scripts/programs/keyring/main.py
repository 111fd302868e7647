"""A backend of another distribution, found through its entry points."""
import keyring
from keyring.backend import get_all_keyring

names = sorted(type(backend).__module__ for backend in get_all_keyring())
print("keyrings.alt.file" in names)
keyring.set_keyring(next(b for b in get_all_keyring() if type(b).__name__ == "PlaintextKeyring"))
keyring.set_password("service", "ada", "secret")
print("kept:", keyring.get_password("service", "ada"))
