/** Milliseconds since the epoch with fractions: comparable between the processes of one machine. */
export const now = () => performance.timeOrigin + performance.now()

/** The i-th token of every scripted answer. */
export const word = (i) => (i === 0 ? "w0" : ` w${i}`)

/** The same in paragraphs, as a page shows them. */
const proseWord = (i) => (i % 60 === 59 ? `w${i}.\n\n` : `w${i} `)

/** What the tokens of a kind of script are. */
export const tokenOf = {
  fake: word,
  clock: () => ` ${now().toFixed(1)}`,
  prose: proseWord,
}

/**
 * What a model name asks for: `fake-200-d10` is 200 tokens, 10 ms apart; the tokens of `clock-200-d10` are the moments at
 * which they are written, and those of `prose-200-d10` come in paragraphs. `undefined` for any other name.
 */
export function script(model) {
  const match = /^(fake|clock|prose)-(\d+)(?:-d(\d+))?$/.exec(model)
  return match ? { kind: match[1], tokens: Number(match[2]), delayMs: Number(match[3] ?? 0) } : undefined
}

/** The whole answer of a model, to hold what arrived against. */
export function answerOf(model) {
  const { kind, tokens } = script(model)
  return Array.from({ length: tokens }, (_, i) => tokenOf[kind](i)).join("")
}

/** A prompt that the provider can recognise in a request, so that its times and the client's can be paired. */
export const promptOf = (tag) => `Say some words. bench-tag:${tag}`
export const lastTagIn = (body) =>
  body
    .match(/bench-tag:[\w-]+/g)
    ?.at(-1)
    ?.slice("bench-tag:".length)
