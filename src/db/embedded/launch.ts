import { spawn } from "node:child_process"
import { userInfo } from "node:os"
import { EmbeddedPostgresError, useOtherDatabase } from "./errors.ts"

/** PostgreSQL refuses to run as root; this is `nobody` on Linux, which needs no account to be made. */
const nobody = 65_534

/** How the server's programs are run so that PostgreSQL accepts the user it runs as. */
export interface Launch {
  readonly kind: "direct" | "user_namespace" | "other_user"
  /** What stands before the program: it replaces itself by the program, so the pid is the program's. */
  readonly prefix: ReadonlyArray<string>
  /** Who must own the data folder, as seen by this process; undefined where the system has no such ids. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
}

const ownIds = () => (process.getuid && process.getgid ? { uid: process.getuid(), gid: process.getgid() } : undefined)

const hasAccount = (): boolean => {
  try {
    userInfo()
    return true
  } catch {
    return false
  }
}

const succeeds = (command: ReadonlyArray<string>): Promise<boolean> =>
  new Promise((resolve) => {
    const [program = "", ...parameters] = command
    spawn(program, parameters, { stdio: "ignore" })
      .once("error", () => resolve(false))
      .once("exit", (code) => resolve(code === 0))
  })

const direct = (): Launch => ({ kind: "direct", prefix: [], owner: ownIds() })

/** Inside it we are `nobody`; outside, files stay those of the user who started us, whatever folders they lie in. */
const userNamespace = (): Launch => ({
  kind: "user_namespace",
  prefix: ["unshare", "-U", `--map-user=${nobody}`, `--map-group=${nobody}`, "--"],
  owner: ownIds(),
})

/** For root in a container that forbids user namespaces. The capability lets it pass folders that only root may enter. */
const otherUser = (): Launch => ({
  kind: "other_user",
  prefix: [
    "setpriv",
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    "--clear-groups",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
    "--",
  ],
  owner: { uid: nobody, gid: nobody },
})

/**
 * The first way that works here: as we are; else mapped to `nobody` in a user namespace; else, for root, as `nobody`.
 * `allowed` narrows the choice. Rejects with `EmbeddedPostgresError`.
 */
export const chooseLaunch = async (
  allowed: ReadonlyArray<Launch["kind"]> = ["direct", "user_namespace", "other_user"],
): Promise<Launch> => {
  const ids = ownIds()
  if (allowed.includes("direct") && (ids === undefined || (ids.uid !== 0 && hasAccount()))) return direct()
  const others = [userNamespace(), ...(ids?.uid === 0 ? [otherUser()] : [])]
  for (const launch of others) {
    if (allowed.includes(launch.kind) && (await succeeds([...launch.prefix, "true"]))) return launch
  }
  const user = ids?.uid === 0 ? "root" : `uid ${ids?.uid}, which has no account,`
  throw new EmbeddedPostgresError({
    operation: "EmbeddedPostgres.launch",
    reason: "not_permitted",
    message: `PostgreSQL does not run as ${user} and this system allows neither unshare nor setpriv. Start Troupe as an ordinary user. ${useOtherDatabase}`,
  })
}

/** The programs see nothing of our environment that could change what they do (PGPORT, LC_ALL) or that is secret. */
export const launchEnvironment = (): Record<string, string> => {
  const kept = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "LD_LIBRARY_PATH"]
  const entries = kept.map((name) => [name, process.env[name]] as const)
  const environment = Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined))
  return { ...environment, LC_ALL: "C", TZ: "UTC" }
}
