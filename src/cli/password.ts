import { Effect } from "effect"
import { createInterface } from "node:readline"
import { Writable } from "node:stream"
import { Misused, Refused } from "./refusal.ts"

/** A password is never an argument: everybody on the machine sees those. It is asked for without echo, or read from standard input. */

const CANCELLED = "No password was given."

/** One line without echo. The terminal is as it was afterwards, also when it is given up. */
const ask = (question: string) =>
  Effect.async<string, Refused>((resume) => {
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
    const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
    let answer: string | undefined
    process.stderr.write(question)
    lines.once("line", (line) => {
      answer = line
      lines.close()
    })
    lines.once("SIGINT", () => lines.close())
    lines.once("close", () => {
      process.stderr.write("\n")
      resume(answer === undefined ? new Refused({ message: CANCELLED }) : Effect.succeed(answer))
    })
    return Effect.sync(() => lines.close())
  })

/** More than any password: what is piped in by mistake is not read to its end. */
const MAX_BYTES = 4096

const readAll = Effect.tryPromise({
  try: async () => {
    let text = ""
    process.stdin.setEncoding("utf8")
    for await (const chunk of process.stdin) {
      text += String(chunk)
      if (text.length > MAX_BYTES) break
    }
    return text
  },
  catch: () => new Refused({ message: CANCELLED }),
})

/** The end of the line that `echo` makes is no part of it; everything else is. */
export const readPassword = (fromStdin: boolean): Effect.Effect<string, Misused | Refused> =>
  Effect.gen(function* () {
    if (fromStdin) {
      const text = (yield* readAll).replace(/\r?\n$/, "")
      return text === "" ? yield* new Refused({ message: CANCELLED }) : text
    }
    if (!process.stdin.isTTY) {
      return yield* new Misused({
        message:
          "There is no terminal to ask for the password on: give --password-stdin, and the password on standard input.",
      })
    }
    const password = yield* ask("Password: ")
    if ((yield* ask("The same again: ")) !== password) {
      return yield* new Refused({ message: "The two passwords are not the same. Nothing was changed." })
    }
    return password
  })
