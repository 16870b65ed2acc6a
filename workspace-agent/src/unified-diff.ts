/** Unified diffs of two texts, by lines. */

const CONTEXT = 3
/** Beyond this many differing lines the shortest script is not searched for: the differing middle is replaced as a whole. */
const MAX_DISTANCE = 400

type Step = { readonly kind: " " | "-" | "+"; readonly line: string }

const linesOf = (text: string): Array<string> => {
  const lines = text.split("\n")
  const last = lines.pop() ?? ""
  const whole = lines.map((line) => `${line}\n`)
  return last === "" ? whole : [...whole, last]
}

/** Myers' shortest edit script, walked back through the furthest points of each distance. */
const shortestScript = (before: ReadonlyArray<string>, after: ReadonlyArray<string>): Array<Step> => {
  const n = before.length
  const m = after.length
  const limit = Math.min(n + m, MAX_DISTANCE)
  const furthest = new Map<number, number>([[1, 0]])
  const history: Array<Map<number, number>> = []
  const reach = (points: ReadonlyMap<number, number>, k: number) => points.get(k) ?? -1
  for (let distance = 0; distance <= limit; distance += 1) {
    history.push(new Map(furthest))
    for (let k = -distance; k <= distance; k += 2) {
      const down = k === -distance || (k !== distance && reach(furthest, k - 1) < reach(furthest, k + 1))
      let x = down ? reach(furthest, k + 1) : reach(furthest, k - 1) + 1
      while (x < n && x - k < m && before[x] === after[x - k]) x += 1
      furthest.set(k, x)
      if (x >= n && x - k >= m) return walkBack(before, after, history)
    }
  }
  return [...before.map((line): Step => ({ kind: "-", line })), ...after.map((line): Step => ({ kind: "+", line }))]
}

const walkBack = (
  before: ReadonlyArray<string>,
  after: ReadonlyArray<string>,
  history: ReadonlyArray<ReadonlyMap<number, number>>,
): Array<Step> => {
  const steps: Array<Step> = []
  let x = before.length
  let y = after.length
  for (let distance = history.length - 1; distance >= 0; distance -= 1) {
    const points = history[distance] ?? new Map<number, number>()
    const reach = (k: number) => points.get(k) ?? -1
    const k = x - y
    const down = k === -distance || (k !== distance && reach(k - 1) < reach(k + 1))
    const fromX = distance === 0 ? 0 : reach(down ? k + 1 : k - 1)
    const fromY = distance === 0 ? 0 : fromX - (down ? k + 1 : k - 1)
    while (x > fromX && y > fromY) {
      x -= 1
      y -= 1
      steps.push({ kind: " ", line: before[x] ?? "" })
    }
    if (distance === 0) break
    if (down) steps.push({ kind: "+", line: after[fromY] ?? "" })
    else steps.push({ kind: "-", line: before[fromX] ?? "" })
    x = fromX
    y = fromY
  }
  return steps.reverse()
}

const rangeOf = (start: number, count: number) => `${count === 0 ? start - 1 : start}${count === 1 ? "" : `,${count}`}`

/** `""` when the texts are equal. The names stand in the header as they are. */
export const unifiedDiff = (name: string, before: string, after: string): string => {
  if (before === after) return ""
  const old = linesOf(before)
  const next = linesOf(after)
  let same = 0
  while (same < old.length && same < next.length && old[same] === next[same]) same += 1
  let tail = 0
  while (tail < old.length - same && tail < next.length - same && old.at(-1 - tail) === next.at(-1 - tail)) tail += 1

  const lead = old.slice(Math.max(0, same - CONTEXT), same).map((line): Step => ({ kind: " ", line }))
  const trail = old
    .slice(old.length - tail)
    .slice(0, CONTEXT)
    .map((line): Step => ({ kind: " ", line }))
  const middle = shortestScript(old.slice(same, old.length - tail), next.slice(same, next.length - tail))
  const steps = [...lead, ...middle, ...trail]

  let text = `--- ${name}\n+++ ${name}\n`
  let oldLine = same - lead.length + 1
  let newLine = oldLine
  for (const hunk of hunksOf(steps)) {
    const { skipped } = hunk
    oldLine += skipped
    newLine += skipped
    const removed = hunk.steps.filter((step) => step.kind !== "+").length
    const added = hunk.steps.filter((step) => step.kind !== "-").length
    text += `@@ -${rangeOf(oldLine, removed)} +${rangeOf(newLine, added)} @@\n`
    for (const step of hunk.steps) {
      text += step.kind + (step.line.endsWith("\n") ? step.line : `${step.line}\n\\ No newline at end of file\n`)
    }
    oldLine += removed
    newLine += added
  }
  return text
}

/** Parts of the script around the changes; `skipped` counts the unchanged lines left out before each. */
const hunksOf = (steps: ReadonlyArray<Step>): Array<{ skipped: number; steps: Array<Step> }> => {
  const hunks: Array<{ skipped: number; steps: Array<Step> }> = []
  let current: Array<Step> = []
  let quiet = 0
  let skipped = 0
  for (const step of steps) {
    current.push(step)
    quiet = step.kind === " " ? quiet + 1 : 0
    const changed = current.length > quiet
    if (!changed && quiet > CONTEXT) {
      current.shift()
      skipped += 1
    } else if (changed && quiet > 2 * CONTEXT) {
      const rest = current.splice(current.length - quiet + CONTEXT)
      hunks.push({ skipped, steps: current })
      skipped = rest.length - CONTEXT
      current = rest.slice(rest.length - CONTEXT)
      quiet = current.length
    }
  }
  if (current.some((step) => step.kind !== " ")) {
    if (quiet > CONTEXT) current.splice(current.length - quiet + CONTEXT)
    hunks.push({ skipped, steps: current })
  }
  return hunks
}
