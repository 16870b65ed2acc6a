import { badArguments, badName, badText } from "../strict-provider/texts.ts"
import { badTool, type Body, duplicate, first, isObject, list, objects, unknownField } from "./checks.ts"

/** Google's Gemini API, as strict as the real one about turns, results and signatures. */

const FIELDS = [
  "contents",
  "systemInstruction",
  "safetySettings",
  "tools",
  "toolConfig",
  "cachedContent",
  "generationConfig",
]

const GENERATION_FIELDS = [
  "maxOutputTokens",
  "temperature",
  "topP",
  "topK",
  "presencePenalty",
  "frequencyPenalty",
  "thinkingConfig",
]

/** What Google takes in place of a signature that another model's call cannot have. */
const NOT_SIGNED = "skip_thought_signature_validator"

export interface Signatures {
  /** Whether this server has given out the signature. */
  readonly isOurs: (signature: string) => boolean
  /** The first call of a turn must have one, as from Gemini 3 on. */
  readonly wanted: boolean
}

const badSignature = (part: Body, { isOurs }: Signatures): string | undefined => {
  const signature = part["thoughtSignature"]
  if (signature === undefined || signature === NOT_SIGNED) return undefined
  return typeof signature === "string" && isOurs(signature) ? undefined : "Thought signature is not valid"
}

const badPart = (part: Body, role: unknown, signatures: Signatures): string | undefined => {
  const { functionCall: call, functionResponse: response, inlineData, text } = part
  const kinds = ["text", "functionCall", "functionResponse", "inlineData", "toolCall", "toolResponse"]
  if (kinds.filter((kind) => kind in part).length !== 1) return "The part must have one initialized field: `data`."
  if (role === "user" && (isObject(call) || part["thought"] === true)) return "Unexpected part of a model."
  if (role === "model" && isObject(response)) return "Unexpected function response."
  if (isObject(inlineData) && typeof inlineData["mimeType"] !== "string") return "inlineData.mimeType: required"
  if (typeof text === "string" && text.trim() === "" && part["thoughtSignature"] === undefined) {
    return "Unable to submit request because it must have a non-empty text input."
  }
  if (isObject(call)) {
    const bad = badName(call["name"], 64) ?? badArguments(call["args"])
    if (bad !== undefined) return bad
  }
  if (isObject(response) && !isObject(response["response"])) return "functionResponse.response: must be a Struct."
  return badSignature(part, signatures)
}

const named = (content: Body | undefined, kind: "functionCall" | "functionResponse"): ReadonlyArray<string> =>
  objects(content?.["parts"]).flatMap((part) => {
    const held = part[kind]
    return isObject(held) ? [`${String(held["id"])} ${String(held["name"])}`] : []
  })

const badContent = (
  content: Body,
  at: number,
  contents: ReadonlyArray<Body>,
  signatures: Signatures,
): string | undefined => {
  const parts = objects(content["parts"])
  if (parts.length === 0) return `contents[${at}].parts: must not be empty.`
  if (content["role"] !== (at % 2 === 0 ? "user" : "model")) return "Please ensure that roles alternate."
  const calls = named(contents[at - 1], "functionCall")
  const results = named(content, "functionResponse")
  if (calls.join() !== results.join() || (results.length > 0 && parts.length !== results.length)) {
    return "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
  }
  const firstCall = parts.find(({ functionCall }) => functionCall !== undefined)
  if (signatures.wanted && firstCall !== undefined && firstCall["thoughtSignature"] === undefined) {
    return `Function call is missing a thought_signature in functionCall parts. (position ${at})`
  }
  return first(parts, (part) => badPart(part, content["role"], signatures))
}

const badTools = (body: Body): string | undefined => {
  const declared = objects(body["tools"]).flatMap((tool) => objects(tool["functionDeclarations"]))
  if (declared.length === 0 && "toolConfig" in body)
    return "Function calling config is set without function_declarations."
  const name = duplicate(declared.map((tool) => tool["name"]))
  if (name !== undefined) return `Duplicate function declaration found: ${String(name)}`
  return first(declared, (tool) => badTool(tool["name"], tool["parametersJsonSchema"]))
}

const badGeneration = (config: unknown): string | undefined => {
  if (config === undefined) return undefined
  if (!isObject(config)) return "generation_config: invalid"
  const thinking = isObject(config["thinkingConfig"]) ? config["thinkingConfig"] : {}
  if ("thinkingBudget" in thinking && "thinkingLevel" in thinking) {
    return "You can only set only one of thinking budget and thinking level."
  }
  return unknownField(config, GENERATION_FIELDS, "generation_config.")
}

export const refuseGoogle = (body: Body, signatures: Signatures): string | undefined => {
  const contents = objects(body["contents"])
  if (contents.length === 0 || contents.length !== list(body["contents"]).length) return "contents is not specified"
  if (contents.at(-1)?.["role"] !== "user") return "Please ensure that the last turn is of the user."
  return (
    unknownField(body, FIELDS, "") ??
    badText(body) ??
    badGeneration(body["generationConfig"]) ??
    badTools(body) ??
    first(contents, (content, at) => badContent(content, at, contents, signatures))
  )
}
