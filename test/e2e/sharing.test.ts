import type { Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { Group } from "../../src/contract/organizations.ts"
import { axeFaults, composerOf, conversationOf, send, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** Two people in two browsers: one shares a chat, the other reads along. */

const PASSWORD = "a staple and a horse"
const ADA = { email: "ada@example.com", username: "ada", name: "Ada Lovelace", password: PASSWORD }
const BOB = { email: "bob@example.com", username: "bob", name: "Bob Martin", password: PASSWORD }

const server = useServerProcess()
const provider = await ScriptedProvider.start()
// Who was let out asks for the chat once more, and learns that it is not there; a change is kept from the server on purpose.
const browser = useBrowser(
  /ERR_FAILED at .*\/acl$/,
  /status of 404 .*\/chats\/[0-9a-f-]{36}$/,
  /WebSocket connection to .*\/stream.*failed/,
)
let admin: Client
let adas: Client
let ada: Page
let bob: Page

beforeAll(async () => {
  admin = await Client.signIn(server.url)
  await admin.addScriptedModel(provider)
  for (const person of [ADA, BOB]) await admin.call("POST", "/users", { body: person })
  const group = await admin.expect(Group, 201, "POST", "/organizations/default/groups", {
    body: { name: "reviewers", display_name: "Reviewers" },
  })
  const found = (await (await Client.signIn(server.url, BOB)).call("GET", "/users/me")).body as { readonly id: string }
  await admin.expect(Group, 200, "PATCH", `/groups/${group.id}`, { body: { add_users: [found.id] } })
  adas = await Client.signIn(server.url, ADA)
  ada = await browser.open(server.url)
  await signIn(ada, ADA)
  bob = await browser.open(server.url, { colorScheme: "dark" })
  await signIn(bob, BOB)
  await bob.goto(`${server.url}/chats`)
}, 60_000)
afterAll(() => provider.close())
afterEach(() => {
  expect(provider.refusals).toEqual([])
})

const sharedWith = (page: Page) => page.getByRole("group", { name: "Shared with you" })
const rowOf = (page: Page, title: string) => sharedWith(page).getByRole("link", { name: new RegExp(title) })
const dialogOf = (page: Page) => page.getByRole("dialog", { name: /^Share / })
const picker = (page: Page) => dialogOf(page).getByRole("combobox", { name: "Add readers" })
const readers = (page: Page) => dialogOf(page).getByRole("list", { name: "Who can read it" }).getByRole("listitem")

/** Opens the dialog from the menu of the open chat, by keyboard. */
const openSharing = async (page: Page) => {
  await page.getByRole("button", { name: "More about this chat" }).press("Enter")
  await page.getByRole("menuitem", { name: /^Share/ }).press("Enter")
  await picker(page).waitFor()
  await picker(page).and(page.locator(":focus")).waitFor()
}

/** What was typed has been searched for, and this is all there is. */
const foundAlone = async (page: Page, name: RegExp) => {
  await expect.poll(() => page.getByRole("option").allInnerTexts()).toEqual([expect.stringMatching(name)])
}

/** On a page that has no box to write in. */
const signInToRead = async (page: Page, { email, password }: { email: string; password: string }) => {
  await page.getByLabel("Email").fill(email)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in" }).click()
}

const letIn = async (page: Page, text: string, name: RegExp) => {
  await picker(page).pressSequentially(text)
  await foundAlone(page, name)
  await picker(page).press("Enter")
  await readers(page).filter({ hasText: name }).waitFor()
}

/** A chat of Ada's with one turn, open on her page. */
const begun = async (title: string) => {
  provider.script({ when: title, items: [{ text: `The answer to ${title}.` }] })
  const chat = await adas.createChat(title)
  await ada.goto(`${server.url}/agents/${chat.id}`)
  await conversationOf(ada).getByText(`The answer to ${title}.`).waitFor()
  return chat.id
}

describe("a chat that is shared", () => {
  it("by keyboard appears in the other's list, and is read along as it is written", async () => {
    const id = await begun("Plan the release")
    await openSharing(ada)
    await expect.poll(() => readers(ada).count()).toBe(1)
    await browser.picture(ada, "sharing-dialog-empty")
    await letIn(ada, "bob", /Bob Martin/)
    expect(await axeFaults(ada)).toEqual([])
    await browser.picture(ada, "sharing-dialog")
    await ada.keyboard.press("Escape")
    await dialogOf(ada).waitFor({ state: "hidden" })
    await ada.getByRole("button", { name: "Shared with 1: who can read this chat" }).waitFor()

    await rowOf(bob, "Plan the release").waitFor()
    await sharedWith(bob).getByText("Ada Lovelace").waitFor()
    await rowOf(bob, "Plan the release").press("Enter")
    await conversationOf(bob).getByText("The answer to Plan the release.").waitFor()
    await bob.getByText("Ada Lovelace shared this chat with you").waitFor()

    const gate = openGate()
    provider.script({
      when: "And who",
      items: [{ text: "First half. " }, { gate: gate.wait }, { text: "Second half." }],
    })
    await send(ada, "And who does it?")
    await conversationOf(bob).getByText("First half.").waitFor()
    await browser.picture(bob, "reading-along")
    gate.open()
    await conversationOf(bob).getByText("Second half.").waitFor()
    expect(bob.url()).toContain(id)
  })

  it("offers its reader nothing that is its owner's", async () => {
    await bob.getByText("Ada Lovelace shared this chat with you").waitFor()
    for (const name of [
      "Trace",
      "More about this chat",
      "Send",
      "Why this answer",
      "Show in Trace",
      "Edit this message",
    ]) {
      await expect.poll(() => bob.getByRole("button", { name, exact: true }).count(), { message: name }).toBe(0)
    }
    await expect.poll(() => bob.getByRole("textbox").count()).toBe(0)
    await expect.poll(() => bob.getByRole("button", { name: "Rename" }).count()).toBe(0)
    expect(await axeFaults(bob)).toEqual([])
    await bob.getByRole("link", { name: "Stage" }).first().click()
    await composerOf(bob).waitFor()
    await expect.poll(() => bob.getByRole("main").getByText("Plan the release").count()).toBe(0)
    await bob.goBack()
    await bob.getByText("Ada Lovelace shared this chat with you").waitFor()
  })

  it("keeps what waits for its owner's decision with the owner", async () => {
    const command = "echo secret-argument"
    provider.script(
      { when: "Clean up", items: [{ calls: [{ tool: "execute", args: { command } }] }] },
      { items: [{ text: "Left as it is." }] },
    )
    const chat = await adas.createChat("Clean up", { tool_policy: [{ pattern: "execute", action: "ask" }] })
    await ada.goto(`${server.url}/agents/${chat.id}`)
    await ada.getByRole("button", { name: /^Deny/ }).first().waitFor()
    const { id } = (await (await Client.signIn(server.url, BOB)).call("GET", "/users/me")).body as {
      readonly id: string
    }
    await adas.call("PATCH", `/chats/${chat.id}/acl`, { body: { user_roles: { [id]: "read" } } })
    await rowOf(bob, "Clean up").click()
    await conversationOf(bob).getByText("Waiting for Ada Lovelace to decide what tools may do").waitFor()
    await expect.poll(() => bob.getByRole("button", { name: /^(Deny|Allow|Approve)/ }).count()).toBe(0)
    await browser.picture(bob, "reading-along-approval")
    await ada.getByRole("button", { name: /^Deny/ }).first().click()
    await conversationOf(bob).getByText("Left as it is.").waitFor()
  })

  it("is renamed in the other's list and head while he looks at it", async () => {
    const id = await begun("A first name")
    await openSharing(ada)
    await letIn(ada, "rev", /Reviewers/)
    await ada.keyboard.press("Escape")
    await rowOf(bob, "A first name").click()
    await bob.getByRole("heading", { name: "A first name" }).waitFor()
    await adas.call("PATCH", `/chats/${id}`, { body: { title: "A second name" } })
    await rowOf(bob, "A second name").waitFor()
    await expect.poll(() => bob.getByRole("heading", { level: 1 }).innerText()).toBe("A second name")
  })

  it("says so in place when its owner archives it, and goes on when he takes it out", async () => {
    const id = await begun("For the archive")
    await openSharing(ada)
    await letIn(ada, "bob", /Bob Martin/)
    await ada.keyboard.press("Escape")
    await rowOf(bob, "For the archive").click()
    await conversationOf(bob).getByText("The answer to For the archive.").waitFor()
    await adas.call("PATCH", `/chats/${id}`, { body: { archived: true } })
    await bob.getByText("Ada Lovelace has archived this chat").waitFor()
    await expect.poll(() => rowOf(bob, "For the archive").count()).toBe(0)
    await adas.call("PATCH", `/chats/${id}`, { body: { archived: false } })
    await rowOf(bob, "For the archive").waitFor()
    await bob.getByText("Ada Lovelace shared this chat with you").waitFor()
  })

  it("taken back while it is open is gone at once, and nothing of it is left to read", async () => {
    const id = await begun("Not for long")
    await openSharing(ada)
    await letIn(ada, "bob", /Bob Martin/)
    await ada.keyboard.press("Escape")
    await rowOf(bob, "Not for long").click()
    await conversationOf(bob).getByText("The answer to Not for long.").waitFor()

    await ada.getByRole("button", { name: "Shared with 1: who can read this chat" }).press("Enter")
    await dialogOf(ada).getByRole("button", { name: "Stop sharing with Bob Martin" }).press("Enter")
    await dialogOf(ada).getByText("Bob Martin no longer reads this chat.").waitFor()
    await bob.getByRole("heading", { name: "This chat is no longer shared with you" }).waitFor()
    await expect.poll(() => bob.getByText("The answer to Not for long.").count()).toBe(0)
    await expect.poll(() => rowOf(bob, "Not for long").count()).toBe(0)
    expect(await axeFaults(bob)).toEqual([])
    await browser.picture(bob, "no-longer-shared")

    await dialogOf(ada).getByRole("button", { name: "Undo" }).press("Enter")
    await readers(ada).filter({ hasText: "Bob Martin" }).waitFor()
    await rowOf(bob, "Not for long").waitFor()
    await conversationOf(bob).getByText("The answer to Not for long.").waitFor()
    expect(bob.url()).toContain(id)

    await dialogOf(ada).getByRole("button", { name: "Stop sharing with Bob Martin" }).press("Enter")
    await bob.getByRole("link", { name: "Back to the chats" }).press("Enter")
    await bob.getByRole("heading", { name: "Choose a chat" }).waitFor()
    await expect.poll(() => rowOf(bob, "Not for long").count()).toBe(0)
    await ada.keyboard.press("Escape")
  })
})

describe("sharing", () => {
  it("is offered by the palette for an own chat that is open, and finds chats of others there", async () => {
    await begun("Found by letters")
    await ada.keyboard.press("Control+k")
    await ada.getByRole("combobox", { name: /^Search/ }).pressSequentially("share")
    await ada.getByRole("option", { name: "Share this chat" }).waitFor()
    await ada.keyboard.press("Enter")
    await letIn(ada, "bob", /Bob Martin/)
    await ada.keyboard.press("Escape")
    await rowOf(bob, "Found by letters").waitFor()
    await bob.keyboard.press("Control+k")
    await bob.getByRole("combobox", { name: /^Search/ }).pressSequentially("Found by")
    await expect.poll(() => bob.getByRole("option", { name: /Found by letters/ }).innerText()).toMatch(/Shared by Ada/)
    await bob.keyboard.press("Escape")
  })

  it("says what went wrong where it is asked for, and leaves the list as it is", async () => {
    await begun("Out of reach")
    await openSharing(ada)
    await ada.route("**/acl", (route) => (route.request().method() === "PATCH" ? route.abort() : route.continue()))
    await picker(ada).pressSequentially("bob")
    await foundAlone(ada, /Bob Martin/)
    await picker(ada).press("Enter")
    await dialogOf(ada).getByText("The sharing with Bob Martin was not changed").waitFor()
    await expect.poll(() => readers(ada).count()).toBe(1)
    await ada.unroute("**/acl")
    await letIn(ada, "bob", /Bob Martin/)
    await ada.keyboard.press("Escape")
  })

  it.each(["light", "dark"] as const)("is read and given on a phone, in %s", async (colorScheme) => {
    const title = `On a phone, ${colorScheme}`
    const id = await begun(title)
    const phone = { colorScheme, viewport: { width: 390, height: 844 }, touch: true }
    const giver = await browser.open(`${server.url}/agents/${id}`, phone)
    await signInToRead(giver, ADA)
    await conversationOf(giver).getByText(`The answer to ${title}.`).waitFor()
    await giver.getByRole("button", { name: "More about this chat" }).tap()
    await giver.getByRole("menuitem", { name: /^Share/ }).tap()
    await letIn(giver, "bob", /Bob Martin/)
    expect(await axeFaults(giver)).toEqual([])
    await browser.picture(giver, `sharing-phone-${colorScheme}`)
    const reader = await browser.open(`${server.url}/chats`, phone)
    await signInToRead(reader, BOB)
    await rowOf(reader, title).tap()
    await reader.getByText("Ada Lovelace shared this chat with you").waitFor()
    expect(await axeFaults(reader)).toEqual([])
    await browser.picture(reader, `reading-along-phone-${colorScheme}`)
    expect(await reader.evaluate("document.documentElement.scrollWidth - innerWidth")).toBe(0)
    await giver.context().close()
    await reader.context().close()
  })

  it("that an administrator looks into without it is named as that", async () => {
    const id = await begun("Looked into")
    const page = await browser.open(`${server.url}/agents/${id}`)
    await signInToRead(page, OWNER)
    await page.getByText("You look into a chat of Ada Lovelace as an administrator").waitFor()
    await expect.poll(() => page.getByRole("button", { name: "Trace", exact: true }).count()).toBe(1)
    await page.context().close()
  })
})
