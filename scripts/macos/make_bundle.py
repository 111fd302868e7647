"""Assemble a bundle as PyInstaller makes one on macOS, of real Mach-O files from package registries.

usage: make_bundle.py WHEELS ARCH LIPO OUT
ARCH is arm64 or x86_64. Prints the Mach-O files in it, as LIEF finds them, as JSON.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import lief
import PyInstaller.utils.osx as osx
from PyInstaller.archive.writers import CArchiveWriter

WHEELS, ARCH, LIPO, OUT = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4])
PARTS = OUT.parent / f"{OUT.name}-parts"
INTERNAL = OUT / "_internal"
PLIST = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict><key>CFBundleExecutable</key><string>Python</string><key>CFBundleIdentifier</key>
<string>org.python.python</string><key>CFBundlePackageType</key><string>FMWK</string></dict></plist>
"""


def unpacked(pattern: str) -> pathlib.Path:
    """The content of the package whose file name fits."""
    archive = next(WHEELS.glob(pattern))
    folder = PARTS / archive.name.split("-")[0]
    if not folder.exists():
        zipfile.ZipFile(archive).extractall(folder)
    return folder


def program() -> None:
    """PyInstaller's own bootloader and archive, put together by PyInstaller's own code."""
    raw, code, archive = PARTS / "engine", PARTS / "boot.py", PARTS / "engine.pkg"
    boot = unpacked("pyinstaller-*.whl") / "PyInstaller/bootloader/Darwin-64bit/run"
    subprocess.run([LIPO, str(boot), "-thin", ARCH, "-output", str(raw)], check=True)
    fat = lief.MachO.parse(str(raw))
    binary = None if fat is None else fat.at(0)
    if binary is not None and binary.has_code_signature:
        binary.remove_signature()
        binary.write(str(raw))
    code.write_text("print('hello')\n")
    CArchiveWriter(
        str(archive),
        [("pyi-contents-directory _internal", "", False, "o"), ("boot", str(code), True, "s")],
        "Python",
    )
    with open(raw, "ab") as file:
        file.write(archive.read_bytes())
    osx.fix_exe_for_code_signing(str(raw))
    shutil.copy(raw, OUT / "engine")
    os.chmod(OUT / "engine", 0o755)


def python() -> None:
    """CPython for macOS, as a framework."""
    source = unpacked("cpython-*.jar") / f"org/bytedeco/cpython/macosx-{ARCH}"
    framework = INTERNAL / "Python.framework"
    version = framework / "Versions/3.13"
    (version / "Resources").mkdir(parents=True)
    shutil.copy(source / "libpython3.13.dylib", version / "Python")
    os.chmod(version / "Python", 0o755)
    (version / "Resources/Info.plist").write_text(PLIST)
    os.symlink("3.13", framework / "Versions/Current")
    os.symlink("Versions/Current/Python", framework / "Python")
    os.symlink("Versions/Current/Resources", framework / "Resources")
    os.symlink("Python.framework/Versions/3.13/Python", INTERNAL / "Python")
    modules = INTERNAL / "python3.13/lib-dynload"
    modules.mkdir(parents=True)
    for module in sorted((source / "lib/python3.13/lib-dynload").glob("*.so")):
        if "test" not in module.name:
            shutil.copy(module, modules / module.name)
    with zipfile.ZipFile(INTERNAL / "base_library.zip", "w") as library:
        library.writestr("encodings/__init__.pyc", b"x" * 100)


def package(pattern: str, name: str) -> None:
    """The compiled part of a package, with its data."""
    folder = unpacked(pattern)
    for source in (folder / name).rglob("*"):
        if source.is_dir() or source.suffix == ".py" or "/tests/" in str(source):
            continue
        target = INTERNAL / source.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def data() -> None:
    """What only looks like a program, and names that tools trip over."""
    folder = INTERNAL / "data"
    folder.mkdir()
    (folder / "modèle ü.bin").write_bytes(os.urandom(4096))
    (folder / "empty").write_bytes(b"")
    (folder / "A.class").write_bytes(bytes.fromhex("cafebabe00000041") + b"\1" * 200)


def mach_files() -> list[str]:
    """By a reader that is not ours."""
    files = [file for file in OUT.rglob("*") if file.is_file() and not file.is_symlink()]
    found = [file for file in files if lief.is_macho(str(file)) and lief.MachO.parse(str(file)) is not None]
    return sorted(file.relative_to(OUT).as_posix() for file in found)


shutil.rmtree(OUT, ignore_errors=True)
PARTS.mkdir(parents=True, exist_ok=True)
INTERNAL.mkdir(parents=True)
program()
python()
package("numpy-*", "numpy")
package("pydantic_core-*", "pydantic_core")
package("cryptography-*", "cryptography")
data()
print(json.dumps(mach_files()))
