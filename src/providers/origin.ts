import { createHash } from "node:crypto"
import type { ModelConfigId } from "../contract/ids.ts"
import type { ProviderConnection } from "./provider.ts"

/**
 * Who made a message, as text: `ENDPOINT/ACCOUNT`. The endpoint is a model config as it was then, with its model and base URL;
 * the account is the credential that was in force. Both are fingerprints, and the account's is keyed: neither gives a key away.
 */

export interface Endpoint {
  readonly modelConfigId: ModelConfigId
  readonly model: string
  readonly connection: Pick<ProviderConnection, "type" | "baseUrl">
}

/** @param account a keyed digest of the credential */
export const originOf = ({ connection, model, modelConfigId }: Endpoint, account: string): string => {
  const place = [modelConfigId, connection.type, connection.baseUrl.trim().replace(/\/+$/, ""), model]
  const endpoint = createHash("sha256").update(JSON.stringify(place)).digest("base64url").slice(0, 22)
  return `${endpoint}/${account}`
}

/** The part of an origin that stays when the credential changes. */
export const endpointOf = (origin: string): string => origin.slice(0, origin.indexOf("/"))

/**
 * What a message is to the one who is called now. `self`: made by it. `endpoint`: made there for another account, so that
 * nothing sealed is of use, while what is plain is. `stranger`: made elsewhere.
 */
export type Kinship = "self" | "endpoint" | "stranger"

/** Without origins on both sides, as within one call, all is of one making. */
export const kinship = (made: string | undefined, called: string | undefined): Kinship => {
  if (made === called) return "self"
  if (made === undefined || called === undefined) return "stranger"
  return endpointOf(made) === endpointOf(called) ? "endpoint" : "stranger"
}
