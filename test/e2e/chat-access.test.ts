import type { Page } from "playwright-core"
import { Schema } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Chat } from "../../src/contract/chats.ts"
import { Organization, OrganizationMember } from "../../src/contract/organizations.ts"
import {
  axeFaults,
  composerOf,
  conversationOf,
  type PageOptions,
  send,
  signIn,
  useBrowser,
} from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import { useServerProcess } from "../support/server-process.ts"
import { addUser, PASSWORD } from "../http/people/people-client.ts"

/** Who may start chats, what others see in place of that, and where a chat belongs. */

const server = useServerProcess()
const provider = await ScriptedProvider.start()
// A chat is refused on purpose.
const browser = useBrowser(/status of 403 .*\/api\/v2\/chats$/)
let owner: Client
let organization: string

const account = (username: string) => ({ email: `${username}@example.com`, password: PASSWORD })

const setRoles = (username: string, roles: ReadonlyArray<string>, of = organization) =>
  owner.expect(OrganizationMember, 200, "PUT", `/organizations/${of}/members/${username}/roles`, { body: { roles } })

/** Somebody who belongs to the default organization with these roles there. */
const member = async (username: string, roles: ReadonlyArray<string>) => {
  const user = await addUser(owner, username)
  await setRoles(username, roles)
  return user
}

const open = async (username: string, options?: PageOptions): Promise<Page> => {
  const page = await browser.open(server.url, options)
  const { email, password } = account(username)
  await page.getByLabel("Email").fill(email)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in" }).click()
  await composerOf(page).waitFor()
  return page
}

const notice = (page: Page) => page.getByText("You need the role agents-access to start chats")
const entries = (page: Page) => page.getByRole("navigation", { name: "Main" }).getByRole("link").allInnerTexts()
const lookAgain = (page: Page) => page.evaluate(`window.dispatchEvent(new Event("focus"))`)

beforeAll(async () => {
  owner = await Client.signIn(server.url)
  await owner.addScriptedModel(provider)
  organization = await owner.organizationId()
})
afterAll(() => provider.close())

