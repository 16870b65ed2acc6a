import { Command, CommanderError, InvalidArgumentError, Option } from "commander"
import type { Effect, Layer } from "effect"
import type { SettingsValues } from "../settings.ts"
import { decryptAllSecrets, keysStatus, rotateKeys } from "./keys.ts"
import type { Said } from "./output.ts"
import { complainAs, runCommand, type World } from "./run.ts"
import { keysLayer, peopleLayer } from "./services.ts"
import { createToken, type CreateTokenOptions, listTokens, revokeToken } from "./tokens.ts"
import { type CreateOptions, createUser, deleteUser, listUsers, resetPassword, setUserStatus } from "./users.ts"

/** The commands of `troupe`, as they are typed and as `--help` and `docs/cli.md` tell them. */

const count =
  (least: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (!(value >= least && value <= 1_000_000))
      throw new InvalidArgumentError(`It must be a whole number from ${least} on.`)
    return value
  }

const several = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, text]

const passwordStdin = () => new Option("--password-stdin", "read the password from standard input instead of asking")
const USER = "username or id"

const addUsers = (program: Command, people: Runner<typeof peopleLayer>) => {
  const users = program.command("users").description("accounts: people and service accounts")
  users
    .command("list")
    .description("list accounts, by username")
    .option(
      "--query <search>",
      "words and status:, role:, login_type:, service_account:, last_seen_before: and the like",
      "",
    )
    .option("--limit <count>", "at most so many; 0 is all", count(0), 0)
    .option("--offset <count>", "leave out so many", count(0), 0)
    .action((options, command) => people(command, listUsers(options)))
  users
    .command("create")
    .description("make an account; the first one of all owns the deployment")
    .argument("<username>", "letters and digits, with single dashes between")
    .option("--email <address>", "needed, but for a service account")
    .option("--name <text>", "the name to show")
    .option("--owner", "administers the whole deployment")
    .option("--service-account", "for a program: works by API token only, and approves nothing")
    .addOption(new Option("--login-type <type>", "how it signs in").choices(["password", "none"]).default("password"))
    .option("--organization <name or id>", "member of it; may be repeated (default: the default one)", several)
    .addOption(passwordStdin())
    .action((username: string, options: CreateOptions, command) => people(command, createUser(username, options)))
  users
    .command("suspend")
    .description("nobody signs in with it any more, and its sessions end")
    .argument("<user>", USER)
    .action((user: string, _options, command) => people(command, setUserStatus(user, "suspended")))
  users
    .command("activate")
    .description("the opposite of suspend")
    .argument("<user>", USER)
    .action((user: string, _options, command) => people(command, setUserStatus(user, "active")))
  users
    .command("delete")
    .description("its names are free afterwards; what it made stays")
    .argument("<user>", USER)
    .action((user: string, _options, command) => people(command, deleteUser(user)))
  users
    .command("reset-password")
    .description("give it another password and end its sessions")
    .argument("<user>", USER)
    .addOption(passwordStdin())
    .action((user: string, options: { passwordStdin?: boolean }, command) =>
      people(command, resetPassword(user, options)),
    )
}

const addTokens = (program: Command, people: Runner<typeof peopleLayer>) => {
  const tokens = program.command("tokens").description("API tokens")
  tokens
    .command("list")
    .description("list API tokens, of everybody or of one user")
    .argument("[user]", USER)
    .option("--expired", "also those that are over")
    .action((user: string | undefined, options: { expired?: boolean }, command) =>
      people(command, listTokens(user, options)),
    )
  tokens
    .command("create")
    .description("make an API token; prints it, once")
    .argument("<user>", USER)
    .option("--name <name>", "one that the user has not given yet (default: made up)")
    .option("--days <count>", "how long it lasts (default: 30, or TROUPE_MAX_TOKEN_DAYS where that is less)", count(1))
    .option("--scope <scope>", "what it may do, such as chat:read; may be repeated (default: all)", several)
    .action((user: string, options: CreateTokenOptions, command) => people(command, createToken(user, options)))
  tokens
    .command("revoke")
    .description("end an API token for good")
    .argument("<user>", USER)
    .argument("<token>", "its name or id")
    .action((user: string, token: string, _options, command) => people(command, revokeToken(user, token)))
}

