"""pydantic: models, and an e-mail address."""

from answering import answering
from pydantic import BaseModel, EmailStr


class Person(BaseModel):
    email: EmailStr


def check():
    return Person.model_validate_json('{"email": "ada@EXAMPLE.com"}').model_dump()


app = answering(check)
