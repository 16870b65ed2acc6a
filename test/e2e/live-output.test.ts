import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { axeFaults, conversationOf, send, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person who watches a command at work, and stops it. */

const server = useServerProcess()
const provider = await ScriptedProvider.start()
const browser = useBrowser()
let page: Page

beforeAll(async () => {
  await (await Client.signIn(server.url)).addScriptedModel(provider)
  page = await browser.open(server.url)
  await signIn(page, OWNER)
})
afterAll(() => provider.close())

/** Counts in green, on and on, with a link and a progress bar among it. */
const COUNTING = [
  String.raw`printf '\033]0;a title\007\033]8;;https://evil.example\033\\a link\033]8;;\033\\\n'`,
  String.raw`printf '10 %%\r50 %%\r100 %%\n'`,
  String.raw`i=0; while :; do i=$((i+1)); printf '\033[32mline\033[0m %s\n' $i; sleep 0.02; done`,
].join("; ")

const begin = async (command: string) => {
  provider.script(
    { items: [{ calls: [{ tool: "execute", args: { command, timeout: "1h" }, id: "a" }] }] },
    { items: [{ text: "It was stopped." }] },
  )
  await page.getByRole("link", { name: "New chat" }).click()
  await page.getByRole("heading", { name: "What should be done?" }).waitFor()
  await send(page, "count")
}

const output = () => conversationOf(page).getByRole("group", { name: "Live output" })
const stop = () => conversationOf(page).getByRole("button", { name: "Stop this call" })

it("the output of a running command is seen as it comes, in its colours and with nothing else of a terminal", async () => {
  await begin(COUNTING)
  await output().getByText("line 40", { exact: false }).waitFor()
  const text = await output().innerText()
  expect(text).toMatch(/^a link\n100 %\nline 1\nline 2\n/)
  await expect.poll(() => output().getByRole("link").count()).toBe(0)
  const colourOf = (part: Locator) =>
    part.evaluate((element) => element.ownerDocument.defaultView?.getComputedStyle(element).color)
  expect(await colourOf(output().locator(".term-ink").first())).not.toBe(await colourOf(output()))
  await conversationOf(page)
    .getByText(/^\d+ lines$/)
    .waitFor()
  expect(await axeFaults(page)).toEqual([])
  await browser.picture(page, "live-output")
})

it("stays at its end, until the reader goes up, and again when he wants it", async () => {
  const distance = () => output().evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight)
  const lines = async () => Number(/(\d+)\n*$/.exec(await output().innerText())?.[1])
  await expect.poll(distance).toBeLessThan(2)
  await output().focus()
  await output().press("Home")
  await conversationOf(page).getByRole("button", { name: "Follow", exact: true }).waitFor()
  // The key scrolls over some frames.
  const scrolled = () => output().evaluate((box) => box.scrollTop)
  await expect.poll(scrolled).toBe(0)
  const before = await lines()
  await expect.poll(lines, { timeout: 10_000 }).toBeGreaterThan(before + 20)
  expect(await scrolled()).toBe(0)
  await browser.picture(page, "live-output-left-behind")
  await conversationOf(page).getByRole("button", { name: "Follow", exact: true }).press("Enter")
  await conversationOf(page).getByRole("button", { name: "Following" }).waitFor()
  await expect.poll(distance).toBeLessThan(2)
})

it("whoever opens the chat sees it too, in the dark and on a phone", async () => {
  const viewport = { width: 390, height: 844 }
  const phone = await browser.open(page.url(), { colorScheme: "dark", viewport, touch: true })
  await phone.getByLabel("Email").fill(OWNER.email)
  await phone.getByLabel("Password").fill(OWNER.password)
  await phone.getByRole("button", { name: "Sign in" }).tap()
  const live = conversationOf(phone).getByRole("group", { name: "Live output" })
  await live.getByText("line", { exact: false }).first().waitFor()
  expect(await axeFaults(phone)).toEqual([])
  expect(await phone.locator("html").evaluate(({ scrollWidth }) => scrollWidth)).toBe(390)
  await browser.picture(phone, "live-output-phone-dark")
  await phone.context().close()
})

it("the call is stopped with the keyboard; its turn goes on, and the row says who it was", async () => {
  await stop().focus()
  await page.keyboard.press("Enter")
  await conversationOf(page).getByText("It was stopped.").waitFor()
  const row = conversationOf(page).getByRole("button", { name: /Stopped by you/ })
  if ((await row.count()) === 0) await conversationOf(page).getByRole("button", { name: /step/ }).first().click()
  await row.waitFor()
  if ((await row.getAttribute("aria-expanded")) !== "true") await row.click()
  await conversationOf(page).getByRole("group", { name: "Output" }).getByText("100 %").waitFor()
  expect(await axeFaults(page)).toEqual([])
  await browser.picture(page, "live-output-stopped")
  expect(provider.left).toBe(0)
  expect(provider.refusals).toEqual([])
})