const addKeys = (program: Command, keys: Runner<typeof keysLayer>) => {
  const commands = program.command("keys").description("keys that secrets are encrypted with at rest")
  commands
    .command("status")
    .description("how many secrets each key has; ends with 1 when some cannot be read")
    .action((_options, command) => keys(command, keysStatus))
  commands
    .command("rotate")
    .description("encrypt all secrets with the newest key; may be broken off and begun again")
    .option("--new-key", "put a new key into the key file first; no server may run")
    .action((options: { newKey?: boolean }, command) => keys(command, rotateKeys(options)))
  commands
    .command("decrypt-all")
    .description("take the encryption off all secrets, to move them elsewhere; no server may run")
    .option("--yes", "it is meant")
    .action((options: { yes?: boolean }, command) => keys(command, decryptAllSecrets(options)))
}

/** Carries a command out with the services of a layer. */
type Runner<LayerOf> = LayerOf extends (settings: SettingsValues) => Layer.Layer<infer R, infer _E, infer _In>
  ? <E>(command: Command, effect: Effect.Effect<Said, E, R>) => Promise<void>
  : never

const isJson = (command: Command): boolean => command.optsWithGlobals()["json"] === true

export const makeProgram = (world: World): Command => {
  const program = new Command("troupe")
    .description(
      "Troupe: a self-hosted control plane for coding agents.\n\nWorks on the database of TROUPE_DATABASE_URL or of the data folder, whether a server runs on it or not.",
    )
    .version(`troupe ${world.version}`, "--version", "print the version")
    .option("--json", "print JSON, also of what is refused")
    .helpCommand(false)
    .showHelpAfterError(false)
  program
    .command("serve")
    .description("run the server, as npm start does")
    .action(() => world.serve())
  const people: Runner<typeof peopleLayer> = (command, effect) =>
    runCommand(world, isJson(command), peopleLayer, effect)
  const keys: Runner<typeof keysLayer> = (command, effect) => runCommand(world, isJson(command), keysLayer, effect)
  addUsers(program, people)
  addTokens(program, people)
  addKeys(program, keys)
  program
    .command("version")
    .description("print the version")
    .action(async (_options, command) => {
      await world.print(
        isJson(command) ? `${JSON.stringify({ version: world.version })}\n` : `troupe ${world.version}\n`,
      )
      world.end(0)
    })
  for (const one of allCommands(program)) prepare(one, world)
  return program
}

export const allCommands = (command: Command): ReadonlyArray<Command> => [
  command,
  ...command.commands.flatMap(allCommands),
]

/** Each takes `--json`, wherever it is written, and a mistake in what was typed is told in one sentence, with the code 2. */
const prepare = (command: Command, world: World) => {
  command.exitOverride().configureOutput({
    writeOut: (text) => void world.print(text),
    writeErr: () => undefined,
  })
  if (command.parent !== null && command.commands.length === 0 && command.name() !== "serve") {
    command.option("--json", "print JSON, also of what is refused")
  }
}

const typoOf = (error: CommanderError, json: boolean): string => {
  const sentence = error.message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    .replace(/^\w/, (letter) => letter.toUpperCase())
  return json ? sentence : `${sentence.replace(/([^.])$/, "$1.")} troupe --help lists the commands.`
}

/** Reads what was typed (without the program's own name) and carries it out. */
export const runProgram = async (world: World, words: ReadonlyArray<string>): Promise<void> => {
  try {
    await makeProgram(world).parseAsync([...words], { from: "user" })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return world.end(0)
    const json = words.includes("--json")
    const isHelp = error.code === "commander.help"
    complainAs(world, json, isHelp ? "Name a command. troupe --help lists them." : typoOf(error, json))
    world.end(2)
  }
}
