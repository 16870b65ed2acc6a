import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import { build, preview, type PreviewServer } from "vite"
import { axeFaults, conversationOf, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** The machine, the journal and what differs, of real chats and of made-up ones: what is shown, what can be sent, what is refused. */

const root = fileURLToPath(new URL("../../", import.meta.url))
const server = useServerProcess()
const provider = await ScriptedProvider.start()
// A refusal, and a chat that is not this person's any more, are what these tests provoke. The last two are of the page that an address
// with a version leads to.
const browser = useBrowser(
  /status of 409 .*\/interrupt$/,
  /status of 404 .*\/machine$/,
  /status of 404 .*%40\d/,
  /WebSocket connection to .*@\d/,
)
const outDir = mkdtempSync(path.join(tmpdir(), "troupe-trace-"))
let vite: PreviewServer
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
  const configFile = path.join(root, "web", "vite.config.ts")
  const input = path.join(root, "web", "gallery.html")
  await build({ configFile, logLevel: "error", build: { outDir, rolldownOptions: { input } } })
  const proxy = { "/api": { target: server.url, changeOrigin: true, headers: { origin: server.url } } }
  vite = await preview({
    configFile,
    logLevel: "error",
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0, proxy },
  })
})
afterAll(async () => {
  await vite.close()
  await provider.close()
  rmSync(outDir, { recursive: true, force: true })
})
afterEach(() => provider.reset())

const address = (rest: string) => `${vite.resolvedUrls?.local[0] ?? ""}gallery.html${rest}`

/** The panes of a chat, for its owner. */
const openPanes = async (chat: string, options: Parameters<typeof browser.open>[1] = {}): Promise<Page> => {
  const page = await browser.open("about:blank", options)
  await page.context().request.post(address("").replace("gallery.html", "api/v2/users/login"), {
    data: { email: OWNER.email, password: OWNER.password },
  })
  await page.goto(address(`?chat=${chat}`))
  await picture(page).waitFor({ timeout: 30_000 })
  return page
}

const picture = (page: Page) => page.getByRole("img", { name: /^The chat machine\./ })
const lit = (page: Page) => page.locator('.statechart-box[data-lit="true"]').allInnerTexts()
const possible = (page: Page) => page.getByRole("list", { name: "Possible events" })
const rows = (page: Page) => page.getByRole("grid", { name: "Journal" }).getByRole("row")
const marked = (page: Page) => page.getByRole("row", { selected: true })

/** A page of Trace comes, and a layout is made, on a machine that is busy with other things. */
const LONG = 120_000

