/** Standard error is a file that nobody rotates, so an agent writes only so much of it. */
let left = 1024 * 1024

export const log = (text: string): void => {
  if (left <= 0) return
  left -= text.length + 1
  process.stderr.write(`${new Date().toISOString()} ${text}\n`)
}

export const logError = (error: unknown): void =>
  log(error instanceof Error ? (error.stack ?? error.message) : String(error))
