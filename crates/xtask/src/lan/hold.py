"""Holds a UDP port on addresses, for itself alone, until it is killed: hold.py PORT ADDRESS..."""

import socket
import sys
import time

held = []
for address in sys.argv[2:]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    holder = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    holder.bind((address, int(sys.argv[1])))
    held.append(holder)
print("held", flush=True)
time.sleep(3600)