describe("who has not the role agents-access", () => {
  it("is told so from the start, is offered no chats, and is let in without a reload once it is given", async () => {
    await member("nora", [])
    const page = await open("nora")
    await notice(page).waitFor()
    expect(await composerOf(page).isDisabled()).toBe(true)
    await expect.poll(() => entries(page)).toEqual(["Home", "Library", "Settings"])
    await page.getByText("Chats that others share with you are listed here.").waitFor()
    await page.keyboard.press("Control+k")
    await page.getByRole("combobox").fill("chat")
    await page.getByText("Nothing is called so.").waitFor()
    await page.keyboard.press("Escape")
    await page.getByRole("link", { name: "How access is given" }).click()
    await page.getByRole("heading", { name: "How access is given", level: 1 }).waitFor()
    await page.getByRole("link", { name: "Back to the beginning" }).click()
    await notice(page).waitFor()
    await setRoles("nora", ["agents-access"])
    await lookAgain(page)
    await notice(page).waitFor({ state: "detached" })
    await expect.poll(() => entries(page)).toEqual(["New", "Stage", "Chats", "Library", "Settings"])
    provider.script({ when: "Hello there", items: [{ text: "Good day." }] })
    await send(page, "Hello there")
    await conversationOf(page).getByText("Good day.").waitFor()
    await page.context().close()
  })

  it("keeps what was written when the role goes while writing, and sends it once it is back", async () => {
    await member("nils", ["agents-access"])
    const page = await open("nils")
    await page.locator("textarea:focus").waitFor()
    await setRoles("nils", [])
    await send(page, "A long thought")
    await notice(page).waitFor()
    await page.getByText("Your text is still below.").waitFor()
    await expect.poll(() => composerOf(page).isDisabled()).toBe(true)
    await expect.poll(() => composerOf(page).inputValue()).toBe("A long thought")
    await setRoles("nils", ["agents-access"])
    await page.getByRole("button", { name: "Check again" }).click()
    await notice(page).waitFor({ state: "detached" })
    await expect.poll(() => composerOf(page).inputValue()).toBe("A long thought")
    provider.script({ when: "A long thought", items: [{ text: "Indeed." }] })
    await composerOf(page).press("Enter")
    await conversationOf(page).getByText("Indeed.").waitFor()
    await page.context().close()
  })

  it("finds what others share", async () => {
    const { id: reader } = await member("rita", [])
    provider.script({ when: "Plan of the trip", items: [{ text: "By train." }] })
    const { id } = await owner.createChat("Plan of the trip")
    expect((await owner.call("PATCH", `/chats/${id}/acl`, { body: { user_roles: { [reader]: "read" } } })).status).toBe(
      204,
    )
    const page = await open("rita")
    const shared = page.getByRole("region", { name: "Shared with you" })
    await expect.poll(() => shared.getByRole("link").count()).toBe(1)
    await expect.poll(() => shared.getByRole("link").getAttribute("href")).toBe(`/agents/${id}`)
    await expect.poll(() => entries(page)).toEqual(["Home", "Chats", "Library", "Settings"])
    await page.context().close()
  })

  describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
    it.each([
      ["wide", { width: 1280, height: 800 }],
      ["390 px wide", { width: 390, height: 844 }],
    ])("sees pages that are accessible and fit, %s", async (_, viewport) => {
      const username = `none-${colorScheme}-${viewport.width}`
      await member(username, [])
      const page = await open(username, { colorScheme, viewport })
      const check = async (title: string) => {
        await browser.picture(page, `access-${title}-${colorScheme}-${viewport.width}`)
        expect([title, await axeFaults(page)]).toEqual([title, []])
        expect(await page.locator("html").evaluate(({ scrollWidth }) => scrollWidth)).toBe(viewport.width)
      }
      await page.getByText("Chats that others share with you are listed here.").waitFor()
      await check("home")
      await page.getByRole("link", { name: "How access is given" }).click()
      await page.getByRole("heading", { name: "How access is given", level: 1 }).waitFor()
      await check("page")
      await page.context().close()
    })
  })
})

describe("who may start chats in several organizations", () => {
  it("chooses in which, among those alone, and finds the choice again", async () => {
    const make = (name: string, display_name: string) =>
      owner.expect(Organization, 201, "POST", "/organizations", { body: { name, display_name } })
    const [atlas, closed] = [await make("atlas", "Atlas"), await make("closed", "Closed")]
    const { id } = await member("mila", ["agents-access"])
    for (const each of [atlas, closed]) {
      await owner.expect(Schema.Unknown, 200, "POST", `/organizations/${each.id}/members/${id}`)
    }
    await setRoles("mila", [], closed.id)
    const page = await browser.open(server.url)
    await signIn(page, account("mila"))
    const picker = page.getByRole("button", { name: /^Organization: / })
    await picker.click()
    await expect.poll(() => page.getByRole("menuitemradio").allInnerTexts()).toEqual(["Default", "Atlas"])
    await browser.picture(page, "organization-picker")
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("menuitemradio", { name: "Atlas" }).click()
    await page.reload()
    await page.getByRole("button", { name: "Organization: Atlas" }).waitFor()
    provider.script({ when: "Where am I", items: [{ text: "In Atlas." }] })
    await send(page, "Where am I")
    await conversationOf(page).getByText("In Atlas.").waitFor()
    const mila = await Client.signIn(server.url, account("mila"))
    const [chat] = await mila.expect(Schema.Array(Chat), 200, "GET", "/chats")
    expect(chat?.organization_id).toBe(atlas.id)
    await page.context().close()
  })

  it("is asked nothing where there is one", async () => {
    await member("otto", ["agents-access"])
    const page = await open("otto")
    await page.getByRole("radio", { name: "Auto" }).waitFor()
    await expect.poll(() => page.getByRole("button", { name: /^Organization: / }).count()).toBe(0)
    await page.context().close()
  })
})
