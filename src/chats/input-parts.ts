import { Effect, Either } from "effect"
import type { McpServerId } from "../contract/ids.ts"
import { InvalidInput } from "../actors/chat/commands/refusals.ts"
import type { InputPart } from "../contract/chats.ts"
import type { Part } from "../contract/parts.ts"
import { storable } from "../db/engine/jsonb.ts"

const invalid = (field: string, message: string) => Either.left(new InvalidInput({ field, message }))

const inputPart = (input: InputPart, index: number): Either.Either<Part, InvalidInput> => {
  const at = `content[${index}]`
  switch (input.type.trim().toLowerCase()) {
    case "text":
      if (input.text === undefined || input.text.trim() === "") return invalid(`${at}.text`, "must not be empty")
      return Either.right({ type: "text", text: input.text })
    case "file-reference":
      if (input.file_name === undefined || input.file_name.trim() === "") {
        return invalid(`${at}.file_name`, "must name the file")
      }
      return Either.right({
        type: "file-reference",
        file_name: input.file_name,
        start_line: input.start_line ?? 0,
        end_line: input.end_line ?? input.start_line ?? 0,
        content: input.content ?? "",
      })
    default:
      return invalid(`${at}.type`, "must be text or file-reference")
  }
}

/** What a client sent as content, as parts of a message. */
export const inputParts = (content: ReadonlyArray<InputPart>): Either.Either<ReadonlyArray<Part>, InvalidInput> =>
  Either.map(Either.all(content.map(inputPart)), storable)

/** No MCP server can be set up in this version, so every id that a client sends is of none. */
export const noMcpServers = (ids: ReadonlyArray<McpServerId> = []): Effect.Effect<void, InvalidInput> =>
  ids.length === 0
    ? Effect.void
    : new InvalidInput({ field: "mcp_server_ids", message: `names MCP servers that do not exist: ${ids.join(", ")}` })
