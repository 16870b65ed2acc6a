/**
 * What is said between the server and the agent of a workspace, declared once: HTTP over the agent's socket, below
 * `/api/v0`. Both sides hold their tables against `Operations`, so an operation, a field or a refusal that only one of them
 * knows does not compile. Types only: the server takes nothing else of this package.
 *
 * Neither trusts the other. The agent reads requests in `requests.ts`, the server reads answers in `agent-answers.ts`.
 */

/** Headers of a request. A chat sees its own processes only; an acting request says which call of a tool it is made for. */
export interface CallHeaders {
  readonly "Coder-Chat-Id"?: string
  readonly "Coder-Tool-Call-Message-Id"?: string
  /** A uuid where it starts a process, whose id it becomes. */
  readonly "Coder-Tool-Call-Id"?: string
  /** Whole milliseconds since the call may first have reached a workspace; 0 on a first run. */
  readonly "Coder-Tool-Call-Age-Ms"?: string
}

/** Header of the answer to a recorded request: whole milliseconds since the call ran, 0 when it ran just now. */
export type RunAgeHeader = "Coder-Tool-Call-Run-Age-Ms"

/** Why a call with an identity was not run. */
export type RefusalCode = "stale_tool_call" | "agent_started_after_tool_call" | "input_mismatch" | "tool_call_canceled"

/** The body of every answer with another status than 200. */
export interface Refused {
  /** A sentence for the model. */
  readonly message: string
  readonly code?: RefusalCode
}

export interface Health {
  readonly version: string
  readonly started_at_unix_ms: number
  readonly uptime_ms: number
  readonly directory: string
}

export interface Directory {
  readonly absolute_path_string: string
  readonly contents: ReadonlyArray<DirectoryEntry>
}

export interface DirectoryEntry {
  readonly name: string
  readonly absolute_path_string: string
  readonly is_dir: boolean
}

export interface FileLines {
  readonly success: boolean
  /** Bytes. */
  readonly file_size: number
  readonly total_lines: number
  readonly lines_read: number
  /** Each line as `number<TAB>text`. */
  readonly content: string
  readonly error?: string
}

export interface FileEdit {
  readonly search: string
  readonly replace: string
  readonly replace_all?: boolean
}

export interface FileEdits {
  readonly path: string
  readonly edits: ReadonlyArray<FileEdit>
}

export interface EditedFile {
  readonly path: string
  /** A unified diff, `""` when nothing changed. */
  readonly diff: string
}

export interface StartProcess {
  /** Run by `sh -c`. */
  readonly command: string
  /** The workspace's folder when absent. */
  readonly workdir?: string
  readonly env?: Readonly<Record<string, string>>
  readonly background: boolean
}

export interface StartedProcess {
  readonly id: string
  readonly started: boolean
}

export interface OutputTruncation {
  readonly original_bytes: number
  readonly retained_bytes: number
  readonly omitted_bytes: number
  readonly strategy: "head_tail"
}

export interface ProcessOutput {
  readonly output: string
  readonly running: boolean
  readonly exit_code: number | null
  readonly truncated?: OutputTruncation
}

/** A piece of the output of a running process. */
export interface OutputPiece {
  /** Bytes of the output before the text. More than was asked for: those in between are not kept any more. */
  readonly from: number
  /** Bytes of the output up to the end of the text: where the next piece begins. */
  readonly next: number
  readonly text: string
  readonly running: boolean
}

export interface ProcessInfo {
  readonly id: string
  readonly command: string
  readonly workdir: string
  readonly background: boolean
  readonly running: boolean
  readonly exit_code: number | null
  readonly started_at_unix: number
  readonly exited_at_unix: number | null
}

export type ProcessSignal = "terminate" | "kill"

/** An answer of which only the arrival matters to a program. */
export interface Done {
  readonly message: string
}

type None = Readonly<Record<never, never>>

