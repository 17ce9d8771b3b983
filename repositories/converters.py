"""Repository names in addresses: `<owner:owner>/<repository:name>/`."""

from django.urls.converters import StringConverter


class OwnerConverter(StringConverter):
    regex = "[A-Za-z0-9-]{1,39}"


class NameConverter(StringConverter):
    regex = "[A-Za-z0-9._-]{1,100}"
