"""Plugins found through their entry points, and the version of a distribution."""

from importlib.metadata import entry_points, version

from answering import answering


def check():
    return {
        "plugins": {point.name: point.load()() for point in entry_points(group="preset.plugins")},
        "version": version("preset-plugin"),
    }


app = answering(check)
