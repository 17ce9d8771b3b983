"""What a hostile build tries, in every sandbox, under a worker that is root and one that is not."""

import contextlib
import json
import os
import platform
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

from builds.sandbox.launcher import descendants

MIB = 1024**2


def still_grows(path, seconds=0.4):
    before = path.stat().st_size
    time.sleep(seconds)
    return path.stat().st_size > before


def test_a_build_reads_no_secret_no_database_no_other_version_and_nothing_of_the_worker(worker):
    script = """
paths = [facts["data"] + "/" + name for name in ("db.sqlite3", "secret_key", "releases/1/index.html")]
paths += [facts["root"] + "/versions/2/source/theirs.txt", "/etc/shadow"]
paths += [f"/proc/{pid}/{name}" for pid in (facts["worker"], os.getppid()) for name in ("environ", "mem", "maps")]
paths = [path for path in paths if os.getppid() != 1 or not path.startswith("/proc/1/")]
opened = []
for path in paths:
    try:
        open(path, "rb").read(1)
        opened.append(path)
    except OSError as error:
        pass
for path in (facts["data"], facts["root"], facts["root"] + "/versions", facts["root"] + "/versions/2"):
    try:
        if "db.sqlite3" in os.listdir(path) or "source" in os.listdir(path) or "2" in os.listdir(path):
            opened.append(path)
    except OSError:
        pass
print(json.dumps(opened))
"""

    answer = worker.run(script)

    assert answer.said == []


def test_a_build_finds_nothing_of_the_workers_environment_in_its_own(worker):
    answer = worker.run("print(json.dumps(dict(os.environ)))", reach="INDEXES")

    assert answer.said["YAYDOC_TEST"] == "given"
    assert not any("the key of this worker" in value for value in answer.said.values())
    assert not {"SECRET_KEY", "DATA_DIR", "PYTHONPATH", "DJANGO_SETTINGS_MODULE"} & set(answer.said)


def test_a_build_writes_nowhere_but_where_it_was_told(worker):
    script = """
places = [facts["data"], facts["data"] + "/releases/1", facts["root"], facts["root"] + "/versions/2/source"]
places += [facts["root"] + "/versions/1/source", "/usr/bin", "/etc", "/", "/dev", "/run"]
places += [os.path.dirname(sys.executable)]
written = []
for place in places:
    try:
        open(place + "/written", "w").write("x")
    except OSError:
        pass
for name in ("db.sqlite3", "secret_key"):
    for act in (os.remove, lambda path: os.truncate(path, 0), lambda path: os.rename(path, path + "2"),
                lambda path: os.link(path, "linked"), lambda path: os.chmod(path, 0o666)):
        try:
            act(facts["data"] + "/" + name)
            written.append(name)
        except OSError:
            pass
open("mine", "w").write("x")
print(json.dumps([places, written]))
"""

    answer = worker.run(script)

    # In bubblewrap some of the places are files in memory, of the sandbox's own: what counts is the outside.
    places, changed = answer.said
    assert [place for place in places if Path(place, "written").exists()] == []
    assert changed == []
    assert (worker.data / "secret_key").read_text() == "secret"
    assert Path(answer.output, "mine").read_text() == "x"


def test_a_build_reaches_no_socket_of_the_machine(worker):
    reached = []
    with contextlib.ExitStack() as stack:
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        path = str(worker.data / f"socket-{time.monotonic_ns()}")
        unix.bind(path)
        Path(path).chmod(0o777)
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        abstract.bind(f"\0{path}")
        for listener in (unix, abstract):
            listener.listen()
        script = """
import socket
reached = []
def try_to(name, act):
    try:
        act()
        reached.append(name)
    except OSError:
        pass
try_to("tcp", lambda: socket.create_connection(("127.0.0.1", facts["tcp"]), 1))
try_to("fast open", lambda: socket.socket().sendto(b"x", 0x20000000, ("127.0.0.1", facts["tcp"])))
mptcp = lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
try_to("mptcp", lambda: mptcp().connect(("127.0.0.1", facts["tcp"])))
try_to("udp", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", facts["udp"])))
try_to("unix", lambda: socket.socket(socket.AF_UNIX).connect(facts["unix"]))
try_to("abstract", lambda: socket.socket(socket.AF_UNIX).connect("\\0" + facts["unix"]))
print(json.dumps(reached))
"""
        facts = {"tcp": tcp.getsockname()[1], "udp": udp.getsockname()[1], "unix": path}

        for reach in ("NOTHING", "PUBLIC"):
            reached += worker.run(script, facts=facts, reach=reach).said

        udp.settimeout(0.1)
        with contextlib.suppress(TimeoutError):
            udp.recv(1)
            # In its own empty network a build may send to itself; nothing arrives here.
            reached.append("udp arrived")

    assert [name for name in reached if name != "udp"] == []


