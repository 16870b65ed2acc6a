import type { ChatErrorKind } from "../contract/chat-error.ts"
import { ProviderError } from "./errors.ts"
import { type FailureFacts, factsOf, stripMarkup } from "./failure-facts.ts"
import {
  saysBadToolCall,
  saysFiltered,
  saysLater,
  saysOutputTooLong,
  saysProxyRefused,
  saysQuota,
  saysRateLimited,
  saysReasoningRefused,
  saysTooLong,
  saysUsedUp,
} from "./failure-signals.ts"
import type { ProviderConnection } from "./provider.ts"

/** Turns whatever a model call failed with into a `ProviderError`: what kind, worth a retry or not, and a clear sentence. */

export interface FailureContext {
  readonly operation: string
  readonly connection: Pick<ProviderConnection, "type" | "displayName" | "apiKey" | "headers">
  /** True when we stopped the call ourselves: such a failure says nothing about the provider. */
  readonly interrupted?: boolean
}

const DETAIL_LIMIT = 500

interface Verdict {
  readonly kind: ChatErrorKind
  readonly retryable: boolean
  /** Replaces the kind's ordinary sentence. */
  readonly message?: (name: string) => string
  /** Replaces the provider's words, where these hold ids that mean nothing to a person. */
  readonly detail?: string
  readonly brokenChain?: boolean
  readonly refusedReasoning?: boolean
}

const SENTENCES: Readonly<Record<ChatErrorKind, (name: string) => string>> = {
  overloaded: (name) => `${name} is overloaded right now.`,
  rate_limit: (name) => `${name} is limiting the rate of requests.`,
  timeout: (name) => `The connection to ${name} failed or took too long.`,
  startup_timeout: (name) => `${name} stopped answering.`,
  auth: (name) => `${name} refused the credentials. Check the API key and what it may access.`,
  config: (name) => `${name} did not accept the request. Check the model name and the model's settings.`,
  context_overflow: (name) =>
    `The conversation is longer than the model at ${name} takes. Compact it, clear its context, or choose a model with a larger one.`,
  usage_limit: (name) => `The usage limit or credit at ${name} is used up. Check its quota and billing.`,
  missing_key: (name) => `There is no API key for ${name}. Add one in the provider's settings.`,
  provider_disabled: (name) => `${name} is disabled. Ask an administrator to enable it, or choose another model.`,
  content_filter: (name) => `${name} stopped the answer because of its content policy. Rephrase the request.`,
  generic: (name) => `${name} reported an error.`,
}

const CONFIG_STATUS = new Set([400, 404, 405, 406, 409, 410, 411, 414, 415, 422, 431, 501, 505])
/** The ones above 520 are those of Cloudflare, whose server behind did not answer. */
const TIMEOUT_STATUS = new Set([408, 425, 499, 502, 503, 504, 521, 522, 523, 524])

/** So some servers call the failure of the model behind them. */
const FAILED_DEPENDENCY = 424

const OVERLOADED = /overloaded|(?:over|at) capacity|capacity exceeded/
const AUTH_STRONG =
  /unauthenticated|authentication|unauthorized|(?:invalid|incorrect|expired|missing|wrong|no)[ _](?:x-)?api[ _-]?key|api[ _-]key (?:is )?(?:not valid|invalid|incorrect|expired|missing|required)/
const AUTH_WEAK = /forbidden|permission_error|permission[ _]denied/
const PROVIDER_DISABLED = /provider (?:is )?disabled|provider_disabled/
const TIMEOUT =
  /timeout|timed out|unavailable|connection (?:reset|refused|closed|error)|econn(?:reset|refused|aborted)|enotfound|eai_again|ehostunreach|enetunreach|epipe|etimedout|\beof\b|broken pipe|bad gateway|goaway|client conn|http2: stream closed|socket hang up|other side closed|\bterminated\b|fetch failed|und_err_(?:socket|connect)|truncated event message|(?:message|prelude) checksum/
const CONFIG =
  /invalid[ _]model|model[ _]not[ _]found|unsupported[ _]model|unknown model|malformed config|(?:unsupported|unknown|unrecognized)[ _](?:parameter|value|request argument)/
const CONFIG_LABELS = new Set(["invalid_request_error", "not_found_error"])
const SERVER_ERROR = /server error|server_error|api_error|internalserverexception|model(?:stream)?errorexception/

/** HTTP/2 reset codes that, coming from the peer, mean "try again". */
const RETRYABLE_RESETS = new Set(["NO_ERROR", "INTERNAL_ERROR", "REFUSED_STREAM", "CANCEL", "ENHANCE_YOUR_CALM"])
const STREAM_RESET = /stream (?:error|id|reset)[^;]*;\s*(?:stream id \d+;\s*)?([a-z_]+)(.*)/

