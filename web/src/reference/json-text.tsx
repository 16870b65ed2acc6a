import { useMemo } from "react"
import { visibleText } from "../ui/visible-text.ts"
import { jsonTokens, type JsonToken } from "./json-tokens.ts"

/** More is not drawn; the button that copies has the whole. */
const MOST_CHARACTERS = 60_000

const COLOURS: Readonly<Record<JsonToken["kind"], string | undefined>> = {
  key: "text-(--code-key)",
  string: "text-(--code-str)",
  number: "text-(--code-num)",
  word: "text-(--code-fn)",
  plain: undefined,
}

/** Coloured JSON, in which every character is seen. */
export const JsonText = ({ text }: { readonly text: string }) => {
  const tokens = useMemo(() => jsonTokens(visibleText(text.slice(0, MOST_CHARACTERS))), [text])
  return (
    <>
      {tokens.map(({ kind, text: piece }, index) => (
        <span key={index} className={COLOURS[kind]}>
          {piece}
        </span>
      ))}
      {text.length > MOST_CHARACTERS && (
        <span className="text-ink-faint">
          {`\n… cut here: ${(text.length - MOST_CHARACTERS).toLocaleString()} more characters`}
        </span>
      )}
    </>
  )
}
