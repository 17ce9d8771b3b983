"""System calls that a build may not make, as a BPF program for the kernel.

Source: Linux, Documentation/userspace-api/seccomp_filter.rst; struct seccomp_data and sock_filter.
"""

import errno
import platform
import struct
from dataclasses import dataclass, field, replace
from typing import Self

# Numbers: x86-64, AArch64 (None: the architecture lacks it). Source: Linux, syscall_64.tbl and unistd.h.
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "chmod": (90, None),
    "chown": (92, None),
    "chroot": (161, 51),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fchownat": (260, 54),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "inotify_add_watch": (254, 27),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "kill": (62, 129),
    "lchown": (94, None),
    "listen": (50, 201),
    "lremovexattr": (198, 15),
    "lsetxattr": (189, 6),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mknod": (133, None),
    "mknodat": (259, 33),
    "modify_ldt": (154, None),
    "migrate_pages": (256, 238),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "move_pages": (279, 239),
    "mq_open": (240, 180),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "pivot_root": (155, 41),
    "prlimit64": (302, 261),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "removexattr": (197, 14),
    "removexattrat": (466, 466),
    "request_key": (249, 218),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "semget": (64, 190),
    "sendmmsg": (307, 269),
    "sendmsg": (46, 211),
    "sendto": (44, 206),
    "setns": (308, 268),
    "setpriority": (141, 140),
    "settimeofday": (164, 170),
    "setxattr": (188, 5),
    "setxattrat": (463, 463),
    "shmget": (29, 194),
    "socket": (41, 198),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "tgkill": (234, 131),
    "tkill": (200, 130),
    "truncate": (76, 45),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
# Name as `platform.machine` says it: the kernel's AUDIT_ARCH number, and the column above.
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
X32 = 0x40000000  # numbers from here on are x86-64's second, narrower set

# Namespaces, mounts, other processes' memory, kernel state, what seccomp cannot see into (io_uring), and
# memory that no process' size shows (memfd, System V).
ALWAYS_REFUSED = (
    "unshare setns mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick"
    " mount_setattr ptrace process_vm_readv process_vm_writev process_madvise pidfd_getfd kcmp keyctl add_key"
    " request_key bpf userfaultfd perf_event_open fanotify_init open_by_handle_at name_to_handle_at"
    " init_module finit_module delete_module kexec_load kexec_file_load reboot swapon swapoff acct quotactl"
    " settimeofday clock_settime iopl ioperm modify_ldt syslog shmget semget msgget mq_open mknod mknodat"
).split()
# Answered as an older kernel would, so that C libraries fall back to what can be filtered.
UNKNOWN = ["clone3", "io_uring_setup", "io_uring_enter", "io_uring_register", "memfd_create", "memfd_secret"]
SIGNALS = ["kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"]
# What may be done to oneself only: the argument that names the process (0 is oneself). Landlock does not ask
# about these, and the kernel only whether the user is the same.
OF_ONE_PROCESS = (
    *(("prlimit64", 0), ("sched_setaffinity", 0), ("sched_setattr", 0), ("sched_setparam", 0)),
    *(("sched_setscheduler", 0), ("migrate_pages", 0), ("move_pages", 0), ("setpriority", 1), ("ioprio_set", 1)),
)
NAMESPACES = 0x7E020080  # CLONE_NEWNS|NEWCGROUP|NEWUTS|NEWIPC|NEWUSER|NEWPID|NEWNET and NEWTIME
FAST_OPEN = 0x20000000  # MSG_FASTOPEN: connects by sending, past Landlock's rule on connecting
INTERNET = (2, 10)  # AF_INET, AF_INET6
STREAM, TCP = 1, 6  # SOCK_STREAM, IPPROTO_TCP
FOR_EVERYBODY = 0o6002  # set-user, set-group, writable for others
FOR_THE_OWNER = 0o600

LOAD, ALLOW, REFUSE = 0x20, 0x7FFF0000, 0x00050000
JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_SET, AND, RETURN = 0x15, 0x35, 0x45, 0x54, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data


def is_supported() -> bool:
    return platform.machine() in ARCHITECTURES


