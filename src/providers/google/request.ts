import type {
  FunctionCallingConfigMode,
  GenerateContentConfig,
  GenerateContentParameters,
  HarmBlockThreshold,
  HarmCategory,
  SafetySetting,
  ThinkingConfig,
  ThinkingLevel,
  Tool,
} from "@google/genai"
import type { ReasoningEffort } from "../../contract/models.ts"
import { geminiVersion } from "../catalog.ts"
import { asBoolean, asNumber, asRecord, asRecords, asString, type JsonRecord } from "../json.ts"
import { defined, optionsOf, reasoningEffort } from "../options.ts"
import type { GenerateRequest } from "../provider.ts"
import { isBlank, toolSchema } from "../transcript.ts"
import { googleContents } from "./transcript.ts"

/** Writes a call as a Gemini request. */

/** From this version on models think at levels; the ones before take a budget of tokens. */
const THINKING_LEVELS = 30

/** Google's own translation of efforts into tokens. */
const BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 1_024,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 24_576,
  max: 24_576,
}

const LEVELS: Readonly<Record<ReasoningEffort, string>> = {
  none: "MINIMAL",
  minimal: "MINIMAL",
  low: "LOW",
  medium: "MEDIUM",
  high: "HIGH",
  xhigh: "HIGH",
  max: "HIGH",
}

const isPro = (model: string): boolean => /\bpro\b/.test(model)

/** The larger models always think: the least that they take. */
const LEAST_BUDGET = 128
const leastLevel = (model: string, level: string): string => (level === "MINIMAL" && isPro(model) ? "LOW" : level)

const ofEffort = (effort: ReasoningEffort, model: string): ThinkingConfig => {
  // The values of the SDK's enums are known only to who has loaded it.
  if ((geminiVersion(model) ?? 0) >= THINKING_LEVELS) {
    return { thinkingLevel: leastLevel(model, LEVELS[effort]) as ThinkingLevel }
  }
  return { thinkingBudget: isPro(model) ? Math.max(LEAST_BUDGET, BUDGETS[effort]) : BUDGETS[effort] }
}

/** The model config's effort wins over the level or budget among the options. */
const thinkingOf = ({ config, model }: GenerateRequest, options: JsonRecord): ThinkingConfig | undefined => {
  const given = asRecord(options["thinking_config"])
  const effort = reasoningEffort(config, "google", undefined)
  const level = asString(given?.["thinking_level"])?.toUpperCase()
  const thinking = defined({
    thinkingBudget: asNumber(given?.["thinking_budget"]),
    thinkingLevel: level === undefined ? undefined : (level as ThinkingLevel),
    includeThoughts: asBoolean(given?.["include_thoughts"]),
  })
  const { includeThoughts } = thinking
  // Who asks for thinking mostly wants to see it.
  if (effort !== undefined) return { ...ofEffort(effort, model), includeThoughts: includeThoughts ?? true }
  return Object.keys(thinking).length === 0 ? undefined : thinking
}

/** What is judged of a text. */
const CATEGORIES = ["HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT"].map(
  (name) => `HARM_CATEGORY_${name}`,
)

const setting = (category: string, threshold: string): SafetySetting => ({
  category: category as HarmCategory,
  threshold: threshold as HarmBlockThreshold,
})

/** `threshold` holds for each category that has no setting of its own. */
const safetyOf = (options: JsonRecord): Array<SafetySetting> | undefined => {
  const given = asRecords(options["safety_settings"]).flatMap((entry) => {
    const category = asString(entry["category"])?.toUpperCase()
    const threshold = asString(entry["threshold"])?.toUpperCase()
    return category === undefined || threshold === undefined ? [] : [setting(category, threshold)]
  })
  const threshold = asString(options["threshold"])?.toUpperCase()
  const named = new Set<string | undefined>(given.map(({ category }) => category))
  const others = threshold === undefined ? [] : CATEGORIES.filter((category) => !named.has(category))
  const all = [...given, ...others.map((category) => setting(category, threshold ?? ""))]
  return all.length === 0 ? undefined : all
}

const toolsOf = ({ tools }: GenerateRequest, options: JsonRecord): Array<Tool> => [
  ...(tools.length === 0
    ? []
    : [
        {
          functionDeclarations: tools.map((tool) => ({
            name: tool.name,
            description: tool.description,
            // Any JSON Schema; its other field takes a part of OpenAPI's only.
            parametersJsonSchema: toolSchema(tool),
          })),
        },
      ]),
  ...(options["web_search_enabled"] === true ? [{ googleSearch: {} }] : []),
]

const toolConfigOf = ({ toolChoice, tools }: GenerateRequest, options: JsonRecord) => {
  if (tools.length === 0) return undefined
  return {
    functionCallingConfig: { mode: (toolChoice === "none" ? "NONE" : "AUTO") as FunctionCallingConfigMode },
    // Without it Google refuses its own tools beside those of others.
    ...(options["web_search_enabled"] === true ? { includeServerSideToolInvocations: true } : {}),
  }
}

export const googleRequest = (request: GenerateRequest): GenerateContentParameters => {
  const { config, model } = request
  const options = optionsOf(request)
  const tools = toolsOf(request, options)
  const system = request.system.filter((text) => !isBlank(text)).map((text) => ({ text }))
  const settings: GenerateContentConfig = defined({
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    // Left out, it is all that the model can write.
    maxOutputTokens: config.max_output_tokens,
    temperature: config.temperature,
    topP: config.top_p,
    topK: config.top_k,
    presencePenalty: config.presence_penalty,
    frequencyPenalty: config.frequency_penalty,
    thinkingConfig: thinkingOf(request, options),
    safetySettings: safetyOf(options),
    cachedContent: asString(options["cached_content"]),
    tools: tools.length === 0 ? undefined : tools,
    toolConfig: toolConfigOf(request, options),
    // Our tools are run by the turn.
    automaticFunctionCalling: { disable: true },
  })
  return { model, contents: googleContents(request), config: settings }
}
