import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import path from "node:path"
import type { Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect, it } from "vitest"
import {
  CHAT,
  head,
  message,
  records,
  threeVersions,
  traceOf,
  transition,
} from "../../web/src/trace/file/trace-fixture.ts"
import { axeFaults, conversationOf, send, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** Why a chat is as it is; a chat as a file; and files that anybody may have written. */

const server = useServerProcess({ TROUPE_RETRY_BASE_MS: "20" })
const provider = await ScriptedProvider.start()
const browser = useBrowser()
const folder = await mkdtemp(path.join(tmpdir(), "troupe-trace-"))
let page: Page
let client: Client

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
  page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.getByRole("button", { name: "Model: scripted" }).waitFor()
})
afterAll(async () => {
  await provider.close()
  await rm(folder, { recursive: true })
})
afterEach(() => provider.reset())

const newChat = async (text: string) => {
  await page.goto(`${server.url}/agents`)
  await send(page, text)
  await conversationOf(page).getByRole("article", { name: "You" }).getByText(text, { exact: true }).waitFor()
}

const why = (of = page) => of.getByRole("region", { name: "Why", exact: true })
const inspect = () => page.getByRole("button", { name: "Trace", exact: true }).click()
const inspectOnPage = async () => {
  await inspect()
  await page.getByRole("link", { name: "Open Trace as a page" }).click()
  await page.getByRole("heading", { name: "Steps" }).waitFor()
}
const slider = (of = page) => of.getByRole("slider", { name: "Version" })

/** Opens a file on the page for files. */
const openFile = async (of: Page, name: string, text: string | Buffer) => {
  const file = path.join(folder, name)
  await writeFile(file, text)
  await of.locator('input[type="file"]').setInputFiles(file)
}

it("of a chat that failed says the reason, its time, the attempts, the provider's words and what can be done", async () => {
  const busy = { status: 429, message: "You sent too much, friend." }
  provider.script(busy, { status: 401, message: "This key is no key of ours." })
  await newChat("Fail for me")
  await inspect()
  await why().getByText("The provider refused the credentials", { exact: true }).waitFor()
  const words = await why().innerText()
  expect(words).toContain("This key is no key of ours.")
  expect(words).toMatch(/Failed\s+\d\d:\d\d:\d\d\s+After\s+2 attempts/)
  expect(words).toMatch(/owner|you sent \d\d:\d\d:\d\d/)
  expect(words).toContain("1 retry: “You sent too much, friend.")
  await why().getByRole("button", { name: "Try again" }).waitFor()
  await why().getByRole("link", { name: "Providers and keys" }).waitFor()
  const box = await why().boundingBox()
  expect((box?.y ?? 0) + (box?.height ?? Infinity)).toBeLessThan(800)
  await browser.picture(page, "why-failed")
  expect(await axeFaults(page)).toEqual([])
  provider.script({ items: [{ text: "All well again." }] })
  await why().getByRole("button", { name: "Try again" }).click()
  await conversationOf(page).getByText("All well again.").waitFor()
})

it("of a message, an answer and a call says how each came there", async () => {
  provider.script(
    { items: [{ text: "half" }, { cut: "reset" }] },
    { items: [{ text: "I look." }, { calls: [{ tool: "execute", args: { command: "echo one" } }] }] },
    { items: [{ text: "Seen." }] },
  )
  await newChat("Look for me")
  await conversationOf(page).getByText("Seen.").waitFor()
  const told = page.getByRole("dialog", { name: "Why" })
  const ask = async (name: string, ...words: ReadonlyArray<RegExp>) => {
    const button = page.getByRole("button", { name, exact: true }).first()
    await button.focus()
    await button.press("Enter")
    for (const word of words) await told.getByText(word).first().waitFor()
    await browser.picture(page, `why-${name.toLowerCase().replaceAll(" ", "-")}`)
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await told.waitFor({ state: "detached" })
    await page.locator(`button[aria-label="${name}"]:focus`).waitFor()
  }
  await ask("Why this message", /^Sent by you$/, /^Came with version 1\.$/)
  await ask("Why this answer", /^Asked of/, /^First word after$/, /^Tokens read and written$/)
  await conversationOf(page)
    .getByRole("button", { name: /2 steps/ })
    .click()
  await ask("Why this call", /^The model asked for it$/, /^Began$/, /^Ended after$/)
})

