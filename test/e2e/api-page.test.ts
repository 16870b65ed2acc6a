import { Schema } from "effect"
import { spawnSync } from "node:child_process"
import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { Chat } from "../../src/contract/chats.ts"
import { axeFaults, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** Somebody who has never seen the API reads about it, tries it, and finds out what came of it. */

const server = useServerProcess()
/** What a test runs that is refused on purpose. */
const browser = useBrowser(/status of 40[149] .*\/api\/v2\/(users\/login|chats\/[\w-]+\/(retry|queue))/)
let client: Client
let page: Page
let chat = ""

const ASKS = [{ pattern: "*", action: "ask" as const }]

beforeAll(async () => {
  client = await Client.signIn(server.url)
  const made = await client.createChat("/run ls", { tool_policy: ASKS })
  chat = made.id
  const reader = await client.stream(chat)
  await reader.until((seen) => seen.activity === "requires_action.approval")
  await reader.close()
  page = await browser.open(`${server.url}/docs/api`)
  await signInHere(page)
})
afterAll(() => page.context().close())

/** Signs in where a page other than the Stage follows. */
const signInHere = async (opened: Page) => {
  await opened.getByLabel("Email").fill(OWNER.email)
  await opened.getByLabel("Password").fill(OWNER.password)
  await opened.getByRole("button", { name: "Sign in" }).click()
  await opened.getByRole("navigation", { name: "Operations" }).waitFor()
}

const operations = () => page.getByRole("navigation", { name: "Operations" })
const example = () => page.getByRole("region", { name: /^Example/ })
const answer = () => page.getByRole("group", { name: "Answer", exact: true })
const command = (name = "As curl") => example().getByRole("group", { name })
const chatField = () => example().getByLabel("chat", { exact: true })
const open = async (operation: string) => {
  await page.goto(`${server.url}/docs/api/${operation}`)
  await operations().waitFor()
}
const statusOf = () => answer().getByRole("status")

describe("the way there", () => {
  it("is the address that it always had, after signing in, and the title says what is open", async () => {
    await expect.poll(() => page.title()).toMatch(/Start here · API · Troupe$/)
    expect(new URL(page.url()).pathname).toBe("/docs/api")
    await page.goto(`${server.url}/docs`)
    await operations().waitFor()
    expect(new URL(page.url()).pathname).toBe("/docs/api")
  })

  it("is in the settings and in the palette", async () => {
    await page.goto(`${server.url}/settings/account`)
    await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: "API", exact: true }).click()
    await operations().waitFor()
    await page.goto(`${server.url}/library`)
    await page.getByRole("heading", { name: "Library" }).waitFor()
    await page.keyboard.press("Control+k")
    await page.getByRole("combobox").fill("openapi")
    await page.keyboard.press("Enter")
    await operations().waitFor()
    expect(new URL(page.url()).pathname).toBe("/docs/api")
  })

  it("loads the documents once", async () => {
    const asked: Array<string> = []
    const note = (request: { url: () => string }) => asked.push(new URL(request.url()).pathname)
    page.on("request", note)
    await page.reload()
    await operations().getByRole("link", { name: "POST Send a message", exact: true }).click()
    await page.getByRole("heading", { name: "Send a message", exact: true }).waitFor()
    await operations().getByRole("link", { name: "Follow a chat live" }).click()
    await page.getByRole("heading", { name: "Follow a chat live" }).waitFor()
    page.off("request", note)
    expect(asked.filter((path) => path.endsWith("api.json")).toSorted()).toEqual([
      "/api/v2/asyncapi.json",
      "/api/v2/openapi.json",
    ])
  })
})

