#!/bin/sh -e
# Runs a program for Windows. Each network namespace is a machine with a Windows of its own, since the server of a wine makes the
# sockets of all its programs.
export WINEDEBUG=-all XDG_RUNTIME_DIR=/tmp WINEPREFIX=/wine/$(stat -Lc %i /proc/self/ns/net)
if [ ! -d "$WINEPREFIX" ]; then
    # Of more than a gigabyte of files, only the registry is written to.
    cp -al /wine/new "$WINEPREFIX"
    cp --remove-destination /wine/new/*.reg "$WINEPREFIX"
fi
exec wine "$@"
