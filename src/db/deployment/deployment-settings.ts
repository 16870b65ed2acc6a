import { Context, Effect, Either, Layer } from "effect"
import type { UserId } from "../../contract/ids.ts"
import type { Setting } from "../../contract/define-setting.ts"
import { refreshed } from "../engine/refreshed.ts"
import { afterTransaction } from "../engine/transaction.ts"
import { SiteConfigs } from "./site-configs.ts"

/** How long a change made by another replica may go unnoticed. This one's own count at once. */
const OTHERS_CHANGES_MS = 2000

/** A setting as it counts. */
export interface Found<Value> {
  readonly value: Value
  /** Something else is stored, which cannot be read. */
  readonly isMalformed: boolean
}

/** What was stored at one time, and what has been made of it so far. */
interface Read {
  readonly stored: ReadonlyMap<string, unknown>
  /** By setting; what stands beside one was found with it. */
  readonly found: Map<Pick<Setting<unknown>, "decode">, Found<unknown>>
}

const make = Effect.gen(function* () {
  const configs = yield* SiteConfigs
  const load = Effect.map(configs.all, (stored): Read => ({ stored, found: new Map() }))
  const { read: latest, forget } = yield* refreshed(load, OTHERS_CHANGES_MS)
  /** By key, the text of what could not be read: a line of the log for each, not for each time that it is read. */
  const told = new Map<string, string>()
  const listeners = new Map<string, Array<Effect.Effect<void>>>()

  const tell = (key: string, stored: unknown, fields: ReadonlyArray<string>) =>
    Effect.suspend(() => {
      const text = JSON.stringify(stored)
      if (told.get(key) === text) return Effect.void
      told.set(key, text)
      return Effect.logWarning(
        `The setting ${key} is stored in a form that cannot be read (${fields.join(", ")}), so another value counts. Save it anew in the settings.`,
      )
    })

  const decode = <Value>(setting: Setting<Value>, stored: ReadonlyMap<string, unknown>) =>
    Effect.gen(function* () {
      const { key } = setting
      if (!stored.has(key)) return { value: setting.default, isMalformed: false }
      const decoded = setting.decode(stored.get(key))
      if (Either.isRight(decoded)) {
        told.delete(key)
        return { value: decoded.right, isMalformed: false }
      }
      yield* tell(key, stored.get(key), decoded.left)
      return { value: setting.unreadable, isMalformed: true }
    })

  const find = Effect.fnUntraced(function* <Value>(setting: Setting<Value>) {
    const { stored, found } = yield* latest
    const known = found.get(setting)
    // Put there by this very setting.
    if (known !== undefined) return known as Found<Value>
    const made: Found<Value> = yield* decode(setting, stored)
    found.set(setting, made)
    return made
  })

  const write = Effect.fnUntraced(function* <Value>(setting: Setting<Value>, value: Value, userId: UserId) {
    yield* configs.write(setting.key, setting.encode(value), userId)
    yield* afterTransaction(
      Effect.suspend(() => Effect.all([forget, ...(listeners.get(setting.key) ?? [])], { discard: true })),
    )
  })

  const lock = Effect.fnUntraced(function* <Value>(setting: Setting<Value>) {
    const stored = yield* configs.lock(setting.key)
    return (yield* decode(setting, new Map(stored === undefined ? [] : [[setting.key, stored]]))).value
  })

  const onWritten = <Value>({ key }: Setting<Value>, listener: Effect.Effect<void>) =>
    Effect.sync(() => void listeners.set(key, [...(listeners.get(key) ?? []), listener]))

  return {
    find,
    read: <Value>(setting: Setting<Value>) => Effect.map(find(setting), ({ value }) => value),
    lock,
    write,
    onWritten,
  }
})

/** The settings of the deployment, each as `defineSetting` has made it. All of them share one reading of the database. */
export class DeploymentSettings extends Context.Tag("troupe/DeploymentSettings")<
  DeploymentSettings,
  {
    /** The value that counts; costs no query in most cases. */
    readonly read: <Value>(setting: Setting<Value>) => Effect.Effect<Value>
    /** The same, for those who want to know whether it is what was stored. */
    readonly find: <Value>(setting: Setting<Value>) => Effect.Effect<Found<Value>>
    /** The value that counts, asked of the database; until the transaction ends nobody else changes it. */
    readonly lock: <Value>(setting: Setting<Value>) => Effect.Effect<Value>
    /** People change a setting by way of `SettingChanges`, which writes it down. */
    readonly write: <Value>(setting: Setting<Value>, value: Value, userId: UserId) => Effect.Effect<void>
    /** Does something after each change that is made by way of this process. */
    readonly onWritten: <Value>(setting: Setting<Value>, listener: Effect.Effect<void>) => Effect.Effect<void>
  }
>() {
  static readonly layer = Layer.scoped(DeploymentSettings, make)
}
