import { createHash, randomUUID } from "node:crypto"
import { readdir } from "node:fs/promises"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import path from "node:path"
import manifest from "../package.json" with { type: "json" }
import { type Answer, CallRecord, defaultRecordLimits, type RecordLimits } from "./call-record.ts"
import { editFiles } from "./edit-files.ts"
import { logError } from "./log.ts"
import { defaultProcessLimits, type ProcessLimits, ProcessTable } from "./process-table.ts"
import type {
  Directory,
  Done,
  FileLines,
  Health,
  OperationName,
  Operations,
  PlaceOf,
  Refused,
  RunAgeHeader,
  StartedProcess,
} from "./protocol.ts"
import { readDefaults, readFileLines } from "./read-lines.ts"
import { Refusal, refuseFileError } from "./refusal.ts"
import * as requests from "./requests.ts"
import { replaceFile } from "./text-files.ts"
import { WorkspacePaths } from "./workspace-paths.ts"

const PREFIX = "/api/v0"
const MAX_WAIT_MS = 5 * 60 * 1000
const MAX_LISTED = 1000
const MAX_PIECE_BYTES = 64 * 1024
const RUN_AGE: RunAgeHeader = "Coder-Tool-Call-Run-Age-Ms"
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export interface AgentOptions {
  /** The folder of the workspace: nothing outside it is read or written, and it is where commands run. */
  readonly directory: string
  /** What commands get, besides what keeps them unattended. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly idleMs: number
  /** Called when a client asks for the end, or when nothing has happened and nothing has run for `idleMs`. */
  readonly onEnd: () => void
  readonly records?: RecordLimits
  readonly processes?: ProcessLimits
}

/** What a handler gets: the request, its whole body, and a signal of the client having gone. */
interface Exchange {
  readonly request: IncomingMessage
  readonly query: URLSearchParams
  readonly body: Buffer
  readonly gone: AbortSignal
  /** The id in the path, where the route has one. */
  readonly id: string
}

/** An operation of the protocol, and what answers it. */
interface Endpoint<Name extends OperationName> extends PlaceOf<Name> {
  readonly acts: Operations[Name]["acts"]
  readonly handle: (exchange: Exchange) => Promise<Operations[Name]["answer"]>
}

interface Route {
  readonly method: string
  readonly pattern: RegExp
  /** A repeat by the same tool call is answered from the record. */
  readonly acts: boolean
  readonly handle: (exchange: Exchange) => Promise<object>
}

/** The one parameter that a path can have is an id. */
const routeOf = ({ method, path: shape, acts, handle }: Endpoint<OperationName>): Route => ({
  method,
  pattern: new RegExp(`^${shape.replace("{id}", "([^/]+)")}$`),
  acts,
  handle,
})

/** The agent as an HTTP server, not yet listening. Its endpoints are the table of routes, under `/api/v0`. */
export class WorkspaceAgent {
  readonly server: Server
  readonly processes: ProcessTable
  readonly #paths: WorkspacePaths
  readonly #options: AgentOptions
  readonly #record: CallRecord
  readonly #startedAt = Date.now()
  readonly #bootedAt = performance.now()
  readonly #routes: ReadonlyArray<Route>
  #lastActive = performance.now()
  #active = 0
  #idleTimer: NodeJS.Timeout | undefined
  /** Writes one after the other: two edits of one file at once would lose one of them. */
  #writes: Promise<unknown> = Promise.resolve()

