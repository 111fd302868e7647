"""Something to find."""


def grown(names=[]):
    return names
