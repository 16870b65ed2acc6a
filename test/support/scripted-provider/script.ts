/** The script of a scripted provider: what it answers, request by request. JSON, except for gates and predicates. */

export interface RecordedRequest {
  /** Counts from 1, in order of arrival. */
  readonly number: number
  readonly protocol: "chat" | "responses" | "messages" | "bedrock" | "google"
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body: Readonly<Record<string, unknown>>
  /** Why the request was refused with 400 or 401, as the real provider would; undefined when it was valid. */
  readonly refusal: string | undefined
  /** Resolves when the connection of the response has ended: true when the whole response was sent. */
  readonly closed: Promise<boolean>
}

export interface ScriptedCall {
  readonly tool: string
  /** The arguments. A string goes out as it is, so it can be broken JSON. */
  readonly args?: unknown
  readonly id?: string
}

export interface SearchResult {
  readonly url: string
  readonly title: string
}

/** One thing that a reply does, in order. */
export type Item =
  /** Text, one delta per entry. Neighbouring items of one kind are one block. */
  | { readonly text: string | ReadonlyArray<string> }
  /** Thinking. `signature` is Anthropic's, `encrypted` that of the Responses API; both have defaults. */
  | { readonly reasoning: string | ReadonlyArray<string>; readonly signature?: string; readonly encrypted?: string }
  /** Anthropic's hidden thinking. */
  | { readonly redacted: string }
  /** Calls of local tools. Several in one item arrive interleaved where the protocol allows it. */
  | { readonly calls: ReadonlyArray<ScriptedCall> }
  /** A search that the provider runs itself (responses and messages only). Without results it is still open at a pause. */
  | { readonly search: string; readonly results?: ReadonlyArray<SearchResult> }
  /** What the search found that was open at the pause before (messages only). */
  | { readonly found: ReadonlyArray<SearchResult> }
  /** Waits until the test lets go. */
  | { readonly gate: PromiseLike<unknown> }
  /** Waits that many milliseconds: for paced streams of a separate process, not for tests. */
  | { readonly pauseMs: number }
  /** One event with this data, whatever it is. */
  | { readonly event: Readonly<Record<string, unknown>> }
  /** These bytes, whatever they are. */
  | { readonly raw: string }
  /** Breaks off: `reset` destroys the socket, `end` closes the response as if it were complete. */
  | { readonly cut: "reset" | "end" }
  /** Nothing more, until the client goes. */
  | { readonly silence: true }

export interface ScriptedUsage {
  readonly input: number
  readonly output: number
  readonly cached?: number
  readonly cacheWritten?: number
  readonly reasoning?: number
}

/** `pause` is Anthropic's: the client has to send the reply back as it is, and it goes on. */
export type Finish = "stop" | "tool-calls" | "length" | "content-filter" | "pause"

interface Matching {
  /** The step answers only a request whose body contains this text, or for which this holds. Default: any. */
  readonly when?: string | ((request: RecordedRequest) => boolean)
  /** Answer with this step again and again. Default: once. */
  readonly repeat?: boolean
  /** Nothing is answered, not even headers, until the test lets go. */
  readonly after?: PromiseLike<unknown>
}

export type Step = Matching &
  (
    | {
        readonly items: ReadonlyArray<Item>
        /** Default: `tool-calls` when there are calls, else `stop`. */
        readonly finish?: Finish
        /** `null` leaves the usage out. Default: a small one. */
        readonly usage?: ScriptedUsage | null
      }
    /** An error answer. `body` defaults to one in the protocol's form, with `message`. */
    | {
        readonly status: number
        readonly headers?: Readonly<Record<string, string>>
        readonly message?: string
        readonly body?: string
      }
    /** 200 with this body and content type: a web page, a document. */
    | { readonly document: string; readonly contentType: string }
    /** The request is taken and never answered, not even with headers. */
    | { readonly silence: true }
  )

/** Text on the wire for what a reply does. Writers open and close blocks themselves. */
export interface Writer {
  readonly open: () => string
  readonly text: (delta: string) => string
  readonly reasoning: (delta: string, item: { readonly signature?: string; readonly encrypted?: string }) => string
  readonly redacted: (data: string) => string
  /** One entry per write. */
  readonly calls: (calls: ReadonlyArray<ScriptedCall>) => ReadonlyArray<string>
  readonly search: (query: string, results: ReadonlyArray<SearchResult> | undefined) => string
  readonly found: (results: ReadonlyArray<SearchResult>) => string
  readonly event: (data: Readonly<Record<string, unknown>>) => string
  readonly close: (finish: Finish, usage: ScriptedUsage | null) => string
}

/** A response that the Responses API keeps. */
export interface StoredResponse {
  /** Calls of the whole conversation up to here that have no output yet. */
  readonly openCalls: ReadonlyArray<unknown>
  /** Ids of its items that may not be sent a second time. */
  readonly itemIds: ReadonlyArray<unknown>
}

/** What the provider has handed out and demands back unchanged. */
export class Issued {
  /** Anthropic: thinking by its signature; Google: signatures alone. */
  readonly thinking = new Map<string, string>()
  readonly redacted = new Set<string>()
  /** Anthropic: the thinking blocks of each reply, in order. */
  readonly thoughts: Array<ReadonlyArray<Block>> = []
  /** Anthropic: what a search found, by its id. */
  readonly found = new Map<string, unknown>()
  /** Anthropic: contents of replies that were paused. */
  readonly paused: Array<ReadonlyArray<Block>> = []
  /** Responses: encrypted reasoning by its id. */
  readonly reasoning = new Map<string, string>()
  /** Ids of searches; for Responses with the id of the reasoning that led to it, which must come back with it. */
  readonly searches = new Map<string, string | undefined>()
  /** Responses that were stored, by id. */
  readonly responses = new Map<string, StoredResponse>()
}

type Block = Readonly<Record<string, unknown>>

export const argsText = ({ args }: ScriptedCall): string =>
  typeof args === "string" ? args : JSON.stringify(args ?? {})

/** Cut in pieces, as models stream arguments. Never empty. */
export const pieces = (text: string): ReadonlyArray<string> => text.match(/[\s\S]{1,7}/g) ?? [""]
