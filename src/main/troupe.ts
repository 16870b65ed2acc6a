import { version } from "../http/version.ts"
import { runProgram } from "../cli/program.ts"

/** The program `troupe`: one command, or the server. */

let ending: number | undefined

const print = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })

// Who read what we say may be gone before us; the write that fails tells.
process.stdout.on("error", () => undefined)
process.stderr.on("error", () => undefined)

await runProgram(
  {
    environment: process.env,
    version,
    serve: async () => {
      await import("../main.ts")
    },
    print,
    complain: (text) => void process.stderr.write(`${text}\n`),
    end: (code) => {
      ending = code
    },
  },
  process.argv.slice(2),
)
// A server goes on; all else is done, and what is still open (a database that does not answer) is not waited for.
if (ending !== undefined) process.exit(ending)