it("a chat is saved as a file, which is looked at and in which nothing can be sent", async () => {
  provider.script(
    { items: [{ text: "half a word" }, { cut: "reset" }] },
    { items: [{ text: "I look." }, { calls: [{ tool: "execute", args: { command: "echo one" } }] }] },
    { items: [{ text: "A kept answer." }] },
  )
  await newChat("Keep this")
  await conversationOf(page).getByText("A kept answer.").waitFor()
  await inspectOnPage()
  await why().getByText("Answered", { exact: true }).waitFor()
  await page.getByRole("button", { name: "Export" }).click()
  const dialog = page.getByRole("dialog", { name: "Export this chat" })
  const save = dialog.getByRole("link", { name: "Save the file" })
  await save.waitFor()
  await browser.picture(page, "export-dialog")
  expect(await axeFaults(page)).toEqual([])
  const [download] = await Promise.all([page.waitForEvent("download"), save.click()])
  expect(download.suggestedFilename()).toMatch(/^troupe-trace-[a-z0-9-]+\.json$/)
  const file = path.join(folder, "kept.json")
  await download.saveAs(file)
  const text = await readFile(file, "utf8")
  expect(JSON.parse(text)).toMatchObject([
    { format: "troupe-trace", format_version: 1 },
    { transitions: expect.arrayContaining([expect.objectContaining({ event: "Create" })]) as unknown },
    {},
    {},
  ])
  for (const secret of ["You are a coding agent", provider.apiKey, "provider_metadata"])
    expect(text).not.toContain(secret)
  await dialog.getByRole("button", { name: "Close" }).click()

  // By the palette, with the keyboard alone.
  await page.keyboard.press("Control+k")
  await page.getByRole("dialog").getByRole("combobox").fill("open a trace")
  await page.keyboard.press("Enter")
  await page.getByText("Drop a file here that was exported").waitFor()
  await browser.picture(page, "trace-file-none")
  expect(await axeFaults(page)).toEqual([])
  const requests: Array<string> = []
  page.on("request", (request) => requests.push(new URL(request.url()).pathname))
  await page.locator('input[type="file"]').setInputFiles(file)
  await page.getByText("You look at a file.").waitFor()
  await why().getByText("Answered", { exact: true }).waitFor()
  await conversationOf(page).getByText("A kept answer.").waitFor()
  await conversationOf(page)
    .getByRole("button", { name: /2 steps/ })
    .click()
  await conversationOf(page)
    .getByText(/^Cut off, try 1/)
    .waitFor()
  await browser.picture(page, "trace-file")
  expect(await axeFaults(page)).toEqual([])
  expect(await page.getByRole("button", { name: /Try again|Send|Stop/ }).count()).toBe(0)
  // Back to the first version, at which nothing had been said.
  await page.getByRole("button", { name: "Why this message" }).first().press("Enter")
  await page
    .getByRole("dialog", { name: "Why" })
    .getByText(/^Sent by owner$/)
    .waitFor()
  await page.keyboard.press("Escape")
  await slider().press("Home")
  await expect.poll(() => conversationOf(page).getByText("A kept answer.").count()).toBe(0)
  await conversationOf(page).getByText("Keep this", { exact: true }).waitFor()
  expect(requests.filter((name) => !name.startsWith("/assets/"))).toEqual([])
  page.removeAllListeners("request")
})

it("a file that is dropped onto an open Trace is looked at in its place", async () => {
  provider.script({ items: [{ text: "Hello." }] })
  await newChat("Hello")
  await inspectOnPage()
  await why().getByText("Answered", { exact: true }).waitFor()
  const text = JSON.stringify(threeVersions())
  const dropped = await page.evaluateHandle(
    `(() => { const t = new DataTransfer(); t.items.add(new File([${text}], "dropped.json")); return t })()`,
  )
  await page.dispatchEvent("main", "dragover", { dataTransfer: dropped })
  await page.getByText("Drop a Trace file to look at it").waitFor()
  await page.dispatchEvent("main", "drop", { dataTransfer: dropped })
  await page.getByRole("heading", { name: "Cap retries" }).waitFor()
  await page.getByText("You look at a file.").waitFor()
  expect(new URL(page.url()).pathname).toBe("/trace-file")
})

