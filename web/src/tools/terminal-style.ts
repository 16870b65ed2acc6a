/** How a terminal was told to draw text: the parts of SGR sequences that are drawn here. Text is never hidden by them. */

/** One of the 16 colours that the theme has, or any other as `#rrggbb`. */
export type TerminalColour = number | `#${string}`

export interface TerminalStyle {
  readonly colour?: TerminalColour
  readonly background?: TerminalColour
  readonly bold?: true
  readonly dim?: true
  readonly italic?: true
  readonly underline?: true
  readonly struck?: true
  readonly inverse?: true
}

export const plainStyle: TerminalStyle = {}

/** Whoever sends more means no style. */
const MOST_CODES = 64

const hex = (red: number, green: number, blue: number): `#${string}` =>
  `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`

/** The levels of the 6 x 6 x 6 cube of the 256 colours. */
const level = (step: number): number => (step === 0 ? 0 : 55 + 40 * step)

/** Of the 256: the 16 of the theme, a cube, and greys. */
const ofPalette = (index: number): TerminalColour | undefined => {
  if (!(index >= 0 && index <= 255)) return undefined
  if (index < 16) return index
  if (index >= 232) return hex(8 + 10 * (index - 232), 8 + 10 * (index - 232), 8 + 10 * (index - 232))
  const at = index - 16
  return hex(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6))
}

const isByte = (value: number | undefined): value is number => value !== undefined && value >= 0 && value <= 255

const ofRgb = ([red, green, blue]: ReadonlyArray<number>): TerminalColour | undefined =>
  isByte(red) && isByte(green) && isByte(blue) ? hex(red, green, blue) : undefined

/** A code with what it brings with it: `38;5;9` and `38:2::1:2:3` are one code each. */
interface Code {
  readonly code: number
  readonly colour?: TerminalColour | undefined
  /** Of `4:3`. */
  readonly kind?: number
}

const numberOf = (text: string | undefined): number => (text === undefined || text === "" ? 0 : Number(text))

/** With colons all of a code stands in one parameter; a colour space may be among it. */
const withColons = (parameter: string): Code => {
  const [code = 0, kind = 0, ...rest] = parameter.split(":").map(numberOf)
  if (code !== 38 && code !== 48) return { code, kind }
  return { code, colour: kind === 5 ? ofPalette(rest[0] ?? -1) : kind === 2 ? ofRgb(rest.slice(-3)) : undefined }
}

const codesOf = (parameters: string): ReadonlyArray<Code> => {
  const given = parameters.split(";").slice(0, MOST_CODES)
  const codes: Array<Code> = []
  for (let at = 0; at < given.length; at += 1) {
    const parameter = given[at] ?? ""
    const code = numberOf(parameter)
    if (parameter.includes(":")) codes.push(withColons(parameter))
    else if (code === 38 || code === 48 || code === 58) {
      const values = given.slice(at + 2, at + 5).map(numberOf)
      const isIndexed = numberOf(given[at + 1]) === 5
      codes.push({ code, colour: isIndexed ? ofPalette(values[0] ?? -1) : ofRgb(values) })
      at += isIndexed ? 2 : 4
    } else codes.push({ code })
  }
  return codes
}

const without = <Key extends keyof TerminalStyle>(style: TerminalStyle, ...keys: ReadonlyArray<Key>): TerminalStyle => {
  const left = { ...style }
  for (const key of keys) delete (left as { [K in keyof TerminalStyle]?: unknown })[key]
  return left
}

const after = (style: TerminalStyle, { code, colour, kind = 1 }: Code): TerminalStyle => {
  switch (code) {
    case 0:
      return plainStyle
    case 1:
      return { ...style, bold: true }
    case 2:
      return { ...style, dim: true }
    case 3:
      return { ...style, italic: true }
    case 4:
      return kind === 0 ? without(style, "underline") : { ...style, underline: true }
    case 21:
      return { ...style, underline: true }
    case 7:
      return { ...style, inverse: true }
    case 9:
      return { ...style, struck: true }
    case 22:
      return without(style, "bold", "dim")
    case 23:
      return without(style, "italic")
    case 24:
      return without(style, "underline")
    case 27:
      return without(style, "inverse")
    case 29:
      return without(style, "struck")
    case 38:
      return colour === undefined ? style : { ...style, colour }
    case 39:
      return without(style, "colour")
    case 48:
      return colour === undefined ? style : { ...style, background: colour }
    case 49:
      return without(style, "background")
  }
  if (code >= 30 && code <= 37) return { ...style, colour: code - 30 }
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 }
  if (code >= 90 && code <= 97) return { ...style, colour: code - 82 }
  if (code >= 100 && code <= 107) return { ...style, background: code - 92 }
  return style
}

/** The style after `ESC [ parameters m`. */
export const styleAfter = (style: TerminalStyle, parameters: string): TerminalStyle =>
  codesOf(parameters).reduce(after, style)