  private constructor(options: AgentOptions, paths: WorkspacePaths) {
    this.#options = options
    this.#paths = paths
    this.processes = new ProcessTable(paths, options.environment, options.processes ?? defaultProcessLimits)
    this.#record = new CallRecord(options.records ?? defaultRecordLimits, () => performance.now() - this.#bootedAt)
    this.#routes = Object.values(this.#endpoints()).map(routeOf)
    this.server = createServer((request, response) => void this.#serve(request, response))
    this.server.keepAliveTimeout = 75_000
    this.#watchIdle(options.idleMs)
  }

  static async create(options: AgentOptions): Promise<WorkspaceAgent> {
    return new WorkspaceAgent(options, await WorkspacePaths.of(options.directory))
  }

  /** No further requests; running ones are cut off. Processes are ended. */
  async close(): Promise<void> {
    clearTimeout(this.#idleTimer)
    this.server.close()
    this.server.closeAllConnections()
    await this.processes.endAll()
  }

  #endpoints(): { readonly [Name in OperationName]: Endpoint<Name> } {
    return {
      health: { method: "GET", path: "/health", acts: false, handle: async () => this.#health() },
      listDirectory: {
        method: "POST",
        path: "/list-directory",
        acts: false,
        handle: ({ query }) => this.#listDirectory(requests.pathOf(query)),
      },
      readFileLines: {
        method: "GET",
        path: "/read-file-lines",
        acts: false,
        handle: ({ query }) => this.#readFileLines(query),
      },
      resolvePath: {
        method: "GET",
        path: "/resolve-path",
        acts: false,
        handle: async ({ query }) => ({ path: await this.#paths.resolve(requests.pathOf(query)) }),
      },
      writeFile: {
        method: "POST",
        path: "/write-file",
        acts: true,
        handle: ({ query, body }) => this.#inOrder(() => this.#writeFile(requests.pathOf(query), body)),
      },
      editFiles: {
        method: "POST",
        path: "/edit-files",
        acts: true,
        handle: ({ body }) => this.#inOrder(() => this.#editFiles(body)),
      },
      startProcess: {
        method: "POST",
        path: "/processes/start",
        acts: true,
        handle: (exchange) => this.#startProcess(exchange),
      },
      listProcesses: {
        method: "GET",
        path: "/processes/list",
        acts: false,
        handle: async ({ request }) => ({ processes: this.processes.list(requests.chatIdOf(request)) }),
      },
      processOutput: {
        method: "GET",
        path: "/processes/{id}/output",
        acts: false,
        handle: ({ request, query, id, gone }) =>
          this.processes.output(
            requests.chatIdOf(request),
            id,
            requests.wholeNumber(query, "wait", 0, MAX_WAIT_MS),
            gone,
          ),
      },
      followProcess: {
        method: "GET",
        path: "/processes/{id}/follow",
        acts: false,
        handle: ({ request, query, id, gone }) =>
          this.processes.follow(
            requests.chatIdOf(request),
            id,
            {
              after: requests.wholeNumber(query, "after", 0, Number.MAX_SAFE_INTEGER),
              most: requests.wholeNumber(query, "most", MAX_PIECE_BYTES, MAX_PIECE_BYTES),
              waitMs: requests.wholeNumber(query, "wait", 0, MAX_WAIT_MS),
            },
            gone,
          ),
      },
      signalProcess: {
        method: "POST",
        path: "/processes/{id}/signal",
        acts: true,
        handle: async ({ request, body, id }) => {
          this.processes.signal(requests.chatIdOf(request), id, requests.signalField(requests.jsonFields(body)))
          return { message: "The signal was sent." }
        },
      },
      cancelCall: {
        method: "POST",
        path: "/tool-calls/cancel",
        acts: false,
        handle: ({ request }) => this.#cancel(request),
      },
      stop: {
        method: "POST",
        path: "/stop",
        acts: false,
        handle: async () => {
          setImmediate(this.#options.onEnd)
          return { message: "The agent is ending." }
        },
      },
    }
  }

  #health(): Health {
    return {
      version: manifest.version,
      started_at_unix_ms: this.#startedAt,
      uptime_ms: Math.round(performance.now() - this.#bootedAt),
      directory: this.#paths.root,
    }
  }

  async #listDirectory(shown: string): Promise<Directory> {
    const folder = await this.#paths.resolve(shown)
    const found = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw refuseFileError(error, shown)
    })
    const entries = found.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, MAX_LISTED)
    return {
      absolute_path_string: folder,
      contents: entries.map((entry) => ({
        name: entry.name,
        absolute_path_string: path.join(folder, entry.name),
        is_dir: entry.isDirectory(),
      })),
    }
  }

  #readFileLines(query: URLSearchParams): Promise<FileLines> {
    const { maxLines, maxLineBytes, maxResponseBytes } = readDefaults
    const limits = {
      maxLines: requests.wholeNumber(query, "max_response_lines", maxLines, maxLines),
      maxLineBytes: requests.wholeNumber(query, "max_line_bytes", maxLineBytes, maxLineBytes),
      maxResponseBytes: requests.wholeNumber(query, "max_response_bytes", maxResponseBytes, maxResponseBytes),
    }
    const window = {
      offset: requests.wholeNumber(query, "offset", 1, 999_999_999),
      limit: requests.wholeNumber(query, "limit", maxLines, maxLines),
    }
    return readFileLines(this.#paths, requests.pathOf(query), window, limits)
  }

  async #writeFile(shown: string, body: Buffer): Promise<Done> {
    await replaceFile(await this.#paths.resolve(shown), shown, body)
    return { message: `Wrote ${body.length} bytes.` }
  }

  async #editFiles(body: Buffer): Promise<Operations["editFiles"]["answer"]> {
    return { files: await editFiles(this.#paths, requests.editFields(requests.jsonFields(body))) }
  }

  async #startProcess({ request, body }: Exchange): Promise<StartedProcess> {
    const id = requests.identityOf(request)?.toolCallId ?? randomUUID()
    if (!UUID.test(id)) throw new Refusal(400, "The header Coder-Tool-Call-Id must be a uuid to start a process.")
    const fields = requests.startFields(requests.jsonFields(body))
    await this.processes.start({ id, chatId: requests.chatIdOf(request), ...fields })
    return { id, started: true }
  }

  async #cancel(request: IncomingMessage): Promise<Operations["cancelCall"]["answer"]> {
    const identity = requests.identityOf(request)
    if (identity === undefined) throw new Refusal(400, "The header Coder-Tool-Call-Id is missing.")
    const answer = this.#record.cancel(identity)
    // Its start may be under way; the process is there once it is answered.
    await answer
    await this.processes.end(identity.toolCallId)
    return { had_started: answer !== undefined }
  }

