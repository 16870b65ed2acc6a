// Writes what of docs/ is made from the code: the pages of the chat machine and of permissions, and the documents of the API. With `--check` it only
// says whether they are as they should be.
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { MachineGraph } from "../src/contract/inspection.ts"
import { allCommands, makeProgram } from "../src/cli/program.ts"
import { asyncApiDocument } from "../src/http/asyncapi.ts"
import { openApiDocument } from "../src/http/openapi.ts"
import { ACTIONS, isOwnOnly, OBJECT_TYPES, type ObjectType } from "../src/identity/objects.ts"
import {
  type Grants,
  MEMBER,
  membershipRole,
  ORGANIZATION_ROLES,
  type Role,
  SERVICE_ACCOUNT,
  SITE_ROLES,
  WORKSPACE_SHARING,
} from "../src/identity/roles.ts"
import { chatMachineGraph } from "../src/machines/machine-graph.ts"

const docs = (name: string) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url))

const leaf = (path: string) => path.split(".").slice(1).join(".")
/** Mermaid takes no dots in the names of states. */
const idOf = (path: string) => path.replaceAll(".", "_")

const diagram = ({ states, transitions }: MachineGraph, region: string): string => {
  const inside = states.filter((state) => state.path.startsWith(`${region}.`))
  const childrenOf = (parent: string) =>
    inside.filter((state) => state.path.slice(0, state.path.lastIndexOf(".")) === parent)
  const draw = (path: string, indent: string): ReadonlyArray<string> =>
    childrenOf(path).flatMap((state) =>
      state.type === "compound"
        ? [
            `${indent}state ${idOf(state.path)} {`,
            `${indent}  [*] --> ${idOf(`${state.path}.${state.initial}`)}`,
            ...draw(state.path, `${indent}  `),
            `${indent}}`,
          ]
        : [`${indent}${idOf(state.path)} : ${state.path.slice(state.path.lastIndexOf(".") + 1)}`],
    )
  const arrows = new Map<string, Set<string>>()
  for (const { source, event, target } of transitions) {
    if (!source.startsWith(region) || source === target || event === "ACTIVATE") continue
    const key = `${idOf(source)} --> ${idOf(target)}`
    arrows.set(key, (arrows.get(key) ?? new Set()).add(event))
  }
  return [
    "```mermaid",
    "stateDiagram-v2",
    ...draw(region, "  "),
    ...[...arrows].map(([arrow, events]) => `  ${arrow} : ${[...events].join(", ")}`),
    "```",
  ].join("\n")
}

const table = ({ transitions }: MachineGraph): string =>
  [
    "| State | Event | When | Goes to | Row changes and counters |",
    "| --- | --- | --- | --- | --- |",
    ...transitions.map(
      ({ source, event, guard, target, actions }) =>
        `| \`${leaf(source)}\` | ${event} | ${guard ?? ""} | ${source === target ? "stays" : `\`${leaf(target)}\``} | ${actions.join(", ")} |`,
    ),
  ].join("\n")

const states = (graph: MachineGraph): string =>
  [
    "| State | Tags | Effect that runs in it |",
    "| --- | --- | --- |",
    ...graph.states
      .filter(({ tags, effects }) => tags.length + effects.length > 0)
      .map(({ path, tags, effects }) => `| \`${leaf(path)}\` | ${tags.join(", ")} | ${effects.join(", ")} |`),
  ].join("\n")

const machinePage = (graph: MachineGraph): string => `# The chat machine

Generated from \`src/machines/\` by \`npm run docs\`; do not edit. Machine version ${graph.version}.

A chat is in one state of each of two regions. A pair of state and event that is not in the table is refused: nothing
happens, and the caller gets a typed error. Several rows of one pair are tried from top to bottom. A state inherits the rows
of the state around it, unless it has rows of its own for the event. A state that is left "at once" is one that no chat is ever in: what
leads into it and what leads out of it are one transition.

## Life

${diagram(graph, "life")}

## Mode

${diagram(graph, "mode")}

## States

What is true of a state is said by its tags; a state has those of the state around it, too. The server asks for tags, and its
statements read columns that are made of them, so that nothing else knows the states by name. An effect runs while the chat is in its state and is interrupted when the chat leaves it. \`ACTIVATE\` enters the state anew
when an actor starts from the database.

${states(graph)}

## Table

${table(graph)}
`

const LEVEL_NAMES = {
  site: "everything in the deployment",
  organization: "everything in the organization",
  member: "one's own in the organization",
  user: "one's own outside of organizations",
} as const

const grantsIn = (grants: Grants = {}): string =>
  Object.entries(grants)
    .map(([type, actions]) =>
      actions.length === ACTIONS[type as ObjectType].length ? `\`${type}\`: all` : `\`${type}\`: ${actions.join(", ")}`,
    )
    .join("; ")

