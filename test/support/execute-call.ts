import { Effect } from "effect"
import { execute } from "../../src/tools/execute.ts"
import { StepWorkspace } from "../../src/tools/workspace-tool.ts"
import { makeLocalDriver } from "../../src/workspaces/driver-local.ts"

/**
 * A process that connects to a workspace and makes one call of `execute`, as a server does; started by tests to be killed.
 * `node --import tsx execute-call.ts JSON` with the fields below.
 */
export interface ExecuteCall {
  readonly dataDir: string
  readonly agentProgram: string
  readonly workspaceId: string
  readonly chatId: string
  readonly toolCallId: string
  readonly command: string
}

const call = JSON.parse(process.argv[2] ?? "") as ExecuteCall

const program = Effect.gen(function* () {
  const { dataDir, agentProgram, workspaceId, chatId, toolCallId, command } = call
  const driver = yield* makeLocalDriver({ dataDir, enabled: true, agentProgram, environment: process.env })
  yield* execute
    .run(
      { command, timeout: "1m" },
      {
        chatId,
        messageId: 1,
        toolCallId,
        callAgeMs: 0,
        repeat: false,
        stopping: () => "shutdown",
        show: () => undefined,
      },
    )
    .pipe(Effect.provideService(StepWorkspace, driver.connect({ workspaceId, ownedBySiteOwner: true })))
})

await Effect.runPromise(Effect.scoped(program))
