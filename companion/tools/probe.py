"""Prints what an interpreter is, as one line of JSON. Run as `python -I probe.py`.

Old syntax on purpose: it must also run on a Python that will then be refused as too old, so annotations that need an import
stand in quotes. Only ASCII is printed, whatever the encoding of standard output is.
"""

import json
import os
import platform
import struct
import sys
import sysconfig

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Optional

MARKER = "electron-pyinstaller-probe:"
"""Stands in front of the JSON, so that what a sitecustomize or .pth file prints cannot be mistaken for it."""


def has(name: str) -> bool:
    try:
        from importlib.util import find_spec
        return find_spec(name) is not None
    except Exception:
        return False


def installed(name: str) -> "Optional[str]":
    try:
        from importlib.metadata import version
        return version(name)
    except Exception:
        return None


def windows_library() -> "Optional[str]":
    if sys.platform != "win32":
        return None
    try:
        import ctypes
        buffer = ctypes.create_unicode_buffer(32768)
        if ctypes.windll.kernel32.GetModuleFileNameW(ctypes.c_void_p(sys.dllhandle), buffer, 32768):
            return buffer.value
    except Exception:
        pass
    file = os.path.join(sys.base_prefix, "python%d%d.dll" % sys.version_info[:2])
    return file if os.path.isfile(file) else None


def shared_library() -> "Optional[str]":
    if sys.platform == "win32":
        return windows_library()
    get = sysconfig.get_config_var
    base = getattr(sys, "base_prefix", sys.prefix)
    if get("PYTHONFRAMEWORK"):
        file = os.path.join(base, get("PYTHONFRAMEWORK"))
        if os.path.isfile(file):
            return file
    stem = "libpython%d.%d%s" % (sys.version_info[0], sys.version_info[1], getattr(sys, "abiflags", ""))
    names = [get("INSTSONAME"), get("LDLIBRARY")]
    names += [stem + ".dylib"] if sys.platform == "darwin" else [stem + ".so.1.0", stem + ".so"]
    folders = [os.path.join(base, "lib"), get("LIBDIR"), base]
    if get("LIBDIR") and get("MULTIARCH"):
        folders.append(os.path.join(get("LIBDIR"), get("MULTIARCH")))
    for name in names:
        if not name or name.endswith(".a"):
            continue
        for folder in folders:
            file = os.path.join(folder or "", name)
            if folder and os.path.isfile(file):
                return file
    return None


def site_packages() -> "List[str]":
    folders = [sysconfig.get_paths().get("purelib"), sysconfig.get_paths().get("platlib")]
    try:
        import site
        folders += site.getsitepackages()
    except Exception:
        pass
    result = []
    for folder in folders:
        if folder and os.path.isdir(folder) and os.path.realpath(folder) not in [os.path.realpath(x) for x in result]:
            result.append(os.path.abspath(folder))
    return result


base_prefix = getattr(sys, "base_prefix", sys.prefix)
print("\n" + MARKER + json.dumps({
    "executable": sys.executable,
    "version": list(sys.version_info[:3]),
    "implementation": platform.python_implementation().lower(),
    "platform": sys.platform,
    "machine": platform.machine(),
    "pointerBits": struct.calcsize("P") * 8,
    "buildPlatform": sysconfig.get_platform(),
    "prefix": sys.prefix,
    "basePrefix": base_prefix,
    "baseExecutable": getattr(sys, "_base_executable", None) or sys.executable,
    "sharedLibrary": shared_library(),
    "soabi": sysconfig.get_config_var("SOABI") or "",
    "isConda": os.path.isdir(os.path.join(base_prefix, "conda-meta")),
    "hasVenv": has("venv"),
    "hasEnsurepip": has("ensurepip"),
    "hasPip": has("pip"),
    "sitePackages": site_packages(),
    "pyinstaller": installed("pyinstaller"),
    "hooksContrib": installed("pyinstaller-hooks-contrib"),
}))
