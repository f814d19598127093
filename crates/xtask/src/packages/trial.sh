#!/bin/bash
# Runs as root on a small Debian that was booted for it: what an operator does with the packages, and what must come of it.
# /older and /newer hold them. The first failure ends it.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 HOME=/root PATH=$PATH:/usr/games
trap 'status=$?; ((status == 0)) || echo "== failed in line ${BASH_LINENO[*]}: $BASH_COMMAND"' EXIT

say() { printf '== %s\n' "$*"; }

# is VALUE EXPECTED: compares what a command printed.
is() { [[ $1 == "$2" ]] || { printf 'expected %s, not %s\n' "$2" "$1"; return 1; }; }

property() { systemctl show --value -p "$1" oxo-server.service; }

# journal WORDS: waits until the log of the server has a line with these words that came after `since`.
journal() { timeout 20 grep -q -m1 -F -- "$1" < <(journalctl -u oxo-server.service --after-cursor="$since" -o cat -f -n all); }
now() { since=$(journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p'); }

# plays HOST: a line client is answered over TCP.
plays() {
    exec 3<> "/dev/tcp/$1/1952"
    printf 'help\n' >&3
    timeout 10 grep -q -m1 'a game with whoever waits' <&3
    exec 3>&-
}

say 'the older version is installed'
now
dpkg -i /older/*.deb
is "$(property ActiveState)/$(property SubState)" active/running
is "$(property UnitFileState)" enabled
is "$(property StatusText)" 'Listening on [::]:1952'
is "$(property WatchdogUSec)" 30s
journal 'listening tcp [::]:1952'
for host in 127.0.0.1 ::1; do plays "$host"; done
oxo doctor 127.0.0.1 | grep -E 'UDP  handshake|TCP  handshake'

say 'the service runs without rights, and keeps its state for itself'
pid=$(property MainPID)
user=$(stat -c %u "/proc/$pid")
# The range of dynamic users (systemd.exec(5)).
((user >= 61184 && user <= 65519))
is "$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$pid/status")" 1
is "$(sed -n 's/^CapBnd:\t//p' "/proc/$pid/status")" 0000000000000000
is "$(tr '\0' '\n' < "/proc/$pid/environ" | sed -n 's/^STATE_DIRECTORY=//p')" /var/lib/oxo-server
is "$(stat -c '%a %u' /var/lib/private/oxo-server)" "700 $user"
is "$(stat -c '%a %U' /etc/oxo-server.toml)" '644 root'
nsenter -t "$pid" -m -- sh -c '! touch /usr/x 2> /dev/null && ! touch /etc/x 2> /dev/null && touch /var/lib/private/oxo-server/x'
systemd-analyze verify /usr/lib/systemd/system/oxo-server.*
systemd-analyze security --threshold=20 oxo-server.service | tail -1

say 'a stuck server is started again'
now
mkdir -p /run/systemd/system/oxo-server.service.d
printf '[Service]\nWatchdogSec=1s\n' > /run/systemd/system/oxo-server.service.d/trial.conf
systemctl daemon-reload
systemctl restart oxo-server.service
kill -STOP "$(property MainPID)"
journal 'Watchdog timeout'
rm -r /run/systemd/system/oxo-server.service.d
systemctl daemon-reload
systemctl restart oxo-server.service

say 'the upgrade starts the new program, and keeps the settings and the state'
sed -i 's/^name = .*/name = "attic"/' /etc/oxo-server.toml
grep -q '^name = "attic"' /etc/oxo-server.toml || printf 'name = "attic"\n%s\n' "$(cat /etc/oxo-server.toml)" > /etc/oxo-server.toml
pid=$(property MainPID)
dpkg -i /newer/*.deb
is "$(property ActiveState)" active
[[ $(property MainPID) != "$pid" ]]
grep -q '^name = "attic"' /etc/oxo-server.toml
[[ -e /var/lib/private/oxo-server/x ]]
oxo doctor 127.0.0.1 | grep 'the server is attic'

say 'a stop is in order'
now
systemctl stop oxo-server.service
journal 'stopped'
is "$(property Result)/$(property ExecMainStatus)" success/0

say 'a first packet starts the server on the sockets of systemd'
systemctl disable oxo-server.service
for first in tcp udp; do
    systemctl start oxo-server.socket
    is "$(property ActiveState)" inactive
    now
    if [[ $first == tcp ]]; then plays ::1; else oxo doctor 127.0.0.1 > /dev/null; fi
    journal 'the service manager has opened these sockets'
    is "$(property StatusText)" 'Listening on [::]:1952'
    plays 127.0.0.1
    oxo doctor 127.0.0.1 | grep -E 'UDP  handshake'
    # A restart closes no door: who comes meanwhile waits.
    systemctl restart oxo-server.service & plays 127.0.0.1; wait $!
    systemctl stop oxo-server.socket oxo-server.service
done

say 'the texts that come with the programs'
for page in /usr/share/man/man6/oxo.6.gz /usr/share/man/man1/oxo-server.1.gz; do
    is "$(MANROFFSEQ='' MANWIDTH=80 man --warnings=all -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 > /dev/null)" ''
done
man 6 oxo | grep -A1 '^   oxo host'
for program in oxo oxo-server; do
    bash -c ". /usr/share/bash-completion/completions/$program; complete -p $program" | grep -- '-F _oxo'
    zsh -fc "autoload -U compinit; compinit -D; whence -w _$program; autoload +X _$program" | grep function
    fish -c "complete --do-complete '$program --'" | grep -- --name
done
fish -c "complete --do-complete 'oxo '" | grep ^host
tshark -G plugins 2> /dev/null | grep 'oxo.lua'
is "$(stat -c %a /usr/share/applications/oxo.desktop /usr/share/icons/hicolor/scalable/apps/oxo.svg | sort -u)" 644

say 'the removal leaves the settings and the state, and the purge nothing'
systemctl start oxo-server.service
dpkg -r oxo oxo-server
is "$(property ActiveState)" inactive
[[ -e /etc/oxo-server.toml && -e /var/lib/private/oxo-server/x ]]
dpkg -P oxo oxo-server
left=$(find / -xdev -name '*oxo*' -not -path '/proc/*' -not -path '/older/*' -not -path '/newer/*' -not -path '/var/log/*' -not -path '/run/*' -not -path '/var/cache/man/*')
is "$left" ''

say 'all passed'
