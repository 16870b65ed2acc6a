import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { composerOf, conversationOf, LOST_SERVER, send, signIn, useBrowser } from "../support/browser.ts"
import { Client, textContent } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person in a chat longer than his screen, and what else the page does around it. */

const server = useServerProcess()
const browser = useBrowser(LOST_SERVER)
let page: Page

beforeAll(async () => {
  page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.getByRole("button", { name: "Model: Simulator" }).waitFor()
})
afterAll(() => page.context().close())

const stopButton = () => page.getByRole("button", { name: "Stop", exact: true })
const untilIdle = () => stopButton().waitFor({ state: "detached" })
const isFocused = (name: string) =>
  page.getByRole("button", { name, exact: true }).evaluate((it) => it.matches(":focus"))

const newChat = async (text: string): Promise<string> => {
  await page.getByRole("link", { name: "New chat" }).click()
  await page.getByRole("heading", { name: "What should be done?" }).waitFor()
  await send(page, text)
  await conversationOf(page).getByRole("article", { name: "You" }).waitFor()
  return new URL(page.url()).pathname.split("/").at(-1) ?? ""
}

/** How far the reader is from the end, in pixels, once the browser has drawn what it was given. */
const fromEnd = (): Promise<number> =>
  conversationOf(page).evaluate(async (box) => {
    for (let frame = 0; frame < 3; frame += 1)
      await new Promise((drawn) => box.ownerDocument.defaultView?.requestAnimationFrame(drawn))
    return Math.round(box.scrollHeight - box.scrollTop - box.clientHeight)
  })

it("stays at the end while a message of many lines is written, and leaves it with the reader", async () => {
  await newChat("/slow 700 0")
  await untilIdle()
  expect(await fromEnd()).toBe(0)
  await composerOf(page).focus()
  for (let line = 0; line < 12; line += 1) {
    await page.keyboard.type(`line ${line}`)
    await page.keyboard.press("Shift+Enter")
    expect([line, await fromEnd()]).toEqual([line, 0])
  }
  for (let key = 0; key < 5; key += 1) {
    await page.keyboard.type("x")
    expect(await fromEnd()).toBe(0)
  }
  await composerOf(page).fill("")
  expect(await fromEnd()).toBe(0)

  await conversationOf(page).hover()
  await page.mouse.wheel(0, -200)
  await page.getByRole("button", { name: "To the end" }).waitFor()
  const above = await fromEnd()
  await composerOf(page).fill("Not sent\n\n\n")
  await page.getByRole("button", { name: "To the end" }).click()
  expect([above > 100, await fromEnd()]).toEqual([true, 0])
  await composerOf(page).fill("")
})

it("Trace that cannot be loaded leaves the conversation alone, and is loaded when asked again", async () => {
  await newChat("/slow 20 0")
  await untilIdle()
  // React tells the console what the page has taken care of.
  await page.evaluate(() => {
    Object.assign(console, { error: () => undefined })
  })
  await page.route(/trace-panel/, (route) => route.abort("connectionrefused"))
  await page.getByRole("button", { name: "Trace", exact: true }).click()
  const trace = page.getByRole("complementary", { name: "Trace" })
  await trace.getByRole("alert").waitFor()
  await conversationOf(page).getByRole("article", { name: "Agent" }).waitFor()
  await browser.picture(page, "trace-failed")
  await page.unroute(/trace-panel/)
  await trace.getByRole("button", { name: "Try again" }).click()
  await trace.getByRole("slider", { name: "Version" }).waitFor()
  await trace.getByRole("button", { name: "Close Trace" }).click()
  expect(await isFocused("Trace")).toBe(true)
})

it("Esc in Trace closes it and does not stop the turn; a deleted row of the queue gives its focus on", async () => {
  await newChat("/slow 1000 1000")
  await page.getByRole("button", { name: "Trace", exact: true }).click()
  const trace = page.getByRole("complementary", { name: "Trace" })
  await trace.getByRole("button", { name: "Close Trace" }).press("Escape")
  await trace.waitFor({ state: "detached" })
  expect(await isFocused("Trace")).toBe(true)

  // Would only be queued while the turn goes on.
  await send(page, "Next")
  const queue = page.getByRole("region", { name: "Queued messages" })
  await queue.getByRole("button", { name: "Delete from the queue" }).press("Enter")
  await queue.waitFor({ state: "detached" })
  expect(await composerOf(page).evaluate((field) => field.matches(":focus"))).toBe(true)
  await stopButton().click()
  await untilIdle()
})

it("a message that is changed elsewhere while it is edited ends the editing and keeps what was written", async () => {
  const chatId = await newChat("/slow 5 0")
  await untilIdle()
  const client = await Client.signIn(server.url)
  const { body } = await client.call("GET", `/chats/${chatId}/messages`)
  const { messages } = body as { readonly messages: ReadonlyArray<{ readonly id: number; readonly role: string }> }
  const first = messages.find(({ role }) => role === "user")
  await conversationOf(page).getByRole("button", { name: "Edit this message" }).click()
  await page.getByRole("textbox", { name: "Edited message" }).fill("What I wrote")
  const changed = await client.call("PATCH", `/chats/${chatId}/messages/${first?.id}`, {
    body: { content: textContent("/slow 6 0") },
  })
  expect(changed.status).toBe(200)
  await page.getByText("The message you were editing is gone").waitFor()
  await expect.poll(() => page.getByRole("textbox", { name: "Message", exact: true }).inputValue()).toBe("What I wrote")
  await browser.picture(page, "edited-elsewhere")
  await untilIdle()
})
