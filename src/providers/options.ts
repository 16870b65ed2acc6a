import { ReasoningEffort } from "../contract/models.ts"
import type { ModelCallConfig } from "../contract/models.ts"
import { PROVIDERS } from "./catalog.ts"
import { asNumber, asRecord, asString, type JsonRecord } from "./json.ts"
import type { GenerateRequest } from "./provider.ts"

/** Reads `provider_options`. What is unknown or of the wrong type is ignored: the contract has refused what it must. */

const SCALE: ReadonlyArray<ReasoningEffort> = ReasoningEffort.literals

/** The range each group's providers accept. */
const RANGES: Readonly<Record<string, readonly [least: ReasoningEffort, most: ReasoningEffort]>> = {
  openai: ["minimal", "xhigh"],
  openaicompat: ["minimal", "xhigh"],
  openrouter: ["low", "high"],
  vercel: ["none", "xhigh"],
  anthropic: ["low", "max"],
}

const between = (effort: ReasoningEffort, least: ReasoningEffort, most: ReasoningEffort): ReasoningEffort =>
  SCALE[Math.min(Math.max(SCALE.indexOf(effort), SCALE.indexOf(least)), SCALE.indexOf(most))] ?? effort

export const optionGroupOf = (request: GenerateRequest): string => PROVIDERS[request.connection.type].optionGroup

/** Fields of an `extra_body` under which gateways offer tools of their own. */
const GATEWAY_TOOLS = ["plugins", "tools", "web_search_options"]

const withoutSearch = ({ extra_body, ...options }: JsonRecord): JsonRecord => {
  const extra = Object.entries(asRecord(extra_body) ?? {}).filter(([field]) => !GATEWAY_TOOLS.includes(field))
  return {
    ...options,
    web_search_enabled: false,
    ...(extra.length > 0 && { extra_body: Object.fromEntries(extra) }),
  }
}

/** The options of a call's provider, without what the call may not use. */
export const optionsOf = (request: GenerateRequest): JsonRecord => {
  const options = request.config.provider_options?.[optionGroupOf(request)] ?? {}
  return request.providerTools.includes("web_search") ? options : withoutSearch(options)
}

/**
 * The effort to send, or undefined for the provider's own default. The model config's effort (its `default`, never above
 * its `max`) wins over the option group's own field, given as `fallback`, and is clamped to what the provider takes.
 */
export const reasoningEffort = (
  config: ModelCallConfig,
  group: string,
  fallback: unknown,
): ReasoningEffort | undefined => {
  const [least, most] = RANGES[group] ?? ["none", "max"]
  if (config.reasoning_effort) {
    const { default: wanted, max } = config.reasoning_effort
    return between(between(wanted, "none", max), least, most)
  }
  const named = asString(fallback)?.toLowerCase()
  const effort = SCALE.find((candidate) => candidate === named)
  return effort !== undefined && between(effort, least, most) === effort ? effort : undefined
}

/** The value when it is one of the allowed ones, in any letter case. */
export const oneOf = <const A extends string>(value: unknown, ...allowed: ReadonlyArray<A>): A | undefined => {
  const text = asString(value)?.toLowerCase()
  return allowed.find((candidate) => candidate === text)
}

export const strings = (value: unknown): ReadonlyArray<string> | undefined => {
  if (!Array.isArray(value)) return undefined
  const names = value.flatMap((entry) => asString(entry) ?? [])
  return names.length === 0 ? undefined : names
}

/** Token biases by token id. */
export const logitBias = (value: unknown): Record<string, number> | undefined => {
  const record = asRecord(value)
  if (!record) return undefined
  return Object.fromEntries(
    Object.entries(record).flatMap(([token, bias]) => (asNumber(bias) === undefined ? [] : [[token, Number(bias)]])),
  )
}

/** String values only, as request metadata must be. */
export const stringMap = (value: unknown): Record<string, string> | undefined => {
  const record = asRecord(value)
  if (!record) return undefined
  return Object.fromEntries(
    Object.entries(record).flatMap(([key, entry]) => (asString(entry) === undefined ? [] : [[key, String(entry)]])),
  )
}

/** The fields without those that are undefined: optional request fields must be absent. */
export const defined = <A extends object>(fields: A): { [K in keyof A]?: Exclude<A[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof A]?: Exclude<A[K], undefined>
  }
