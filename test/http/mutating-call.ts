import type { Client, Reply } from "../support/client.ts"

export interface Person {
  readonly id: string
  readonly email: string
  readonly password: string
  readonly client: Client
  readonly organizationId: string
}

/** One call, to be made with a key. */
export interface Call {
  readonly run: (key: string) => Promise<Reply>
  /** The same route and key with something else in it; undefined where nothing could differ. */
  readonly other?: (key: string) => Promise<Reply>
  /** How often it has been carried out so far. */
  readonly applied: () => Promise<number>
  /** What of the body says what was done, and not how things are by now. Default: all of it. */
  readonly lasting?: (body: unknown) => unknown
  /** The answer holds a secret. */
  readonly secret?: true
}

export type Prepare = (person: Person) => Promise<Call>
