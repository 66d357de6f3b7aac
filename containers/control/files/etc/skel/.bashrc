# For every interactive shell: bash as itself, and bash as sh by the environment variable ENV.
. /etc/bash.bashrc
[ -n "$PS1" ] && cat /etc/motd
