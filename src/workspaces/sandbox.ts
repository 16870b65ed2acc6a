import { execFile } from "node:child_process"
import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs"

/**
 * Bubblewrap around a workspace: the system's programs read-only, an empty /tmp, the workspace's own folder, and nothing else
 * of the machine. Its processes see only each other. The network is shared.
 */

const systemFolders = ["/usr", "/opt", "/etc", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]

/** Readable by root only, which a server may run as; masked so that its workspaces cannot read them either. */
const secretFiles = ["/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", "/etc/sudoers", "/etc/krb5.keytab"]

const within = (folder: string, file: string) => file === folder || file.startsWith(`${folder}/`)

const isVisible = (file: string) => systemFolders.some((folder) => within(folder, file))

const systemArguments = (): Array<string> => {
  const args: Array<string> = []
  for (const folder of systemFolders) {
    if (!existsSync(folder)) continue
    if (lstatSync(folder).isSymbolicLink()) args.push("--symlink", readlinkSync(folder), folder)
    else args.push("--ro-bind", folder, folder)
  }
  for (const file of secretFiles) if (existsSync(file)) args.push("--ro-bind", "/dev/null", file)
  // Often a link to a file outside /etc, without which no name would resolve.
  const resolver = existsSync("/etc/resolv.conf") ? realpathSync("/etc/resolv.conf") : "/etc/resolv.conf"
  if (!within("/etc", resolver)) args.push("--ro-bind", resolver, resolver)
  return args
}

const baseArguments = (): Array<string> => [
  ...["--unshare-pid", "--as-pid-1", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL"],
  ...systemArguments(),
  ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/var/tmp"],
]

const programArguments = (programs: ReadonlyArray<string>, hidden?: string): Array<string> =>
  programs.flatMap((file) => {
    const masked = hidden !== undefined && within(hidden, file)
    return masked || !isVisible(file) ? ["--ro-bind", file, file] : []
  })

export interface SandboxFolders {
  /** Not visible inside, save for the writable folders. */
  readonly hidden: string
  readonly writable: ReadonlyArray<string>
  /** Files to run that need not lie in a system folder. */
  readonly programs: ReadonlyArray<string>
  readonly workdir: string
}

/**
 * Arguments for `bwrap` to run a command that all of the sandbox ends with. The first process of a process namespace has to
 * be a shell for that: the kernel ends the others with it, and unlike most programs it reaps orphans.
 *
 * There is no `--die-with-parent`, since an agent outlives the server.
 */
export const sandboxArguments = (
  { hidden, writable, programs, workdir }: SandboxFolders,
  command: ReadonlyArray<string>,
): Array<string> => [
  ...baseArguments(),
  ...(isVisible(hidden) ? ["--tmpfs", hidden] : []),
  ...programArguments(programs, hidden),
  ...writable.flatMap((folder) => ["--bind", folder, folder]),
  ...["--chdir", workdir, "--", "/bin/sh", "-c", '"$@" & wait $!', "sh", ...command],
]

/** Whether bubblewrap is there and may do its work here (some containers and kernels forbid it), and Node runs inside. */
export const sandboxWorks = (bubblewrap: string): Promise<boolean> =>
  new Promise((resolve) => {
    if (process.platform !== "linux") return resolve(false)
    const args = [...baseArguments(), ...programArguments([process.execPath]), "--", process.execPath, "--version"]
    execFile(bubblewrap, args, { timeout: 10_000, cwd: "/" }, (error) => resolve(error === null))
  })