type Reset = "retryable" | "final" | "none"

const resetOf = (text: string): Reset => {
  const match = STREAM_RESET.exec(text)
  if (!match) return "none"
  const fromPeer = /received from peer|from the peer|by peer/.test(match[2] ?? "")
  return fromPeer && RETRYABLE_RESETS.has((match[1] ?? "").toUpperCase()) ? "retryable" : "final"
}

const MISSING_OUTPUT = /no tool output found for function call|tool_use.{0,20} ids were found without .{0,3}tool_result/
const MISSING_REASONING = /without its required ['"`]?reasoning['"`]? item/
/** Gone after its time, never stored, or of an organization whose data is not kept. */
const BROKEN_CHAIN = /previous[ _]response.{0,80}(?:not[ _]found|cannot be used)/

const generic = (retryable: boolean): Verdict => ({ kind: "generic", retryable })

/** The order is the contract: the first rule that holds wins. */
const judge = (facts: FailureFacts, interrupted: boolean): Verdict => {
  const { meant: status, refusal, text } = facts
  if (interrupted) return { kind: "generic", retryable: false, message: () => "The call was stopped." }
  if (refusal !== undefined) return { kind: "config", retryable: false, message: refusal.sentence }
  if (MISSING_OUTPUT.test(text)) {
    return { ...generic(false), detail: "The conversation sent holds a tool call without its result." }
  }
  if (MISSING_REASONING.test(text)) {
    return {
      ...generic(false),
      refusedReasoning: true,
      detail: "The conversation sent lacks a reasoning item that the provider requires.",
    }
  }
  if (BROKEN_CHAIN.test(text)) {
    return {
      ...generic(true),
      brokenChain: true,
      detail: "The provider no longer has the previous response of this conversation.",
    }
  }
  if (saysReasoningRefused(text)) {
    return {
      kind: "config",
      retryable: false,
      refusedReasoning: true,
      message: (name) => `${name} did not accept the reasoning of earlier answers in this conversation.`,
    }
  }
  if (saysOutputTooLong(text)) {
    return {
      kind: "config",
      retryable: false,
      message: (name) => `The model at ${name} cannot write so much. Lower the output limit in the model's settings.`,
    }
  }
  if (saysTooLong(text) || status === 413) return { kind: "context_overflow", retryable: false }
  if (saysBadToolCall(text)) {
    return {
      ...generic(true),
      message: (name) => `The model at ${name} wrote a tool call that could not be read.`,
    }
  }
  if (saysProxyRefused(text)) {
    return {
      kind: "config",
      retryable: false,
      message: (name) =>
        `The proxy on the way to ${name} refused the request. Check the server's variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY.`,
    }
  }
  // Words about the request are evidence of their own; the status alone only says that something is wrong with it.
  const saysConfig = CONFIG.test(text)
  const config =
    saysConfig ||
    (status === undefined ? facts.labels.some((label) => CONFIG_LABELS.has(label)) : CONFIG_STATUS.has(status))
  if (status === 529 || OVERLOADED.test(text)) return { kind: "overloaded", retryable: true }
  if (status === 402 || saysUsedUp(text)) return { kind: "usage_limit", retryable: false }
  const limited = !saysConfig && (status === 429 || saysRateLimited(text))
  if (saysQuota(text)) {
    // What comes back by itself is waited for.
    const passes = facts.wait !== undefined || saysRateLimited(text)
    return passes ? { kind: "rate_limit", retryable: true } : { kind: "usage_limit", retryable: false }
  }
  if (status === 401 || AUTH_STRONG.test(text)) return { kind: "auth", retryable: false }
  if (saysFiltered(text)) return { kind: "content_filter", retryable: false }
  if (limited) return { kind: "rate_limit", retryable: true }
  if (!config && (status === 403 || AUTH_WEAK.test(text))) return { kind: "auth", retryable: false }
  if (PROVIDER_DISABLED.test(text)) return { kind: "provider_disabled", retryable: false }
  if (!config && isTimeout(facts)) return { kind: "timeout", retryable: true }
  // A gateway gives its own status to what failed behind it.
  if (config && !saysConfig && saysLater(text)) return { kind: "overloaded", retryable: true }
  if (config) return { kind: "config", retryable: false }
  return generic((status !== undefined && (status >= 500 || status === FAILED_DEPENDENCY)) || SERVER_ERROR.test(text))
}

const isTimeout = ({ aborted, meant: status, text }: FailureFacts): boolean => {
  // An abort that is not ours is the transport's doing.
  if (aborted) return true
  if (status !== undefined && TIMEOUT_STATUS.has(status)) return true
  const reset = resetOf(text)
  return reset === "retryable" || (reset === "none" && TIMEOUT.test(text))
}

/** Removes the credentials of the connection, and what looks like one, from a text. */
const redact = (text: string, { apiKey, headers }: FailureContext["connection"]): string => {
  let clean = text
  for (const secret of [apiKey, ...Object.values(headers)]) {
    if (secret.length >= 4) clean = clean.replaceAll(secret, "[redacted]")
  }
  return clean.replace(/\bbearer\s+[\w.~+/=-]{8,}/gi, "Bearer [redacted]").replace(/\bsk-[\w*.-]{6,}/g, "[redacted]")
}

const detailOf = (words: string, connection: FailureContext["connection"]): string | undefined => {
  const runes = Array.from(redact(stripMarkup(words), connection))
  if (runes.length === 0) return undefined
  return runes.length <= DETAIL_LIMIT ? runes.join("") : `${runes.slice(0, DETAIL_LIMIT - 1).join("")}…`
}

const nameOf = ({ displayName }: FailureContext["connection"]): string =>
  displayName.trim() === "" ? "the AI provider" : displayName.trim()

const capitalised = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)