  #inOrder<A>(write: () => Promise<A>): Promise<A> {
    const result = this.#writes.then(write)
    this.#writes = result.catch(() => undefined)
    return result
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#active += 1
    const gone = new AbortController()
    response.once("close", () => {
      gone.abort()
      this.#active -= 1
      this.#lastActive = performance.now()
    })
    // The client went away in the middle: there is nobody to tell.
    response.on("error", () => undefined)
    try {
      const { answer, runAgeMs } = await this.#answer(request, gone.signal)
      const headers: Record<string, string> = { "Content-Type": "application/json; charset=utf-8" }
      if (runAgeMs !== undefined) headers[RUN_AGE] = String(runAgeMs)
      response.writeHead(answer.status, headers).end(answer.body)
    } catch (error) {
      // Only a request that broke off comes here; every refusal is an answer.
      response.destroy(error instanceof Error ? error : undefined)
    }
  }

  async #answer(request: IncomingMessage, gone: AbortSignal): Promise<{ answer: Answer; runAgeMs?: number }> {
    const url = new URL(request.url ?? "/", "http://workspace")
    const place = url.pathname.startsWith(`${PREFIX}/`) ? url.pathname.slice(PREFIX.length) : ""
    const body = await asAnswer(
      () => requests.readBody(request),
      (bytes) => bytes,
    )
    if ("status" in body) return { answer: body }
    const route = this.#routes.find(({ method, pattern }) => method === request.method && pattern.test(place))
    if (route === undefined) {
      return { answer: refusal(new Refusal(404, `There is no ${request.method ?? ""} ${url.pathname}.`)) }
    }
    const id = route.pattern.exec(place)?.[1] ?? ""
    const act = () => asAnswer(() => route.handle({ request, query: url.searchParams, body, gone, id }), success)
    if (!route.acts) return { answer: await act() }

    const recorded = async () => {
      const identity = requests.identityOf(request)
      if (identity === undefined) return { answer: await act() }
      const fingerprint = createHash("sha256").update(`${request.method} ${url.pathname}${url.search}\n`).update(body)
      return this.#record.answer(identity, fingerprint.digest("hex"), act)
    }
    const outcome = await asAnswer(recorded, (result) => result)
    return "status" in outcome ? { answer: outcome } : outcome
  }

  #watchIdle(delay: number): void {
    this.#idleTimer = setTimeout(() => {
      if (this.#active > 0 || this.processes.busy) this.#lastActive = performance.now()
      const left = this.#lastActive + this.#options.idleMs - performance.now()
      if (left <= 0) this.#options.onEnd()
      else this.#watchIdle(left)
    }, delay)
    this.#idleTimer.unref()
  }
}

const success = (value: unknown): Answer => ({ status: 200, body: JSON.stringify(value) })

const refusal = ({ status, message, code }: Refusal): Answer => {
  const refused: Refused = { message, ...(code === undefined ? {} : { code }) }
  return { status, body: JSON.stringify(refused) }
}

/** A refusal becomes an answer; any other error, too, told without its inner workings. */
const asAnswer = async <A, B>(work: () => Promise<A>, onSuccess: (value: A) => B): Promise<B | Answer> => {
  try {
    return onSuccess(await work())
  } catch (error) {
    if (error instanceof Refusal) return refusal(error)
    logError(error)
    return refusal(new Refusal(500, "The workspace agent failed to do this; its log says why."))
  }
}
