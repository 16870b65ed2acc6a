import type { Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect } from "vitest"
import { type BrowserTest, signIn, useBrowser } from "./browser.ts"
import { Client } from "./client.ts"
import { ScriptedProvider } from "./scripted-provider.ts"
import { OWNER, type ServerProcess, useServerProcess } from "./server-process.ts"

/** A server, a signed-in page and chats to look into, and the words by which Trace is read there. */

export const sliderOf = (page: Page) => page.getByRole("slider", { name: "Version" })
/** The rows of a turn. */
export const stepsOf = (page: Page) => page.getByRole("listbox", { name: /^Steps of turn/ })

/** Waits until everything that shows a version shows this one. */
export const expectShown = async (version: number, page: Page): Promise<void> => {
  const versions = () =>
    page.locator("[data-version]").evaluateAll((parts) => parts.map((part) => part.getAttribute("data-version")))
  await expect.poll(async () => [...new Set(await versions())]).toEqual([String(version)])
}

export const run = (command: string) => ({ tool: "execute", args: { command } })

export interface TraceTest {
  readonly server: ServerProcess
  readonly browser: BrowserTest
  readonly page: Page
  readonly client: Client
  readonly provider: ScriptedProvider
  readonly untilIn: (chatId: string, status: string) => Promise<void>
  /** A chat of two turns and 11 versions: the first was tried again and ran tools, the second failed. */
  readonly failedChat: () => Promise<string>
}

/** For the test file that calls this at its top level. `provoked` is what its tests make the page log. */
export const useTrace = (...provoked: ReadonlyArray<RegExp>): TraceTest => {
  const server = useServerProcess()
  const browser = useBrowser(...provoked)
  let made: { readonly page: Page; readonly client: Client; readonly provider: ScriptedProvider } | undefined
  let failed: Promise<string> | undefined
  const ready = () => {
    if (made === undefined) throw new Error("The server runs from beforeAll on")
    return made
  }
  beforeAll(async () => {
    const provider = await ScriptedProvider.start()
    const client = await Client.signIn(server.url)
    await client.addScriptedModel(provider)
    const page = await browser.open(server.url)
    made = { page, client, provider }
    await signIn(page, OWNER)
    await page.getByRole("button", { name: "Model: scripted" }).waitFor()
  })
  afterAll(async () => {
    await made?.page.context().close()
    await made?.provider.close()
  })
  afterEach(() => {
    const { provider } = ready()
    const { left } = provider
    provider.reset()
    expect(left).toBe(0)
  })
  const untilIn = async (chatId: string, status: string) => {
    await expect.poll(async () => (await ready().client.chat(chatId)).status, { timeout: 12_000 }).toBe(status)
  }
  const makeFailed = async () => {
    const { client, provider } = ready()
    provider.script(
      { items: [{ text: "I look at the tests." }, { calls: [run("echo one"), run("sleep 1 && echo two")] }] },
      { status: 429, headers: { "retry-after": "1" } },
      { items: [{ text: "All tests pa" }, { cut: "reset" }] },
      { items: [{ text: "All tests pass now." }] },
    )
    const { id } = await client.createChat("Make the tests pass")
    await untilIn(id, "waiting")
    provider.script({ status: 401, message: "Incorrect API key provided." })
    await client.send(id, "Now the changelog")
    await untilIn(id, "error")
    return id
  }
  return {
    server,
    browser,
    get page() {
      return ready().page
    },
    get client() {
      return ready().client
    },
    get provider() {
      return ready().provider
    },
    untilIn,
    failedChat: () => (failed ??= makeFailed()),
  }
}
