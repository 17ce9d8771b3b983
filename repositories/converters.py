"""Owner and name of a repository in addresses: `<name:owner>/<name:name>/`."""

from django.urls.converters import StringConverter

from repositories.names import SEGMENT


class NameConverter(StringConverter):
    regex = SEGMENT.pattern