/**
 * Every message by its name, with its answer. `acts`: a repeat by the same tool call is answered from the record and not run
 * again. `by`: whose headers it carries. `body`: an object is sent as JSON, a string as the bytes that it is in UTF-8.
 */
export interface Operations {
  readonly health: {
    method: "GET"
    path: "/health"
    acts: false
    by: "anyone"
    query: None
    body: undefined
    answer: Health
  }
  readonly listDirectory: {
    method: "POST"
    path: "/list-directory"
    acts: false
    by: "anyone"
    query: { path: string }
    body: undefined
    answer: Directory
  }
  readonly readFileLines: {
    method: "GET"
    path: "/read-file-lines"
    acts: false
    by: "anyone"
    query: {
      path: string
      /** The first line, counted from 1. */
      offset?: number
      limit?: number
      max_response_lines?: number
      max_line_bytes?: number
      max_response_bytes?: number
    }
    body: undefined
    answer: FileLines
  }
  readonly resolvePath: {
    method: "GET"
    path: "/resolve-path"
    acts: false
    by: "anyone"
    query: { path: string }
    body: undefined
    answer: { readonly path: string }
  }
  readonly writeFile: {
    method: "POST"
    path: "/write-file"
    acts: true
    by: "call"
    query: { path: string }
    body: string
    answer: Done
  }
  readonly editFiles: {
    method: "POST"
    path: "/edit-files"
    acts: true
    by: "call"
    query: None
    body: { readonly files: ReadonlyArray<FileEdits> }
    answer: { readonly files: ReadonlyArray<EditedFile> }
  }
  readonly startProcess: {
    method: "POST"
    path: "/processes/start"
    acts: true
    by: "call"
    query: None
    body: StartProcess
    answer: StartedProcess
  }
  readonly listProcesses: {
    method: "GET"
    path: "/processes/list"
    acts: false
    by: "chat"
    query: None
    body: undefined
    answer: { readonly processes: ReadonlyArray<ProcessInfo> }
  }
  readonly processOutput: {
    method: "GET"
    path: "/processes/{id}/output"
    acts: false
    by: "chat"
    query: {
      /** Milliseconds, at most 5 minutes: the answer comes after the end of the process or after this time. */
      wait: number
    }
    body: undefined
    answer: ProcessOutput
  }
  /** An agent of before this operation answers 404, as for a process that it does not know. */
  readonly followProcess: {
    method: "GET"
    path: "/processes/{id}/follow"
    acts: false
    by: "chat"
    query: {
      /** Bytes of the output that the caller has. */
      after: number
      /** Bytes of text at most, in UTF-8. */
      most: number
      /** Milliseconds, at most 5 minutes: the answer comes with the next output, with the end, or after this time. */
      wait: number
    }
    body: undefined
    answer: OutputPiece
  }
  readonly signalProcess: {
    method: "POST"
    path: "/processes/{id}/signal"
    acts: true
    by: "call"
    query: None
    body: { readonly signal: ProcessSignal }
    answer: Done
  }
  readonly cancelCall: {
    method: "POST"
    path: "/tool-calls/cancel"
    acts: false
    by: "call"
    query: None
    body: undefined
    answer: { readonly had_started: boolean }
  }
  readonly stop: {
    method: "POST"
    path: "/stop"
    acts: false
    by: "anyone"
    query: None
    body: undefined
    answer: Done
  }
}

export type OperationName = keyof Operations

/** What of an operation both sides spell out: where it is. */
export type PlaceOf<Name extends OperationName> = Readonly<Pick<Operations[Name], "method" | "path">>

/** The names in the query of some operation. */
export type QueryName = { [Name in OperationName]: keyof Operations[Name]["query"] }[OperationName]

/**
 * The fields of a message, each of them to be read: an optional one that a reader does not know would otherwise be left out
 * in silence.
 */
export type EachField<T> = { readonly [Name in keyof T]-?: None extends Pick<T, Name> ? T[Name] | undefined : T[Name] }
