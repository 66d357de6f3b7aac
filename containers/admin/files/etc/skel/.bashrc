# The prompt and the completion are in /etc/bash.bashrc.
