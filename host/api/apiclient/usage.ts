/** What `apiclient --help` says, for the whole and for each subcommand. */
import type { Subcommand } from "./command-line.ts";
import { defaultTrialTime } from "./trial-time.ts";

/** The help for a subcommand, or for the program. Ends with a newline. */
export function usage(about: Subcommand | undefined): string {
  return about === undefined ? PROGRAM : `${TEXTS[about].trim()}\n\n${GLOBAL}`;
}

const GLOBAL = `Options of every subcommand:
  -s, --socket-path PATH   the API server's socket (default /run/api.sock)
      --log-level LEVEL    off, error, warn, info, debug or trace (default info)
  -v, --verbose            the same as --log-level debug
  -h, --help               this text
      --                   what follows is no option, even if it begins with -
`;

const PROGRAM = `Reads and changes the settings of this host.

Usage: apiclient [OPTIONS] SUBCOMMAND [ARGUMENTS]

Subcommands:
  get      show settings and facts about the host
  set      change settings, given as KEY=VALUE or as JSON
  unset    take settings back, to their default or generated value
  apply    change settings, given as TOML or JSON from files, URLs or stdin
  confirm  keep what was changed with --try
  revert   put back what was changed with --try
  exec     run a command in a host container
  status   show how the host is, and what is wrong with it
  logs     show what a unit or container has logged
  doctor   look for what is wrong with the host, and say what to do
  update   look for an update of the host, take it, take it back, or see how it stands
  reboot   restart the host
  completion   print what a shell needs to complete subcommands, keys and values at TAB
  raw      make any request to the API (what is meant if no subcommand is named)

To begin with:
  apiclient get                          everything
  apiclient get settings.motd            one setting
  apiclient set motd="hello, world"      change it: stored, and applied at once
  apiclient set --dry-run motd="hello"   what that would do to files and services; changes nothing
  apiclient set --help                   how values are written
  apiclient status                       units, containers, disks, clock: what is wrong comes first

${GLOBAL}
Exit codes: 0 done; 1 the request failed, a setting was not accepted or not applied, or status or doctor found a
problem; 2 the command line was not understood; of exec also what the command ended with.
`;

const CHANGE = `      --wait               wait until the change is applied, and show how it went on stderr; if it cannot be applied,
                           exit with 1. The same without this option, if stderr is a terminal
      --no-wait            be done as soon as the change is stored and applying it has begun
      --dry-run            show settings, files, services and reboots that this would change, and change nothing
      --output text|json   how --dry-run shows it (default text)
      --try                put everything back unless apiclient confirm comes in time, also over a restart of the host
      --timeout TIME       the time of --try, such as 90s or 1h30m (default ${defaultTrialTime})`;

