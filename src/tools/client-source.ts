import { Effect } from "effect"
import type { ToolSource } from "./toolbox.ts"

/** The tools that were declared with the chat, which a client of its runs. */
export const clientSource = Effect.succeed<ToolSource>(({ dynamic_tools }) =>
  Effect.succeed(
    dynamic_tools.map(({ description = "", input_schema, name }) => ({
      runBy: "client",
      name,
      description,
      inputSchema: input_schema,
    })),
  ),
)
