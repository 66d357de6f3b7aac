# Who comes by `apiclient exec admin bash` passes no login that would show it.
[ -n "$PS1" ] && cat /etc/motd