def test_a_build_has_no_rights_and_no_way_to_more(worker):
    script = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
data = (ctypes.c_uint32 * 6)()
libc.capget((ctypes.c_uint32 * 2)(0x20080522, 0), data)
rights = [data[0], data[1], data[3], data[4]]
tried = {
    "unshare": libc.unshare(0x10000000), "mount": libc.mount(b"none", b"/tmp", b"tmpfs", 0, None),
    "ptrace": libc.ptrace(16, os.getppid(), 0, 0), "keyctl": libc.syscall(250, 0, -3, 0),
    "chroot": libc.chroot(b"."), "setuid": libc.setuid(0), "io_uring": libc.syscall(425, 1, bytes(120)),
}
done = [name for name, answer in tried.items() if answer != -1]
print(json.dumps({"rights": rights, "done": done, "locked": libc.prctl(39, 0, 0, 0, 0),
                  "seccomp": libc.prctl(21, 0, 0, 0, 0), "groups": os.getgroups(), "user": os.getuid()}))
"""

    said = worker.run(script).said

    assert said["rights"] == [0, 0, 0, 0]
    assert said["done"] == []
    assert (said["locked"], said["seccomp"]) == (1, 2)
    assert said["user"] != 0
    assert set(said["groups"]) <= {said["user"]}


def test_a_build_signals_nobody_but_itself(worker):
    script = """
import signal, subprocess
child = subprocess.Popen(["sleep", "30"])
for pid in (facts["worker"], os.getppid(), -1):
    try:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.kill(pid, signal.SIGTERM)
    except OSError:
        pass
print(json.dumps(child.wait()))
"""

    first = worker.run(script)

    assert first.said == -15  # its own child it may
    assert worker.run("print(json.dumps('alive'))").said == "alive"


@pytest.mark.parametrize(
    "daemon",
    [
        "while True: beat()",
        # One that is never the same process for long.
        "while True:\n    beat()\n    if os.fork(): os._exit(0)",
        "os.write(fd, b'x')\nwhile True:\n    if os.fork(): os._exit(0)",
    ],
    ids=["sitting", "running", "racing"],
)
def test_a_daemon_ends_with_its_build_though_it_holds_the_output_open(worker, daemon):
    script = f"""
import time
def beat():
    os.write(fd, b"x")
    time.sleep(.01)
