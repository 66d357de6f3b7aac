# The shell that sheltie starts in the host.
PS1='[\u@\h host]# '