describe("the list", () => {
  it("is searched by name, path and words, and gone through by keyboard", async () => {
    await open("start")
    await page.getByRole("searchbox", { name: "Search operations" }).fill("queue delete")
    await expect
      .poll(() => operations().getByRole("link").allInnerTexts())
      .toEqual([expect.stringContaining("Delete a message that waits")])
    await page.getByRole("searchbox").fill("model-configs")
    await expect.poll(() => operations().getByRole("link").count()).toBe(2)
    await page.getByRole("searchbox").press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Add a model of a provider" }).waitFor()
    expect(new URL(page.url()).pathname).toBe("/docs/api/createModelConfig")
    await page.getByRole("searchbox").fill("nobody calls it so")
    await page.getByText("No operation is called so.").waitFor()
  })

  it("shows what is open, however one came to it", async () => {
    await open("putToolPolicy")
    const current = operations().getByRole("link", { name: "Set the deployment's rules for tools" })
    await expect.poll(() => current.getAttribute("aria-current")).toBe("page")
    const isSeen = () =>
      current.evaluate((link) => {
        const { top, bottom } = link.getBoundingClientRect()
        return top >= 0 && bottom <= (link.ownerDocument.defaultView?.innerHeight ?? 0)
      })
    await expect.poll(isSeen).toBe(true)
  })

  it("says what is not there", async () => {
    await open("noSuchThing")
    await page.getByText("There is no operation of this name.").waitFor()
    await expect.poll(() => operations().getByRole("link").count()).toBeGreaterThan(40)
  })
})

describe("an operation", () => {
  it("says what it does, who may, and each refusal, with the fields of its body", async () => {
    await open("sendMessage")
    await page.getByText("/api/v2/chats/{chat}/messages", { exact: true }).waitFor()
    await page.getByText("The chat's owner alone").waitFor()
    await page.getByText("20 messages wait already").waitFor()
    const fields = page.getByRole("region", { name: "Fields of the body" })
    await fields.getByRole("rowheader", { name: "content required", exact: true }).waitFor()
    await fields.getByText("preempt").first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "api-operation")
  })

  it("has an example with what the reader has, which runs at once where it changes nothing", async () => {
    await open("getChat")
    await expect.poll(() => chatField().inputValue()).toBe(chat)
    await expect.poll(() => command().innerText()).toContain(`"$TROUPE_URL/api/v2/chats/${chat}"`)
    await example().getByRole("button", { name: "Run" }).click()
    await expect.poll(() => statusOf().innerText()).toContain("200 OK")
    await expect.poll(() => answer().innerText()).toContain(`"id": "${chat}"`)
    await expect.poll(() => answer().innerText()).toContain("x-request-id")
    await browser.picture(page, "api-answer")
    expect(await axeFaults(page)).toEqual([])
  })

  it("is not written in until what the reader has is there, so that nothing is put under the cursor", async () => {
    const lists = /\/api\/v2\/chats(\?|$)/
    let goOn = () => {}
    const held = new Promise<void>((resolve) => (goOn = resolve))
    await page.route(lists, async (route) => {
      await held
      await route.continue()
    })
    const asked = page.waitForRequest(lists)
    await open("getChat")
    await asked
    expect(await chatField().isEditable()).toBe(false)
    goOn()
    await chatField().fill("mine")
    expect(await chatField().inputValue()).toBe("mine")
    await page.unroute(lists)
  })

  it("is asked about before it changes something, and is carried out as it was written", async () => {
    await open("patchChat")
    await expect.poll(() => chatField().inputValue()).toBe(chat)
    await example().getByLabel("Body").fill("{ not yet")
    await example().getByText("This is no JSON yet").waitFor()
    await expect.poll(() => example().getByRole("button", { name: "Run" }).isDisabled()).toBe(true)
    await example().getByLabel("Body").fill('{"title": "Named by the page"}')
    await example().getByRole("button", { name: "Run" }).click()
    const dialog = page.getByRole("dialog")
    await dialog.getByText("This changes something on this server").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await dialog.getByRole("button", { name: "Cancel" }).click()
    expect((await client.chat(chat)).title).not.toBe("Named by the page")
    await example().getByRole("button", { name: "Run" }).press("Enter")
    await browser.picture(page, "api-confirm")
    await dialog.getByRole("button", { name: "Run it" }).click()
    await expect.poll(() => statusOf().innerText()).toContain("204")
    await answer().getByText("The answer has no body.").waitFor()
    expect((await client.chat(chat)).title).toBe("Named by the page")
  })

  it("says in words what is deleted, and shows a refusal as an answer", async () => {
    await open("deleteQueuedMessage")
    await expect.poll(() => chatField().inputValue()).toBe(chat)
    await example().getByText("The example needs a message that waits in that chat.").waitFor()
    await example().getByRole("button", { name: "Run" }).click()
    await page.getByRole("dialog").getByText("This deletes what the address names").waitFor()
    await page.getByRole("dialog").getByRole("button", { name: "Delete it" }).click()
    await expect.poll(() => statusOf().innerText()).toContain("409")
    await expect.poll(() => answer().innerText()).toContain('"message"')
  })

  it("shows what somebody wrote as it is, with nothing hidden in it", async () => {
    const { id } = await client.createChat("hostile")
    const title = "\u202eevil\u202c <img src=x onerror=alert(1)>"
    await client.call("PATCH", `/chats/${id}`, { body: { title } })
    await open("getChat")
    await chatField().fill(id)
    await example().getByRole("button", { name: "Run" }).click()
    await expect.poll(() => answer().innerText()).toContain("\\u202eevil\\u202c <img src=x onerror=alert(1)>")
    await client.call("PATCH", `/chats/${id}`, { body: { archived: true } })
  })
})