describe("the machine of a chat", { timeout: LONG }, () => {
  it("shows what it is in and what led there; what a person may send is sent after a question", async () => {
    const gate = openGate()
    provider.script({ items: [{ text: "Half" }, { gate: gate.wait }, { text: " and half" }] })
    const { id } = await client.createChat("go")
    const page = await openPanes(id)
    await page
      .getByRole("img", { name: "It is in running.generating, mode normal; the last event was Create." })
      .waitFor()
    await expect.poll(() => lit(page)).toEqual(["running", "generating", "normal"])
    await possible(page).getByText("RecordToolCalls", { exact: true }).waitFor()
    await page
      .getByRole("list", { name: "Refused events" })
      .getByText("No message waits in the queue.")
      .first()
      .waitFor()
    await browser.picture(page, "trace-machine-running")
    expect(await axeFaults(page)).toEqual([])

    await possible(page).getByRole("button", { name: "Interrupt" }).click()
    const dialog = page.getByRole("dialog", { name: "Stop the turn?" })
    await dialog.getByText("What was written so far is kept").waitFor()
    await browser.picture(page, "trace-machine-question")
    expect(await axeFaults(page)).toEqual([])
    await dialog.getByRole("button", { name: "Stop the turn" }).click()
    await dialog.waitFor({ state: "detached" })
    await page.getByRole("img", { name: /It is in waiting, .* the last event was FinishInterruption\./ }).waitFor()
    gate.open()
    await page.context().close()
  })

  it("says that the chat has gone on while the question stood, and does not send what it takes no more", async () => {
    const gate = openGate()
    provider.script({ items: [{ text: "Half" }, { gate: gate.wait }, { text: " and half" }] })
    const { id } = await client.createChat("go")
    const page = await openPanes(id)
    await possible(page).getByRole("button", { name: "Interrupt" }).click()
    const dialog = page.getByRole("dialog", { name: "Stop the turn?" })
    await dialog.waitFor()
    gate.open()
    await dialog.getByRole("status").getByText("The chat has gone on meanwhile: it is in waiting now").waitFor()
    await dialog.getByText("The state that it is in now does not know it.").waitFor()
    await expect.poll(() => dialog.getByRole("button", { name: "Stop the turn" }).isDisabled()).toBe(true)
    await browser.picture(page, "trace-machine-gone-on")
    await page.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })
    await page.context().close()
  })

  it("says in its place what the server refused, and that the chat is not this person's any more", async () => {
    const gate = openGate()
    provider.script({ items: [{ text: "Half" }, { gate: gate.wait }, { text: " and half" }] })
    const { id } = await client.createChat("go")
    const page = await openPanes(id)
    await page.route("**/interrupt", (route) =>
      route.fulfill({ status: 409, json: { message: "Nothing runs that could be stopped." } }),
    )
    await possible(page).getByRole("button", { name: "Interrupt" }).click()
    const dialog = page.getByRole("dialog", { name: "Stop the turn?" })
    await dialog.getByRole("button", { name: "Stop the turn" }).click()
    await dialog.getByRole("alert").getByText("Nothing runs that could be stopped.").waitFor()
    await dialog.getByRole("button", { name: "Leave it" }).click()
    await page.route("**/machine", (route) =>
      route.fulfill({ status: 404, json: { message: "There is no such chat." } }),
    )
    const gone = page.getByRole("region", { name: "Machine" }).getByRole("alert")
    await gone.getByText("There is no such chat.").waitFor()
    await expect.poll(() => picture(page).count()).toBe(0)
    gate.open()
    await page.context().close()
  })

  it("is read by the keyboard, in words, and can be looked at in full size", async () => {
    const { id } = await client.createChat("/help")
    const page = await openPanes(id, { viewport: { width: 390, height: 844 }, touch: true, colorScheme: "dark" })
    await page.getByRole("button", { name: "All states and events, in words" }).press("Enter")
    const states = page.getByRole("list", { name: "States of the machine" })
    await states
      .getByRole("button", { name: /^life resting|^life/ })
      .first()
      .focus()
    await page.keyboard.press("End")
    await expect
      .poll(() =>
        states.getByRole("button", { name: /^mode\.computer_use/ }).evaluate((item) => item.matches(":focus")),
      )
      .toBe(true)
    await states.getByText("when live and queueEmpty; does clearError, appendUserMessage, beginTurn").first().waitFor()
    expect(await page.locator("html").evaluate(({ scrollWidth }) => scrollWidth)).toBe(390)
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "trace-machine-phone-dark")
    await page.getByRole("button", { name: "Show the picture at full size" }).click()
    const full = page.getByRole("dialog", { name: "The chat machine" })
    await full.getByRole("img", { name: /^The chat machine\./ }).waitFor()
    await expect.poll(() => full.locator(".statechart-box").count()).toBe(20)
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "trace-machine-phone-full")
    await page.keyboard.press("Escape")
    await full.waitFor({ state: "detached" })
    await page.context().close()
  })
})

