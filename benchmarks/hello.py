"""The least that a WSGI application can do: what other figures are ratios of."""

BODY = b"Hello, world.\n"
HEADERS = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(BODY)))]


def application(environ, start_response):
    start_response("200 OK", HEADERS)
    return [BODY]
