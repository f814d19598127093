#!/bin/sh
# Runs a command in a chroot that sees the workspace and cargo's folder of this machine: enter.sh ROOT WORKSPACE CARGO COMMAND...
# What is mounted is gone when the command ends.
set -e
[ -n "$inside" ] || exec env inside=1 unshare --mount --propagation private "$0" "$@"
root=$1 workspace=$2 cargo=$3
shift 3
mkdir -p "$root/work" "$root/cargo" "$root/etc/ssl/certs"
mount --bind "$workspace" "$root/work"
mount --bind "$cargo" "$root/cargo"
# Those of this machine, which may be behind a proxy of its own.
[ ! -d /etc/ssl/certs ] || mount --bind /etc/ssl/certs "$root/etc/ssl/certs"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
# `ip netns exec` gives a namespace names of its own.
cp /etc/hosts /etc/resolv.conf "$root/etc/"
PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root CARGO_HOME=/cargo exec chroot "$root" env --chdir=/work "$@"
