# shellcheck shell=bash
# Reading the user data: a JSON object, kept in $data.

# Sets data, user and password_hash.
read_user_data() {
  local problem
  if problem=$(jq -e 'type == "object" or error("it is no object")' "$1" 2>&1 >/dev/null); then
    data=$(<"$1")
  else
    say "The user data is not a JSON object, and counts as empty: $problem"
    data={}
  fi
  user=$(jq -r '.user // "ec2-user" | tostring' <<<"$data")
  if [[ ! $user =~ ^[a-z_][a-z0-9_-]{0,31}$ ]]; then
    say "\"user\" cannot be a login name, ec2-user is used instead: up to 32 of a-z, 0-9, _ and -, no digit or - first"
    user=ec2-user
  fi
  password_hash=$(jq -r '."password-hash" // "" | tostring' <<<"$data")
}

# The lines of ssh.NAME, which is a list of text; the old name with underscores counts when the new one is not there.
ssh_list() {
  ssh_value "$1" | jq -r 'if type == "array" and all(type == "string") then .[] else error end' 2>/dev/null ||
    say "ssh.$1 is not a list of text, and is left out"
}

# The text of ssh.NAME, empty when it is not there.
ssh_text() {
  ssh_value "$1" | jq -r 'if . == [] then "" elif type == "string" then . else error end' 2>/dev/null ||
    say "ssh.$1 is not text, and is left out"
}

ssh_value() {
  jq --arg name "$1" '(.ssh | objects) // {} | .[$name] // .[$name | gsub("-"; "_")] // []' <<<"$data"
}
