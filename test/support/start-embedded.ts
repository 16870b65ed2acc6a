// A process that starts the embedded server of a folder, for tests that kill it or run it as another user.
//   node --import tsx start-embedded.ts DATA_DIR [PACKAGE_ROOT]
// Prints one line of JSON: { pid, reused } or { error: { reason, message } }. Stops the server when its input ends.
import { Effect, Either } from "effect"
import { once } from "node:events"
import { start } from "../../src/db/embedded/server.ts"

const [, , dataDir = "", packageRoot] = process.argv
const result = await Effect.runPromise(Effect.either(start(dataDir, packageRoot === undefined ? {} : { packageRoot })))
if (Either.isLeft(result)) {
  const { reason, message } = result.left
  process.stdout.write(`${JSON.stringify({ error: { reason, message } })}\n`)
} else {
  const { pid, reused, stop } = result.right
  process.stdout.write(`${JSON.stringify({ pid, reused })}\n`)
  process.stdin.resume()
  await once(process.stdin, "end")
  await Effect.runPromise(stop)
}
