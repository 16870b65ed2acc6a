import { parseArgs } from "node:util"

/** Numbers are whole and not negative. `direct`, `load`: many chats come first, see parts.mjs. */
const NUMBERS = {
  chats: { default: "100,10,1", says: "chats at once" },
  listeners: { default: "0,10,100", says: "readers of one chat" },
  flight: { default: "1000,2000", says: "chats that stream, each slowly, for a minute" },
}
const NUMBER = {
  idle: { default: "10000", says: "chats that are left alone" },
  turns: { default: "20000", says: "turns, one after the other, on fifty chats" },
  times: { default: "3", says: "servers of a load, starts and crashes" },
}

const numberOf = (name, text) => {
  if (!/^\d+$/.test(text)) throw new Error(`--${name} takes whole numbers, not "${text}"`)
  return Number(text)
}

/** Throws an error with a sentence for what it does not understand. `partNames` are what `--only` may name. */
export function readOptions(args, parts) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      json: { type: "string" },
      write: { type: "boolean", default: false },
      page: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      ...Object.fromEntries(
        Object.entries({ ...NUMBERS, ...NUMBER }).map(([name, option]) => [
          name,
          { type: "string", default: option.default },
        ]),
      ),
    },
  })
  const names = values.only?.split(",") ?? parts.filter((part) => part.usual).map((part) => part.name)
  const unknown = names.filter((name) => !parts.some((part) => part.name === name))
  if (unknown.length > 0)
    throw new Error(`no such part: ${unknown.join(", ")}. There are: ${parts.map((part) => part.name).join(", ")}`)
  const list = (name) =>
    values[name]
      .split(",")
      .map((text) => numberOf(name, text))
      .sort((a, b) => b - a)
  return {
    ...values,
    parts: parts.filter((part) => names.includes(part.name)),
    chats: list("chats"),
    listeners: list("listeners").reverse(),
    flight: list("flight").reverse(),
    idle: numberOf("idle", values.idle),
    turns: numberOf("turns", values.turns),
    times: numberOf("times", values.times),
  }
}

/** What `--help` prints. */
export function helpText(parts) {
  const line = (option, says) => `  ${option.padEnd(24)}${says}`
  const named = (usual) => parts.filter((part) => Boolean(part.usual) === usual).map((part) => part.name)
  return [
    "npm run bench -- [options]: what Troupe adds to a direct connection, on this machine.",
    "",
    line("--only PART,...", `some of the parts; by default ${named(true).join(", ")}`),
    line("", `and, for minutes each, ${named(false).join(", ")}`),
    ...Object.entries({ ...NUMBERS, ...NUMBER }).map(([name, option]) =>
      line(`--${name} ${option.default}`, option.says),
    ),
    line("--json FILE", "append what is measured to a file, a JSON line for each row"),
    line("--write", "keep the rows in bench/results/ and write the tables of docs/performance.md anew"),
    line("--page", "measure nothing: write the tables from what is kept"),
  ].join("\n")
}
