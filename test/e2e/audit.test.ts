import { readFileSync } from "node:fs"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { addUser, joined, PASSWORD, tokenFor } from "../http/people/people-client.ts"
import { axeFaults, LOST_SERVER, type PageOptions, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** Somebody looks up what was changed, by whom, and takes it along. */

const server = useServerProcess()
/** A search that means nothing, and what is asked while the network is cut. */
const browser = useBrowser(/status of 400 .*\/api\/v2\/audit/, LOST_SERVER)
let owner: Client
let page: Page

/** Entries beyond the first page. */
const MANY = 60

const open = async (
  path: string,
  who: { readonly email: string; readonly password: string },
  options: PageOptions = {},
) => {
  const opened = await browser.open(`${server.url}${path}`, options)
  await opened.getByLabel("Email").fill(who.email)
  await opened.getByLabel("Password").fill(who.password)
  await opened.getByRole("button", { name: "Sign in" }).click()
  await opened.getByRole("heading", { level: 1 }).waitFor()
  return opened
}
const person = (username: string) => ({ email: `${username}@example.com`, password: PASSWORD })

beforeAll(async () => {
  owner = await Client.signIn(server.url)
  for (let index = 0; index < MANY; index += 1) {
    await owner.call("POST", "/organizations/default/groups", { body: { name: `group-${index}` } })
  }
  await joined(owner, "aud", server.url, ["auditor"])
  await joined(owner, "mem", server.url)
  await owner.call("POST", "/organizations", { body: { name: "apart", display_name: "Apart" } })
  await addUser(owner, "oda")
  await owner.call("POST", "/organizations/apart/members/oda")
  await owner.call("PUT", "/organizations/apart/members/oda/roles", { body: { roles: ["organization-admin"] } })
  const bob = await addUser(owner, "bob")
  await owner.call("PUT", `/users/${bob.id}/profile`, { body: { username: "bob", name: "=cmd|' /C calc'!A0" } })
  await owner.call("PUT", `/users/${bob.id}/password`, { body: { password: "another long password" } })
  await owner.call("PUT", `/users/${bob.id}/status/suspend`)
  const token = await tokenFor(owner, "me", server.url, { token_name: "deploy" })
  const chat = await token.client.createChat("A secret plan")
  await owner.call("PATCH", `/chats/${chat.id}`, { body: { title: "Another secret plan" } })
  page = await open("/settings/audit", OWNER)
}, 120_000)
afterAll(() => page.context().close())

const rows = (at = page) => at.locator("tbody tr[data-row]")
const what = (at = page) => at.locator("tbody tr[data-row] td:nth-of-type(2)")
const search = (at = page) => at.getByRole("searchbox", { name: "Search the audit log" })
const count = (at = page) => at.getByRole("status").filter({ hasText: /entr(y|ies)/ })
const find = async (q: string) => {
  await search().fill(q)
  await expect.poll(() => new URL(page.url()).searchParams.get("q") ?? "").toBe(q)
  await page.locator("[role=region][aria-busy=true]").waitFor({ state: "detached" })
}

describe("the log", () => {
  it("says who did what to whom, and leads to it", async () => {
    await find("resource_type:user resource_target:bob")
    await expect
      .poll(() => what().allInnerTexts())
      .toEqual([
        "suspended the user bob",
        "changed the password of the user bob",
        "changed the user bob",
        "added the user bob",
      ])
    await expect.poll(() => rows().first().innerText()).toContain(OWNER.username)
    await rows().first().getByRole("link", { name: "bob" }).click()
    await page.getByRole("heading", { level: 1, name: /cmd|bob/ }).waitFor()
    await page.goBack()
    await expect.poll(() => rows().count()).toBe(4)
    await find("resource_type:chat")
    await expect.poll(() => what().first().innerText()).toMatch(/^renamed the chat [0-9a-f]{8}$/)
    await expect.poll(() => page.locator("main, body").first().innerText()).not.toContain("secret plan")
  })

  it("is gone through by keyboard: a line opens, shows what was and is, and its request is copied", async () => {
    await find("resource_type:user resource_target:bob action:write")
    await expect.poll(() => rows().count()).toBe(3)
    await search().focus()
    const line = rows().nth(1).getByRole("button")
    // Over the filters into the table, which is one stop; down to the second line.
    for (
      let step = 0;
      step < 12 &&
      !(await rows()
        .first()
        .getByRole("button")
        .evaluate((e) => e === e.ownerDocument.activeElement));
      step += 1
    )
      await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect.poll(() => line.getAttribute("aria-expanded")).toBe("true")
    const change = page.getByRole("table", { name: "What was changed" })
    await expect.poll(() => change.getByRole("row").last().innerText()).toMatch(/Password\s+changed/)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect.poll(() => change.last().innerText()).toMatch(/Name\s+nothing\s+=cmd/)
    await expect.poll(() => page.getByRole("button", { name: "Copy the request id" }).count()).toBe(2)
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "audit-open-light")
  })

  it("is narrowed by its filters, which write into the search, and one entry has an address", async () => {
    await find("")
    await page.getByRole("button", { name: "Thing" }).press("Enter")
    await page.getByRole("menuitemradio", { name: "API token" }).click()
    await expect.poll(() => search().inputValue()).toBe("resource_type:api_key")
    await expect.poll(() => what().allInnerTexts()).toEqual(["added the API token deploy"])
    await page.getByRole("button", { name: "Who" }).press("Enter")
    await page.getByRole("combobox", { name: "Changes by" }).fill("aud")
    await expect.poll(() => page.getByRole("option").allInnerTexts()).toEqual([expect.stringContaining("aud")])
    await page.getByRole("option").click()
    await expect.poll(() => search().inputValue()).toBe("resource_type:api_key username:aud")
    await page.getByText("No entries match this search.").waitFor()
    await page.getByRole("button", { name: "Clear the search" }).click()
    await page.getByRole("button", { name: "When" }).press("Enter")
    await page.getByLabel("Last day").fill("2001-01-31")
    await expect.poll(() => search().inputValue()).toBe("date_to:2001-02-01")
    await page.keyboard.press("Escape")
    await page.getByText("No entries match this search.").waitFor()

    await find("resource_type:api_key")
    await rows().first().getByRole("button").click()
    const id = await page
      .getByText(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)
      .last()
      .innerText()
    await page.getByRole("button", { name: "Copy the link to this entry" }).waitFor()
    await page.goto(`${server.url}/settings/audit?q=id:${id}`)
    await expect.poll(() => rows().count()).toBe(1)
    await expect.poll(() => rows().first().getByRole("button").getAttribute("aria-expanded")).toBe("true")
  })

  it("says what of a search means nothing", async () => {
    await search().fill("colour:red")
    await page.getByText("colour is no key of this search.").waitFor()
    await page.getByRole("button", { name: "Clear the search" }).click()
    await expect.poll(() => rows().count()).toBe(50)
  })

  it("is paged so that what is new moves nothing, and shows it when asked", async () => {
    await find("resource_type:group")
    await expect.poll(() => rows().count()).toBe(50)
    await owner.call("POST", "/organizations/default/groups", { body: { name: "came-meanwhile" } })
    await page.getByRole("button", { name: "Show older ones" }).press("Enter")
    await expect.poll(() => count().innerText()).toContain(`${MANY} entries, all there are`)
    const named = async () => (await what().allInnerTexts()).map((text) => /group \S+/.exec(text)?.[0])
    await expect.poll(async () => new Set(await named()).size).toBe(MANY)
    await page.getByRole("button", { name: "Look again" }).press("Enter")
    await expect.poll(() => what().first().innerText()).toBe("added the group came-meanwhile in default")
  })

  it("is taken along as a table that no spreadsheet runs, and as lines: what was searched for, all of it", async () => {
    await find("resource_type:group")
    const saved = async (kind: string) => {
      await page.getByRole("button", { name: "Export" }).press("Enter")
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("menuitem", { name: kind }).press("Enter"),
      ])
      return { name: download.suggestedFilename(), text: readFileSync(await download.path(), "utf8") }
    }
    const lines = await saved("As lines of JSON")
    expect([lines.name, lines.text.trim().split("\n").length]).toEqual(["audit-log.jsonl", MANY + 1])
    await find("resource_target:bob")
    const table = await saved("As a table (CSV)")
    expect(table.name).toBe("audit-log.csv")
    expect(table.text.trim().split("\r\n")).toHaveLength(1 + 5)
    expect(table.text).not.toMatch(/(^|,|\n)"[=+@-]/)
  })

  it("is kept for as long as an owner says, who is asked first", async () => {
    await page.getByRole("button", { name: "Entries are kept for ever" }).press("Enter")
    await page.getByRole("menuitemradio", { name: "Kept 1 year" }).click()
    await expect
      .poll(() => page.getByRole("dialog").innerText())
      .toMatch(/Keep the audit log 1 year\?[^]*cannot be brought back/)
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("button", { name: "Remove older ones" }).press("Enter")
    await page.getByRole("button", { name: "Entries are kept 1 year" }).waitFor()
    await find("resource_type:deployment_setting")
    await expect.poll(() => what().first().innerText()).toBe("changed the setting audit_retention")
  })

  it("shows how far an export is, and stops it", async () => {
    await page.route("**/api/v2/audit/export*", () => undefined)
    await page.getByRole("button", { name: "Export" }).press("Enter")
    await page.getByRole("menuitem", { name: "As lines of JSON" }).press("Enter")
    await expect.poll(() => page.getByText(/^Exporting/).innerText()).toBe("Exporting, 0 kB")
    await page.getByRole("button", { name: "Stop" }).press("Enter")
    await expect.poll(() => page.getByText(/^Exporting/).count()).toBe(0)
    await page.getByRole("button", { name: "Export" }).waitFor()
    await page.unroute("**/api/v2/audit/export*")
  })

  it("says so when the server is away, and goes on when it is back", async () => {
    await page.context().setOffline(true)
    await search().fill("action:delete")
    await page.getByText("You are offline", { exact: true }).waitFor()
    await page.context().setOffline(false)
    await page.getByText("No entries match this search.").waitFor()
    // The server is away, which the browser does not know.
    await page.route("**/api/v2/audit?*", (route) => route.abort())
    await search().fill("action:delete resource_type:chat")
    await page.getByText("The audit log could not be loaded").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await page.unroute("**/api/v2/audit?*")
    await page.getByRole("button", { name: "Try again" }).press("Enter")
    await page.getByText("No entries match this search.").waitFor()
  })
})

