from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from fastapi import FastAPI

api = FastAPI()


def square(number):
    return number * number


@api.get("/")
def index():
    return {"ok": True}


@api.get("/pool")
def pool():
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        return list(executor.map(square, [1, 2, 3]))
