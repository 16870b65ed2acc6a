import { readFileSync, readdirSync } from "node:fs"

/** Linux counts the CPU time of processes in ticks of this length, on every architecture. */
const SECONDS_PER_TICK = 1 / 100

function statOf(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8")
  // The name in parentheses may hold anything, so count from behind it: state, ppid, ... utime is the 12th, stime the 13th.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ")
  const [utime, stime, childrenUtime, childrenStime] = fields.slice(11, 15).map(Number)
  return { parent: Number(fields[1]), own: utime + stime, ended: childrenUtime + childrenStime }
}

function pssOf(pid) {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]
  return Number(kilobytes) / 1024
}

/** CPU seconds since its start and PSS in MB of one process, threads included, children not. */
export function processFigures(pid) {
  return { cpuSeconds: statOf(pid).own * SECONDS_PER_TICK, pssMb: pssOf(pid) }
}

/** The same of a process and everything below it; CPU of children that have ended is included. */
export function treeFigures(rootPid) {
  const children = new Map()
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue
    try {
      const { parent } = statOf(name)
      children.set(parent, [...(children.get(parent) ?? []), Number(name)])
    } catch {
      // Ended while we looked.
    }
  }
  const sum = { cpuSeconds: 0, pssMb: 0 }
  const walk = (pid) => {
    try {
      const { own, ended } = statOf(pid)
      sum.pssMb += pssOf(pid)
      sum.cpuSeconds += (own + ended) * SECONDS_PER_TICK
    } catch {
      return
    }
    for (const child of children.get(pid) ?? []) walk(child)
  }
  walk(rootPid)
  return sum
}
