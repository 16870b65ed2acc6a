import { MOST_COMMAND_WORDS } from "../contract/tool-policy.ts"
import { plainCommand, type PlainWord } from "./plain-command.ts"

/** Whether a command begins with the words of a rule, and which words a rule about a command would have. */

/**
 * Programs that run what their arguments name, and parts of the shell that do or that change what a later word means. What they would
 * run is not the words that a rule looks at, so no rule is ever sure of them.
 */
const WRAPPERS: ReadonlySet<string> = new Set(
  `. alias ash bash builtin busybox bwrap chpst chroot chrt command coproc cpulimit csh dash doas dtach entr env envdir eval exec fakeroot
  firejail fish flock gosu hash ionice ksh linux32 linux64 logexec ltrace mksh nice nohup nsenter numactl parallel pkexec pwsh rbash rlwrap
  run-parts runuser screen script sem setarch setlock setpriv setsid setuidgid sg sh softlimit source ssh-agent start-stop-daemon stdbuf
  strace su su-exec sudo systemd-run taskset tcsh time timeout tini tmux toybox trap unbuffer unshare valgrind watch watchexec with-contenv
  xargs xvfb-run zsh`.split(/\s+/),
)

/** `find` is a wrapper by one of its arguments. */
const FIND_ACTIONS = /^-(exec|execdir|ok|okdir|delete|fprint|fprint0|fprintf|fls)$/

const nameOf = (program: string): string => program.slice(program.lastIndexOf("/") + 1).toLowerCase()

/** Also where the name is only put together when the command runs. */
const mayRunAnother = ([program, ...rest]: ReadonlyArray<PlainWord>): boolean => {
  if (program === undefined || !program.exact) return true
  const name = nameOf(program.value)
  return WRAPPERS.has(name) || (name === "find" && rest.some(({ exact, value }) => !exact || FIND_ACTIONS.test(value)))
}

/**
 * `wrapper`: it begins with the words, and runs something beside them. `unsure`: nobody can tell what else it runs, or it cannot be
 * read.
 */
export type PrefixMatch = "yes" | "no" | "wrapper" | "unsure"

/**
 * Whether a command is one simple command that begins with these words.
 *
 * @param command undefined where more than a command decides what the call runs
 */
export const beginsWith = (command: string | undefined, prefix: ReadonlyArray<string>): PrefixMatch => {
  const words = command === undefined ? undefined : plainCommand(command)
  if (words === undefined) return "unsure"
  const head = words.slice(0, prefix.length)
  if (head.some(({ exact }) => !exact)) return "unsure"
  const begins = head.length === prefix.length && head.every(({ value }, index) => value === prefix[index])
  if (mayRunAnother(words)) return begins ? "wrapper" : "unsure"
  return begins ? "yes" : "no"
}

/** Programs whose second word says what they do. */
const WITH_SUBCOMMANDS: ReadonlySet<string> = new Set(
  "bun bundle cargo composer deno dotnet git go gradle make mix mvn npm pnpm poetry rails rake swift uv yarn".split(
    " ",
  ),
)

/** Subcommands after which it is the next word that says it. */
const NAMES_NEXT: ReadonlySet<string> = new Set(["exec", "run", "run-script", "task", "tool"])

/** Subcommands that with another argument change, send away or run anything. */
const ANY_SUBCOMMAND: ReadonlySet<string> = new Set(
  `add apply attach clean config cp create debug delete deploy destroy dlx edit eval expose generate get i init install link login patch
  prune publish push rebase remote remove replace reset restore rm scale set submodule uninstall update upgrade worktree x`.split(
    /\s+/,
  ),
)

const SUBCOMMAND = /^[a-z][a-z0-9:_-]*$/

/** No option: behind one, the word that says what runs may still come. */
const NAMED = /^[\w@./][\w@./:-]*$/

/** Programs for which a further argument is anything at all: another file that is lost, another script that is run. */
const ANYTHING: ReadonlySet<string> = new Set(
  `aws awk az bunx chgrp chmod chown cp curl dd docker doit expect find gawk gcloud gdb gh helm install kill killall kubectl ln lua m4 mawk
  mkfs mount mv mysql node npx osascript perl php pip pip3 pkill podman pnpx psql python python3 redis-cli rm rmdir rsync ruby scp sed sftp
  shred socat sqlite3 ssh systemctl tar tee terraform truncate tsx unzip vim wget`.split(/\s+/),
)

const exactWords = (words: ReadonlyArray<PlainWord>): ReadonlyArray<string> | undefined =>
  words.length <= MOST_COMMAND_WORDS && words.every(({ exact, value }) => exact && value !== "" && value.length <= 256)
    ? words.map(({ value }) => value)
    : undefined

/**
 * The words by which a person may allow this command and those like it: a program with its subcommand, else all of its words, since
 * what follows them is allowed as well.
 *
 * @returns undefined where no words say what would run
 */
export const prefixToAllow = (command: string): ReadonlyArray<string> | undefined => {
  const words = plainCommand(command)
  if (words === undefined || mayRunAnother(words)) return undefined
  const [program = "", second = "", third = ""] = words.map(({ value }) => value)
  const name = nameOf(program)
  if (ANYTHING.has(name)) return undefined
  if (!WITH_SUBCOMMANDS.has(name)) return exactWords(words)
  if (!SUBCOMMAND.test(second) || ANY_SUBCOMMAND.has(second)) return undefined
  if (!NAMES_NEXT.has(second)) return exactWords(words.slice(0, 2))
  const next = nameOf(third)
  return NAMED.test(third) && !ANYTHING.has(next) && !WRAPPERS.has(next) ? exactWords(words.slice(0, 3)) : undefined
}
