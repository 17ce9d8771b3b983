"""The way of a build: checkout, configuration, environment, render, publish, finish."""

from builds.models import Build


def run(build: Build) -> None:
    """Take a claimed build to its end."""
