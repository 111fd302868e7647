"""Runs inside the target Python while a backend is frozen; never part of a frozen program. Standard library only."""
