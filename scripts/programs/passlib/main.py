from passlib.context import CryptContext

context = CryptContext(schemes=["pbkdf2_sha256", "sha512_crypt"])
print("verified:", context.verify("secret", context.hash("secret")))
