#!/bin/sh
# Stands for the C compiler and the archiver of another system where nothing is linked. An archive of Microsoft's is looked for.
for word; do
    case $word in
    -out:*) : >"${word#-out:}" ;;
    esac
done
