"""In place of PyInstaller's, which imports setuptools at each start: `distutils` is setuptools' own, as soon as it is imported."""


def _pyi_rthook() -> None:
    try:
        import _distutils_hack

        if _distutils_hack.enabled():
            _distutils_hack.add_shim()
    except Exception:  # noqa: BLE001 - as PyInstaller's: a program can do without.
        pass


_pyi_rthook()
del _pyi_rthook
