// Tables in Markdown of what has been measured, as the formatter writes them.
import { BOUNDS } from "./bounds.mjs"
import { BURST, PACED } from "./scenarios.mjs"
import { round } from "./statistics.mjs"

const NONE = "-"

export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`
  return [line(rows[0]), line(widths.map((width) => "-".repeat(width))), ...rows.slice(1).map(line)].join("\n")
}

const inPath = (figures, path) => path.split(".").reduce((value, name) => value?.[name], figures)

/** Three digits at least, as far as there are any. */
const numberText = (value) =>
  typeof value === "number"
    ? value.toLocaleString("en", { maximumFractionDigits: Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2 })
    : NONE

/** A figure for people: a number, the figures of an object with their names, a list. */
function text(value) {
  if (value === null || value === undefined) return NONE
  if (typeof value === "number") return numberText(value)
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(text).join(", ")
  if (typeof value !== "object") return String(value)
  const entries = Object.entries(value)
  return entries.map(([name, each]) => (name === "each" ? text(each) : `${name} ${text(each)}`)).join(", ")
}

const pair = (value) => (value ? `${numberText(value.p50)} / ${numberText(value.p95)}` : NONE)
const ratio = (a, b) => (a && b ? numberText(round(a / b, 2)) : NONE)

/** All rows by scenario. */
const rowsOf = (results) => Object.assign({}, ...Object.values(results))

const UNITS = { Ms: "ms", Mb: "MB", Seconds: "s" }

/** `serverPssMb` is "server PSS, MB"; what is in words already stays as it is. */
function figureName(name) {
  if (/[ _]/.test(name)) return name
  const suffix = Object.keys(UNITS).find((end) => name.endsWith(end))
  const words = (suffix ? name.slice(0, -suffix.length) : name)
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/\b(?:pss|cpu)\b/g, (word) => word.toUpperCase())
  return suffix ? `${words}, ${UNITS[suffix]}` : words
}

/** The value of a bound's figure; undefined where its scenario has not been measured. */
export function valueOf(results, { scenario, figure, less }) {
  const rows = rowsOf(results)
  const value = inPath(rows[scenario]?.figures, figure)
  if (typeof value !== "number") return undefined
  if (!less) return value
  const off = valueOf(results, less)
  return off === undefined ? undefined : round(value - off)
}

const withUnit = (value, unit) => `${numberText(value)}${unit ? ` ${unit}` : ""}`
const boundText = ({ atLeast, unit }, value) =>
  value === undefined ? NONE : `${atLeast ? ">=" : "<="} ${withUnit(value, unit)}`

function verdict({ atLeast, needed, goal }, value) {
  const holds = (bound) => bound === undefined || (atLeast ? value >= bound : value <= bound)
  if (value === undefined) return NONE
  if (holds(goal)) return "at its goal"
  return holds(needed) ? "as needed" : "**missed**"
}

/** What a figure quoted in prose reads. */
export const quote = (results, bound) => {
  const value = valueOf(results, bound)
  return value === undefined ? "not measured" : withUnit(value, bound.unit)
}

const boundsTable = (results) =>
  table([
    ["Measure", "Needed", "Goal", "Measured", ""],
    ...BOUNDS.map((bound) => {
      const value = valueOf(results, bound)
      return [
        bound.measure,
        boundText(bound, bound.needed),
        boundText(bound, bound.goal),
        quote(results, bound),
        verdict(bound, value),
      ]
    }),
  ])

/** The rows of load of one model, each with the direct run of as many chats; a direct run that has no such row stands alone. */
function loadsOf(results, model) {
  const figuresOf = (part) =>
    Object.values(results[part] ?? {})
      .map(({ figures }) => figures)
      .filter((row) => row.model === model)
  const direct = new Map(figuresOf("direct").map((row) => [row.n, row]))
  const rows = figuresOf("load")
  const alone = [...direct.keys()].filter((n) => !rows.some((row) => row.n === n)).map((n) => ({ n, age: "" }))
  return [...rows, ...alone]
    .map((row) => ({ row, direct: direct.get(row.n) }))
    .sort((a, b) => a.row.n - b.row.n || b.row.age.localeCompare(a.row.age, "en"))
}

const nameOfLoad = ({ n, age }) => (age ? `${n}, ${age}` : String(n))
const change = (value) => (value ? `${numberText(value.before)} -> ${numberText(value.peak)}` : NONE)

const pacedTable = (results) =>
  table([
    [
      "Chats, server",
      "First, direct, ms",
      "First, ms",
      "Turn : direct",
      "CPU a turn, server + Postgres, ms",
      "Server PSS, MB",
      "Postgres PSS, MB",
    ],
    ...loadsOf(results, PACED).map(({ row, direct }) => [
      nameOfLoad(row),
      pair(direct?.first),
      pair(row.first),
      ratio(row.turn?.p50, direct?.turn.p50),
      `${text(row.serverCpuMsPerTurn)} + ${text(row.postgresCpuMsPerTurn)}`,
      change(row.serverPssMb),
      change(row.postgresPssMb),
    ]),
  ])

const burstTable = (results) =>
  table([
    [
      "Chats, server",
      "Turn, direct, ms",
      "Turn, ms",
      "tok/s : direct",
      "tok/CPU-s",
      "CPU a turn, server + Postgres, ms",
      "Server PSS, MB",
    ],
    ...loadsOf(results, BURST).map(({ row, direct }) => [
      nameOfLoad(row),
      pair(direct?.turn),
      pair(row.turn),
      ratio(row.tokensPerSecond, direct?.tokensPerSecond),
      text(row.tokensPerCpuSecond),
      `${text(row.serverCpuMsPerTurn)} + ${text(row.postgresCpuMsPerTurn)}`,
      change(row.serverPssMb),
    ]),
  ])

/** One line per figure. */
const partTable = (rows) =>
  table([
    ["Scenario", "Figure", "Measured"],
    ...Object.entries(rows).flatMap(([scenario, { figures }]) =>
      Object.entries(figures).map(([name, value]) => [
        scenario,
        figureName(name),
        value !== null && typeof value === "object" && "p50" in value ? pair(value) : text(value),
      ]),
    ),
  ])

/** Which run measured the rows of these parts; where there were several, with what each of them measured. */
function runsText(results, parts) {
  const byRun = new Map()
  for (const [scenario, { run }] of parts.flatMap((part) => Object.entries(results[part] ?? {}))) {
    const { machine, node, postgres, commit, date } = run
    const said = `${date}, commit \`${commit}\`, ${machine}, Node ${node}, Postgres ${postgres}`
    byRun.set(said, [...(byRun.get(said) ?? []), scenario])
  }
  const lines = [...byRun].map(([said, scenarios]) =>
    byRun.size === 1 ? `${said}.` : `- ${said}: ${scenarios.join("; ")}.`,
  )
  return lines.length === 0 ? "Not measured yet." : lines.join("\n")
}

const measured = (of, ...parts) => ({
  parts,
  render: (results) =>
    parts.some((part) => results[part]) ? `${of(results)}\n\n${runsText(results, parts)}` : "Not measured yet.",
})

const ofPart = (part) => measured((results) => partTable(results[part]), part)

/** Every table that a page may show, by the name in its markers, with the parts it is made of. */
export const tablesOf = (partNames) => ({
  bounds: { parts: [], render: boundsTable },
  paced: measured(pacedTable, "direct", "load"),
  burst: measured(burstTable, "direct", "load"),
  ...Object.fromEntries(
    partNames.filter((name) => name !== "direct" && name !== "load").map((name) => [name, ofPart(name)]),
  ),
})
