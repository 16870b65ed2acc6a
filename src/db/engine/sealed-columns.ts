/**
 * Every column that holds a secret, as an envelope of the encryption. One list: a secret cannot be encrypted for another place,
 * and what rotates, counts and looks for lost keys goes by it. A place is the column's name here and the id of the row.
 */
export const SEALED = {
  "providers:api_key": {
    table: "providers",
    column: "api_key",
    live: "not deleted",
    holds: "API keys of providers",
  },
} as const satisfies Readonly<Record<string, SealedColumn>>

/** The table has a primary key `id` of the type uuid. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** Of which rows the secret is still needed: a condition. Others do not keep a server from starting. */
  readonly live: string
  /** For people, in the plural. */
  readonly holds: string
}

export type SealedName = keyof typeof SEALED
export type SecretPlace = `${SealedName}:${string}`

export const sealedColumns = Object.entries(SEALED) as ReadonlyArray<readonly [SealedName, SealedColumn]>

export const placeIn = (name: SealedName, id: string): SecretPlace => `${name}:${id}`
