import type { Content, Part as GooglePart } from "@google/genai"
import type { FilePart, Part, ReasoningPart, TextPart, ToolCallPart, ToolResultPart } from "../../contract/parts.ts"
import { cleanCallId } from "../call-names.ts"
import { geminiVersion } from "../catalog.ts"
import { asNumber, asRecord, asString, isRecord } from "../json.ts"
import { type Dialect, normalHistory } from "../normal-history.ts"
import type { GenerateRequest, PromptMessage } from "../provider.ts"
import {
  isBlank,
  metadataFor,
  renderUnsupportedFile,
  replayArgs,
  resultText,
  searchText,
  userContent,
} from "../transcript.ts"

/**
 * Writes our transcript as the contents of a Gemini request: user and model in turns, the results of a turn's calls in one
 * content of their own, each signature of a thought on the part it came with.
 */

export const GOOGLE_PROTOCOL = "google"

const GOOGLE: Dialect = {
  protocol: GOOGLE_PROTOCOL,
  plain: [],
  callId: cleanCallId,
  // As many results as there were calls, and nothing else in that turn.
  repliesToResults: true,
}

/** From this version on the first call of a turn is refused without the signature of the thought behind it. */
const SIGNED_CALLS = 30

/** Google's own word for a call that another model made, or whose signature is lost. */
const NOT_SIGNED = "skip_thought_signature_validator"

const MEDIA = /^(?:image|audio|video)\/|^application\/pdf$/

const filePart = (part: FilePart): GooglePart =>
  MEDIA.test(part.media_type)
    ? { inlineData: { mimeType: part.media_type, data: part.data ?? "" } }
    : { text: renderUnsupportedFile(part) }

const userParts = (message: PromptMessage): Array<GooglePart> =>
  userContent(message.parts).map((run) => ("text" in run ? { text: run.text } : filePart(run.file)))

const resultPart = (part: ToolResultPart): GooglePart => {
  const text = resultText(part)
  return {
    functionResponse: {
      id: part.tool_call_id,
      name: part.tool_name,
      response: part.is_error === true ? { error: text } : { output: text },
    },
  }
}

const signatureOf = (part: Part): string | undefined => asString(metadataFor(part, GOOGLE_PROTOCOL)?.["signature"])

/** `from`: the part that was signed began at this character of the text. */
const signedFrom = (part: TextPart | ReasoningPart): number =>
  asNumber(metadataFor(part, GOOGLE_PROTOCOL)?.["from"]) ?? 0

const textParts = (part: TextPart): ReadonlyArray<GooglePart> => {
  const signature = signatureOf(part)
  if (signature === undefined) return [{ text: part.text }]
  const before = part.text.slice(0, signedFrom(part))
  return [
    ...(isBlank(before) ? [] : [{ text: before }]),
    { text: part.text.slice(isBlank(before) ? 0 : before.length), thoughtSignature: signature },
  ]
}

/** Thoughts are told for people and need not go back; what is signed does. */
const thoughtParts = (part: ReasoningPart): ReadonlyArray<GooglePart> => {
  const signature = signatureOf(part)
  if (signature === undefined) return []
  const text = part.text.slice(signedFrom(part))
  return [text === "" ? { text, thoughtSignature: signature } : { text, thought: true, thoughtSignature: signature }]
}

/** A part of Google's own tools, exactly as it came. */
const rawPart = (part: Part): GooglePart | undefined => {
  const raw = asRecord(metadataFor(part, GOOGLE_PROTOCOL)?.["part"])
  return raw !== undefined && (isRecord(raw["toolCall"]) || isRecord(raw["toolResponse"])) ? raw : undefined
}

const callPart = (part: ToolCallPart): GooglePart => {
  const signature = signatureOf(part)
  return {
    functionCall: { id: part.tool_call_id, name: part.tool_name, args: { ...replayArgs(part) } },
    ...(signature === undefined ? {} : { thoughtSignature: signature }),
  }
}

const modelParts = (message: PromptMessage, signsCalls: boolean): Array<GooglePart> => {
  const parts = message.parts.flatMap((part): ReadonlyArray<GooglePart> => {
    switch (part.type) {
      case "text":
        return textParts(part)
      case "reasoning":
        return thoughtParts(part)
      case "tool-call":
        return part.provider_executed === true ? [rawPart(part) ?? []].flat() : [callPart(part)]
      case "tool-result": {
        const raw = rawPart(part)
        const words = raw === undefined ? searchText(part) : undefined
        return [raw ?? (words === undefined ? [] : { text: words })].flat()
      }
      default:
        return []
    }
  })
  const first = parts.findIndex(({ functionCall }) => functionCall !== undefined)
  return parts.map((part, at) =>
    signsCalls && at === first && part.thoughtSignature === undefined
      ? { ...part, thoughtSignature: NOT_SIGNED }
      : part,
  )
}

export const googleContents = (request: GenerateRequest): Array<Content> => {
  const signsCalls = (geminiVersion(request.model) ?? 0) >= SIGNED_CALLS
  return normalHistory(request, GOOGLE).flatMap((message): ReadonlyArray<Content> => {
    if (message.role === "user") return [{ role: "user", parts: userParts(message) }]
    if (message.role === "tool") {
      return [
        {
          role: "user",
          parts: message.parts.flatMap((part) => (part.type === "tool-result" ? [resultPart(part)] : [])),
        },
      ]
    }
    const parts = modelParts(message, signsCalls)
    return parts.length === 0 ? [] : [{ role: "model", parts }]
  })
}
