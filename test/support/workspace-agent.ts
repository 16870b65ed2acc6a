import { build } from "esbuild"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import http from "node:http"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"

const source = fileURLToPath(new URL("../../workspace-agent/src/main.ts", import.meta.url))

/** Bundles the workspace agent from its sources, as the build does. The caller removes the file with `remove`. */
export const bundleWorkspaceAgent = async (): Promise<{ file: string; remove: () => Promise<void> }> => {
  const folder = await mkdtemp(path.join(tmpdir(), "troupe-agent-"))
  const file = path.join(folder, "main.mjs")
  await build({ entryPoints: [source], outfile: file, bundle: true, platform: "node", format: "esm", target: "node20" })
  return { file, remove: () => rm(folder, { recursive: true, force: true }) }
}

export interface SocketAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: unknown
}

/** One request to an HTTP server on a Unix socket, on a connection of its own. Rejects when it breaks off. */
export const askSocket = (
  socketPath: string,
  method: "GET" | "POST",
  target: string,
  options: { headers?: Record<string, string>; body?: string | Buffer; signal?: AbortSignal } = {},
): Promise<SocketAnswer> =>
  new Promise((resolve, reject) => {
    const { headers = {}, body, signal } = options
    const request = http.request(
      { socketPath, method, path: `/api/v0${target}`, headers, agent: false, ...(signal ? { signal } : {}) },
      (response) => {
        const chunks: Array<Buffer> = []
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.on("error", reject)
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8")
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: JSON.parse(text) })
        })
      },
    )
    request.on("error", reject)
    request.end(body)
  })

/** Sockets of the agents that serve workspaces of this data folder. */
export const agentSockets = async (dataDir: string): Promise<ReadonlyArray<string>> => {
  const run = path.join(dataDir, "run")
  const entries = await readdir(run, { recursive: true }).catch(() => [])
  return entries.filter((entry) => entry.endsWith(".sock")).map((entry) => path.join(run, entry))
}

/** Ends the agents of this data folder, their processes included. They outlive the server that started them. */
export const stopAgents = async (dataDir: string): Promise<void> => {
  for (const socket of await agentSockets(dataDir)) {
    // One that breaks off has ended, or never served this socket.
    await askSocket(socket, "POST", "/stop").catch(() => undefined)
  }
}
