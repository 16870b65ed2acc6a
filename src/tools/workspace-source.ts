import { Effect } from "effect"
import { whileInTrouble } from "../db/engine/patience.ts"
import { Settings } from "../settings.ts"
import { Workspaces } from "../workspaces/workspaces.ts"
import { editFiles } from "./edit-files.ts"
import { execute } from "./execute.ts"
import { processList } from "./process-list.ts"
import { processOutput } from "./process-output.ts"
import { processSignal } from "./process-signal.ts"
import { readFile } from "./read-file.ts"
import type { ServerTool } from "./tool.ts"
import type { ToolSource } from "./toolbox.ts"
import { StepWorkspace } from "./workspace-tool.ts"
import { writeFile } from "./write-file.ts"

/** What works in the workspace of a chat, in the order in which a model sees it. */
export const workspaceTools: ReadonlyArray<ServerTool<StepWorkspace>> = [
  readFile,
  writeFile,
  editFiles,
  execute,
  processOutput,
  processList,
  processSignal,
]

/** All calls of a step share one connection. */
export const workspaceSource = Effect.gen(function* () {
  const workspaces = yield* Workspaces
  const { timings } = yield* Settings
  const source: ToolSource = (chat) => {
    const dial = workspaces.dial({
      chatId: chat.id,
      workspaceId: chat.workspace_id,
      ownerId: chat.owner_id,
      organizationId: chat.organization_id,
      isRoot: chat.parent_chat_id === null,
    })
    return Effect.map(Effect.cached(dial.pipe(whileInTrouble(timings.effectStallMs))), (workspace) =>
      workspaceTools.map(({ run, stop, ...tool }) => ({
        ...tool,
        run: (args, context) => Effect.provideService(run(args, context), StepWorkspace, workspace),
        ...(stop !== undefined && {
          stop: (args, context) => Effect.provideService(stop(args, context), StepWorkspace, workspace),
        }),
      })),
    )
  }
  return source
})
