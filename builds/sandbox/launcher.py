"""The first process of a sandbox: gives up its rights, starts the command, and ends all that it left behind.

A program of its own, which `builds.sandbox.boot` starts with two file descriptors, of this code and of a Unix
socket: it imports nothing of ours, and of Python only what is quick to load. The worker sends what to do; the
answers are "ready" (with the listening socket of the sandbox's own network, where there is one), "failed <why>"
and "exit <code>". When the socket closes, the worker is gone or wants the end: everything ends. In bubblewrap it
is process 1, whose end takes the whole namespace with it; elsewhere it is the subreaper of everything below.
"""

from __future__ import annotations

import marshal
import os
import select
import sys

# What `signal` and `socket` wrap in enums, at the price of ten milliseconds.
from _signal import SIG_DFL, SIGKILL, SIGPIPE, SIGXFSZ, signal  # type: ignore[import-not-found]
from _socket import SCM_RIGHTS, SOL_SOCKET, socket
from resource import setrlimit

TYPE_CHECKING = False  # as type checkers know it: `typing` would take longer to load than all the rest
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any
if "--restrict" in sys.argv:  # ctypes takes five milliseconds to load, which bubblewrap's starts are spared
    import ctypes


PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 36, 38, 22
FILTER, ENOENT = 2, 2
LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
PATH_BENEATH, NET_PORT = 1, 2
FILE_RIGHTS = 1 | 2 | 4 | 1 << 14 | 1 << 15  # execute, write, read, truncate, device control


def main() -> None:
    os.close(int(sys.argv[1]))
    control = socket(fileno=int(sys.argv[2]))
    os.set_inheritable(control.fileno(), False)
    spec = receive(control)
    try:
        start(spec, control)
    except OSError as error:
        control.sendall(f"failed {error}\n".encode())
        os._exit(125)


def receive(control: socket) -> dict[str, Any]:
    size = int.from_bytes(control.recv(4), "big")
    data = b""
    while len(data) < size:
        part = control.recv(size - len(data))
        if not part:
            os._exit(125)
        data += part
    result: dict[str, Any] = marshal.loads(data)  # noqa: S302  # from our worker, the same interpreter
    return result


def start(spec: dict[str, Any], control: socket) -> None:
    listener = listen(spec["listen"]) if spec["listen"] else None
    if spec["subreaper"]:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
    if spec["become_first"]:
        lower_priority()
        become(spec["user"])
    rules = open_rules(spec["landlock"])
    reading, writing = os.pipe()  # closed by a successful exec
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            enter(spec, rules)
        except Exception as error:  # noqa: BLE001  # whatever it is, our side must hear of it
            os.write(writing, str(error).encode())
        os._exit(125)
    os.close(writing)
    for fd, _ in rules:
        os.close(fd)
    why = os.read(reading, 4096)
    if why:
        control.sendall(b"failed " + why + b"\n")
        os._exit(125)
    rights = [(SOL_SOCKET, SCM_RIGHTS, listener.fileno().to_bytes(4, sys.byteorder))] if listener else []
    control.sendmsg([b"ready\n"], rights)
    if listener:
        listener.close()
    code = wait(child, control)
    end_descendants()
    report(control, code)
    os._exit(0)


def report(control: socket, code: int) -> None:
    try:
        control.sendall(b"exit %d\n" % code)
    except OSError:
        return  # the worker is gone: nobody wants to know


