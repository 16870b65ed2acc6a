import type { FilePart, FileReferencePart, Part, TextPart, ToolCallPart, ToolResultPart } from "../contract/parts.ts"
import { storable } from "../db/engine/jsonb.ts"
import { asRecord, asRecords, asString, isRecord, type JsonRecord, parseJson } from "./json.ts"
import type { ToolDefinition } from "./provider.ts"

/** What every protocol does alike when it writes our transcript on its wire. */

export const isBlank = (text: string): boolean => text.trim() === ""

export const renderFileReference = (part: FileReferencePart): string =>
  `[${part.file_name}, lines ${part.start_line} to ${part.end_line}]\n${part.content}`

const TEXT_MEDIA = /^text\/|\b(?:json|xml|yaml|javascript|typescript|csv)\b/

/** The text of a file that a model can read as text; undefined for images, PDFs and other binary content. */
export const textOfFile = (part: FilePart): string | undefined =>
  part.data !== undefined && TEXT_MEDIA.test(part.media_type)
    ? `[${part.name ?? "file"}]\n${Buffer.from(part.data, "base64").toString("utf8")}`
    : undefined

/** What stands in the prompt for a file that the protocol cannot carry. */
export const renderUnsupportedFile = (part: FilePart): string =>
  `[${part.name ?? "a file"} (${part.media_type}) is attached but cannot be shown to this model]`

export type UserContent = { readonly text: string } | { readonly file: FilePart }

/** A user message as runs of text and binary files. Adjacent text parts are joined as they are; blank text is dropped. */
export const userContent = (parts: ReadonlyArray<Part>): ReadonlyArray<UserContent> => {
  const content: Array<UserContent> = []
  let text = ""
  const flush = () => {
    if (!isBlank(text)) content.push({ text })
    text = ""
  }
  const block = (rendered: string) => {
    text += text === "" || text.endsWith("\n") ? `${rendered}\n` : `\n\n${rendered}\n`
  }
  for (const part of parts) {
    if (part.type === "text") text += part.text
    else if (part.type === "file-reference") block(renderFileReference(part))
    else if (part.type === "file") {
      const asText = textOfFile(part)
      if (asText !== undefined) block(asText)
      else if (part.data === undefined) block(renderUnsupportedFile(part))
      else {
        flush()
        content.push({ file: part })
      }
    }
  }
  flush()
  return content
}

export const joinText = (parts: ReadonlyArray<TextPart>): string =>
  parts
    .map((part) => part.text)
    .filter((text) => !isBlank(text))
    .join("")

/**
 * The arguments of an earlier call as the object that every wire demands. What was no object is kept under a name that
 * tells the model so.
 */
export const replayArgs = (part: ToolCallPart): JsonRecord => {
  if (part.args !== undefined) return isRecord(part.args) ? part.args : { invalid_arguments: part.args }
  return isBlank(part.args_text ?? "") ? {} : { invalid_arguments: part.args_text }
}

/** A tool result as the text a model reads. Never blank: some servers reject an empty tool message, others a blank one. */
export const resultText = (part: ToolResultPart): string => {
  const { result } = part
  const text = typeof result === "string" ? result : result === undefined ? "" : JSON.stringify(result)
  return isBlank(text) ? "(no output)" : text
}

/** What a provider's own search found, for those who cannot be shown it as a search; undefined when it found nothing. */
export const searchText = (part: ToolResultPart): string | undefined => {
  const found = asRecords(part.result).map(
    (entry) => `- ${asString(entry["title"]) ?? ""} ${asString(entry["url"]) ?? ""}`,
  )
  return found.length === 0 ? undefined : `Web search results:\n${found.join("\n")}`
}

/** The tool's schema without a `required` that is null or empty, which OpenAI rejects. */
export const toolSchema = (tool: ToolDefinition): Record<string, unknown> => {
  const { required, ...schema } = tool.inputSchema
  const names = Array.isArray(required) ? required : []
  return { type: "object", properties: {}, ...schema, ...(names.length === 0 ? {} : { required: names }) }
}

/**
 * What an adapter keeps on a part under its own name, for exact replay. It is kept as text where the database would change it:
 * signed thinking with a NUL in it is refused when it comes back without.
 */
export const metadataOf = (protocol: string, data: JsonRecord): JsonRecord => ({
  [protocol]: storable(data) === data ? data : JSON.stringify(data),
})

/** What was kept by `metadataOf`, on the same protocol only. */
export const metadataFor = (part: Part, protocol: string): JsonRecord | undefined => {
  const data = "provider_metadata" in part ? asRecord(part.provider_metadata)?.[protocol] : undefined
  return asRecord(typeof data === "string" ? parseJson(data) : data)
}
