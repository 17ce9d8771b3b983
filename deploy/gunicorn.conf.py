"""How gunicorn serves Yaydoc; each can be overridden on its command line."""

import gc
import os

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
reuse_port = True
timeout = 60  # seconds
graceful_timeout = 3
preload_app = True  # loaded once, before the processes fork: each answers its first request at once
max_requests = 200_000  # then a process is replaced, so that no leak grows for ever
max_requests_jitter = 20_000
accesslog = None
control_socket_disable = True  # it would lie in the home directory, where two instances share it


def pre_fork(server: object, worker: object) -> None:
    """What is loaded stays: collecting garbage need not look through it again and again, in each process."""
    gc.freeze()
