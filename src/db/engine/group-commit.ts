import { TransactionConnection } from "@effect/sql/SqlClient"
import { SqlError } from "@effect/sql/SqlError"
import type { Statement } from "@effect/sql/Statement"
import { Context, Effect, Layer, Option } from "effect"
import type pg from "pg"
import { Database } from "./client.ts"
import { isAsked } from "./sql-errors.ts"
import { type GroupedStatement, type Rows, StatementGroup } from "./statement-group.ts"

/**
 * Commits of different chats that wait at the same time are sent together, see `StatementGroup`. One that nobody waits beside is
 * sent at once and alone, so a quiet server loses nothing by it.
 */

/** Groups on their way at the same time. With more, each would be smaller, and the server woken more often. */
const LANES = 2

const MOST_STATEMENTS = 16
/** Of values. What is larger takes its time on the wire, and would keep the others waiting. */
const MOST_CHARACTERS = 256 * 1024

/** A member that waits for a row holds the rows of all others: after this the group is given up, and each tried alone. */
const LOCK_TIMEOUT_MS = 50

/** A lane from which nothing is heard for so long does not count as one: whatever holds it must not hold the commits that follow. */
const STUCK_MS = 50

const lockTimeout: GroupedStatement = {
  text: "select set_config('lock_timeout', $1, true)",
  values: [`${LOCK_TIMEOUT_MS}ms`],
}

interface Waiting extends GroupedStatement {
  readonly characters: number
  readonly committed: (rows: Rows) => void
  readonly failed: (error: SqlError) => void
  /** The group failed for one of its members. */
  readonly alone: () => void
}

const isPlain = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean"

const charactersOf = (values: ReadonlyArray<unknown>): number =>
  values.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), 0)

const failure = (cause: unknown, message = "Failed to execute statement") => new SqlError({ cause, message })

class Lanes {
  readonly #pool: pg.Pool
  readonly #waiting: Array<Waiting> = []
  #open = 0

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting)
    this.#openLane()
  }

  /** Takes back what has not been sent. */
  remove(waiting: Waiting): void {
    const at = this.#waiting.indexOf(waiting)
    if (at >= 0) this.#waiting.splice(at, 1)
  }

  #openLane(): void {
    if (this.#open >= LANES || this.#waiting.length === 0) return
    this.#open += 1
    this.#pool.connect((error, client, release) => {
      if (client !== undefined) return this.#send(client, release)
      this.#open -= 1
      for (const { failed } of this.#waiting.splice(0)) failed(failure(error, "Failed to acquire connection"))
    })
  }

  #takeGroup(): ReadonlyArray<Waiting> {
    let characters = 0
    let count = 0
    for (const next of this.#waiting) {
      characters += next.characters
      if (count > 0 && (count === MOST_STATEMENTS || characters > MOST_CHARACTERS)) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  #send(client: pg.PoolClient, release: (error?: Error) => void): void {
    const group = this.#takeGroup()
    const [first] = group
    if (first === undefined) {
      this.#open -= 1
      return release()
    }
    let stuck = false
    const timer = setTimeout(() => {
      stuck = true
      this.#open -= 1
      this.#openLane()
    }, STUCK_MS)
    const ended = () => {
      clearTimeout(timer)
      if (stuck) release()
      else this.#send(client, release)
    }
    const broken = (cause: Error) => {
      clearTimeout(timer)
      if (!stuck) this.#open -= 1
      release(cause)
      this.#openLane()
    }
    if (group.length === 1) this.#sendOne(client, first, ended, broken)
    else this.#sendAll(client, group, ended, broken)
  }

  #sendOne(client: pg.PoolClient, one: Waiting, ended: () => void, broken: (cause: Error) => void): void {
    client.query(one.text, [...one.values], (error, result) => {
      if (!error) one.committed(result.rows)
      else one.failed(failure(error))
      if (!error || isAsked(error)) ended()
      else broken(error)
    })
  }

  #sendAll(
    client: pg.PoolClient,
    group: ReadonlyArray<Waiting>,
    ended: () => void,
    broken: (cause: Error) => void,
  ): void {
    const answered = (error: Error | null, rows: ReadonlyArray<Rows> = []) => {
      if (!error) {
        group.forEach(({ committed }, at) => committed(rows[at + 1] ?? []))
        return ended()
      }
      if (isAsked(error)) {
        for (const { alone } of group) alone()
        return ended()
      }
      for (const { failed } of group) failed(failure(error))
      broken(error)
    }
    Reflect.apply(client.query, client, [new StatementGroup([lockTimeout, ...group]), answered])
  }
}

export class GroupCommit extends Context.Tag("troupe/GroupCommit")<
  GroupCommit,
  {
    /**
     * Carries out one statement that is a transaction of its own, together with those of others that wait just now. One that fails
     * leaves the others as they were. Within a transaction it is a part of that.
     */
    readonly run: <A extends object>(statement: Statement<A>) => Effect.Effect<ReadonlyArray<A>, SqlError>
  }
>() {
  static readonly layer = Layer.effect(
    GroupCommit,
    Effect.map(Database, ({ pool }) => {
      const lanes = new Lanes(pool)
      const together = <A extends object>(statement: Statement<A>): Effect.Effect<ReadonlyArray<A>, SqlError> =>
        Effect.flatten(
          Effect.async<Effect.Effect<ReadonlyArray<A>, SqlError>, SqlError>((resume) => {
            const [text, values] = statement.compile()
            if (!values.every(isPlain)) return resume(Effect.succeed(statement))
            const waiting: Waiting = {
              text,
              values,
              characters: charactersOf(values),
              // What a row holds is the statement's word, as in all of `@effect/sql`.
              committed: (rows) => resume(Effect.succeed(Effect.succeed(rows as ReadonlyArray<A>))),
              failed: (error) => resume(Effect.fail(error)),
              alone: () => resume(Effect.succeed(statement)),
            }
            lanes.add(waiting)
            return Effect.sync(() => lanes.remove(waiting))
          }),
        )
      const run = <A extends object>(statement: Statement<A>): Effect.Effect<ReadonlyArray<A>, SqlError> =>
        Effect.contextWithEffect((context: Context.Context<never>) =>
          Option.isSome(Context.getOption(context, TransactionConnection)) ? statement : together(statement),
        )
      return { run }
    }),
  )
}
