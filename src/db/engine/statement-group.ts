import pg from "pg"
import { typeParsers } from "./types.ts"

/** What `pg` has of a query beside its types: a group hands each answer of the server to the query that it is for. */
interface AnsweredQuery {
  readonly text: string
  readonly name: string | undefined
  readonly prepare: (connection: pg.Connection) => void
  readonly handleRowDescription: (message: unknown) => void
  readonly handleDataRow: (message: unknown) => void
  readonly handleCommandComplete: (message: unknown, connection: pg.Connection) => void
  readonly handleReadyForQuery: (connection: pg.Connection) => void
}

declare module "pg" {
  interface Query extends AnsweredQuery {}
  interface Connection {
    readonly submittedNamedStatements: Record<string, string>
  }
  interface Client {
    /** As the server last said: idle, within a transaction, or within one that has failed. */
    getTransactionStatus(): "I" | "T" | "E" | null
  }
}

export interface GroupedStatement {
  readonly text: string
  readonly values: ReadonlyArray<unknown>
}

export type Rows = ReadonlyArray<object>

/**
 * Statements that are one transaction and one round trip: all are sent, then one Sync, at which the server commits them all or, when
 * one has failed, none (PostgreSQL, 54.2.3 "Extended Query"). They are sent to an idle server in one write and written to its log in
 * one flush, which is most of what a small commit costs.
 *
 * To be given to `query` of a client; the callback there is told of the end.
 */
export class StatementGroup implements pg.Submittable {
  readonly statements: ReadonlyArray<GroupedStatement>
  readonly #rows: Array<Rows> = []
  #queries: ReadonlyArray<pg.Query> = []
  #at = 0
  #failure: unknown
  #nameOf: (text: string) => string | undefined = () => undefined
  /** Set by the client. */
  callback: ((error: unknown, rows?: ReadonlyArray<Rows>) => void) | undefined

  constructor(statements: ReadonlyArray<GroupedStatement>) {
    this.statements = statements
  }

  /** Of the statement whose answer is being read: the client notes by them what the connection has prepared. */
  get text(): string | undefined {
    return this.#queries[this.#at]?.text
  }
  get name(): string | undefined {
    return this.#queries[this.#at]?.name
  }

  /** Prepares the statements that have a name. Before it is given to the client. */
  prepareAs(nameOf: (text: string) => string | undefined): void {
    this.#nameOf = nameOf
  }

  readonly submit = (connection: pg.Connection): void => {
    this.#queries = this.statements.map(({ text, values }, at) => {
      const name = this.#nameOf(text)
      return new pg.Query(
        { text, values: [...values], types: typeParsers, ...(name !== undefined && { name }) },
        (error, result) => {
          if (error) this.#failure ??= error
          else this.#rows[at] = result.rows
        },
      )
    })
    // Each query would end with a Sync of its own.
    const open = Object.create(connection, { sync: { value: () => undefined } })
    connection.stream.cork()
    try {
      for (const query of this.#queries) query.prepare(open)
      connection.sync()
    } finally {
      connection.stream.uncork()
    }
  }

  handleRowDescription(message: unknown): void {
    this.#queries[this.#at]?.handleRowDescription(message)
  }

  handleDataRow(message: unknown): void {
    this.#queries[this.#at]?.handleDataRow(message)
  }

  handleCommandComplete(message: unknown, connection: pg.Connection): void {
    this.#queries[this.#at]?.handleCommandComplete(message, connection)
    this.#at += 1
  }

  /** One has failed, or the connection has: none of them holds, as far as the server could still say. */
  handleError(error: unknown, connection: pg.Connection): void {
    for (const { name } of this.#queries) if (name !== undefined) delete connection.submittedNamedStatements[name]
    this.callback?.(error)
  }

  handleReadyForQuery(connection: pg.Connection): void {
    for (const query of this.#queries) query.handleReadyForQuery(connection)
    if (this.#failure === undefined) this.callback?.(null, this.#rows)
    else this.callback?.(this.#failure)
  }
}
