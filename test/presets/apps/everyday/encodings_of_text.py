"""tiktoken: the encodings it knows, and one of our own (theirs are downloaded when first used)."""

import tiktoken
from answering import answering


def check():
    letters = tiktoken.Encoding(
        "letters", pat_str=r"\w+|\W", mergeable_ranks={bytes([number]): number for number in range(256)}, special_tokens={}
    )
    return {"known": "cl100k_base" in tiktoken.list_encoding_names(), "tokens": letters.encode("a b")}


app = answering(check)