describe("who may read it", () => {
  it("an auditor all of it", async () => {
    const auditor = await open("/settings/audit", person("aud"), { colorScheme: "dark" })
    await expect.poll(() => rows(auditor).count()).toBe(50)
    await auditor.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Audit log" }).waitFor()
    expect(await axeFaults(auditor)).toEqual([])
    await browser.picture(auditor, "audit-dark")
    await auditor.context().close()
  })

  it("an administrator of an organization what is its, on a phone", async () => {
    const phone = await open("/settings/audit", person("oda"), { viewport: { width: 390, height: 844 }, touch: true })
    await expect
      .poll(async () => (await rows(phone).allInnerTexts()).map((text) => /(changed|added) .*$/.exec(text)?.[0]))
      .toEqual([
        "changed the roles of the member oda in apart",
        "added the member oda in apart",
        "added the organization apart",
      ])
    await rows(phone).first().getByRole("button").tap()
    await phone.getByRole("table", { name: "What was changed" }).waitFor()
    expect(await axeFaults(phone)).toEqual([])
    expect(await phone.locator("html").evaluate(({ scrollWidth }) => scrollWidth)).toBe(390)
    await browser.picture(phone, "audit-phone")
    await phone.context().close()
  })

  it("a member nothing, and is told whom to ask", async () => {
    const member = await open("/settings/audit", person("mem"))
    await member.getByText("Only owners, auditors and administrators of an organization read the audit log").waitFor()
    await expect
      .poll(() => member.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "Audit log" }).count())
      .toBe(0)
    await member.context().close()
  })
})
