import { expect, test } from "vitest"
import { saysReasoningRefused, saysTooLong } from "./failure-signals.ts"

test.each([
  ["OpenAI", "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens."],
  ["OpenAI, Responses", "Your input exceeds the context window of this model. Please adjust your input and try again."],
  ["OpenAI's code", "context_length_exceeded"],
  [
    "OpenAI, more than a minute allows",
    "Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 45000.",
  ],
  ["Anthropic", "prompt is too long: 213462 tokens > 200000 maximum"],
  [
    "Anthropic, with room for the answer",
    "input length and `max_tokens` exceed context limit: 198000 + 8192 > 200000, decrease input length",
  ],
  ["Bedrock", "ValidationException: Input is too long for requested model."],
  ["Bedrock, counted", "Too many input tokens. Max input tokens: 128000, request input token count: 300000"],
  ["Gemini", "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)."],
  ["Vertex", "the input token count is 1200000 but model only supports up to 1048576"],
  ["Mistral", "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"],
  ["vLLM", "The decoder prompt (length 9000) is longer than the maximum model length of 8192."],
  ["SGLang", "The input (9000 tokens) is longer than the model's context length (8192 tokens)."],
  ["SGLang, requested", "Requested token count exceeds the model's maximum context length of 8192 tokens."],
  ["TGI", "Input validation error: `inputs` must have less than 4096 tokens. Given: 5000"],
  ["TGI, with room", "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 3000 `inputs` tokens"],
  ["llama.cpp", "the request exceeds the available context size, try increasing it"],
  ["llama.cpp, counted", "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it"],
  ["llama.cpp's type", "exceed_context_size_error"],
  ["llama.cpp, as a 500", "Context size has been exceeded."],
  ["LM Studio", "The number of tokens to keep from the initial prompt is greater than the context length."],
  ["LM Studio, older", "Trying to keep the first 13000 tokens when context the overflows."],
  ["Ollama", "the input length exceeds the context length"],
  ["Groq", "Please reduce the length of the messages or completion."],
  ["OpenRouter", "This endpoint's maximum context length is 131072 tokens. However, you requested about 140000 tokens"],
  ["xAI", "This model's maximum prompt length is 131072 but the request contains 537812 tokens."],
  ["Copilot", "prompt token count of 200000 exceeds the limit of 128000"],
  ["MiniMax", "invalid params, context window exceeds limit"],
  ["Moonshot", "Invalid request: Your request exceeded model token limit: 262144 (requested: 291351)"],
  ["Qwen", "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 30720]"],
  ["Zhipu", "Prompt exceeds max length"],
  ["Cohere", "too many tokens: total number of tokens in the prompt cannot exceed 4081"],
  ["Volcengine", "Total tokens of image and text exceed max message tokens"],
])("too long, as %s says it", (_who, words) => {
  expect(saysTooLong(words.toLowerCase())).toBe(true)
})

test.each([
  ["max_tokens is wrong", "max_tokens 429 is too large"],
  ["max_tokens of the answer", "max_tokens: 300000 > 128000, which is the maximum allowed number of output tokens"],
  ["a rate", "This request would exceed your organization's rate limit of 40,000 input tokens per minute"],
  ["a throttle", "ThrottlingException: Too many tokens, please wait before trying again."],
  ["an image", "messages.0.content.1.image.source.base64: image exceeds 5 MB maximum"],
  ["an id", "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40"],
])("not too long: %s", (_what, words) => {
  expect(saysTooLong(words.toLowerCase())).toBe(false)
})

test.each([
  ["OpenAI", "The encrypted content gAAA could not be verified. Reason: Encrypted content could not be decrypted."],
  ["OpenAI's code", "invalid_encrypted_content"],
  ["OpenAI, an id of another", "Item with id 'rs_abc' not found. Items are not persisted when `store` is false."],
  ["OpenAI, alone", "Item 'rs_1' of type 'reasoning' was provided without its required following item."],
  ["Anthropic", "messages.1.content.0: Invalid `signature` in `thinking` block"],
  ["Anthropic, unsigned", "messages.1.content.0.thinking.signature: Field required"],
  ["Anthropic, sealed", "messages.1.content.0: Invalid data in `redacted_thinking` block"],
  [
    "Anthropic, changed",
    "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.",
  ],
  ["Anthropic, order", "Expected `thinking` or `redacted_thinking`, but found `text`."],
  ["Gemini", "Corrupted thought signature."],
  ["Gemini, a field", `Unknown name "reasoning_content" at 'messages[1]': Cannot find field.`],
  [
    "Groq",
    "'messages.2' : for 'role:assistant' the following must be satisfied[('messages.2' : property 'reasoning_content' is unsupported)]",
  ],
  ["Groq, the other field", "('messages.2' : property 'reasoning' is unsupported)"],
  ["Mistral", '["body","messages",2,"assistant","reasoning_content"] Extra inputs are not permitted'],
  ["FastAPI's path", "Extra inputs are not permitted (body.messages.2.assistant.reasoning_details)"],
  ["OpenAI, a field", "Unknown parameter: 'messages[2].reasoning_content'."],
])("reasoning refused, as %s says it", (_who, words) => {
  expect(saysReasoningRefused(words.toLowerCase())).toBe(true)
})

test.each([
  [
    "wanted back by Moonshot",
    "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2",
  ],
  [
    "wanted back by DeepSeek",
    "The reasoning_content in the thinking mode must be passed back to the API. Invalid request.",
  ],
  [
    "wanted back by Gemini",
    "Function call is missing a thought_signature in functionCall parts. This is required; invalid.",
  ],
  ["an option", "Unsupported value: 'reasoning_effort' does not support 'high' with this model."],
  ["an option, nested", "Unsupported parameter: 'reasoning.effort' is not supported with this model."],
  ["anything", "invalid request"],
])("reasoning not refused: %s", (_what, words) => {
  expect(saysReasoningRefused(words.toLowerCase())).toBe(false)
})
