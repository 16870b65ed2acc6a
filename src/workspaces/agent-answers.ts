import { Option, Schema } from "effect"
import type {
  Directory,
  DirectoryEntry,
  Done,
  EachField,
  EditedFile,
  FileLines,
  Health,
  OperationName,
  Operations,
  OutputPiece,
  OutputTruncation,
  PlaceOf,
  ProcessInfo,
  ProcessOutput,
  Refused,
  RefusalCode,
  StartedProcess,
} from "../../workspace-agent/src/protocol.ts"

/**
 * The server's half of the agent's protocol: where each operation is, and how its answer is read. An answer was written in the
 * workspace, by a program that anybody there may have replaced: it is decoded whole, and what is not as declared is refused.
 * Fields that nobody here knows may come from a later agent, and are dropped.
 */

/** A schema for every field of `T`, the optional ones too. */
type Fields<T> = Record<keyof EachField<T>, Schema.Struct.Field>

const Whole = Schema.Int
const optionally = <A, I>(schema: Schema.Schema<A, I>) => Schema.optionalWith(schema, { exact: true })

const done = Schema.Struct({ message: Schema.String } satisfies Fields<Done>)

const entry = Schema.Struct({
  name: Schema.String,
  absolute_path_string: Schema.String,
  is_dir: Schema.Boolean,
} satisfies Fields<DirectoryEntry>)

const truncation = Schema.Struct({
  original_bytes: Whole,
  retained_bytes: Whole,
  omitted_bytes: Whole,
  strategy: Schema.Literal("head_tail"),
} satisfies Fields<OutputTruncation>)

const processInfo = Schema.Struct({
  id: Schema.String,
  command: Schema.String,
  workdir: Schema.String,
  background: Schema.Boolean,
  running: Schema.Boolean,
  exit_code: Schema.NullOr(Whole),
  started_at_unix: Whole,
  exited_at_unix: Schema.NullOr(Whole),
} satisfies Fields<ProcessInfo>)

const editedFile = Schema.Struct({ path: Schema.String, diff: Schema.String } satisfies Fields<EditedFile>)

/** Where an operation is, and how its answer is decoded from JSON. */
type Exchanges = {
  readonly [Name in OperationName]: PlaceOf<Name> & { readonly answer: Schema.Schema<Operations[Name]["answer"]> }
}

export const exchanges: Exchanges = {
  health: {
    method: "GET",
    path: "/health",
    answer: Schema.Struct({
      version: Schema.String,
      started_at_unix_ms: Whole,
      uptime_ms: Whole,
      directory: Schema.String,
    } satisfies Fields<Health>),
  },
  listDirectory: {
    method: "POST",
    path: "/list-directory",
    answer: Schema.Struct({
      absolute_path_string: Schema.String,
      contents: Schema.Array(entry),
    } satisfies Fields<Directory>),
  },
  readFileLines: {
    method: "GET",
    path: "/read-file-lines",
    answer: Schema.Struct({
      success: Schema.Boolean,
      file_size: Whole,
      total_lines: Whole,
      lines_read: Whole,
      content: Schema.String,
      error: optionally(Schema.String),
    } satisfies Fields<FileLines>),
  },
  resolvePath: {
    method: "GET",
    path: "/resolve-path",
    answer: Schema.Struct({ path: Schema.String } satisfies Fields<Operations["resolvePath"]["answer"]>),
  },
  writeFile: { method: "POST", path: "/write-file", answer: done },
  editFiles: {
    method: "POST",
    path: "/edit-files",
    answer: Schema.Struct({
      files: Schema.Array(editedFile),
    } satisfies Fields<Operations["editFiles"]["answer"]>),
  },
  startProcess: {
    method: "POST",
    path: "/processes/start",
    answer: Schema.Struct({ id: Schema.UUID, started: Schema.Boolean } satisfies Fields<StartedProcess>),
  },
  listProcesses: {
    method: "GET",
    path: "/processes/list",
    answer: Schema.Struct({
      processes: Schema.Array(processInfo),
    } satisfies Fields<Operations["listProcesses"]["answer"]>),
  },
  processOutput: {
    method: "GET",
    path: "/processes/{id}/output",
    answer: Schema.Struct({
      output: Schema.String,
      running: Schema.Boolean,
      exit_code: Schema.NullOr(Whole),
      truncated: optionally(truncation),
    } satisfies Fields<ProcessOutput>),
  },
  followProcess: {
    method: "GET",
    path: "/processes/{id}/follow",
    answer: Schema.Struct({
      from: Whole,
      next: Whole,
      text: Schema.String,
      running: Schema.Boolean,
    } satisfies Fields<OutputPiece>),
  },
  signalProcess: { method: "POST", path: "/processes/{id}/signal", answer: done },
  cancelCall: {
    method: "POST",
    path: "/tool-calls/cancel",
    answer: Schema.Struct({ had_started: Schema.Boolean } satisfies Fields<Operations["cancelCall"]["answer"]>),
  },
  stop: { method: "POST", path: "/stop", answer: done },
}

const refusalCode = Schema.Literal(
  "stale_tool_call",
  "agent_started_after_tool_call",
  "input_mismatch",
  "tool_call_canceled",
)

const refused = Schema.parseJson(
  Schema.Struct({
    message: Schema.String,
    code: optionally(Schema.Unknown),
  } satisfies Fields<Refused>),
)

/** What a refusal says. One that cannot be read has no words, and a code that nobody here knows is none. */
export const readRefusal = (text: string): Refused => {
  const { message, code } = Option.getOrElse(Schema.decodeOption(refused)(text), () => ({
    message: "The workspace refused, without saying why.",
    code: undefined,
  }))
  return Schema.is(refusalCode satisfies Schema.Schema<RefusalCode>)(code) ? { message, code } : { message }
}

const runAge = Schema.NumberFromString.pipe(Schema.int(), Schema.nonNegative())

/** How an answer with status 200 is read: its body, and the header `RunAgeHeader` where there is one. */
export const answerOf = <A>(body: Schema.Schema<A>) =>
  Schema.Struct({ value: Schema.parseJson(body), runAgeMs: Schema.UndefinedOr(runAge) })
