import { Context, Data, Effect, Layer, Record, Redacted } from "effect"
import { isIP } from "node:net"
import { homedir } from "node:os"
import path from "node:path"

/** A setting that cannot be used. `message` names the variable and says what to write instead; it never repeats a secret. */
export class SettingsError extends Data.TaggedError("SettingsError")<{
  readonly operation: string
  readonly variable: string
  readonly message: string
}> {}

/**
 * Durations in milliseconds, and the counts that go with them. Each may be overridden by a variable made from its name:
 * `sweepMs` is `TROUPE_SWEEP_MS`. Tests want them small, operators seldom want them at all.
 */
export const defaultTimings = {
  /**
   * A statement that the database has not carried out by then fails, and a connection that gives no answer 2 s later is given
   * up; 0 waits for ever. Migrations take the time they need.
   */
  statementMs: 30_000,
  /** How often an instance says that it lives. */
  instanceHeartbeatMs: 1000,
  /** Silence after which an instance counts as dead and its chats are taken over. */
  instanceExpiryMs: 5000,
  /** Pause between two searches for chats with work and no live owner. */
  sweepMs: 2000,
  /** Pause between two writes of shown text to the part log; text shown is never further ahead than 100 ms. */
  partFlushMs: 25,
  /** Deltas that arrive within this time are sent as one part. */
  coalesceMs: 16,
  /** Pause between two searches for what is too old: accounts that nobody uses, and entries of the audit log. */
  housekeepingMs: 3_600_000,
  retryBaseMs: 1000,
  retryCapMs: 60_000,
  /** Attempts at one model call, the first included: each may cost money. */
  attempts: 25,
  /** The same for a refusal that repeats itself word for word: more of them seldom mend it. */
  repeatedAttempts: 5,
  /** A provider stream that says nothing for this long is given up. */
  streamSilenceMs: 600_000,
  /** A tool that has not ended by then is given up; a little more than the longest time `execute` takes (4 h). */
  toolCallMs: 14_700_000,
  /** A summary of a conversation that takes longer is given up. */
  compactionMs: 90_000,
  /** An effect of a chat that shows, commits and ends nothing for this long is stuck, and the turn is ended. */
  effectStallMs: 900_000,
  /** How long a chat waits for the results of tools that its client executes. */
  clientToolsMs: 300_000,
  /** WebSocket pings and the comments that keep server-sent events open. */
  pingMs: 15_000,
  /** An actor without work is stopped after this time. */
  idleActorMs: 60_000,
  /** How long a shutdown waits for running chats to be handed over. */
  drainMs: 10_000,
  /** How long a second single-process start waits for the first to end. */
  singleProcessWaitMs: 10_000,
  /**
   * After a second crash within the same turns the chats that ran are resumed one after the other, each so long before the next
   * unless it shows something sooner.
   */
  trialMs: 250,
  /** Crashes of one turn that are recovered from before the chat ends in `error`. */
  recoveryAttempts: 5,
} as const

export type Timings = { readonly [Name in keyof typeof defaultTimings]: number }

export interface HttpAddress {
  readonly host: string
  /** 0 asks the system for a free port. */
  readonly port: number
}

export interface ProviderPreset {
  readonly apiKey: Redacted.Redacted | undefined
  readonly baseUrl: string | undefined
}

/** Who gets in, for how long, and what may be shared. */
export interface AccessSettings {
  /** How long a session lasts without being used, or from its beginning where it does not slide. */
  readonly sessionHours: number
  /** Whether using a session makes it last longer. */
  readonly sessionSlides: boolean
  /** The longest lifetime of an API token. */
  readonly maxTokenDays: number
  readonly chatSharing: boolean
  readonly workspaceSharing: boolean
  /** Whether owners may enter the workspaces of others. */
  readonly ownerWorkspaceAccess: boolean
}

