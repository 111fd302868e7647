import argon2
import bcrypt
import jwt
import paramiko
from cryptography.fernet import Fernet

print("bcrypt", bcrypt.checkpw(b"x", bcrypt.hashpw(b"x", bcrypt.gensalt(4))))
print("argon2", argon2.PasswordHasher().verify(argon2.PasswordHasher().hash("x"), "x"))
print("jwt", jwt.decode(jwt.encode({"a": 1}, "k" * 32), "k" * 32, ["HS256"]))
key = Fernet.generate_key()
print("fernet", Fernet(key).decrypt(Fernet(key).encrypt(b"x")))
print("ssh:", paramiko.RSAKey.generate(1024).get_bits())
