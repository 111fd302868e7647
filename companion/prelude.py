# Stands in front of a `script` entry in a frozen program and shares its `__main__` namespace. Therefore: no docstring
# (the script's `__doc__` may be shown by its --help), no names left behind.


def _electron_pyinstaller_prelude() -> None:
    from electron_pyinstaller._program import prepare_script

    prepare_script()


_electron_pyinstaller_prelude()
del _electron_pyinstaller_prelude
