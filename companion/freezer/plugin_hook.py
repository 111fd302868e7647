"""A hook of PyInstaller, copied for each module that asks for plugins: it brings those that are installed.

Constant: what it brings stands in `plugins.json` beside it, written by plugins.py.
"""

import json
import os
from typing import Any

from PyInstaller.utils.hooks import copy_metadata

with open(os.path.join(os.path.dirname(__file__), "plugins.json"), encoding="utf-8") as _stream:
    _mine: dict[str, Any] = json.load(_stream)[os.path.basename(__file__)[len("hook-") : -len(".py")]]

if _mine["before"] is not None:
    __file__ = _mine["before"]
    with open(__file__, encoding="utf-8") as _stream:
        exec(compile(_stream.read(), __file__, "exec"), globals())
_hook_before = globals().get("hook")


def hook(api: Any) -> None:
    """Called by PyInstaller once the module is known to be in the bundle."""
    if _hook_before is not None:
        _hook_before(api)
    api.add_imports(*_mine["imports"])
    datas = [(file, place) for file, place in _mine["datas"]]
    for name in _mine["metadata"]:
        datas.extend(copy_metadata(name))
    api.add_datas(datas)