const failure = (
  context: FailureContext,
  verdict: Verdict,
  words: string,
  facts?: Pick<FailureFacts, "status" | "wait">,
): ProviderError => {
  const detail = verdict.detail ?? detailOf(words, context.connection)
  return new ProviderError({
    operation: context.operation,
    kind: verdict.kind,
    retryable: verdict.retryable,
    provider: context.connection.type,
    message: capitalised((verdict.message ?? SENTENCES[verdict.kind])(nameOf(context.connection))),
    ...(detail === undefined ? {} : { detail }),
    ...(verdict.brokenChain === true ? { brokenChain: true } : {}),
    ...(verdict.refusedReasoning === true ? { refusedReasoning: true } : {}),
    ...(facts?.status === undefined ? {} : { statusCode: facts.status }),
    ...facts?.wait,
  })
}

/** Classifies anything an SDK, `fetch` or a socket threw. A `ProviderError` passes through. */
export const classifyFailure = (context: FailureContext, cause: unknown): ProviderError => {
  if (cause instanceof ProviderError) return cause
  const facts = factsOf(cause, Date.now())
  return failure(context, judge(facts, context.interrupted === true), facts.words, facts)
}

/** The stream ended before the provider said that it was finished. */
export const incompleteStream = (context: FailureContext): ProviderError =>
  failure(
    context,
    { kind: "timeout", retryable: true, message: (name) => `${name} broke off in the middle of its answer.` },
    "The stream ended without a finish event.",
  )

/** Nothing arrived for `silenceMs`, at the start or in the middle. */
export const silentStream = (context: FailureContext, silenceMs: number, started: boolean): ProviderError => {
  const span = silenceMs >= 60_000 ? `${Math.round(silenceMs / 60_000)} min` : `${silenceMs / 1000} s`
  return failure(
    context,
    { kind: "startup_timeout", retryable: true },
    started ? `Nothing more arrived for ${span}.` : `Nothing arrived within ${span}.`,
  )
}

/** A web page or a document instead of a stream: usually a wrong base URL. `sample` is its beginning. */
export const notAStream = (context: FailureContext, sample: string): ProviderError =>
  failure(
    context,
    {
      kind: "config",
      retryable: false,
      message: (name) => `${name} answered with something that is not a model's reply. Check the provider's base URL.`,
    },
    sample,
  )

/** A stream that cannot be read. `torn`: by chance, as when something on the way loses bytes, so the next may be whole. */
export const unreadableStream = (context: FailureContext, words: string, torn = false): ProviderError =>
  failure(
    context,
    { kind: "generic", retryable: torn, message: (name) => `${name} sent a reply that cannot be read.` },
    words,
  )

/** A reply that is stopped for good. `message` makes the sentence for people of the provider's name. */
export const stoppedReply = (context: FailureContext, message: (name: string) => string): ProviderError =>
  failure(context, { kind: "generic", retryable: false, message }, "")

/** A failure found before anything was sent: a missing key, an unusable setting. `message` is the whole sentence. */
export const refusedCall = (
  context: FailureContext,
  kind: "missing_key" | "config" | "provider_disabled",
  message: string,
): ProviderError => failure(context, { kind, retryable: false, message: () => message }, "")