fd = os.open("beats", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
{chr(10).join("        " + line for line in daemon.splitlines())}
    os._exit(0)
time.sleep(.1)
"""

    answer = worker.run(script)

    # The racing one may leave more dead processes than it may have, before they are buried.
    assert (answer.exit_code, answer.exceeded) in {(0, None), (-9, "processes")}
    assert answer.seconds < 4
    beats = Path(answer.output, "beats")
    assert beats.stat().st_size > 0
    assert not still_grows(beats)
    assert survivors(answer.output) == []


def survivors(directory):
    """Processes that work in a directory, seen from the outside."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and str((entry / "cwd").readlink()) == directory:
                found.append(entry.name)
    return found


MANY = """
import time
for n in range(20):
    if not os.fork():
        data = bytearray(os.urandom(2**20) * 30)
        time.sleep(30)
time.sleep(30)
"""
ONE = "data = []\nwhile True: data.append(bytes(2**20) + os.urandom(1))"


@pytest.mark.parametrize("script", ["data = bytearray(2000 * 2**20)", ONE, MANY], ids=["at once", "one", "many"])
def test_more_memory_than_allowed_ends_a_build(worker, script):
    answer = worker.run(script)

    assert answer.exceeded == "memory"
    assert answer.exit_code != 0
    assert answer.seconds < 5


def test_memory_that_processes_share_is_counted_once(worker):
    script = """
import time
data = bytearray(os.urandom(2**20) * 80)
children = [os.fork() for _ in range(3)] if os.getpid() else []
time.sleep(.6)
"""

    answer = worker.run(script)

    assert (answer.exit_code, answer.exceeded) == (0, None)
    assert 80 * MIB < answer.peak_memory < 200 * MIB


def test_files_in_memory_count_too(worker):
    script = """
import time
for n in range(100):
    for place in ("/dev/shm", "/tmp"):
        try:
            open(f"{place}/yaydoc-{n}", "wb").write(bytes(3 * 2**20))
        except OSError:
            pass
    time.sleep(.01)
written = [f"/dev/shm/yaydoc-{n}" for n in range(100)]
print(json.dumps(sum(os.path.getsize(path) for path in written if os.path.exists(path))))
"""

    answer = worker.run(script)
    for path in Path("/dev/shm").glob("yaydoc-*"):
        path.unlink()

    # Each of bubblewrap's holds a quarter of the limit, and nothing is written where the user is ours.
    if worker.tier == "bubblewrap":
        assert answer.exceeded is None
        assert 40 * MIB < answer.said <= 50 * MIB
        assert answer.peak_memory > 100 * MIB
    elif os.getuid() == 0 and not worker.user:
        assert answer.exceeded == "memory"
    else:
        assert answer.said == 0


def test_processes_of_a_build_can_share_locks(worker):
    if worker.tier == "landlock" and (worker.user or os.getuid()):
        return  # documented: semaphores of our own user's other programs lie in the same place

    answer = worker.run("import multiprocessing\nmultiprocessing.Lock()\nprint(json.dumps('locked'))")

    assert answer.said == "locked"


def test_a_fork_bomb_ends_a_build(worker):
    answer = worker.run(
        "import time\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        time.sleep(.01)"
    )

    assert (answer.exit_code, answer.exceeded) == (-9, "processes")
    assert answer.seconds < 5


def test_a_file_that_grows_without_end_ends_a_build(worker):
    answer = worker.run("with open('large', 'wb', buffering=0) as file:\n    while True: file.write(bytes(65536))")

    assert answer.exceeded == "file_size"
    assert Path(answer.output, "large").stat().st_size <= 4 * MIB


def test_a_file_that_grows_without_end_is_named_also_when_the_signal_ended_it(worker):
    answer = worker.run(
        "import signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "os.execv('/bin/sh', ['sh', '-c', 'exec cat /dev/zero > large'])"
    )

    assert (answer.exit_code, answer.exceeded) == (-25, "file_size")


def test_an_endless_build_that_ignores_signals_ends_at_its_time(worker):
    answer = worker.run(
        "import signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\nwhile True: pass", seconds=1
    )

    assert (answer.exit_code, answer.exceeded) == (-9, "time")
    assert 1 <= answer.seconds < 2


def test_output_without_end_ends_a_build(worker):
    answer = worker.run("while True: print('x' * 1000)", max_output=MIB)

    assert (answer.exit_code, answer.exceeded) == (-9, "output")
    assert len(answer.printed) == MIB


def test_a_build_ends_when_the_worker_wants_it(worker):
    stop = worker.data / "stop"
    timer = threading.Timer(0.5, stop.touch)
    timer.start()

    answer = worker.run("import time\ntime.sleep(30)")

    timer.join()
    stop.unlink()
    assert (answer.exit_code, answer.exceeded) == (-9, None)
    assert answer.seconds < 2


BEATS = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for n in range(3):
    if os.fork() == 0:
        os.setsid()
        fd = os.open(f"beats", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        while True:
            os.write(fd, b"x")
            time.sleep(.01)
time.sleep(60)
"""


def wait_for(beats):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not (beats.exists() and beats.stat().st_size > 10):
        time.sleep(0.05)
    assert still_grows(beats)


def test_no_process_of_a_build_outlives_a_worker_that_was_killed(mortal_worker):
    beats = mortal_worker.data / "builds/versions/1/output/beats"
    mortal_worker.send(BEATS)
    wait_for(beats)

    mortal_worker.process.kill()
    mortal_worker.process.wait()
    time.sleep(0.5)

    assert not still_grows(beats)


FETCH = """
import urllib.request
def fetch(url):
    try:
        return urllib.request.urlopen(url, timeout=5).read().decode()
    except OSError as error:
        return str(error)
print()
print(json.dumps([fetch(facts["url"]), fetch("http://169.254.169.254/latest/meta-data/"), fetch("https://localhost/")]))
"""


def test_a_build_reaches_allowed_hosts_through_the_proxy_and_no_other(worker):
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_once, args=[server])
        thread.start()
        target = f"127.0.0.1:{server.getsockname()[1]}"

        answer = worker.run(FETCH, reach="PUBLIC", hosts=[target], facts={"url": f"http://{target}/page"})

        thread.join()
    allowed, metadata, local = json.loads(
        next(line for line in answer.printed.splitlines() if line.startswith("["))
    )
    assert allowed == "GET /page HTTP/1.1"
    assert "403" in metadata
    assert "403" in local
    assert "network: 169.254.169.254 has a private address" in answer.printed


def answer_once(server):
    connection, _ = server.accept()
    with connection:
        line = connection.recv(4096).partition(b"\r\n")[0]
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + line)


def test_a_build_without_network_has_no_proxy_either(worker):
    answer = worker.run(
        "print(json.dumps(sorted(name for name in os.environ if name.upper().endswith('_PROXY'))))"
    )

    assert answer.said == []


def test_a_build_of_one_cannot_use_the_proxy_of_another_by_its_port(worker):
    """On the machine's own network the proxy wants a token; in a network of its own nobody else can be."""
    script = "print(json.dumps(os.environ['http_proxy']))"

    proxy = worker.run(script, reach="PUBLIC").said

    assert proxy == "http://127.0.0.1:3128" if worker.tier == "bubblewrap" else proxy.count("@") == 1


def test_what_outlives_a_launcher_that_was_killed_ends_in_the_next_sweep(mortal_worker):
    beats = mortal_worker.data / "builds/versions/1/output/beats"
    mortal_worker.send(BEATS)
    wait_for(beats)
    (launcher,) = descendants_named(mortal_worker.process.pid, "yaydoc-launcher")

    os.kill(launcher, signal.SIGKILL)
    mortal_worker.sweep()

    assert not still_grows(beats)


def descendants_named(pid, word):
    return [
        child
        for child in descendants(pid)
        if word in Path(f"/proc/{child}/cmdline").read_text().split("\0")
        and "bwrap" not in str(Path(f"/proc/{child}/exe").readlink())
    ]


def test_a_build_changes_nothing_about_a_process_of_the_workers(worker):
    script = """
import ctypes, resource
libc = ctypes.CDLL(None, use_errno=True)
pid = facts["worker"]
def refused(act):
    try:
        answer = act()
    except (OSError, ValueError):
        return True
    return answer == -1
print(json.dumps({
    "limits": refused(lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, 3))),
    "a look at limits": refused(lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE)),
    "priority": refused(lambda: os.setpriority(os.PRIO_PROCESS, pid, 19)),
    "priority of a user": refused(lambda: os.setpriority(os.PRIO_USER, os.getuid(), 19)),
    "processors": refused(lambda: os.sched_setaffinity(pid, {0})),
    "scheduler": refused(lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))),
    "disk priority": refused(lambda: libc.syscall(facts["ioprio_set"], 1, pid, 3 << 13)),
}))
"""
    limits = Path(f"/proc/{worker.process.pid}/limits")

    def state():
        pid = worker.process.pid
        return limits.read_text(), os.sched_getaffinity(pid), os.getpriority(os.PRIO_PROCESS, pid)

    before = state()
    number = {"x86_64": 251, "aarch64": 30}[platform.machine()]

    answer = worker.run(script, facts={"ioprio_set": number})

    # Of a user's own processes the sandbox's are some: in bubblewrap it has no others.
    assert [name for name, was in answer.said.items() if not was and name != "priority of a user"] == []
    assert state() == before


def test_a_build_may_set_its_own_limits_and_priority(worker):
    script = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
os.nice(1)
os.sched_setaffinity(0, os.sched_getaffinity(0))
print(json.dumps([resource.getrlimit(resource.RLIMIT_NOFILE)[0], os.getpriority(os.PRIO_PROCESS, 0)]))
"""
    assert worker.run(script).said == [64, min(os.getpriority(os.PRIO_PROCESS, 0) + 1, 19)]


def test_a_build_shuts_nobody_out_of_files_and_watches_no_folder_that_is_not_its_own(worker):
    script = """
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
for name in ("db.sqlite3", "secret_key", "releases", ""):
    try:
        os.chmod(facts["data"] + "/" + name, 0)
    except OSError:
        pass
fd = libc.inotify_init1(0)
watched = [path for path in (facts["data"], facts["data"] + "/releases")
           if fd >= 0 and libc.inotify_add_watch(fd, path.encode(), 0xFFF) >= 0]
open("mine", "w").write("x")
os.chmod("mine", 0o755)
print(json.dumps([watched, os.stat("mine").st_mode & 0o777]))
"""
    before = [path.stat().st_mode for path in (worker.data, *sorted(worker.data.iterdir()))]

    watched, mode = worker.run(script).said

    assert [path.stat().st_mode for path in (worker.data, *sorted(worker.data.iterdir()))] == before
    assert watched == [] or worker.tier == "bubblewrap"  # there they are empty folders, of the sandbox's own
    assert mode == 0o755
