"""Gives back in upper case what comes, to one client at a time: python3 plain_server.py udp|tcp PORT"""

import socket
import sys

transport, port = sys.argv[1], int(sys.argv[2])
kind = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}[transport]

with socket.socket(socket.AF_INET6, kind) as sock:
    # One socket for both families: IPv4 clients appear as ::ffff:192.168.1.7.
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    sock.bind(("::", port))
    if transport == "udp":
        while True:
            question, address = sock.recvfrom(2048)
            print(address[0], flush=True)
            sock.sendto(question.decode().upper().encode(), address)
    else:
        sock.listen()
        while True:
            client, address = sock.accept()
            print(address[0], flush=True)
            with client:
                # Whatever a read brings: a part of a line, or several of them. In upper case that is the same.
                while question := client.recv(2048):
                    client.sendall(question.upper())
