import type { Page } from "playwright-core"
import { beforeAll, describe, expect, it } from "vitest"
import { axeFaults, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"
import { addUser, joined, PASSWORD } from "../http/people/people-client.ts"

/** Who sees which pages of the administration; and how they look. */

const server = useServerProcess()
const browser = useBrowser(/status of 40[34] .*\/api\/v2\/(users|groups|organizations)\/00000000/)
let owner: Client
let ids: { readonly ada: string; readonly bot: string; readonly group: string; readonly organization: string }

const NOWHERE = "00000000-0000-4000-8000-000000000000"

const madeId = async (method: string, path: string, body: unknown): Promise<string> => {
  const reply = await owner.call(method, path, { body })
  if (reply.status !== 201) throw new Error(`${path} answered ${reply.status}`)
  return (reply.body as { readonly id: string }).id
}

beforeAll(async () => {
  owner = await Client.signIn(server.url)
  const ada = await addUser(owner, "ada", { name: "Ada Lovelace" })
  await joined(owner, "grace", server.url, ["user-admin"])
  await joined(owner, "alan", server.url, ["auditor"])
  await addUser(owner, "edsger", { name: "Edsger Dijkstra" })
  await owner.call("PUT", "/users/edsger/status/suspend")
  for (let index = 0; index < 60; index += 1) {
    await owner.call("POST", "/users", { body: { username: `bot-${index}`, service_account: true } })
  }
  const bot = await madeId("POST", "/users", { username: "triage", service_account: true, name: "Sorts new issues" })
  const group = await madeId("POST", "/organizations/default/groups", { name: "compilers", display_name: "Compilers" })
  await owner.call("PATCH", `/groups/${group}`, { body: { add_users: [ada.id] } })
  const organization = await madeId("POST", "/organizations", { name: "research", display_name: "Research" })
  await owner.call("POST", "/organizations/research/members/ada")
  await owner.call("POST", "/organizations/default/members/roles", {
    body: {
      name: "chat-reader",
      display_name: "Chat reader",
      organization_permissions: [{ negate: false, resource_type: "chat", action: "read" }],
    },
  })
  await owner.call("POST", `/users/${bot}/keys/tokens`, { body: { token_name: "hook" } })
  ids = { ada: ada.id, bot, group, organization }
})

const openAs = async (who: string): Promise<Page> => {
  const page = await browser.open(server.url)
  await signIn(page, { email: `${who}@example.com`, password: PASSWORD })
  await page.goto(`${server.url}/settings/account`)
  await page.getByRole("form", { name: "Who you are" }).waitFor()
  return page
}
/** What stands after one's own pages and those for programs. */
const administration = async (page: Page) => {
  const links = await page.getByRole("navigation", { name: "Settings" }).getByRole("link").allInnerTexts()
  const titles = links.map((title) => title.trim())
  return titles.slice(titles.indexOf("API") + 1)
}

it("a member sees none of it, and is told kindly where a link leads there", async () => {
  const page = await openAs("ada")
  for (const [path, title] of [
    ["users", "Only administrators see the accounts"],
    ["service-accounts", "Only administrators see the accounts"],
    [`users/${ids.bot}`, "Only administrators see the accounts"],
    ["groups", "Only administrators see the groups"],
    [`groups/${ids.group}`, "Only administrators see the groups"],
    ["organizations", "Only administrators see the organizations"],
    [`organizations/${ids.organization}`, "Only administrators see the organizations"],
    ["roles", "Only administrators see the roles"],
  ] as const) {
    await page.goto(`${server.url}/settings/${path}`)
    await page.getByText(title).waitFor()
  }
  expect(await administration(page)).toEqual([])
  await browser.picture(page, "people-refused")
  await page.context().close()
})

it("a user admin makes accounts and changes them, and gives no roles of the deployment", async () => {
  const page = await openAs("grace")
  await expect
    .poll(() => administration(page))
    .toEqual(["Users", "Service accounts", "Groups", "Organizations", "Roles"])
  await page.goto(`${server.url}/settings/users`)
  await page.getByRole("button", { name: "New user" }).click()
  await page.getByLabel("Agents access").waitFor()
  expect(await page.getByLabel("Auditor").count()).toBe(0)
  await page.goto(`${server.url}/settings/users/${ids.ada}`)
  await page.getByRole("form", { name: "Profile" }).waitFor()
  const roles = page.getByRole("form", { name: "Roles of the deployment" })
  await roles.getByText("Only owners give roles of the deployment.").first().waitFor()
  await expect.poll(() => roles.getByRole("checkbox").first().isDisabled()).toBe(true)
  expect(await page.getByRole("region", { name: "API tokens" }).count()).toBe(0)
  await page.goto(`${server.url}/settings/organizations/${ids.organization}`)
  await page.getByRole("combobox", { name: "Add a member" }).waitFor()
  expect(await page.getByRole("form", { name: "About the organization" }).count()).toBe(0)
  await page.getByRole("button", { name: "Actions for ada" }).click()
  await page.getByRole("menuitem", { name: "Change roles" }).click()
  // Of the roles there he gives the one that delegates work, and no other.
  await expect.poll(() => page.getByLabel("Agents access").isDisabled()).toBe(false)
  await expect.poll(() => page.getByLabel("Organization admin", { exact: true }).isDisabled()).toBe(true)
  await page.context().close()
})

it("an auditor reads all of it and changes nothing", async () => {
  const page = await openAs("alan")
  await expect
    .poll(() => administration(page))
    .toEqual(["Users", "Service accounts", "Groups", "Organizations", "Roles", "Audit log"])
  await page.goto(`${server.url}/settings/users`)
  await page.getByRole("link", { name: /Ada Lovelace/ }).waitFor()
  expect(await page.getByRole("button", { name: "New user" }).count()).toBe(0)
  await page.getByRole("button", { name: "Actions for ada" }).click()
  await expect.poll(() => page.getByRole("menuitem").allInnerTexts()).toEqual(["Open"])
  await page.getByRole("menuitem", { name: "Open" }).click()
  await page.getByRole("region", { name: "Organizations" }).getByText("Agents access").first().waitFor()
  expect(await page.getByRole("form", { name: "Profile" }).count()).toBe(0)
  expect(await page.getByRole("region", { name: "Danger zone" }).count()).toBe(0)
  await page.goto(`${server.url}/settings/groups/${ids.group}`)
  await page.getByRole("region", { name: "Members of the group" }).getByText("Ada Lovelace").waitFor()
  expect(await page.getByRole("button", { name: /^Remove/ }).count()).toBe(0)
  await page.goto(`${server.url}/settings/roles`)
  await page.getByRole("columnheader", { name: "Chat reader" }).waitFor()
  expect(await page.getByRole("button", { name: "New role" }).count()).toBe(0)
  await page.context().close()
})

it("pages through long lists by the address", async () => {
  const page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.goto(`${server.url}/settings/service-accounts`)
  await page.getByText("1 to 50 of 61").waitFor()
  await page.getByRole("button", { name: "Next page" }).click()
  await page.getByText("51 to 61 of 61").waitFor()
  await expect.poll(() => new URL(page.url()).search).toBe("?page=2")
  await expect.poll(() => page.getByRole("button", { name: "Next page" }).isDisabled()).toBe(true)
  await page.getByRole("link", { name: /Sorts new issues/ }).click()
  await page.getByRole("heading", { name: "Sorts new issues" }).waitFor()
  await page.goBack()
  await page.getByText("51 to 61 of 61").waitFor()
  await page.context().close()
})

it("what is not there is said in its place", async () => {
  const page = await browser.open(server.url)
  await signIn(page, OWNER)
  for (const [path, title] of [
    ["users", "There is no such account"],
    ["groups", "There is no such group"],
    ["organizations", "There is no such organization"],
  ] as const) {
    await page.goto(`${server.url}/settings/${path}/${NOWHERE}`)
    await page.getByText(title).waitFor()
    await expect.poll(() => page.getByRole("alert").count()).toBe(0)
  }
  await page.context().close()
})

describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
  it.each([
    ["wide", { width: 1280, height: 800 }],
    ["390 px wide", { width: 390, height: 844 }],
  ])(
    "every page is accessible and fits, %s",
    async (_, viewport) => {
      const touch = viewport.width === 390
      const page = await browser.open(server.url, { colorScheme, viewport, touch })
      await page.getByLabel("Email").fill(OWNER.email)
      await page.getByLabel("Password").fill(OWNER.password)
      await page.getByRole("button", { name: "Sign in" }).click()
      await page.waitForURL(/\/agents$/)
      const check = async (title: string) => {
        await browser.picture(page, `${title}-${colorScheme}-${viewport.width}`)
        expect([title, await axeFaults(page)]).toEqual([title, []])
        const width = await page.locator("html").evaluate((root) => root.scrollWidth)
        expect([title, width]).toEqual([title, viewport.width])
      }
      const look = async (path: string, title: string, shown: RegExp | string) => {
        await page.goto(`${server.url}/settings/${path}`)
        await page.getByText(shown).first().waitFor()
        await check(title)
      }
      await look("users", "people-users", "Ada Lovelace")
      await page.getByRole("button", { name: "New user" }).click()
      await page.getByText("In the whole deployment").waitFor()
      await check("people-new-user")
      await look("service-accounts", "people-service-accounts", "1 to 50 of 61")
      await page.getByRole("button", { name: "Actions for bot-0" }).click()
      await page.getByRole("menuitem", { name: "Make an API token" }).waitFor()
      await check("people-row-menu")
      await page.getByRole("menuitem", { name: "Delete" }).click()
      await page.getByRole("dialog").getByText("This cannot be taken back.").waitFor()
      await check("people-delete")
      await look(`users/${ids.ada}`, "people-user", "Danger zone")
      await look(`users/${ids.bot}`, "people-service-account", "hook")
      await look("groups", "people-groups", "Compilers")
      await look(`groups/${ids.group}`, "people-group", "Ada Lovelace")
      const picker = page.getByRole("combobox", { name: "Add a member" })
      await picker.click()
      await picker.fill("e")
      await page.getByRole("option", { name: /Edsger/ }).waitFor()
      await check("people-picker")
      await look("organizations", "people-organizations", "Research")
      await look(`organizations/${ids.organization}`, "people-organization", "Service accounts only")
      await page.getByRole("button", { name: "Actions for ada" }).click()
      await page.getByRole("menuitem", { name: "Change roles" }).click()
      await page.getByLabel("Agents access").waitFor()
      await check("people-member-roles")
      await look("roles", "people-roles", "Send and edit messages")
      await page.getByRole("button", { name: "Change chat-reader" }).click()
      await page.getByRole("form", { name: "Change Chat reader" }).waitFor()
      await check("people-role")
      await page.context().close()
    },
    300_000,
  )
})
