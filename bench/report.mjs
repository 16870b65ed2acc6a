/** The text table of rows of cells, the first row being the head; numbers stand at the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? "-").length)))
  const line = (row) =>
    row
      .map((cell, column) => {
        const text = String(cell ?? "-")
        return column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column])
      })
      .join("  ")
  return [line(rows[0]), widths.map((width) => "-".repeat(width)).join("  "), ...rows.slice(1).map(line)].join("\n")
}

const pair = (value) => (value ? `${value.p50 ?? "-"} / ${value.p95 ?? "-"}` : "-")
const ratio = (a, b) => (a && b ? `${(a / b).toFixed(2)}x` : "-")

/** One line per run of a load; `Troupe : direct` compares each with the direct run of the same model and number of chats. */
export function loadTable(rows) {
  const directOf = (row) =>
    rows.find((each) => each.client === "direct" && each.model === row.model && each.n === row.n)
  const head = [
    "model, chats",
    "client",
    "ok",
    "first ms",
    "added ms",
    "turn ms",
    "turn : direct",
    "tok/s",
    "tok/s : direct",
  ]
  head.push("tok/CPU-s", "server PSS MB", "Postgres CPU s", "Postgres PSS MB")
  const body = rows.map((row) => {
    const direct = row.client === "direct" ? undefined : directOf(row)
    return [
      `${row.model} x ${row.n}`,
      row.client,
      `${row.ok}/${row.n}`,
      pair(row.first),
      direct && row.first.p50 !== null && direct.first.p50 !== null
        ? (row.first.p50 - direct.first.p50).toFixed(1)
        : "-",
      pair(row.turn),
      direct ? ratio(row.turn.p50, direct.turn.p50) : "-",
      row.tokensPerSecond,
      direct ? ratio(row.tokensPerSecond, direct.tokensPerSecond) : "-",
      row.tokensPerCpuSecond,
      row.serverPssMb && `${row.serverPssMb.before} -> ${row.serverPssMb.peak}`,
      row.postgresCpuSeconds,
      row.postgresPssMb && `${row.postgresPssMb.before} -> ${row.postgresPssMb.peak}`,
    ]
  })
  return table([head, ...body])
}

/** One line per figure of the scenarios that have no direct counterpart. */
export function scenarioTable(rows) {
  const lines = rows.flatMap(({ scenario, ...figures }) =>
    Object.entries(figures).map(([name, value]) => [
      `${scenario}${figures.listeners === undefined ? "" : ` ${figures.listeners}`}`,
      name,
      value !== null && typeof value === "object" ? pair(value) : value,
    ]),
  )
  return table([["scenario", "figure", "value (p50 / p95)"], ...lines.filter((line) => line[1] !== "listeners")])
}
