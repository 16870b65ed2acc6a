import { beforeAll, describe, expect, it } from "vitest"
import { AuthorizationResponse } from "../../../src/contract/roles.ts"
import { useChatServer } from "../../support/chat-server.ts"
import type { Client } from "../../support/client.ts"
import { addUser, joined, tokenFor } from "./people-client.ts"

/** What a deployment switches off for everybody, and what an organization says of who shares workspaces. */

const off = useChatServer({ TROUPE_OWNER_WORKSPACE_ACCESS: "off", TROUPE_WORKSPACE_SHARING: "off" })
const on = useChatServer()

const asks = async (who: Client, action: string, ownerId: string, organizationId: string) => {
  const object = { resource_type: "workspace", organization_id: organizationId, owner_id: ownerId }
  const answers = await who.expect(AuthorizationResponse, 200, "POST", "/authcheck", {
    body: { checks: { asked: { object, action } } },
  })
  return answers["asked"]
}

let home = ""
let other: { readonly id: string; readonly client: Client }
const people = async (server: typeof on) => {
  home = await server.client.organizationId()
  const { user, client } = await joined(server.client, "ann", server.url)
  other = { id: user.id, client }
}

describe("where owners are kept out of workspaces, and nothing is shared", () => {
  beforeAll(() => people(off))

  it.each(["ssh", "application_connect"])(
    "an owner has no %s in a workspace of somebody else, and has it in his own",
    async (action) => {
      expect(await asks(off.client, action, other.id, home)).toBe(false)
      expect(await asks(off.client, action, "me", home)).toBe(true)
      expect(await asks(other.client, action, "me", home)).toBe(true)
    },
  )

  it("an owner administers workspaces of others as before", async () => {
    for (const action of ["read", "update", "start", "stop", "delete"]) {
      expect(await asks(off.client, action, other.id, home)).toBe(true)
    }
  })

  it("nobody shares a workspace, an owner neither", async () => {
    expect(await asks(off.client, "share", "me", home)).toBe(false)
    expect(await asks(off.client, "share", other.id, home)).toBe(false)
    expect(await asks(other.client, "share", "me", home)).toBe(false)
    const { body } = await off.client.call("GET", `/organizations/${home}/settings/workspace-sharing`)
    expect(body).toMatchObject({ shareable_workspace_owners: "none", sharing_globally_disabled: true })
  })
})

describe("where nothing is switched off", () => {
  beforeAll(() => people(on))

  it("an owner enters workspaces of others, and nobody else does", async () => {
    expect(await asks(on.client, "ssh", other.id, home)).toBe(true)
    const { client: templates } = await joined(on.client, "tim", on.url, ["template-admin"])
    expect(await asks(templates, "read", other.id, home)).toBe(true)
    expect(await asks(templates, "ssh", other.id, home)).toBe(false)
    expect(await asks(templates, "application_connect", other.id, home)).toBe(false)
  })

  it("each mode of sharing counts at once for people and for service accounts", async () => {
    const bot = await addUser(on.client, "bot", { service_account: true, email: undefined, password: undefined })
    const { client: program } = await tokenFor(on.client, bot.id, on.url)
    const path = `/organizations/${home}/settings/workspace-sharing`
    const seen: Record<string, ReadonlyArray<boolean | undefined>> = {}
    for (const mode of ["none", "service_accounts", "everyone"]) {
      await on.client.call("PATCH", path, { body: { shareable_workspace_owners: mode } })
      seen[mode] = [await asks(other.client, "share", "me", home), await asks(program, "share", "me", home)]
    }
    expect(seen).toEqual({ none: [false, false], service_accounts: [false, true], everyone: [true, true] })
  })

  it("whether one may make a chat is asked of oneself, without an id", async () => {
    const check = (ownerId: string) => ({
      checks: {
        createChat: {
          object: { resource_type: "chat", owner_id: ownerId, organization_id: home },
          action: "create",
        },
      },
    })
    const answer = async (who: Client, ownerId: string) =>
      who.expect(AuthorizationResponse, 200, "POST", "/authcheck", { body: check(ownerId) })
    expect(await answer(other.client, "me")).toEqual({ createChat: true })
    expect(await answer(on.client, other.id)).toEqual({ createChat: false })
    await on.client.call("PUT", `/organizations/${home}/members/${other.id}/roles`, { body: { roles: [] } })
    expect(await answer(other.client, "me")).toEqual({ createChat: false })
  })
})
