import sys

import panel as pn


def page() -> pn.Column:
    return pn.Column("# Frozen", pn.widgets.TextInput(name="Name"))


if __name__ == "__main__":
    pn.serve(page, port=int(sys.argv[1]), address="127.0.0.1", show=False, title="Frozen panel")
