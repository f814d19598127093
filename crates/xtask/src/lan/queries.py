"""Asks a server by multicast DNS and by the game's own port, and counts the bytes that come back within a second:
queries.py SOURCE SERVER

SOURCE is an address of this machine. A query that is forged to come from it would be answered just so.
"""

import socket
import struct
import sys
import time


def name(*labels):
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def query(questions):
    return struct.pack("!HHHHHH", 7, 0, len(questions), 0, 0, 0) + b"".join(
        owner + struct.pack("!HH", kind, 1) for owner, kind in questions)


def ask(what, datagram, to):
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.bind((SOURCE, 0))
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("10.77.0.2"))
    out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
    out.sendto(datagram, to)
    end, answered = time.monotonic() + 1, 0
    while (left := end - time.monotonic()) > 0:
        out.settimeout(left)
        try:
            answered += len(out.recv(9000))
        except TimeoutError:
            break
    print(f"{what} from {SOURCE}: {len(datagram)} bytes asked, {answered} answered, factor {answered / len(datagram):.1f}")


SOURCE, SERVER = sys.argv[1:]
SERVICE = name(b"_oxo", b"_tcp", b"local")
MULTICAST = ("224.0.0.251", 5353)
# A pointer to the first question's name.
AGAIN = b"\xc0\x0c"
ask("one question", query([(SERVICE, 12)]), MULTICAST)
ask("220 questions", query([(SERVICE, 12)] + [(AGAIN, 12)] * 219), MULTICAST)
ask("220 questions for anything", query([(SERVICE, 255)] + [(AGAIN, 255)] * 219), MULTICAST)
ask("one question, not by multicast,", query([(SERVICE, 12)]), (SERVER, 5353))
ask("a question for rooms", bytes.fromhex("588f4f584f00030003c1c2c3c4c5c6c7c80003040000").ljust(1200, b"\0"), (SERVER, 1952))