describe("the journal", { timeout: LONG }, () => {
  it("leads to a version by click and by key, marks it, filters, and tells what an event brought", async () => {
    provider.script(
      { items: [{ calls: [{ tool: "read_file", args: { path: "/none" } }] }] },
      { items: [{ text: "Done." }] },
    )
    const { id } = await client.createChat("go")
    const page = await openPanes(id)
    const events = async () =>
      (await rows(page).allInnerTexts()).map((text) => text.split("\n").map((cell) => cell.trim())[1])
    await expect
      .poll(events)
      .toEqual(["Create", "RecordToolCalls", "CommitStep", "RecordGenerationAttempt", "FinishTurn"])
    await expect.poll(() => marked(page).count()).toBe(1)
    await page.getByRole("button", { name: "Show the payload" }).click()

    await rows(page).filter({ hasText: "RecordToolCalls" }).click()
    const payload = page.getByRole("region", { name: "Version 2" })
    await payload.getByText(/replied, began .* tokens/).waitFor()
    await page.getByRole("heading", { name: "Possible at version 2" }).waitFor()
    await page.getByRole("img", { name: /It is in running\.executing/ }).waitFor()
    await page.getByRole("list", { name: "Differences" }).getByText("running.executing").waitFor()
    // At a version of the past nothing is sent.
    await expect.poll(() => possible(page).getByRole("button").count()).toBe(0)

    const grid = page.getByRole("grid", { name: "Journal" })
    await grid.focus()
    await page.keyboard.press("ArrowDown")
    await page
      .getByRole("region", { name: "Version 3" })
      .getByText(/read_file, .*began/)
      .waitFor()
    await page.keyboard.press("Enter")
    await expect.poll(() => marked(page).getAttribute("aria-rowindex")).toBe("3")
    await expect.poll(() => page.locator('[data-after="true"]').count()).toBe(2)
    await page.keyboard.press("End")
    await page.keyboard.press("Space")
    await expect.poll(() => page.getByRole("region", { name: /^Version/ }).count()).toBe(0)
    await browser.picture(page, "trace-journal")
    expect(await axeFaults(page)).toEqual([])

    await page.getByLabel("Filter by text").fill("commit")
    await expect.poll(events).toEqual(["CommitStep"])
    await page.getByRole("combobox", { name: "State" }).selectOption("waiting")
    await expect.poll(() => rows(page).count()).toBe(0)
    await page.getByRole("button", { name: "Show all" }).click()
    await expect.poll(() => rows(page).count()).toBe(5)

    await page.getByRole("button", { name: "Other pair" }).click()
    await page.getByLabel("From version").fill("1")
    await page.getByLabel("to", { exact: true }).fill("5")
    await page.getByRole("button", { name: "Compare" }).click()
    await page.getByText("version 1 to 5", { exact: true }).waitFor()
    await page.getByRole("list", { name: "Differences" }).getByText("waiting").first().waitFor()
    await page.context().close()
  })

  it("of a million versions is there at once, and scrolls to its end", async () => {
    const page = await browser.open(address(""))
    const journals = page.getByRole("region", { name: "Journals" })
    const grid = journals.getByRole("grid").last()
    await grid.getByText("500000", { exact: true }).waitFor()
    await expect.poll(() => grid.getByRole("row").count()).toBeLessThan(60)
    await grid.focus()
    await page.keyboard.press("End")
    await grid.getByText("1000000", { exact: true }).waitFor()
    await page.keyboard.press("Home")
    await grid.getByText("Create", { exact: true }).waitFor()
    await page.context().close()
  })
})

it("a message, a reply and a tool call lead to their place in Trace", { timeout: LONG }, async () => {
  provider.script(
    { items: [{ calls: [{ tool: "read_file", args: { path: "/none" } }] }] },
    { items: [{ text: "Done." }] },
  )
  const { id } = await client.createChat("go")
  const page = await browser.open(server.url)
  await signIn(page, OWNER)
  const leads = async (begin: () => Promise<void>, version: number) => {
    await page.goto(`${server.url}/agents/${id}`)
    await conversationOf(page).getByText("Done.").first().waitFor()
    await begin()
    await expect.poll(() => decodeURIComponent(new URL(page.url()).pathname)).toBe(`/agents/${id}@${version}`)
  }
  const jump = () => conversationOf(page).getByRole("button", { name: "Show in Trace" })
  await leads(() => jump().first().click(), 1)
  await leads(() => jump().last().click(), 5)
  await leads(async () => {
    await conversationOf(page).getByRole("button", { name: /none/, expanded: false }).click()
    await expect.poll(() => jump().count()).toBe(3)
    await jump().nth(1).click()
  }, 2)
})
