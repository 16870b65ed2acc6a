import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import path from "node:path"
import { promisify } from "node:util"

/** What a running server writes about itself into its data folder. */
export interface PostmasterFile {
  readonly pid: number
  readonly port: number
  readonly socketFolder: string
  readonly status: string
}

export const readPostmasterFile = async (data: string): Promise<PostmasterFile | undefined> => {
  const text = await readFile(path.join(data, "postmaster.pid"), "utf8").catch(() => "")
  const [pid, , , port, socketFolder = "", , , status = ""] = text.split("\n").map((line) => line.trim())
  const number = Number(pid)
  // A negative pid is a single-user server's, and an empty file one that is being written.
  return Number.isInteger(number) && number > 0 ? { pid: number, port: Number(port), socketFolder, status } : undefined
}

const run = promisify(execFile)

/** The command line of a process, its words separated by spaces; empty when it is gone, or ended and not yet reaped. */
const commandLine = async (pid: number): Promise<string> => {
  if (process.platform === "linux") {
    const text = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")
    return text.replaceAll("\0", " ")
  }
  const command =
    process.platform === "win32"
      ? ["powershell", "-NoProfile", "-Command", `(Get-CimInstance Win32_Process -Filter ProcessId=${pid}).CommandLine`]
      : ["ps", "-ww", "-o", "command=", "-p", String(pid)]
  const [program = "", ...parameters] = command
  return run(program, parameters).then(
    // Windows puts words with spaces in quotation marks.
    ({ stdout }) => stdout.replaceAll('"', "").trim(),
    () => "",
  )
}

/**
 * Whether `pid` is a server that we started on this data folder. A pid alone proves nothing: it may have been given to
 * another program since, at once in a container that was restarted.
 */
export const isPostmasterOf = async (pid: number, data: string): Promise<boolean> => {
  const words = `${await commandLine(pid)} `
  return words.includes("postgres") && words.includes(` -D ${data} `)
}
