import { expect, it } from "vitest"
import { permissionsOf, reachOf, ticksOf } from "./role-grants.ts"

const on = (resource_type: string, action: string, negate = false) => ({ negate, resource_type, action })
const none = {
  site_permissions: [],
  user_permissions: [],
  organization_permissions: [],
  organization_member_permissions: [],
}

it("says how far a role reaches as the policy judges: the wider level first, a refusal before what is allowed", () => {
  const role = {
    ...none,
    organization_permissions: [on("chat", "read"), on("workspace", "read", true), on("workspace", "read")],
    organization_member_permissions: [on("chat", "read", true), on("chat", "create"), on("group", "read", true)],
  }
  const reach = (type: string, action: string) => reachOf(role, "organization", type, action)
  expect([reach("chat", "read"), reach("workspace", "read"), reach("chat", "create"), reach("group", "read")]).toEqual([
    "all",
    "never",
    "own",
    "never",
  ])
  expect(reach("chat", "update")).toBeUndefined()
  expect(reachOf(role, "site", "chat", "read")).toBeUndefined()
  expect(reachOf({ ...none, user_permissions: [on("user", "read")] }, "site", "user", "read")).toBe("own")
})

it("keeps everything that a role says through the ticks of the editor", () => {
  const role = {
    organization_permissions: [on("chat", "read"), on("workspace", "delete", true)],
    organization_member_permissions: [on("chat", "create"), on("workspace", "share", true)],
  }
  expect(permissionsOf(ticksOf(role))).toEqual(role)
})