describe("a secret", () => {
  it("is in no command, and in no address", async () => {
    await open("login")
    await example().getByLabel("Body").fill('{"email": "x@example.com", "password": "hunter2hunter2"}')
    for (const name of ["curl", "JavaScript"]) {
      await example().getByRole("tab", { name }).click()
      await expect.poll(() => command(`As ${name}`).innerText()).toContain("TROUPE_PASSWORD")
      await expect.poll(() => command(`As ${name}`).innerText()).not.toContain("hunter2")
    }
    expect(page.url()).not.toContain("hunter2")
    await open("getUser")
    await expect.poll(() => command().innerText()).toContain("Coder-Session-Token: $TROUPE_TOKEN")
  })

  it("is never filled in: what signs in has an example of nobody", async () => {
    await open("login")
    await expect.poll(() => example().getByLabel("Body").inputValue()).not.toContain(OWNER.email)
    await expect.poll(() => example().getByLabel("Body").inputValue()).not.toContain(OWNER.password)
  })

  it("in an answer is shown and not kept, and the session of the page stays", async () => {
    const before = await page.context().cookies()
    await open("login")
    await example()
      .getByLabel("Body")
      .fill(JSON.stringify({ email: OWNER.email, password: OWNER.password }))
    await example().getByRole("button", { name: "Run" }).click()
    await expect.poll(() => page.getByRole("dialog").innerText()).toContain('"password": "•••"')
    await page.getByRole("dialog").getByRole("button", { name: "Run it" }).click()
    await expect.poll(() => statusOf().innerText()).toContain("201")
    await answer().getByText("This answer holds a secret").waitFor()
    const token = /"session_token": "([^"]+)"/.exec(await answer().innerText())?.[1] ?? ""
    expect(token).not.toBe("")
    expect(await page.context().cookies()).toEqual(before)
    await operations().getByRole("link", { name: "List your chats" }).click()
    await page.getByRole("heading", { name: "List your chats" }).waitFor()
    await operations().getByRole("link", { name: "Sign in and get a session token" }).click()
    await page.getByRole("heading", { name: "Sign in and get a session token" }).waitFor()
    expect(await page.content()).not.toContain(token)
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))
    expect(kept).not.toContain(token)
  })
})

