"""Answers whatever is asked by multicast DNS with an empty answer: enough to be heard.

usage: answers_multicast.py OWN_IPV4_ADDRESS
"""

import socket
import sys

GROUP, PORT = "224.0.0.251", 5353

own = socket.inet_aton(sys.argv[1])
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", PORT))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(GROUP) + own)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, own)
while True:
    question, _ = s.recvfrom(9000)
    # An answer has the first bit of the flags set (RFC 1035 section 4.1.1); another one is not answered.
    if len(question) >= 12 and not question[2] & 0x80:
        s.sendto(bytes([0, 0, 0x84, 0]) + bytes(8), (GROUP, PORT))
