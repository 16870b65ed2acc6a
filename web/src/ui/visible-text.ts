/**
 * Characters that are not seen, or that change the order in which others are seen: controls (C0 and C1), format characters
 * (bidi, zero width, tags), line and paragraph separators, and letters that are blank. Line feeds and tabs are not among
 * them, nor the carriage return of a line's end.
 */
const UNSEEN = /(?![\n\t]|\r\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu

const written = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`
}

/**
 * Text of which every character is seen: `\u202e` stands for a character that would turn the text around. For what somebody
 * decides about by reading it: what is shown is what runs.
 */
export const visibleText = (text: string): string => text.replace(UNSEEN, written)