const roleRows = (role: Role): ReadonlyArray<string> =>
  (Object.keys(LEVEL_NAMES) as ReadonlyArray<keyof typeof LEVEL_NAMES>).flatMap((level) => {
    const { allow, deny } = role[level] ?? {}
    const said = [
      ...(allow === undefined ? [] : [grantsIn(allow)]),
      ...(deny === undefined ? [] : [`refused: ${grantsIn(deny)}`]),
    ]
    return said.length === 0 ? [] : [`| \`${role.name}\` | ${LEVEL_NAMES[level]} | ${said.join("; ")} |`]
  })

const roleTable = (roles: ReadonlyArray<Role>): string =>
  ["| Role | On | Allows |", "| --- | --- | --- |", ...roles.flatMap(roleRows)].join("\n")

const described = (roles: ReadonlyArray<Role>): string =>
  roles.map(({ name, displayName, description }) => `- \`${name}\` (${displayName}): ${description}`).join("\n")

const permissionsPage = `# Permissions

Generated from \`src/identity/\` by \`npm run docs\`; do not edit. What the pages of people and roles mean by it: [people.md](people.md).

What is not allowed is refused. Levels are asked in this order: the deployment, the organization of the thing, then what is one's own; the first that
allows or refuses decides, and within one level a refusal outweighs. Beside that, a list of who was let in (sharing) only adds. An API token has of
all this what its scopes name.

## Things and actions

| Thing | Actions |
| --- | --- |
${OBJECT_TYPES.map((type) => `| \`${type}\` | ${ACTIONS[type].join(", ")} |`).join("\n")}

Nobody does in another's name, whatever his roles: ${OBJECT_TYPES.flatMap((type) =>
  ACTIONS[type].filter((action) => isOwnOnly(`${type}:${action}`)).map((action) => `\`${type}:${action}\``),
).join(", ")}.

## Roles of the deployment

${described(SITE_ROLES)}

${roleTable(SITE_ROLES)}

## Roles of a membership

${described(ORGANIZATION_ROLES)}

${roleTable(ORGANIZATION_ROLES)}

## What everybody has

${described([MEMBER, SERVICE_ACCOUNT])}

${roleTable([MEMBER, SERVICE_ACCOUNT])}

What membership itself gives follows from who may share workspaces in the organization:

${WORKSPACE_SHARING.map((sharing) => `### ${sharing}\n\n${roleTable([membershipRole(false, sharing), membershipRole(true, sharing)])}`).join("\n\n")}

## Scopes of an API token

\`all\` is everything but approving; \`approve\` lets it decide what tools may do in its user's own chats; \`application_connect\` opens no route of
the API; the others are an action on a thing, such as \`chat:read\`, or all of them, such as \`chat:*\`.
`

/** Nobody carries these commands out. */
const commandLine = makeProgram({
  environment: {},
  version: "",
  serve: () => Promise.resolve(),
  print: () => Promise.resolve(),
  complain: () => undefined,
  end: () => undefined,
})
const HELP_WIDTH = 110

const helpPages = allCommands(commandLine)
  .filter((command) => command.commands.length === 0)
  .map((command) => {
    const name = `troupe ${command.parent === commandLine ? "" : `${command.parent?.name()} `}${command.name()}`
    command.configureOutput({ getOutHelpWidth: () => HELP_WIDTH, getOutHasColors: () => false })
    return `## ${name}\n\n\`\`\`\n${command.helpInformation().trimEnd()}\n\`\`\``
  })

const commandLinePage = `# The command line

Generated from \`src/cli/\` by \`npm run docs\`; do not edit.

\`npx troupe\` in a clone, or \`node dist/server/troupe.mjs\` once it is built, works on the database of the settings: that of \`TROUPE_DATABASE_URL\`, or the
embedded one of \`TROUPE_DATA_DIR\`, which is started for the command if no server runs on it. Beside a running server it is as if an owner had done the
same in the browser: the same rules hold, the same rows stand in the audit log (by "the command line"), and what a user had open ends within a second.

- Whoever may read the settings and reach the database may do all of this; nobody signs in. The first account that is made owns the deployment. An owner made here needs
  no other role.
- A password is asked for at the terminal, without echo, or read from standard input (\`--password-stdin\`). It is never an argument: those are seen by everybody on the
  machine.
- \`--json\` prints one JSON value on standard output; what is refused is \`{"error": "a sentence"}\` on standard error.
- It ends with 0; with 1 when the command is refused or could not be carried out whole; with 2 when what was typed makes no command.
- A database of an older release is left to the server, which brings it up to date at its start; one of a newer release is refused.

${helpPages.join("\n\n")}
`

const pages = {
  "cli.md": commandLinePage,
  "permissions.md": permissionsPage,
  "chat-machine.md": machinePage(chatMachineGraph()),
  "asyncapi.json": `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
  "openapi.json": `${JSON.stringify(openApiDocument(), null, 2)}\n`,
}

const isCurrent = (name: string, text: string): boolean => {
  try {
    return readFileSync(docs(name), "utf8") === text
  } catch {
    return false
  }
}

const stale = Object.entries(pages).filter(([name, text]) => !isCurrent(name, text))
if (process.argv.includes("--check")) {
  for (const [name] of stale) process.stdout.write(`docs/${name} is not what the code says; run npm run docs\n`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const [name, text] of stale) writeFileSync(docs(name), text)
}