it("what is no Trace file, is cut off, or is wrong somewhere is refused in words", async () => {
  await page.goto(`${server.url}/trace-file`)
  const refused = (words: string | RegExp) => page.getByRole("alert").getByText(words).waitFor()
  await openFile(page, "photo.json", Buffer.from([0xff, 0xd8, 0xff, 0xe0]))
  await refused("This is no Trace file: it is not text.")
  await openFile(page, "other.json", "{}\n")
  await refused("This is no Trace file: it does not begin as one.")
  await openFile(page, "cut.json", threeVersions().slice(0, -30))
  await refused(/^The file is cut off at line \d/)
  await openFile(
    page,
    "wrong.json",
    threeVersions({ transitions: [transition(1), { ...transition(2), epoch: -5 }, transition(3)] }),
  )
  await refused("Line 2 of the file is wrong: transitions[1].epoch must be a whole number of at least 0.")
  await browser.picture(page, "trace-file-refused")
  expect(await axeFaults(page)).toEqual([])
  const large = path.join(folder, "large.json")
  await writeFile(large, "[")
  await truncate(large, 200 * 1024 * 1024 + 1)
  await page.locator('input[type="file"]').setInputFiles(large)
  await refused("The file has 200.0 MiB. Trace opens files of at most 200 MiB.")
})

const EVIL = `<script>window.hurt=1</script><img src=x onerror="window.hurt=1"><svg onload="window.hurt=1"></svg>`
const REMOTE = "https://evil.example/x.png"

/** Script, requests and names that mean something in every place where text can be. */
const hostile = (): string => {
  const evil = `${EVIL} ![x](${REMOTE}) ![y](/api/v2/users/logout) [link](javascript:window.hurt=1) [chat](/agents/${CHAT})`
  const first = head(3, { title: EVIL, owner_name: EVIL, chat_id: CHAT, models: { m: EVIL, __proto__: "x" } })
  const failed = { ...transition(3, { event: "FinishError", to: "error", detail: { kind: "auth" } }) }
  const told = { message: evil, detail: evil, kind: "auth", provider: "__proto__" }
  const steps = {
    ...first.steps,
    states: [
      {
        version: 1,
        event: "constructor",
        activity: "running.generating",
        status: "running",
        since: transition(1).created_at,
      },
      { version: 3, event: "FinishError", activity: "error", status: "error", since: transition(3).created_at },
    ],
    attempts: [
      {
        version: 1,
        since: transition(1).created_at,
        until: transition(3).created_at,
        ended_version: 3,
        end: "failed",
        failure: told,
      },
    ],
  }
  const call = (tool: string, id: string) => ({
    type: "tool-call",
    tool_call_id: id,
    tool_name: tool,
    args: { command: evil, path: evil },
  })
  const states = [
    { path: "life.error", type: "atomic", tags: ["resting", "failed"], effects: [] },
    { path: "life.running.generating", type: "atomic", tags: ["asks-model"], effects: ["toString"] },
  ]
  return threeVersions({
    first: {
      ...first,
      steps,
      machine: {
        ...first.machine,
        status: "error",
        life: "error",
        definition: { ...first.machine.definition, states },
        accepts: ["Retry", EVIL],
      },
      last_error: { ...told, retryable: true },
      attempts: [
        {
          history_version: 1,
          attempt: 1,
          started_at: transition(2).created_at,
          ended_at: transition(3).created_at,
          reason: "__proto__",
          content: [{ type: "text", text: evil }],
        },
      ],
    } as unknown as ReturnType<typeof head>,
    transitions: [transition(1, { event: "constructor", from: "none" }), transition(2, { event: "__proto__" }), failed],
    rows: records({
      messages: [
        message(1, evil),
        message(2, "", {
          role: "assistant",
          created_version: 2,
          content: [
            { type: "text", text: evil },
            { type: "reasoning", text: evil },
            { type: "source", url: REMOTE, title: EVIL },
            { type: "source", url: "javascript:window.hurt=1", title: EVIL },
            { type: "file", media_type: "image/png", name: EVIL, file_id: "../../api/v2/users/me" },
            ...["execute", "__proto__", "constructor", "a__b", "propose_plan"].map((tool, index) =>
              call(tool, `c${index}`),
            ),
          ],
        }),
        message(3, "", {
          role: "tool",
          created_version: 2,
          content: [
            { type: "tool-result", tool_call_id: "c0", tool_name: "execute", result: { output: evil, exit_code: 0 } },
          ],
        }),
      ],
    }) as ReturnType<typeof records>,
  })
}

