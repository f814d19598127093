"""Runs a command that may open no netlink socket, as in some sandboxes: without_netlink.py COMMAND..."""

import ctypes
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
SOCKET = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
AF_NETLINK, EAFNOSUPPORT = 16, 97
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


def step(code, if_true, if_false, value):
    return struct.pack("HBBI", code, if_true, if_false, value)


# seccomp(2): loads the number of the call, then its first argument (the low half on both machines).
program = b"".join(
    [
        step(0x20, 0, 0, 0),
        step(0x15, 0, 3, SOCKET),
        step(0x20, 0, 0, 16),
        step(0x15, 0, 1, AF_NETLINK),
        step(0x06, 0, 0, ERRNO | EAFNOSUPPORT),
        step(0x06, 0, 0, ALLOW),
    ]
)


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


steps = ctypes.create_string_buffer(program)
whole = Program(len(program) // 8, ctypes.cast(steps, ctypes.c_void_p))
libc = ctypes.CDLL(None)
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(whole), 0, 0) == 0
os.execvp(sys.argv[1], sys.argv[1:])