export interface SettingsValues {
  readonly httpAddress: HttpAddress
  /** What `TROUPE_ACCESS_URL` says, without a trailing slash; `urlOfAddress` serves when it is unset. */
  readonly accessUrl: string | undefined
  /** Addresses and networks (CIDR) whose `X-Forwarded-For` is believed. Empty: nobody's. */
  readonly trustedProxies: ReadonlyArray<string>
  /** Unset: the embedded server in `dataDir`. */
  readonly databaseUrl: Redacted.Redacted | undefined
  /** Connections of the pool. */
  readonly databasePoolSize: number
  /** Whether statements are prepared on the database's connections. Some poolers do not allow it. */
  readonly databasePreparedStatements: boolean
  /** Absolute. Not created by reading the settings. */
  readonly dataDir: string
  readonly firstUser:
    | { readonly email: string; readonly username: string; readonly password: Redacted.Redacted }
    | undefined
  /** Newest first. Unset: the ring in the data folder. */
  readonly encryptionKeys: Redacted.Redacted<ReadonlyArray<Uint8Array>> | undefined
  /** Whether secrets that no key opens any more are removed at the start, instead of refusing to start. */
  readonly forgetLostSecrets: boolean
  /** Which providers the first start sets up: those with a key or a base URL. */
  readonly presets: { readonly openai: ProviderPreset | undefined; readonly anthropic: ProviderPreset | undefined }
  /** Whether people may run commands on the server's own machine. Unset: only where nobody beyond it reaches the server. */
  readonly localWorkspaces: boolean | undefined
  readonly access: AccessSettings
  /** Set: one replica of several, reached by the others at this address. */
  readonly clusterAddress: HttpAddress | undefined
  readonly timings: Timings
}

export type Environment = Readonly<Record<string, string | undefined>>

const invalid = (variable: string, message: string) =>
  new SettingsError({ operation: "Settings.read", variable, message: `${variable} ${message}` })

/**
 * A host name or address as browsers write it: lower case, no dot at the end, addresses in their one usual form, IPv6 in
 * brackets. Undefined for what is none, such as an address with a zone.
 */
export const canonicalHost = (host: string): string | undefined => {
  const text = isIP(host) === 6 ? `[${host}]` : host
  if (!/^(\[[\da-f:.]+\]|[\w.-]+)$/i.test(text) || !URL.canParse(`http://${text}`)) return undefined
  return new URL(`http://${text}`).hostname.replace(/\.$/, "")
}

/**
 * `localhost` and names below it, 127.0.0.0/8 and ::1, however they are spelled: nobody beyond this machine reaches a server
 * that listens there.
 */
