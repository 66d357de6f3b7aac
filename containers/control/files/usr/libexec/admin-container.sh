# shellcheck shell=bash
# What the commands about the admin container share (specification "containers" 13.3).

fail() {
  echo "Error: $*" >&2
  exit 1
}

command -v apiclient >/dev/null || fail "apiclient is not on the path: this is for a container that the host started"

# Sets settings.host-containers.admin.enabled to true or false; says which and succeeds. A setting that is so already
# is not set again, because the host would start the container anew.
set_admin_enabled() {
  local wanted=$1 key=settings.host-containers.admin.enabled answer now
  answer=$(apiclient raw -u "/settings?keys=$key" 2>&1) || fail "The host does not tell $key: $answer"
  now=$(jq -r '."host-containers".admin.enabled' <<<"$answer" 2>/dev/null) || fail "The host's answer for $key is no JSON: $answer"
  if [[ $now == "$wanted" ]]; then
    echo "The admin container is already $2"
  else
    answer=$(apiclient set "${key#settings.}=$wanted" 2>&1) || fail "The host did not set $key: $answer"
    echo "The admin container is now $2"
  fi
}
