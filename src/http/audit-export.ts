import { Cause, Effect, Exit, Fiber, type ManagedRuntime, Option, Stream } from "effect"
import express, { type Response, type Router } from "express"
import { once } from "node:events"
import type { Logger } from "pino"
import type { AuditEntry } from "../contract/audit.ts"
import { AuditReads, readAuditQuery } from "../identity/audit/audit-reads.ts"
import type { Organizations } from "../identity/organizations.ts"
import type { Sessions } from "../identity/sessions.ts"
import type { Settings } from "../settings.ts"
import { sendFailure } from "./answering.ts"
import { auditFilter } from "./audit.ts"
import { auditToWire } from "./audit-wire.ts"
import { authenticate } from "./auth.ts"
import { BadRequestError } from "./errors.ts"
import type { HttpFailure } from "./failures.ts"
import { checkScopes } from "./mount.ts"
import { searched } from "./searched.ts"

/**
 * `GET /audit/export?format=csv|jsonl&q=`: all that a search finds, newest first, sent as it is read. Lines of JSON are the rows of
 * `GET /audit`; the table (RFC 4180) has the same with the changes as JSON in one column.
 */

type ExportServices = AuditReads | Organizations | Sessions | Settings

export interface ExportOptions {
  readonly runtime: ManagedRuntime.ManagedRuntime<ExportServices, never>
  readonly logger: Logger
}

const COLUMNS = {
  time: ({ time }) => time,
  actor_kind: ({ actor }) => actor.kind,
  actor: ({ actor }) => actor.username,
  action: ({ action }) => action,
  resource_type: ({ resource_type }) => resource_type,
  resource_target: ({ resource_target }) => resource_target,
  resource_id: ({ resource_id }) => resource_id,
  organization: ({ organization }) => organization?.name ?? "",
  ip: ({ ip }) => ip ?? "",
  user_agent: ({ user_agent }) => user_agent ?? "",
  request_id: ({ request_id }) => request_id ?? "",
  diff: ({ diff }) => JSON.stringify(diff),
  additional_fields: ({ additional_fields }) => JSON.stringify(additional_fields),
} as const satisfies Readonly<Record<string, (entry: AuditEntry) => string>>

/** What begins like this is a formula to a spreadsheet: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r\n]/

const cell = (text: string): string => `"${(FORMULA.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`

const FORMATS = {
  csv: {
    type: "text/csv; charset=utf-8; header=present",
    head: `${Object.keys(COLUMNS).join(",")}\r\n`,
    row: (entry: AuditEntry) =>
      `${Object.values(COLUMNS)
        .map((column) => cell(column(entry)))
        .join(",")}\r\n`,
  },
  jsonl: {
    type: "application/jsonl; charset=utf-8",
    head: "",
    row: (entry: AuditEntry) => `${JSON.stringify(entry)}\n`,
  },
} as const
type Format = keyof typeof FORMATS

const isFormat = (text: string | null): text is Format => text !== null && Object.hasOwn(FORMATS, text)

const opened = (request: express.Request) =>
  Effect.gen(function* () {
    const { caller } = yield* authenticate(request)
    yield* checkScopes(caller, "audit_log", true)
    const query = new URL(request.originalUrl, "http://localhost").searchParams
    const format = query.get("format")
    if (!isFormat(format)) {
      const detail = "must be csv or jsonl"
      return yield* new BadRequestError({ message: `format ${detail}.`, validations: [{ field: "format", detail }] })
    }
    const filter = yield* auditFilter(yield* searched(readAuditQuery(query.get("q") ?? "")), caller)
    const rows = yield* (yield* AuditReads).all(caller, filter)
    return { format, rows }
  })

/** Waits for a reader that is slower than the database. */
const write = (response: Response, text: string) =>
  Effect.promise(async () => {
    if (!response.write(text) && !response.closed)
      await Promise.race([once(response, "drain"), once(response, "close")])
  })

const sent = (request: express.Request, response: Response): Effect.Effect<void, HttpFailure, ExportServices> =>
  Effect.gen(function* () {
    const { format, rows } = yield* opened(request)
    const { type, head, row } = FORMATS[format]
    response.writeHead(200, {
      "content-type": type,
      "content-disposition": `attachment; filename="audit-log.${format}"`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    })
    yield* write(response, head)
    yield* Stream.runForEachChunk(rows, (chunk) =>
      write(response, [...chunk].map((each) => row(auditToWire(each))).join("")),
    )
    response.end()
  })

export const auditExportRouter = ({ runtime, logger }: ExportOptions): Router => {
  const router = express.Router()
  router.get("/audit/export", (request, response) => {
    const fiber = runtime.runFork(sent(request, response))
    response.once("close", () => runtime.runFork(Fiber.interrupt(fiber)))
    fiber.addObserver((exit) => {
      if (Exit.isSuccess(exit) || response.closed) return
      if (!response.headersSent) return sendFailure(response, exit.cause, logger)
      // What was sent is not all there is, and must not look like it.
      if (Option.isNone(Cause.interruptOption(exit.cause)))
        logger.error({ cause: Cause.pretty(exit.cause) }, "an export broke off")
      response.destroy()
    })
  })
  return router
}
