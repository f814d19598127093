# Runs a command where there is a avahi daemon, in namespaces of its own for mounts and processes: with_avahi.sh COMMAND…
#
# Message bus and daemon find each other by paths below /run, so that a /run of their own keeps them apart from those of
# this machine. They end with the namespace of their processes.
mount -t tmpfs none /run
mkdir /run/dbus
dbus-daemon --system --fork --nopidfile
cat >/run/avahi.conf <<END
[server]
use-ipv4=yes
use-ipv6=yes
[publish]
publish-workstation=no
END
avahi-daemon --file=/run/avahi.conf --no-drop-root --no-chroot --no-rlimits --daemonize
"$@"
