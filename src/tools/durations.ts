import { ParseResult, Schema } from "effect"

const unitMs = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const
type Unit = keyof typeof unitMs

const TERM = /(\d+(?:\.\d+)?)(ms|h|m|s)/g

const isUnit = (text: string | undefined): text is Unit => text !== undefined && text in unitMs

/** Milliseconds of a duration as Go writes them (`1m30s`, `1.5h`, `250ms`); a number without unit counts seconds. */
export const parseDuration = (text: string): number | undefined => {
  const trimmed = text.trim()
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000
  if (!/^(\d+(\.\d+)?(ms|h|m|s))+$/.test(trimmed)) return undefined
  let total = 0
  for (const [, amount, unit] of trimmed.matchAll(TERM)) if (isUnit(unit)) total += Number(amount) * unitMs[unit]
  return total
}

/** Shortest text of a whole number of milliseconds: `1m30s`. */
export const formatDuration = (ms: number): string => {
  if (ms < 1000) return `${ms}ms`
  const parts = [
    [Math.floor(ms / unitMs.h), "h"],
    [Math.floor((ms % unitMs.h) / unitMs.m), "m"],
    [(ms % unitMs.m) / 1000, "s"],
  ] as const
  return parts.flatMap(([amount, unit]) => (amount === 0 ? [] : [`${amount}${unit}`])).join("")
}

/** A duration argument, decoded to milliseconds. */
export const durationText = (description: string) =>
  Schema.transformOrFail(Schema.Union(Schema.String, Schema.NonNegative), Schema.Number, {
    strict: true,
    decode: (given, _, ast) => {
      const ms = typeof given === "number" ? given * 1000 : parseDuration(given)
      return ms === undefined
        ? ParseResult.fail(new ParseResult.Type(ast, given, 'must be a duration such as "10s" or "1m30s"'))
        : ParseResult.succeed(ms)
    },
    encode: (ms) => ParseResult.succeed(formatDuration(ms)),
  }).annotations({ jsonSchema: { type: "string", description } })
