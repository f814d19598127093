"""Sends the lines of its input, and prints what comes back: python3 plain_client.py udp|tcp HOST PORT < lines"""

import socket
import sys

transport, host, port = sys.argv[1:]
kind = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}[transport]
# What a name or an address means, of which family: nobody has to choose between AF_INET and AF_INET6.
family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=kind)[0]

with socket.socket(family, kind, protocol) as sock:
    sock.settimeout(5)
    if transport == "udp":
        for line in sys.stdin.buffer:
            sock.sendto(line, address)
            answer, _ = sock.recvfrom(2048)
            sys.stdout.buffer.write(answer)
    else:
        sock.connect(address)
        answers = sock.makefile("rb")
        for line in sys.stdin.buffer:
            sock.sendall(line)
            sys.stdout.buffer.write(answers.readline(2048))
