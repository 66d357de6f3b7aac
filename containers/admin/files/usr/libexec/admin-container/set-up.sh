# shellcheck shell=bash
# The steps of the start-up, in the order that start-admin takes them.

# Login shells do not have the container's environment.
write_proxy_settings() {
  local name
  for name in HTTP_PROXY HTTPS_PROXY no_proxy NO_PROXY; do
    [[ -v $name ]] && printf 'export %s=%q\n' "$name" "${!name}"
  done >/etc/profile.d/bottlerocket-proxy-settings.sh
  chmod 0644 /etc/profile.d/bottlerocket-proxy-settings.sh
}

# Sets home. A password is for the serial console alone: sshd takes none.
make_user() {
  if ! id -u "$user" &>/dev/null && ! useradd --create-home --shell /bin/bash "$user"; then
    say "The user $user cannot be made, ec2-user is used instead"
    user=ec2-user
    useradd --create-home --shell /bin/bash "$user"
  fi
  usermod --append --groups users,api "$user"
  if [[ -n $password_hash ]] && ! usermod --password "$password_hash" "$user"; then
    say "\"password-hash\" is left out; openssl passwd -6 makes one"
    password_hash=
  fi
  printf '%s ALL=(ALL:ALL) NOPASSWD: ALL\n' "$user" | install -m 0440 /dev/stdin /etc/sudoers.d/admin-container
  home=$(getent passwd "$user" | cut -d: -f6)
}

write_sshd_options() {
  {
    sshd_option AuthorizedKeysCommand "$(ssh_text authorized-keys-command)"
    sshd_option AuthorizedKeysCommandUser "$(ssh_text authorized-keys-command-user)"
    sshd_option Ciphers "$(ssh_list ciphers | paste -sd,)"
    sshd_option KexAlgorithms "$(ssh_list key-exchange-algorithms | paste -sd,)"
    sshd_option MACs "$(ssh_list macs | paste -sd,)"
  } >/etc/ssh/sshd_config.d/user-data.conf
}

# A line break would begin another option.
sshd_option() {
  [[ -z $2 ]] || printf '%s %s\n' "$1" "${2//$'\n'/ }"
}

has_keys_command() {
  local command
  command=$(ssh_text authorized-keys-command)
  [[ -n $command ]] || return 1
  [[ -x ${command%% *} ]] || { say "ssh.authorized-keys-command: this image has no ${command%% *}"; return 1; }
}

# Writes the keys of ssh.NAME that are keys into FILE, for OWNER; succeeds when there was one. What is no public key
# may be a private one given by mistake: only its place in the list is told.
write_keys() {
  local name=$1 file=$2 owner=$3 key number=0
  local -a keys=()
  while IFS= read -r key; do
    number=$((number + 1))
    if ssh-keygen -l -f - <<<"$key" &>/dev/null; then keys+=("$key"); else say "ssh.$name: key $number is no public key, and is left out"; fi
  done < <(ssh_list "$name")
  ((${#keys[@]} > 0)) || return 1
  # sshd itself demands the owner and that nobody else may write.
  if [[ $owner != root ]]; then install -d -m 0700 -o "$owner" -g "$(id -g "$owner")" "${file%/*}"; fi
  printf '%s\n' "${keys[@]}" | install -m 0600 -o "$owner" -g "$(id -g "$owner")" /dev/stdin "$file"
}

# Kept in the persistent storage, so that people see the same host after a reboot and after an update of this image.
make_host_keys() {
  local directory=$storage/etc/ssh algorithm
  mkdir -p "$directory"
  for algorithm in rsa ecdsa ed25519; do
    make_host_key "$algorithm" "$directory/ssh_host_${algorithm}_key" &
  done
  wait
}

make_host_key() {
  if [[ ! -s $2 || ! -s $2.pub ]]; then
    rm -f "$2" "$2.pub"
    ssh-keygen -q -t "$1" -N "" -C "" -f "$2" || say "There will be no host key of the kind $1"
  fi
  chmod 0600 "$2" && chmod 0644 "$2.pub" && ln -sf "$2.pub" /etc/ssh/
}

# A login prompt on each console of the host, each again when it ends. Without a password nobody could use one.
start_consoles() {
  local word name
  local -a kind
  for word in $(</proc/cmdline); do
    [[ $word == console=* ]] || continue
    name=${word#console=} name=${name%%,*}
    [[ -c /.bottlerocket/rootfs/dev/$name ]] || continue
    [[ -e /dev/$name ]] || cp --archive "/.bottlerocket/rootfs/dev/$name" "/dev/$name"
    case $name in
      ttyS* | ttyAMA* | ttyUSB*) kind=(--keep-baud "115200,57600,38400,9600" "$name" vt220) ;;
      tty*) kind=("$name" linux) ;;
      *) continue ;;
    esac
    while :; do
      setsid --wait agetty "${kind[@]}"
      sleep 1
    done &
  done
}
