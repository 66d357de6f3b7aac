/** What shells run to complete command lines of apiclient: each asks `apiclient complete` at every press of TAB. */

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** The script for a shell. Ends with a newline. */
export function completionScript(shell: Shell): string {
  return `${scripts[shell].trim()}\n`;
}

const scripts: Readonly<Record<Shell, string>> = {
  // Nothing of the package bash-completion is used: admin containers do not have it.
  bash: `
# Completion of apiclient for bash. For this shell: eval "$(apiclient completion bash)"
_apiclient() {
  mapfile -t COMPREPLY < <(apiclient complete line "\${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
  if [[ \${COMPREPLY[0]-} == :files ]]; then
    COMPREPLY=()
    compopt +o nospace -o default
  fi
}
complete -o nospace -F _apiclient apiclient`,
  // The replies are inserted as they are (-Q) and not compared with what is typed (-U): zsh would quote them its own way.
  zsh: `
#compdef apiclient
# Completion of apiclient for zsh. For this shell, after compinit: eval "$(apiclient completion zsh)"
_apiclient() {
  local -a replies
  local line="\${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX"
  replies=("\${(@f)$(apiclient complete line "$line" "$PREFIX" 2>/dev/null)}")
  if [[ $replies[1] == :files ]]; then
    _files
  elif [[ -n $replies[1] ]]; then
    compadd -U -Q -S '' -- $replies
  fi
}
compdef _apiclient apiclient`,
  fish: `
# Completion of apiclient for fish. For this shell: apiclient completion fish | source
function __apiclient_complete
    set -l typed (commandline --cut-at-cursor --current-token)
    # A quote that is still open is closed for reading the word.
    set -l word (string unescape -- "$typed"; or string unescape -- "$typed'"; or string unescape -- "$typed\\"")
    set -l found (apiclient complete words (commandline -opc)[2..-1] "$word" 2>/dev/null)
    if test "$found[1]" = :files
        __fish_complete_path "$word"
    else
        string join \\n -- $found
    end
end
complete --command apiclient --no-files --arguments '(__apiclient_complete)'`,
};