describe("from the beginning", () => {
  it("the commands of the page work in a shell", async () => {
    await open("start")
    const signIn = await page.getByRole("group", { name: "In bash" }).innerText()
    await open("getChat")
    // What the reader has takes the place of the id that stands for it.
    const ids = (await client.expect(Schema.Array(Chat), 200, "GET", "/chats")).map(({ id }) => id)
    await expect.poll(async () => ids.includes(await chatField().inputValue())).toBe(true)
    const script = `${signIn}\n${await command().innerText()} -s`
    const { stdout } = spawnSync("bash", ["-c", script], {
      encoding: "utf8",
      input: `${OWNER.email}\n${OWNER.password}\n`,
      env: { PATH: process.env["PATH"] },
    })
    expect(JSON.parse(stdout)).toMatchObject({ owner_username: OWNER.username })
  })

  it("a chat is created, followed and approved", async () => {
    await open("start")
    await browser.picture(page, "api-start")
    expect(await axeFaults(page)).toEqual([])
    const [create, follow] = [example().nth(0), example().nth(1)]
    const body = create.getByLabel("Body")
    await expect.poll(() => body.inputValue()).toContain(await client.organizationId())
    await body.fill((await body.inputValue()).replace("Which files are in this folder?", "/run ls"))
    await create.getByRole("button", { name: "Run" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Run it" }).click()
    await expect
      .poll(() => create.getByRole("group", { name: "Answer", exact: true }).innerText())
      .toContain("201 Created")
    const shown = await create.getByRole("group", { name: "Answer", exact: true }).innerText()
    const made = /"id": "([\w-]+)"/.exec(shown)?.[1] ?? ""
    // The next examples are about it.
    await expect.poll(() => follow.getByLabel("chat", { exact: true }).inputValue()).toBe(made)
    await follow.getByRole("button", { name: "Listen" }).click()
    await follow.getByRole("group", { name: "Events" }).getByText("approval_required", { exact: true }).waitFor()
    await follow.getByText("Listening.", { exact: false }).waitFor()
    const reader = await client.stream(made)
    await reader.until((seen) => seen.activity === "requires_action.approval")
    await reader.close()
    await open("decideApprovals")
    await expect.poll(() => chatField().inputValue()).toBe(made)
    await example().getByRole("button", { name: "Run" }).click()
    await page.getByRole("dialog").getByRole("button", { name: "Run it" }).click()
    await expect.poll(() => statusOf().innerText()).toContain("204")
  })
})

describe("a stream", () => {
  it("has an example of each event, and is heard live until one stops", async () => {
    await open("watchChats")
    await page.getByRole("heading", { name: "status_change", exact: true }).waitFor()
    await example().getByRole("button", { name: "Listen" }).click()
    await example().getByText("Listening. 0 events.").waitFor()
    await client.createChat("told of")
    await example().getByRole("group", { name: "Events" }).getByText("created", { exact: true }).waitFor()
    await browser.picture(page, "api-stream")
    expect(await axeFaults(page)).toEqual([])
    await example().getByRole("button", { name: "Stop listening" }).click()
    await example().getByText("Nothing is listened to.").waitFor()
  })
})

describe("what status means", () => {
  it("is told by the states of the machine", async () => {
    await open("status")
    await page.getByRole("img", { name: "The chat machine" }).waitFor()
    await page.getByRole("button", { name: /^running\.executing/ }).click()
    await page.getByText("Interrupt", { exact: true }).first().waitFor()
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "api-status")
  })
})

describe("elsewhere", () => {
  it("a phone shows the list or what is open, and a dark theme is as clean", async () => {
    const phone = await browser.open(`${server.url}/docs/api`, {
      colorScheme: "dark",
      viewport: { width: 390, height: 844 },
      touch: true,
    })
    await signInHere(phone)
    await browser.picture(phone, "api-phone-list")
    expect(await axeFaults(phone)).toEqual([])
    await phone.getByRole("link", { name: "Start here" }).click()
    await phone.getByRole("heading", { name: "1. Get a token" }).waitFor()
    await phone.getByRole("link", { name: "Back to the operations" }).click()
    await phone.getByRole("link", { name: "Create a chat with its first message" }).click()
    await phone.getByRole("heading", { name: "Create a chat with its first message" }).waitFor()
    await expect.poll(() => phone.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true)
    expect(await axeFaults(phone)).toEqual([])
    await browser.picture(phone, "api-phone")
    await phone.context().close()
  })
})
