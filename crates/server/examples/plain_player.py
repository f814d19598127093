"""Plays oxo by the line protocol: sends a line, reads once, and needs no more than a plain socket.

    python3 plain_player.py HOST [CELL ...]

It takes part in a quick match and plays the cells it is given, then any that is free, until the match is over.
"""

import socket
import sys

host, cells = sys.argv[1], sys.argv[2:]
cells += [column + row for row in "321" for column in "abc"]

with socket.create_connection((host, 1952)) as server:

    def ask(line):
        server.sendall((line + "\n").encode())
        reply = server.recv(1024).decode()
        print(">", line, reply, sep="\n", flush=True)
        return reply

    ask("name robot")
    reply = ask("quick")
    while "\n= over" not in reply and "\n= closed" not in reply:
        # A cell that is taken costs a line; a turn that is not ours, none.
        reply = ask(cells.pop(0) if "\n= your turn" in reply else "wait")
    ask("quit")
