"""Floods a server from many addresses until it is killed: crowd.py KIND SERVER ADDRESS FIRST LAST

ADDRESS has a {} for a number from FIRST to LAST.
KIND is the state in which each connection is left:
byte      over TCP, after one byte
preface   over TCP, after the preface
hello     over TCP, as a session that does nothing
text      over TCP, as a text that says nothing useful
udp       over UDP, after the handshake
"""

import collections
import itertools
import resource
import socket
import struct
import sys
import time

PREFACE = bytes.fromhex("8f4f584f00030003")
HELLO = b"\x00\x03eve\x00"
HELD = 6000
BATCH = 64
# Connections a second: so few that the processors of a small machine are not what is tried.
RATE = 2000


def tcp(server, source, _number):
    sock = socket.socket(server[0], socket.SOCK_STREAM)
    sock.bind(source)
    # The connection is made by the kernel; what is sent follows when the next ones are under way.
    sock.setblocking(False)
    sock.connect_ex(server[4])
    return sock


def after(kind, sock):
    said = {
        "byte": b"x",
        "preface": PREFACE,
        "hello": PREFACE + struct.pack("!H", len(HELLO)) + HELLO,
        "text": b"hello, is anybody there?\n",
    }[kind]
    sock.send(said)


class Datagrams(socket.socket):
    cid = b""


def udp(server, source, number):
    sock = Datagrams(server[0], socket.SOCK_DGRAM)
    sock.bind(source)
    sock.setblocking(False)
    sock.connect(server[4])
    sock.cid = struct.pack("!Q", number)
    sock.send((b"\x50" + PREFACE + sock.cid + b"\0").ljust(1200, b"\0"))
    return sock


def answer(sock):
    retry = sock.recv(1500)
    if retry[0] == 0x51:
        hello = b"\x50" + PREFACE + sock.cid + bytes([len(retry) - 9]) + retry[9:]
        sock.send(hello.ljust(1200, b"\0"))


def main():
    kind, host, address, first, last = sys.argv[1:]
    addresses = [address.format(number) for number in range(int(first), int(last) + 1)]
    resource.setrlimit(resource.RLIMIT_NOFILE, (HELD + 2000,) * 2)
    kinds = socket.SOCK_DGRAM if kind == "udp" else socket.SOCK_STREAM
    server = socket.getaddrinfo(host, 1952, type=kinds)[0]
    sources = [socket.getaddrinfo(address, 0, type=kinds)[0][4] for address in addresses]
    held = collections.deque()
    fresh = collections.deque()
    begun = time.monotonic()
    begin = udp if kind == "udp" else tcp
    for number, source in enumerate(itertools.cycle(sources), 1):
        try:
            fresh.append(begin(server, source, number))
        except OSError:
            pass
        if len(fresh) > BATCH:
            sock = fresh.popleft()
            try:
                answer(sock) if kind == "udp" else after(kind, sock)
            except OSError:
                pass
            held.append(sock)
        if len(held) > HELD:
            held.popleft().close()
        if number % 20 == 0:
            time.sleep(max(0, begun + number / RATE - time.monotonic()))
        if number % 5000 == 0:
            print(number, "connections", flush=True)


main()
