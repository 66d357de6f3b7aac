# Every interactive bash: who and where, and the names of commands and files with Tab.
[ -z "$PS1" ] && return
PS1='[\u@admin]\$ '
shopt -s checkwinsize
shopt -oq posix || [ ! -r /usr/share/bash-completion/bash_completion ] || . /usr/share/bash-completion/bash_completion
