import type { Page } from "playwright-core"
import { afterAll, beforeAll, expect, it } from "vitest"
import { axeFaults, composerOf, conversationOf, send, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person who is asked before tools run. */

const server = useServerProcess()
const browser = useBrowser()
let page: Page

const rules = [
  { pattern: "execute", action: "ask" },
  { pattern: "write_file", action: "ask" },
]

beforeAll(async () => {
  const client = await Client.signIn(server.url)
  await client.call("PUT", "/chats/config/tool-policy", { body: { rules } })
  page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.getByRole("button", { name: "Model: Simulator" }).waitFor()
})
afterAll(() => page.context().close())

const stopButton = () => page.getByRole("button", { name: "Stop", exact: true })
const card = () => conversationOf(page).getByRole("group", { name: /^Approve/ })

const ask = async (text: string) => {
  await page.getByRole("link", { name: "New chat" }).click()
  await page.getByRole("heading", { name: "What should be done?" }).waitFor()
  await send(page, text)
  await card().waitFor()
}

/** Answers the card and returns what the page told the server. */
const answer = async (name: "Approve" | "Deny"): Promise<unknown> => {
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.method() === "POST" && sent.url().endsWith("/approvals")),
    card().getByRole("button", { name, exact: true }).click(),
  ])
  await stopButton().waitFor({ state: "detached" })
  return (request.postDataJSON() as { decisions: ReadonlyArray<unknown> }).decisions
}

it.each([
  ["Approve", "approve", /^Ran echo yes/],
  ["Deny", "deny", /^Run echo yes.*Denied/],
] as const)("%s takes a reason", async (name, decision, row) => {
  await ask("/run echo yes")
  expect(await axeFaults(page)).toEqual([])
  await card().getByLabel("Reason").fill("I looked at it.")
  // Enter is neither answer.
  await card().getByLabel("Reason").press("Enter")
  await browser.picture(page, `approval-${decision}`)
  expect(await answer(name)).toEqual([{ id: expect.any(String), decision, reason: "I looked at it." }])
  await conversationOf(page).getByRole("button", { name: row }).waitFor()
  expect(await composerOf(page).evaluate((field) => field.matches(":focus"))).toBe(true)
})

it("shows the command that runs, whatever characters are in it", async () => {
  await ask("/run echo safe #\u202e txt.nim eteled ; fr- mr\u202c\u200b done")
  const written = "echo safe #\\u202e txt.nim eteled ; fr- mr\\u202c\\u200b done"
  await conversationOf(page).getByText(`Run ${written}`, { exact: true }).waitFor()
  await card().getByText(written).waitFor()
  await card().getByRole("button", { name: "All arguments" }).click()
  await card().getByRole("group", { name: "Input" }).getByText(written).waitFor()
  await browser.picture(page, "approval-unseen-characters")
  expect(/[\u202e\u202c\u200b]/.test(await card().innerText())).toBe(false)
  await answer("Deny")
})

it("a call that was stopped did not happen, and the focus goes on to the message box", async () => {
  await ask("/write never.txt hello")
  await stopButton().click()
  await stopButton().waitFor({ state: "detached" })
  await conversationOf(page).getByText("Write never.txt", { exact: true }).waitFor()
  await conversationOf(page).getByText("Stopped", { exact: true }).waitFor()
  expect(await conversationOf(page).getByText("Wrote never.txt").count()).toBe(0)
  expect(await composerOf(page).evaluate((field) => field.matches(":focus"))).toBe(true)
})