def listen(port: int) -> socket:
    """In the sandbox's own network, accepted from by the worker's proxy on the outside."""
    listener = socket(2, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(64)
    return listener


def lower_priority() -> None:
    """Let the kernel end a build first when the machine runs out of memory."""
    try:
        fd = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    except OSError:
        return
    os.write(fd, b"1000")
    os.close(fd)


def become(user: tuple[int, int] | None) -> None:
    if user is None:
        return
    os.setgroups([])
    os.setresgid(user[1], user[1], user[1])
    os.setresuid(user[0], user[0], user[0])


def open_rules(landlock: dict[str, Any] | None) -> list[tuple[int, int]]:
    """Paths and rights, opened while we may still go through private directories above them."""
    rules = []
    for path, rights in landlock["paths"] if landlock else ():
        try:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        is_directory = (os.fstat(fd).st_mode & 0o170000) == 0o040000
        rules.append((fd, rights if is_directory else rights & FILE_RIGHTS))
    return rules


def enter(spec: dict[str, Any], rules: list[tuple[int, int]]) -> None:
    """Become the command. Raises OSError when anything but finding its program fails."""
    os.setsid()
    if not spec["become_first"]:
        lower_priority()
        become(spec["user"])
    for resource, soft, hard in spec["rlimits"]:
        setrlimit(resource, (soft, hard))
    signal(SIGPIPE, SIG_DFL)  # Python ignores both, and what is ignored stays so through exec
    signal(SIGXFSZ, SIG_DFL)
    os.umask(0o022)
    for path in spec["directories"]:
        os.makedirs(path, mode=0o700, exist_ok=True)  # noqa: PTH103  # pathlib is slow to load
    os.fchdir(os.open(spec["cwd"], os.O_PATH | os.O_CLOEXEC))
    if spec["landlock"]:
        restrict(spec["landlock"], rules)
    if spec["seccomp"]:
        filter_calls(spec["seccomp"])
    execute(spec["argv"], spec["environment"])


def execute(argv: list[str], environment: dict[str, str]) -> None:
    """As a shell finds programs; `os.execvpe` imports modules while it looks, which are out of sight by now."""
    directories = [""] if "/" in argv[0] else [f"{path}/" for path in environment["PATH"].split(":")]
    fault = ""
    for directory in directories:
        try:
            os.execve(directory + argv[0], argv, environment)  # noqa: S606
        except OSError as error:
            fault = str(error.strerror) if not fault or error.errno != ENOENT else fault
    os.write(2, f"{argv[0]}: {fault}\n".encode())
    os._exit(127)


def call(name: str, *arguments: Any) -> int:
    """A function of the C library. Raises OSError."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    answer = int(function(*(ctypes.c_long(value) if isinstance(value, int) else value for value in arguments)))
    if answer < 0:
        raise OSError(ctypes.get_errno(), f"{name}{arguments[:2]}: {os.strerror(ctypes.get_errno())}")
    return answer


def prctl(option: int, *values: Any) -> None:
    call("prctl", option, *values, *(0 for _ in range(4 - len(values))))


def restrict(landlock: dict[str, Any], rules: list[tuple[int, int]]) -> None:
    """Source: Linux, Documentation/userspace-api/landlock.rst; structs of include/uapi/linux/landlock.h."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    attributes = b"".join(value.to_bytes(8, sys.byteorder) for value in landlock["handled"])
    ruleset = call("syscall", LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    for fd, rights in rules:
        attribute = rights.to_bytes(8, sys.byteorder) + fd.to_bytes(4, sys.byteorder)
        call("syscall", LANDLOCK_ADD_RULE, ruleset, PATH_BENEATH, attribute, 0)
    for port, rights in landlock["ports"]:
        attribute = rights.to_bytes(8, sys.byteorder) + port.to_bytes(8, sys.byteorder)
        call("syscall", LANDLOCK_ADD_RULE, ruleset, NET_PORT, attribute, 0)
    call("syscall", LANDLOCK_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def filter_calls(program: bytes) -> None:
    """struct sock_fprog: the number of instructions, and where they are."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    code = ctypes.create_string_buffer(program, len(program))
    head = (len(program) // 8).to_bytes(8, sys.byteorder) + ctypes.addressof(code).to_bytes(8, sys.byteorder)
    prctl(PR_SET_SECCOMP, FILTER, head)


def wait(child: int, control: socket) -> int:
    """Until the command or the worker's wish for it ends; the exit code, negative for a signal."""
    poll = select.poll()
    pidfd = os.pidfd_open(child)
    poll.register(pidfd, select.POLLIN)
    poll.register(control.fileno(), select.POLLIN)
    while True:
        ready = {fd for fd, _ in poll.poll(100)}
        if control.fileno() in ready:
            return int(-SIGKILL)
        if pidfd in ready:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        reap(but=child)


def reap(but: int = 0) -> bool:
    """Bury orphans that ended; whether any child is left. `but` is left for who waits for it."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return False
        if ended is None or ended.si_pid == but:
            return True
        os.waitpid(ended.si_pid, 0)


def end_descendants() -> None:
    """Kill what is below us until nothing is; orphans come to us, so a `setsid` daemon cannot slip away."""
    if os.getpid() == 1:
        return  # the kernel does it
    while reap():
        for pid in descendants(os.getpid()):
            try:
                os.kill(pid, SIGKILL)
            except ProcessLookupError:
                continue


def descendants(pid: int) -> Iterator[int]:
    """All below a process, parents first. Source: proc(5), /proc/<pid>/task/<tid>/children."""
    parents = [pid]
    while parents:
        parent = parents.pop()
        try:
            threads = os.listdir(f"/proc/{parent}/task")  # noqa: PTH208
        except OSError:
            continue
        for thread in threads:
            try:
                with open(f"/proc/{parent}/task/{thread}/children") as file:  # noqa: PTH123
                    children = [int(child) for child in file.read().split()]
            except OSError:
                continue
            yield from children
            parents += children


if __name__ == "__main__":
    main()