@dataclass
class Program:
    """Collects instructions; what no rule refuses is allowed. `column` is the architecture's in NUMBERS."""

    column: int
    code: bytearray = field(default_factory=bytearray)

    @classmethod
    def here(cls) -> Self:
        """For this machine: calls of other architectures are refused. Raises KeyError where we know none."""
        audit, column = ARCHITECTURES[platform.machine()]
        program = cls(column)
        program._add(LOAD, ARCHITECTURE)
        program._refuse_unless(JUMP_EQUAL, audit, errno.ENOSYS)
        program._load_number()
        program._refuse_if(JUMP_GREATER_EQUAL, X32, errno.ENOSYS)
        return program

    def _add(self, operation: int, value: int, if_true: int = 0, if_false: int = 0) -> None:
        self.code += struct.pack("=HBBI", operation, if_true, if_false, value)

    def _load_number(self) -> None:
        self._add(LOAD, NUMBER)

    def _refuse_if(self, test: int, value: int, error: int) -> None:
        self._add(test, value, 0, 1)
        self._add(RETURN, REFUSE | error)

    def _refuse_unless(self, test: int, value: int, error: int) -> None:
        self._add(test, value, 1, 0)
        self._add(RETURN, REFUSE | error)

    def refuse(self, *names: str, error: int = errno.EPERM) -> None:
        for name in names:
            number = NUMBERS[name][self.column]
            if number is not None:
                self._refuse_if(JUMP_EQUAL, number, error)

    def refuse_bits(self, name: str, argument: int, mask: int) -> None:
        """Refuse the call when any bit of `mask` is set in its argument (counted from 0)."""
        number = NUMBERS[name][self.column]
        if number is None:
            return
        self._add(JUMP_EQUAL, number, 0, 3)
        self._add(LOAD, ARGUMENTS + 8 * argument)
        self._refuse_if(JUMP_SET, mask, errno.EPERM)
        self._load_number()

    def refuse_unless_zero(self, name: str, argument: int) -> None:
        number = NUMBERS[name][self.column]
        self._add(JUMP_EQUAL, number or 0, 0, 3)
        self._add(LOAD, ARGUMENTS + 8 * argument)
        self._refuse_unless(JUMP_EQUAL, 0, errno.EPERM)
        self._load_number()

    def skip_unless(self, name: str, argument: int, bits: int) -> None:
        """Let the call do nothing, and say that it did, unless all these bits are set in its argument."""
        number = NUMBERS[name][self.column]
        if number is None:
            return
        self._add(JUMP_EQUAL, number, 0, 4)
        self._add(LOAD, ARGUMENTS + 8 * argument)
        self._add(AND, bits)
        self._refuse_unless(JUMP_EQUAL, bits, 0)
        self._load_number()

    def only_tcp(self) -> None:
        """Of `socket`, allow TCP over IP: no datagrams, raw or Unix sockets, nor MPTCP, which Landlock misses."""
        body = replace(self, code=bytearray())
        body._add(LOAD, ARGUMENTS)
        body._add(JUMP_EQUAL, INTERNET[0], 2, 0)
        body._refuse_unless(JUMP_EQUAL, INTERNET[1], errno.EACCES)
        body._add(LOAD, ARGUMENTS + 8)
        body._add(AND, 0xF)
        body._refuse_unless(JUMP_EQUAL, STREAM, errno.EACCES)
        body._add(LOAD, ARGUMENTS + 16)
        body._add(JUMP_EQUAL, 0, 2, 0)
        body._refuse_unless(JUMP_EQUAL, TCP, errno.EACCES)
        body._load_number()
        self._add(JUMP_EQUAL, NUMBERS["socket"][self.column] or 0, 0, len(body.code) // 8)
        self.code += body.code

    def finish(self) -> bytes:
        return bytes(self.code) + struct.pack("=HBBI", RETURN, 0, 0, ALLOW)


def base_program() -> Program:
    program = Program.here()
    program.refuse(*ALWAYS_REFUSED)
    program.refuse(*UNKNOWN, error=errno.ENOSYS)
    program.refuse_bits("clone", 0, NAMESPACES)
    return program


def bubblewrap_filter() -> bytes:
    """For processes that have namespaces of their own."""
    return base_program().finish()


def landlock_filter(*, network: bool, signals: bool, own_user: bool, truncate: bool) -> bytes:
    """For processes that share the machine's namespaces: also no sockets but TCP, and nobody else's files.

    `signals`: Landlock scopes them. `own_user`: the build is no other of our users. `truncate`: Landlock
    restricts it. What Landlock does not (chmod and its like by path), is refused where the user is ours.
    """
    program = base_program()
    if network:
        program.only_tcp()
        for name, flags in (("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3)):
            program.refuse_bits(name, flags, FAST_OPEN)
    else:
        program.refuse("socket", error=errno.EACCES)
    program.refuse("listen", "inotify_add_watch", error=errno.EACCES)
    for name, argument in OF_ONE_PROCESS:
        program.refuse_unless_zero(name, argument)
    program.refuse_bits("setpriority", 0, 3)  # a group of processes, all of a user
    program.refuse_bits("ioprio_set", 0, 2)
    if not own_user:
        program.refuse("chown", "lchown", "fchownat", "setxattr", "lsetxattr", "setxattrat")
        program.refuse("removexattr", "lremovexattr", "removexattrat")
        for name, mode in (("chmod", 1), ("fchmodat", 2), ("fchmodat2", 2)):
            program.refuse_bits(name, mode, FOR_EVERYBODY)
            # Nobody may shut the worker out of its files; but git makes its objects read-only, and must not fail.
            program.skip_unless(name, mode, FOR_THE_OWNER)
        if not signals:
            program.refuse(*SIGNALS)
        if not truncate:
            program.refuse("truncate")
    return program.finish()
