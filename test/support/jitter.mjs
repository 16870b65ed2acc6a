// Loaded into every process of a test run with TROUPE_TEST_JITTER=1: queries, answers of HTTP and messages of sockets come late
// now and then, and processes stand still for a moment, as on a busy machine. A test that fails here only, and not for want of
// time, depends on who is first. Order is kept wherever the real thing keeps it.
import pg from "pg"
import { WebSocket } from "ws"

const LATE_SHARE = 0.07
const LATEST_MS = 400
const STALL_EVERY_MS = 300
const STALL_SHARE = 0.15
const LONGEST_STALL_MS = 400

/** Mostly short, seldom long. */
const upTo = (longest) => Math.random() ** 2 * longest

const luck = () =>
  Math.random() < LATE_SHARE ? new Promise((resolve) => setTimeout(resolve, upTo(LATEST_MS))) : undefined

/** Calls one after the other per object, some of them late. At once where nothing is late. */
const lines = new WeakMap()
const inLine = (owner, call) => {
  const before = lines.get(owner)
  const late = luck()
  if (before === undefined && late === undefined) return call()
  const mine = Promise.all([before, late]).then(() => {
    if (lines.get(owner) === mine) lines.delete(owner)
    call()
  })
  lines.set(owner, mine)
  return undefined
}

const query = pg.Client.prototype.query
pg.Client.prototype.query = function (...given) {
  // Without a callback the caller wants what it returns.
  if (typeof given.at(-1) !== "function") return query.apply(this, given)
  return inLine(this, () => query.apply(this, given))
}

const emit = WebSocket.prototype.emit
WebSocket.prototype.emit = function (name, ...given) {
  if (name !== "message" && name !== "close") return emit.call(this, name, ...given)
  return inLine(this, () => emit.call(this, name, ...given)) ?? true
}

const fetchAtOnce = globalThis.fetch
globalThis.fetch = async (...given) => {
  await luck()
  const response = await fetchAtOnce(...given)
  await luck()
  return response
}

const cell = new Int32Array(new SharedArrayBuffer(4))
setInterval(() => {
  if (Math.random() < STALL_SHARE) Atomics.wait(cell, 0, 0, upTo(LONGEST_STALL_MS))
}, STALL_EVERY_MS).unref()
