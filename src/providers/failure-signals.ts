/**
 * What the words of a failed call mean, whoever said them. All patterns are for lower-case text. They are made from what
 * OpenAI, Azure, Anthropic, Bedrock, Gemini, Mistral, Groq, xAI, DeepSeek, Moonshot, Qwen, MiniMax, OpenRouter, Copilot, vLLM,
 * SGLang, TGI, llama.cpp, LM Studio and Ollama are known to answer.
 */

const anyOf = (...patterns: ReadonlyArray<RegExp>): ((text: string) => boolean) => {
  const all = new RegExp(patterns.map(({ source }) => source).join("|"))
  return (text) => all.test(text)
}

/** Nothing but a shorter request helps. */
const tooLong = anyOf(
  /context[ _-]?(?:length|window|size|limit)[ _-](?:is |was |has been )?exceeded/,
  /exceed_context_size|max_prompt_tokens_exceeded/,
  /maximum (?:context|model|prompt|input|sequence) length/,
  /max(?:imum)? (?:input|prompt|context) (?:tokens|characters)/,
  /\b(?:prompt|conversation|context|input)(?: tokens)? (?:(?:is|are|was) )?(?:too (?:long|large)|longer than)/,
  /too large for model with|too many input tokens|tokens in request more than max/,
  /exceed\w* (?:\w+(?:'s)? ){0,4}context (?:window|length|size|limit)/,
  /\b(?:context (?:window|length|size)|prompt|input (?:length|tokens?)|(?:input|prompt) token count|requested token count)\b[^.;]{0,60} exceed/,
  /input token count is \d+ but/,
  /exceeded model token limit|exceed max message tokens/,
  /(?:greater|larger|longer) than the (?:\w+(?:'s)? ){0,3}context (?:length|window|size)/,
  /context (?:the )?overflows?\b/,
  /reduce the length of (?:the |your )?(?:messages|prompt|input|conversation)/,
  /`?inputs`? (?:tokens \+|must have less than)/,
  /range of input length should be/,
  /number of tokens in the prompt cannot exceed/,
  // A request that alone is more than a minute allows fits into no minute.
  /request too large for [^.]* tokens per min/,
)

/** Tokens that are too many for the moment, not for the model. */
const tooMuchForNow = anyOf(
  /rate[ _-]?limit/,
  /per (?:minute|hour|day|second)\b/,
  /too many (?:requests|tokens, please wait)/,
  /throttl/,
)

/** The conversation is longer than the model takes. */
export const saysTooLong = (text: string): boolean =>
  tooLong(text) && (!tooMuchForNow(text) || /request too large/.test(text))

/** The largest of the numbers behind such words. */
const largest = (text: string, pattern: RegExp): number =>
  Math.max(0, ...[...text.matchAll(pattern)].map(([, before, behind]) => Number(before ?? behind)))

/** What is asked of the model to write takes all its context by itself, so that no shorter conversation fits. */
export const saysOutputTooLong = (text: string): boolean => {
  const context = largest(text, /maximum context length (?:is|of) (\d+)/g)
  const output = largest(text, /tokens'? (?:is )?too large: (\d+)|(\d+) (?:tokens )?(?:in|for) the completion/g)
  return context > 0 && output >= context
}

/** Fields that carry reasoning of earlier answers, and its seals. */
const REASONING_FIELD =
  "(?:reasoning_(?:content|details|opaque|text)|thinking_blocks|encrypted[ _]content|thought[ _]?signature|extra_content|(?:redacted_)?thinking['\"`]? blocks?|messages\\W{1,3}\\d+[^\\s,]{0,40}\\W(?:reasoning|thinking)\\b|property ['\"`](?:reasoning|thinking)['\"`])"
const REFUSED =
  "(?:unsupported|not supported|unknown|unrecognized|unexpected|not permitted|not allowed|cannot find|could not be|cannot be|invalid|not valid|corrupt\\w*|forbidden|additional propert|does not match|mismatch)"

const refusesReasoning = anyOf(
  new RegExp(`${REASONING_FIELD}[^\\n]{0,200}${REFUSED}`),
  new RegExp(`${REFUSED}[^\\n]{0,120}${REASONING_FIELD}`),
  /invalid.{0,3}signature.{0,6}in.{0,3}thinking|thinking\.signature|invalid_encrypted_content/,
  /expected.{0,3}thinking.{0,3}(?:or|, but)/,
  // Reasoning that was named by an id, which only the account that made it knows.
  /item (?:with id )?['"`]rs_[^'"`]*['"`] not found/,
  /of type ['"`]reasoning['"`] was provided without its required following item/,
)

/** A provider that wants its reasoning back, and did not get it. */
const wantsReasoning = anyOf(
  /missing\W{0,3}(?:a )?\W?(?:reasoning_content|thought_?signature)/,
  /(?:reasoning_content|thought_?signature)[^.]{0,60}(?:is missing|must be passed back|is required)/,
)

/** The reasoning of earlier answers is sealed or signed for another, or in a field that is not known. */
export const saysReasoningRefused = (text: string): boolean => refusesReasoning(text) && !wantsReasoning(text)

/** Credit that only a person can renew. */
export const saysUsedUp = anyOf(
  /insufficient[ _]?(?:quota|balance|credits?|funds)/,
  /exceeded_current_quota|billing_(?:hard_limit|not_active)|billing hard limit|payment[ _]required/,
  /credit balance|out of credits|(?:no|not enough|requires more) credits|account balance|arrear|overdue payment|余额不足/,
  // A free tier that does not hold the model at all.
  /quota exceeded for metric[^*]*limit: 0\b/,
)

/** A limit of use, of which other words or a time tell whether it passes. */
export const saysQuota = anyOf(/quota|billing|usage[ _]limit/)

export const saysRateLimited = anyOf(
  /rate[ _-]?limit/,
  /too many (?:requests|tokens)/,
  /throttl/,
  /resource[ _](?:has been )?exhausted/,
)

/** What was sent or answered is against a policy. */
export const saysFiltered = anyOf(
  /content[ _](?:filter|management policy|policy)/,
  /responsibleaipolicyviolation|data_inspection_failed|content exists risk|prohibited_content/,
  /moderation[ _]blocked|(?:blocked|rejected|refused) by .{0,20}moderation|content moderation/,
  /\b(?:was|been) flagged|usage policy|inappropriate content|safety system/,
)

/** Something behind the server, or its load, and nothing in the request. */
export const saysLater = anyOf(
  /\b(?:retry|try (?:it )?again) (?:later|in a (?:few|moment|while|minute))/,
  /(?:server|service|model|system)[^.]{0,20} busy/,
  /(?:temporarily|currently|service) (?:un|not )available/,
  /upstream[^.]{0,30} (?:time[d-]?\s?out|unavailable|connect error|reset)/,
)

/** The model wrote a call that nobody can read: a slip that the next try need not repeat. */
export const saysBadToolCall = anyOf(
  /tool_use_failed|failed to call a function|tool call validation failed/,
  /(?:failed to pars|error parsing|could not pars|unable to pars)\w*:? (?:the )?(?:tool[ _]?calls?|function[ _]?calls?)\b/,
  /malformed_(?:function|tool)_call/,
)

/** A proxy between us and the provider does not let the request through. */
export const saysProxyRefused = anyOf(/proxy response \((?:401|403|407)\)/, /proxy authentication required/)
