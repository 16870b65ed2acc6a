import { visibleText } from "./visible-text.ts"

/**
 * Invisible characters that prose of people needs, and that show nothing else than what is there: joiners within words and
 * emoji, direction marks (which turn nothing around by themselves), soft hyphens, the tags of a flag.
 */
const NEEDED =
  /(?<=[\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]|\ufe0f)(?:\u200c|\u200d)(?=[\p{L}\p{M}\p{Extended_Pictographic}\u2640\u2642])|[\u200e\u200f\u061c\u00ad]|(?<=\u{1f3f4}[\u{e0020}-\u{e007e}]{0,6})[\u{e0020}-\u{e007f}]/gu

/**
 * Text that a person or a model wrote, to be read: what turns text around or hides in it is written out, as `visibleText` does,
 * and what languages and emoji need is kept. For what somebody decides about, use `visibleText`, which keeps nothing.
 */
export const proseText = (text: string): string => {
  let shown = ""
  let from = 0
  for (const { index, 0: needed } of text.matchAll(NEEDED)) {
    shown += visibleText(text.slice(from, index)) + needed
    from = index + needed.length
  }
  return shown + visibleText(text.slice(from))
}
