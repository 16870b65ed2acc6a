import { Effect, Exit, type Layer } from "effect"
import { userInfo } from "node:os"
import { actingOperator } from "../identity/operator.ts"
import { Origin } from "../identity/origin.ts"
import { readSettings, type SettingsValues } from "../settings.ts"
import type { Said } from "./output.ts"
import { failureOf } from "./refusal.ts"

/** From what a command does to what it prints, and the code that the program ends with. */

export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly version: string
  /** Runs the server until it is asked to end. */
  readonly serve: () => Promise<void>
  /** Resolves once it has left the program. Rejects when nobody reads it any more. */
  readonly print: (text: string) => Promise<void>
  readonly complain: (text: string) => void
  readonly end: (code: number) => void
}

const account = (): string => {
  try {
    return userInfo().username
  } catch {
    // A container may run under a uid that has no account.
    return `uid ${process.getuid?.() ?? "unknown"}`
  }
}

export const complainAs = (world: World, json: boolean, message: string): void =>
  world.complain(json ? JSON.stringify({ error: message }) : message)

/** Carries a command out on the services that `layerOf` makes, and prints what it says. */
export const runCommand = async <R, E, E2>(
  world: World,
  json: boolean,
  layerOf: (settings: SettingsValues) => Layer.Layer<R, E>,
  command: Effect.Effect<Said, E2, R>,
): Promise<void> => {
  const program = Effect.gen(function* () {
    const settings = yield* readSettings(world.environment)
    return yield* command.pipe(
      Effect.provideService(Origin, actingOperator(`troupe ${world.version} (${account()})`)),
      Effect.provide(layerOf(settings)),
    )
  })
  const exit = await Effect.runPromiseExit(program)
  if (Exit.isFailure(exit)) {
    const failure = failureOf(exit.cause)
    complainAs(world, json, failure.message)
    world.end(failure.code)
    return
  }
  const said = exit.value
  try {
    const text = json ? JSON.stringify(said.json, undefined, 2) : said.text
    if (text !== "") await world.print(`${text}\n`)
    if (said.note !== undefined && !json) world.complain(said.note)
    world.end(said.incomplete === true ? 1 : 0)
  } catch {
    // What was asked for is done; nobody has read what came of it.
    world.end(1)
  }
}
