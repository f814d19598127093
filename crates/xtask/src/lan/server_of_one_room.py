"""A server over UDP that answers questions about one room, and nothing else: server_of_one_room.py CODE

It takes the cookie for granted: who asks twice is who it says.
"""

import socket
import sys

CODE = sys.argv[1].encode()
ROOM = bytes([len(CODE)]) + CODE + b"\x04papa\0" + b"\3\3\3\0\0\0" + b"\0\1\0\0"
ANSWER = b"\4\4papa" + b"\0\0\1" + b"\1" + ROOM

sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
sock.bind(("::", 1952))
print("serving", sys.argv[1], flush=True)
while True:
    datagram, peer = sock.recvfrom(2000)
    if datagram[:1] == b"\x58":
        cid, has_cookie = datagram[9:17], datagram[17]
        sock.sendto(b"\x59" + cid + ANSWER if has_cookie else b"\x51" + cid + bytes(20), peer)
