"""Processes: each way to start them."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import Pool, get_context

from answering import answering


def square(number):
    return number * number


def squares(method):
    with ProcessPoolExecutor(2, mp_context=get_context(method)) as executor:
        return list(executor.map(square, [1, 2, 3]))


def pooled():
    with Pool(2) as pool:
        return pool.map(square, [4, 5])


def check():
    return squares("spawn")


app = answering(check)
