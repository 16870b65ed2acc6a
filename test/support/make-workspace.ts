import type { Client } from "./client.ts"
import type { ScriptedProvider } from "./scripted-provider.ts"

export interface MadeWorkspace {
  readonly id: string
  /** Its folder. */
  readonly home: string
}

/** A workspace for chats of a test to share: the first call of a tool makes it. */
export const makeWorkspace = async (
  client: Client,
  provider: ScriptedProvider,
  dataDir: string,
): Promise<MadeWorkspace> => {
  provider.script(
    { items: [{ calls: [{ tool: "execute", args: { command: "pwd" } }] }] },
    { items: [{ text: "Here we are." }] },
  )
  const { id: chatId } = await client.createChat("Where are we?")
  const reader = await client.stream(chatId)
  await reader.untilAnswered(4)
  await reader.close()
  const { workspace_id: id } = await client.chat(chatId)
  if (id === undefined) throw new Error("The chat has no workspace")
  return { id, home: `${dataDir}/workspaces/${id}/home` }
}
