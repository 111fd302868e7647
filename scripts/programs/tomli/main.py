import tomli

print("compiled:", tomli.loads.__module__, tomli._parser.__file__.rsplit(".", 1)[1], tomli.loads("a = [1, 2]")["a"])
