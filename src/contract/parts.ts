import { Schema } from "effect"
import { ProviderCallId } from "./ids.ts"

/**
 * Message parts. The same JSON is on the wire and in the database, so a change here is a migration.
 * Fields a variant requires are present even when zero.
 */

/** A JSON value of unknown shape: tool arguments, tool results, provider blocks. */
export const Json = Schema.Unknown
const OptionalString = Schema.optional(Schema.String)
const OptionalBoolean = Schema.optional(Schema.Boolean)

/** Written by the server only, never sent to a client. Raw provider data for exact replay. */
const Internal = { provider_metadata: Schema.optional(Json) }

export const TextPart = Schema.Struct({ type: Schema.Literal("text"), text: Schema.String, ...Internal })

export const ReasoningPart = Schema.Struct({
  type: Schema.Literal("reasoning"),
  text: Schema.String,
  created_at: OptionalString,
  completed_at: OptionalString,
  ...Internal,
})

export const ToolCallPart = Schema.Struct({
  type: Schema.Literal("tool-call"),
  tool_call_id: ProviderCallId,
  tool_name: Schema.String,
  /** Parsed arguments. Absent when the model sent broken JSON; `args_text` then holds what it sent. */
  args: Schema.optional(Json),
  args_text: OptionalString,
  /** Stream only. */
  args_delta: OptionalString,
  parsed_commands: Schema.optional(Schema.Array(Schema.Array(Schema.String))),
  provider_executed: OptionalBoolean,
  mcp_server_config_id: OptionalString,
  created_at: OptionalString,
  ...Internal,
})

export const ToolResultPart = Schema.Struct({
  type: Schema.Literal("tool-result"),
  tool_call_id: ProviderCallId,
  tool_name: Schema.String,
  result: Schema.optional(Json),
  /** Stream only. */
  result_delta: OptionalString,
  result_reset: OptionalBoolean,
  is_error: OptionalBoolean,
  is_media: OptionalBoolean,
  provider_executed: OptionalBoolean,
  mcp_server_config_id: OptionalString,
  created_at: OptionalString,
  ...Internal,
})

export const SourcePart = Schema.Struct({
  type: Schema.Literal("source"),
  url: Schema.String,
  source_id: OptionalString,
  title: OptionalString,
  ...Internal,
})

export const FilePart = Schema.Struct({
  type: Schema.Literal("file"),
  media_type: Schema.String,
  name: OptionalString,
  file_id: OptionalString,
  data: OptionalString,
})

export const FileReferencePart = Schema.Struct({
  type: Schema.Literal("file-reference"),
  file_name: Schema.String,
  start_line: Schema.Number,
  end_line: Schema.Number,
  content: Schema.String,
})

export const Part = Schema.Union(
  TextPart,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
  SourcePart,
  FilePart,
  FileReferencePart,
)

export type TextPart = typeof TextPart.Type
export type ReasoningPart = typeof ReasoningPart.Type
export type ToolCallPart = typeof ToolCallPart.Type
export type ToolResultPart = typeof ToolResultPart.Type
export type SourcePart = typeof SourcePart.Type
export type FilePart = typeof FilePart.Type
export type FileReferencePart = typeof FileReferencePart.Type
export type Part = typeof Part.Type

export const MessageRole = Schema.Literal("system", "user", "assistant", "tool")
export type MessageRole = typeof MessageRole.Type

export const MessageVisibility = Schema.Literal("user", "model", "both")
export type MessageVisibility = typeof MessageVisibility.Type

/** Tokens of one model call. A count the provider did not report is absent, which is not the same as 0. */
export const Usage = Schema.Struct({
  input_tokens: Schema.optional(Schema.Number),
  output_tokens: Schema.optional(Schema.Number),
  total_tokens: Schema.optional(Schema.Number),
  reasoning_tokens: Schema.optional(Schema.Number),
  cache_creation_tokens: Schema.optional(Schema.Number),
  cache_read_tokens: Schema.optional(Schema.Number),
  context_limit: Schema.optional(Schema.Number),
})
export type Usage = typeof Usage.Type