it.each(["light", "dark"] as const)(
  "a file with script in every text runs none, asks nobody and leads to no chat of this server (%s)",
  async (colorScheme) => {
    const other = await browser.open(server.url, { colorScheme, viewport: { width: 390, height: 844 } })
    await signIn(other, OWNER)
    await other.goto(`${server.url}/trace-file`)
    await other.getByText("Drop a file here that was exported").waitFor()
    // What stands around every page has been read.
    await other.waitForLoadState("networkidle")
    const requests: Array<string> = []
    other.on("request", (request) => requests.push(request.url()))
    await openFile(other, "hostile.json", hostile())
    await other.getByText("You look at a file.").waitFor()
    await why(other).getByText("The provider refused the credentials", { exact: true }).waitFor()
    for (const name of ["Machine", "Journal", "Context", "Steps", "Chat"]) {
      await other.getByRole("tab", { name }).click()
      await other.getByRole("tab", { name, selected: true }).waitFor()
      expect(await axeFaults(other)).toEqual([])
      await browser.picture(other, `trace-file-hostile-${name.toLowerCase()}-${colorScheme}`)
    }
    const closed = conversationOf(other).locator('button[aria-expanded="false"]:not([aria-haspopup])')
    while ((await closed.count()) > 0) await closed.first().press("Enter")
    await conversationOf(other).getByText("window.hurt=1").first().waitFor()
    await browser.picture(other, `trace-file-hostile-${colorScheme}`)
    expect(await axeFaults(other)).toEqual([])
    expect(await other.locator("html").evaluate((root) => root.scrollWidth)).toBe(390)
    expect(await other.evaluate(() => "hurt" in globalThis || "polluted" in {})).toBe(false)
    // Nothing that is shown of the file is fetched, and none of its links goes by itself or to a chat.
    expect(requests.filter((url) => !url.startsWith(`${server.url}/assets/`))).toEqual([])
    const links = await other.locator("main a[href]").evaluateAll((all) => all.map((link) => link.getAttribute("href")))
    expect(links.filter((href) => href?.includes(CHAT) || !/^https?:/.test(href ?? ""))).toEqual([])
    expect(await other.getByRole("button", { name: "Try again" }).count()).toBe(0)
    await other.context().close()
  },
)

it("a file of a million versions opens and is gone through quickly", { timeout: 120_000 }, async () => {
  const MILLION = 1_000_000
  const IN_LINE = 1000
  const { context } = transition(1)
  const lines = Array.from({ length: MILLION / IN_LINE }, (_, line) => ({
    transitions: Array.from({ length: IN_LINE }, (__, index) => {
      const version = line * IN_LINE + index + 1
      const { mode: _mode, context: _context, ...bare } = transition(version, { event: "E" })
      // A million whole ones are longer than any file that is opened.
      return version % 10 === 0 ? { ...bare, mode: "normal", context } : bare
    }),
  }))
  const text = traceOf(head(MILLION), ...lines, records(), { end: { transitions: MILLION, messages: 1 } })
  expect(text.length).toBeGreaterThan(100 * 1024 * 1024)
  await page.goto(`${server.url}/trace-file`)
  await openFile(page, "million.json", text)
  await page.getByText("You look at a file.").waitFor({ timeout: 60_000 })
  await expect.poll(() => slider().getAttribute("aria-valuetext")).toMatch(/^Version 1000000 of 1000000/)
  await conversationOf(page).getByText("go", { exact: true }).waitFor()
  const began = Date.now()
  for (let step = 0; step < 10; step += 1) await slider().press("ArrowLeft")
  await page.locator('[data-version="999990"]').first().waitFor()
  expect(Date.now() - began).toBeLessThan(10_000)
})
