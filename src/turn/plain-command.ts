import { type Command, parse, type Word, type WordPart } from "unbash"

/**
 * What a shell makes of a line that is one simple command and nothing else. Anything that could run a second program, write a file, or
 * come out differently than it reads is no plain command. The parser knows bash; `sh` is smaller, and what the two read differently is
 * not plain either. See `docs/adr/0025-rules-about-commands.md`.
 */

export interface PlainWord {
  /** As the program gets it: without quotes. */
  readonly value: string
  /** Nothing is left to be expanded in it: it is the same word whatever files there are, and whoever runs it. */
  readonly exact: boolean
}

/** Longer ones are not looked at: no person reads them either. */
const MOST_CHARACTERS = 4096

/** Line ends, controls, and what is not seen. A line with them may read otherwise than it runs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** What is quoted, each in its quotes. What is left of a line without it is where a shell looks for operators. */
const QUOTED = /\\.|'[^']*'|"(?:\\.|[^"\\])*"/gsu

/** They end a word wherever they stand: the parser takes some of them within the brackets of a pattern, and `sh` does not. */
const OPERATOR = /[;&|<>()`$'"]/

/** Expanded where it is not quoted: tilde, patterns, and the braces of shells that have them. */
const EXPANDED = /[~*?[\]{}]/

const isLiteral = ({ type }: { readonly type: string }): boolean => type === "Literal"

const isPlainPart = (part: WordPart): boolean => {
  switch (part.type) {
    case "Literal":
    case "SingleQuoted":
      return true
    case "DoubleQuoted":
      return part.parts.every(isLiteral)
    case "Glob":
      return part.parts === undefined || part.parts.every(isLiteral)
    default:
      return false
  }
}

const unquoted = (text: string): string => text.replace(/\\./gsu, "")

const isExact = ({ parts, text }: Word): boolean =>
  parts === undefined
    ? !EXPANDED.test(unquoted(text))
    : parts.every((part) => part.type !== "Glob" && (part.type !== "Literal" || !EXPANDED.test(unquoted(part.text))))

/** The words of a command that has nothing else: no assignment before it, no redirection. */
const wordsOf = ({ name, prefix, suffix }: Command): ReadonlyArray<Word> | undefined => {
  if (name === undefined || prefix.length > 0) return undefined
  const words = [name]
  for (const argument of suffix) {
    if (argument.type === "Word") words.push(argument)
    // `a=b` behind the name is an argument like any other, but its parts are not those of a word.
    else return undefined
  }
  return words
}

/** Between the words there are spaces, and nowhere anything that the tree does not show: a comment, a semicolon. */
const isAllOf = (line: string, words: ReadonlyArray<Word>): boolean => {
  let at = 0
  for (const { pos, end } of words) {
    if (!/^ *$/.test(line.slice(at, pos)) || (at > 0 && pos === at)) return false
    at = end
  }
  return /^ *$/.test(line.slice(at))
}

/** @returns undefined for what is no plain command, or cannot be read with certainty */
export const plainCommand = (line: string): ReadonlyArray<PlainWord> | undefined => {
  if (line.length > MOST_CHARACTERS || UNSEEN.test(line) || OPERATOR.test(line.replace(QUOTED, ""))) return undefined
  const { commands, errors } = parse(line)
  const [statement] = commands
  if (statement === undefined || commands.length > 1 || (errors !== undefined && errors.length > 0)) return undefined
  if (statement.background === true || statement.command.type !== "Command") return undefined
  const words = wordsOf(statement.command)
  if (words === undefined || !isAllOf(line, words)) return undefined
  if (!words.every(({ parts }) => parts === undefined || parts.every(isPlainPart))) return undefined
  return words.map((word) => ({ value: word.value, exact: isExact(word) }))
}
