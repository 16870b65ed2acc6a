import { Effect } from "effect"
import { createRequire } from "node:module"
import { Worker } from "node:worker_threads"
import type { Options } from "@node-rs/argon2"

/**
 * Where passwords are hashed: a thread of its own, one password after the other, which yields to everything else that the server
 * does. In the pool of Node it would take the turn of files and of look-ups of names, and with a few at once a whole small machine.
 */

/** `stored` is what to compare with; without one, the answer is a new hash. */
interface Job {
  readonly password: string
  readonly stored?: string
  readonly options?: Options
}

interface Answer {
  readonly value?: string | boolean
  readonly error?: string
}

/** As a niceness: a tenth of what other threads get where all want the processor, and all of it where they do not. */
const NICENESS = 10

/** Source text, since a thread begins with a file of its own, and the server is built into few. On Linux a niceness is a thread's. */
const PROGRAM = `
  const { parentPort, workerData } = require("node:worker_threads")
  const { hashSync, verifySync } = require(workerData.argon2)
  if (process.platform === "linux") require("node:os").setPriority(workerData.niceness)
  const carryOut = ({ password, stored, options }) =>
    stored === undefined ? hashSync(password, options) : verifySync(stored, password)
  parentPort.on("message", (job) => {
    try {
      parentPort.postMessage({ value: carryOut(job) })
    } catch (error) {
      parentPort.postMessage({ error: String(error) })
    }
  })
`

/** Jobs are answered in their order. */
const waiting: Array<(answer: Answer) => void> = []
let thread: Worker | undefined

/** The next job begins another one. */
const lost = (ended: Worker, reason: string) => {
  if (thread !== ended) return
  thread = undefined
  for (const settle of waiting.splice(0)) settle({ error: reason })
}

const start = (): Worker => {
  // Native code that only a sign-in needs: loaded with the first one, not with the server.
  const argon2 = createRequire(import.meta.url).resolve("@node-rs/argon2")
  const worker = new Worker(PROGRAM, { eval: true, workerData: { argon2, niceness: NICENESS } })
  worker.on("message", (answer: Answer) => {
    waiting.shift()?.(answer)
    // Idle, it keeps no process from its end.
    if (waiting.length === 0) worker.unref()
  })
  worker.once("error", (error) => lost(worker, error.message))
  worker.once("exit", (code) => lost(worker, `the thread ended with ${code}`))
  return worker
}

/** Goes on when nobody waits for it any more, and so must the turn that it takes. */
const runJob = (job: Job) =>
  Effect.uninterruptible(
    Effect.async<string | boolean | undefined>((resume) => {
      thread ??= start()
      waiting.push(({ value, error }) => {
        resume(error === undefined ? Effect.succeed(value) : Effect.dieMessage(`A password was not hashed: ${error}`))
      })
      thread.ref()
      thread.postMessage(job)
    }),
  )

export const hash = (password: string, options: Options): Effect.Effect<string> =>
  Effect.map(runJob({ password, options }), String)

export const verify = (stored: string, password: string): Effect.Effect<boolean> =>
  Effect.map(runJob({ password, stored }), (matches) => matches === true)