const TEXTS: Readonly<Record<Subcommand, string>> = {
  get: `
Shows settings and facts about the host as JSON.

Usage: apiclient get [PREFIX ...]
       apiclient get /URI

A PREFIX is the beginning of a full name. Without one, \`os.\` and \`settings.\` are shown.

  apiclient get                                         all settings and the os
  apiclient get settings.ntp                            a group of settings
  apiclient get settings.motd os.version_id             several, merged into one answer
  apiclient get 'settings.kernel.sysctl."vm.swappiness"'
  apiclient get /services                               any URI of the API
  apiclient get /settings/schema                        what can be set: a JSON Schema, for editors and programs
  apiclient get /docs/openapi.json                      what else the API takes and answers: an OpenAPI document
  apiclient get /boot/report                            how the host was configured at this boot
  apiclient get /tx/applied                             what the last changes wrote and restarted, and what failed`,
  set: `
Changes settings: checked, stored and applied together, all of them or none.

Usage: apiclient set KEY=VALUE ...
       apiclient set --json JSON

In KEY the leading \`settings.\` may be left out. A part of a key that contains a dot is put in double quotes.
VALUE is read as the setting's own type: text needs no quotes of its own beyond the shell's. Lists and tables
are written as JSON.

  apiclient set motd="hello, world"
  apiclient set updates.ignore-waves=true network.hostname=lab-7
  apiclient set 'kernel.sysctl."vm.max_map_count"=262144'
  apiclient set ntp.time-servers='["192.0.2.7", "192.0.2.8"]'
  apiclient set --json '{"ntp": {"time-servers": ["192.0.2.7", "192.0.2.8"]}}'
  apiclient set -- KEY=VALUE                            if a word begins with -

Options:
  -j, --json JSON          settings as a JSON object, with or without an outer "settings"
${CHANGE}`,
  unset: `
Takes settings back: each to its default or generated value, or to not set where there is neither. All together, or none.

Usage: apiclient unset KEY ...

A KEY names a setting, a group of settings, or an entry of a table, which is removed with all that is below it. The
leading \`settings.\` may be left out. A part of a key that contains a dot is put in double quotes.

  apiclient unset motd
  apiclient unset ntp network.https-proxy               all settings of a group, and one more
  apiclient unset host-containers.mine                  an entry of a table
  apiclient unset 'kernel.sysctl."vm.swappiness"'       the kernel gets the value that it had before

Options:
${CHANGE}`,
  apply: `
Changes settings from documents: all are checked first, then all take effect together, or none.

Usage: apiclient apply [SOURCE ...]

A SOURCE is a path, a file://, http:// or https:// URI, or - for stdin, which is also read if there is none.
It is TOML or JSON with a top-level \`settings\`, like user data. Later sources win over earlier ones.

  apiclient apply /path/settings.toml
  apiclient apply file:///path/base.toml https://config.example.com/host.json
  printf '[settings]\\nmotd = "hello"\\n' | apiclient apply

Options:
${CHANGE}`,
  confirm: `
Keeps what was changed with --try.

Usage: apiclient confirm`,
  revert: `
Puts back what was changed with --try, at once.

Usage: apiclient revert

How a trial that is over has ended, and how long one that runs has left, is at apiclient get /tx/trial`,
  status: `
Shows how the host is: what is wrong and what to do about it, then a line for each container and unit, then the boot, the
last change, the partition sets, disks, memory and the clock.

Usage: apiclient status [--output text|json]

Exits with 0 if the host is healthy, with 1 if there is a problem.

Options:
      --output text|json   for people or for programs (default text)`,
  logs: `
Shows what a unit or a container has logged, the newest last.

Usage: apiclient logs NAME [--follow] [--since TIME] [--lines NUMBER]

NAME is that of a unit, with or without .service, or of a host or bootstrap container. Without --since and --lines the
last 200 lines are shown.

  apiclient logs chronyd
  apiclient logs admin --follow                         go on until Ctrl-C
  apiclient logs kubelet --since 10m                    also 90s, 1h30m, 2d
  apiclient logs apiserver --since 2026-01-31T12:00:00Z

Options:
  -f, --follow             go on with what is yet to come
      --since TIME         begin at this time, or so long ago
  -n, --lines NUMBER       at most so many lines of what is there already, or all`,
  doctor: `
Looks for what is wrong with the host: all that status looks at, whether the registries of containers can be reached, and
where the time of starting the host went. Each finding says what to do. Takes some seconds.

Usage: apiclient doctor [--output text|json]

Exits with 0 if nothing is wrong, with 1 otherwise.

Options:
      --output text|json   for people or for programs (default text)`,
  exec: `
Runs a command in a host container, with this input and output, and exits as the command does: with its exit code, or
with 128 + the number of the signal that ended it. Its stderr comes on stdout, too.

Usage: apiclient exec [-t|-T] TARGET COMMAND [ARGUMENTS]

TARGET is the name of a container that runs: one of settings.host-containers, such as admin, or boot.NAME for a
bootstrap container. Options end where COMMAND begins.

  apiclient exec admin bash                             a shell, if stdin and stdout are a terminal
  apiclient exec admin uname -v                         -v is uname's
  tar c . | apiclient exec admin tar x -C /tmp          any amount of bytes, both ways

Options:
  -t, --tty                give the command a terminal, even from a script
  -T, --no-tty             pipes, even if stdin and stdout are a terminal`,
  update: `
Updates the whole host: an update is written beside what runs, and starts with the next boot.

Usage: apiclient update check
       apiclient update apply [--check] [--reboot] [--retry]
       apiclient update cancel
       apiclient update status [--output text|json]

  apiclient update check                                look for updates, and show what is known of them
  apiclient update apply                                write the one that was found, and have the next boot start it
  apiclient update apply --check --reboot               all at once, if there is an update
  apiclient update cancel                               have the next boot start what runs now
  apiclient update status                               what runs, which update waits, what a rollback would start

How far an update is shows on stderr. Whoever stops waiting does not stop the update. A version that did not come up well
on this host is not taken again by itself.

Options:
  -c, --check              look for updates first, and be done if there is none or one waits for the reboot
  -r, --reboot             restart the host once the update is written
      --retry              take also the version that did not come up well on this host before
      --output text|json   how status shows it (default text)`,
  reboot: `
Restarts the host in an orderly way.

Usage: apiclient reboot`,
  completion: `
Prints a script with which a shell completes subcommands, options, keys and values when TAB is pressed. The names of
your own containers, kernel parameters and so on are asked from the host.

Usage: apiclient completion bash|zsh|fish

  eval "$(apiclient completion bash)"                   for this shell; in ~/.bashrc for all
  eval "$(apiclient completion zsh)"                    the same, after compinit
  apiclient completion fish | source                    the same, in ~/.config/fish/config.fish`,
  raw: `
Makes one request to the API and prints the body of its answer.

Usage: apiclient [raw] --uri URI [--method METHOD] [--data DATA]

  apiclient raw -u '/settings?keys=settings.motd,settings.ntp.time-servers'
  apiclient raw -m PATCH -u '/settings?tx=mine' -d '{"motd": "hello"}'
  apiclient raw -m POST -u '/tx/commit_and_apply?tx=mine'
  apiclient raw -v -m DELETE -u '/tx?tx=mine'           -v shows the status too

Options:
  -u, --uri URI            path and query; required
  -m, -X, --method METHOD  default GET
  -d, --data DATA          the body, sent as application/json`,
};
