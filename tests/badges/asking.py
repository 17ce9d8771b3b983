"""A badge's shortcut, asked without a web server."""

from io import BytesIO

from badges.shortcut import Shortcut
from tests.conftest import kept_connection
from yaydoc.wsgi import serve

PATH = "/octo/docs.svg"


class Asking:
    """A shortcut, and whether its last answer came from Django."""

    def __init__(self):
        self.asked_django = False
        self.shortcut = Shortcut(self.django)

    def django(self, environ, start_response):
        self.asked_django = True
        return serve(environ, start_response)

    def __call__(self, path=PATH, query="", method="GET", host="localhost:8000", **headers):
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "HTTP_HOST": host}
        environ |= {"SERVER_NAME": "x", "SERVER_PORT": "80", "wsgi.input": BytesIO(), **headers}
        self.asked_django, started = False, []
        with kept_connection():
            chunks = self.shortcut(environ, lambda *told: started.append(told))
            body = b"".join(chunks)
        (status, headers) = started[0]
        # Two answers may be of two seconds.
        return status, [(name, value) for name, value in headers if name != "Expires"], body

    def status(self, **asked):
        return dict(self(**asked)[1])["X-Yaydoc-Status"]