export const isLoopback = (host: string): boolean =>
  /^((.+\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(canonicalHost(host) ?? "")

/** The URL of a server that listens at `address`. A wildcard host is no destination, so it reads `localhost`. */
export const urlOfAddress = ({ host, port }: HttpAddress): string => {
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host.includes(":") ? `[${host}]` : host
  return `http://${name}:${port}`
}

/** The user's data folder of this product, by the custom of the platform. */
const defaultDataDir = (env: Environment): string => {
  if (process.platform === "win32")
    return path.join(env["LOCALAPPDATA"] || path.join(homedir(), "AppData", "Local"), "troupe")
  if (process.platform === "darwin")
    return path.join(env["HOME"] || homedir(), "Library", "Application Support", "troupe")
  const xdg = env["XDG_DATA_HOME"]
  // The XDG specification has a relative path ignored.
  if (xdg && path.isAbsolute(xdg)) return path.join(xdg, "troupe")
  return path.join(env["HOME"] || homedir(), ".local", "share", "troupe")
}

const readDataDir = (env: Environment): Effect.Effect<string, SettingsError> => {
  const given = env["TROUPE_DATA_DIR"]
  if (given) return Effect.succeed(path.resolve(given))
  return Effect.try({
    try: () => defaultDataDir(env),
    // A uid without a passwd entry and without HOME has no home folder.
    catch: () => invalid("TROUPE_DATA_DIR", "must be set: this user has no home folder to keep data in."),
  })
}

const readSwitch = (variable: string, value: string | undefined): Effect.Effect<boolean | undefined, SettingsError> => {
  if (value === undefined) return Effect.succeed(undefined)
  return value === "on" || value === "off" ? Effect.succeed(value === "on") : invalid(variable, "must be on or off.")
}

const readAddress = (
  variable: string,
  value: string,
  lowestPort: number,
): Effect.Effect<HttpAddress, SettingsError> => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(value)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  return host !== undefined && port >= lowestPort && port <= 65_535
    ? Effect.succeed({ host, port })
    : Effect.fail(invalid(variable, "must be host:port, such as 127.0.0.1:7080 or [::1]:7080."))
}

const readUrl = (
  variable: string,
  value: string | undefined,
  protocols: ReadonlyArray<string>,
): Effect.Effect<string | undefined, SettingsError> => {
  if (value === undefined) return Effect.succeed(undefined)
  return URL.canParse(value) && protocols.includes(new URL(value).protocol)
    ? Effect.succeed(value)
    : Effect.fail(invalid(variable, `must be a URL that starts with ${protocols.map((p) => `${p}//`).join(" or ")}.`))
}

const isNetwork = (text: string): boolean => {
  const [, address = "", bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const family = isIP(address)
  return family !== 0 && (bits === undefined || Number(bits) <= (family === 4 ? 32 : 128))
}

const readTrustedProxies = (value: string | undefined): Effect.Effect<ReadonlyArray<string>, SettingsError> => {
  const networks = value?.split(",").map((text) => text.trim()) ?? []
  return networks.every(isNetwork)
    ? Effect.succeed(Object.freeze(networks))
    : Effect.fail(
        invalid(
          "TROUPE_TRUSTED_PROXIES",
          "must hold addresses or networks, separated by commas, such as 127.0.0.1, 10.0.0.0/8.",
        ),
      )
}

const withoutTrailingSlash = (url: string | undefined) => url?.replace(/\/+$/, "")

const readCount = (
  variable: string,
  value: string | undefined,
  standard: number,
  range: { readonly min: number; readonly max: number },
): Effect.Effect<number, SettingsError> => {
  if (value === undefined) return Effect.succeed(standard)
  const count = /^\d+$/.test(value) ? Number(value) : Number.NaN
  return count >= range.min && count <= range.max
    ? Effect.succeed(count)
    : Effect.fail(invalid(variable, `must be a whole number from ${range.min} to ${range.max}.`))
}

const readKeys = (value: string | undefined): Effect.Effect<SettingsValues["encryptionKeys"], SettingsError> => {
  if (value === undefined) return Effect.succeed(undefined)
  const keys = value.split(",").map((text) => Buffer.from(text.trim(), "base64"))
  return keys.every((key) => key.length === 32)
    ? Effect.succeed(Redacted.make(keys))
    : Effect.fail(
        invalid(
          "TROUPE_ENCRYPTION_KEYS",
          "must hold base64 of 32 bytes per key, separated by commas, newest first. `openssl rand -base64 32` makes one.",
        ),
      )
}

const readFirstUser = (
  email: string | undefined,
  username: string | undefined,
  password: string | undefined,
): Effect.Effect<SettingsValues["firstUser"], SettingsError> => {
  if (email !== undefined && username !== undefined && password !== undefined) {
    return Effect.succeed({ email, username, password: Redacted.make(password) })
  }
  if (email === undefined && username === undefined && password === undefined) return Effect.succeed(undefined)
  const missing =
    email === undefined
      ? "TROUPE_FIRST_USER_EMAIL"
      : username === undefined
        ? "TROUPE_FIRST_USER_USERNAME"
        : "TROUPE_FIRST_USER_PASSWORD"
  return Effect.fail(
    invalid(missing, "must be set: the first user needs TROUPE_FIRST_USER_EMAIL, _USERNAME and _PASSWORD together."),
  )
}

const timingVariable = (name: string) => `TROUPE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`

/** One day is beyond any of them, and within what Node's timers can hold. */
const timingRange = { min: 0, max: 86_400_000 }

const readTimings = (env: Environment): Effect.Effect<Timings, SettingsError> =>
  Effect.all(
    Record.map(defaultTimings, (standard, name) => {
      const variable = timingVariable(name)
      return readCount(variable, env[variable], standard, timingRange)
    }),
  )

const preset = (apiKey: string | undefined, baseUrl: string | undefined): ProviderPreset | undefined =>
  apiKey === undefined && baseUrl === undefined
    ? undefined
    : { apiKey: apiKey === undefined ? undefined : Redacted.make(apiKey), baseUrl }

/** Settings of the system that Troupe goes by, and of early releases: what they switched on is always on. */
const RETIRED = ["CODER_EXPERIMENTS", "TROUPE_EXPERIMENTS"]

/** What to tell whoever still has a setting that means nothing any more. It keeps nothing from starting. */
export const retiredSettings = (environment: Environment): ReadonlyArray<string> =>
  RETIRED.filter((name) => (environment[name] ?? "").trim() !== "").map(
    (name) =>
      `${name} is set and means nothing: there are no experiments, agents are there for all who may use them. Unset it.`,
  )

/**
 * Every setting, from the environment. A variable that is empty or blank counts as unset. Pure: no folder is made, no key
 * generated. Fails with the first variable that cannot be used.
 */
export const readSettings = Effect.fn("Settings.read")(function* (environment: Environment) {
  const env: Environment = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value.trim() !== ""),
  )
  const httpAddress = yield* readAddress("TROUPE_HTTP_ADDRESS", env["TROUPE_HTTP_ADDRESS"] ?? "127.0.0.1:7080", 0)
  const clusterText = env["TROUPE_CLUSTER_ADDRESS"]
  const clusterAddress =
    clusterText === undefined ? undefined : yield* readAddress("TROUPE_CLUSTER_ADDRESS", clusterText, 1)
  const databaseUrl = yield* readUrl("TROUPE_DATABASE_URL", env["TROUPE_DATABASE_URL"], ["postgres:", "postgresql:"])
  const encryptionKeys = yield* readKeys(env["TROUPE_ENCRYPTION_KEYS"])
  if (clusterAddress !== undefined && databaseUrl === undefined) {
    return yield* invalid(
      "TROUPE_DATABASE_URL",
      "must be set with TROUPE_CLUSTER_ADDRESS: replicas share one database.",
    )
  }
  if (clusterAddress !== undefined && encryptionKeys === undefined) {
    return yield* invalid(
      "TROUPE_ENCRYPTION_KEYS",
      "must be set with TROUPE_CLUSTER_ADDRESS: replicas share one key ring.",
    )
  }
  const values: SettingsValues = {
    httpAddress: Object.freeze(httpAddress),
    accessUrl: withoutTrailingSlash(yield* readUrl("TROUPE_ACCESS_URL", env["TROUPE_ACCESS_URL"], ["http:", "https:"])),
    trustedProxies: yield* readTrustedProxies(env["TROUPE_TRUSTED_PROXIES"]),
    databaseUrl: databaseUrl === undefined ? undefined : Redacted.make(databaseUrl),
    databasePoolSize: yield* readCount("TROUPE_DATABASE_POOL_SIZE", env["TROUPE_DATABASE_POOL_SIZE"], 20, {
      min: 2,
      max: 500,
    }),
    databasePreparedStatements:
      (yield* readSwitch("TROUPE_DATABASE_PREPARED_STATEMENTS", env["TROUPE_DATABASE_PREPARED_STATEMENTS"])) ?? true,
    dataDir: yield* readDataDir(env),
    firstUser: yield* readFirstUser(
      env["TROUPE_FIRST_USER_EMAIL"],
      env["TROUPE_FIRST_USER_USERNAME"],
      env["TROUPE_FIRST_USER_PASSWORD"],
    ),
    encryptionKeys,
    forgetLostSecrets: (yield* readSwitch("TROUPE_FORGET_LOST_SECRETS", env["TROUPE_FORGET_LOST_SECRETS"])) ?? false,
    presets: Object.freeze({
      openai: preset(
        env["OPENAI_API_KEY"],
        yield* readUrl("OPENAI_BASE_URL", env["OPENAI_BASE_URL"], ["http:", "https:"]),
      ),
      anthropic: preset(
        env["ANTHROPIC_API_KEY"],
        yield* readUrl("ANTHROPIC_BASE_URL", env["ANTHROPIC_BASE_URL"], ["http:", "https:"]),
      ),
    }),
    localWorkspaces: yield* readSwitch("TROUPE_LOCAL_WORKSPACES", env["TROUPE_LOCAL_WORKSPACES"]),
    access: Object.freeze({
      sessionHours: yield* readCount("TROUPE_SESSION_HOURS", env["TROUPE_SESSION_HOURS"], 24, { min: 1, max: 8760 }),
      sessionSlides: (yield* readSwitch("TROUPE_SESSION_SLIDES", env["TROUPE_SESSION_SLIDES"])) ?? true,
      maxTokenDays: yield* readCount("TROUPE_MAX_TOKEN_DAYS", env["TROUPE_MAX_TOKEN_DAYS"], 365, { min: 1, max: 3650 }),
      chatSharing: (yield* readSwitch("TROUPE_CHAT_SHARING", env["TROUPE_CHAT_SHARING"])) ?? true,
      workspaceSharing: (yield* readSwitch("TROUPE_WORKSPACE_SHARING", env["TROUPE_WORKSPACE_SHARING"])) ?? true,
      ownerWorkspaceAccess:
        (yield* readSwitch("TROUPE_OWNER_WORKSPACE_ACCESS", env["TROUPE_OWNER_WORKSPACE_ACCESS"])) ?? true,
    }),
    clusterAddress,
    timings: Object.freeze(yield* readTimings(env)),
  }
  return Object.freeze(values)
})

/** The settings this server runs with. */
export class Settings extends Context.Tag("troupe/Settings")<Settings, SettingsValues>() {
  static readonly layer = (values: SettingsValues) => Layer.succeed(Settings, values)
}
