import type { Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { ToolPolicyConfig, type ToolPolicyRule } from "../../src/contract/tool-policy.ts"
import { axeFaults, composerOf, conversationOf, send, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person who is asked before tools run. */

const server = useServerProcess()
const browser = useBrowser()
let client: Client
let page: Page

const asksFirst: ReadonlyArray<ToolPolicyRule> = [
  { pattern: "execute", action: "ask" },
  { pattern: "write_file", action: "ask" },
]

beforeAll(async () => {
  client = await Client.signIn(server.url)
  page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.getByRole("button", { name: "Model: Simulator" }).waitFor()
})
afterAll(() => page.context().close())

const stopButton = () => page.getByRole("button", { name: "Stop", exact: true })
const sheet = () => page.locator("[data-approvals]")
const waitsFor = (calls: string) => page.getByRole("heading", { name: calls })

/** Opens a new chat that asks before it runs anything, and waits until it does. */
const ask = async (text: string): Promise<string> => {
  const { id } = await client.createChat(text, { tool_policy: asksFirst })
  await page.goto(`${server.url}/agents/${id}`)
  await sheet().waitFor()
  return id
}

/** Notes when the sheet came, and presses all that answers as soon as it is there: as if meant for what stood there before. */
const WATCH = `
  new MutationObserver(() => {
    const shown = document.querySelector("[data-approvals]")
    const page = document.documentElement
    if (shown === null) {
      delete page?.dataset.asked
      return
    }
    if (page.dataset.asked !== undefined) return
    page.dataset.asked = "just now"
    setTimeout(() => {
      if (page.dataset.asked !== undefined) page.dataset.asked = "long ago"
    }, 510)
    for (const key of ["a", "A", "d"]) {
      shown.dispatchEvent(new KeyboardEvent("keydown", { key, shiftKey: key === "A", bubbles: true }))
    }
    for (const button of shown.querySelectorAll("footer button")) {
      if (/^(Approve|Deny) \\d/.test(button.textContent)) button.click()
    }
    page.dataset.pressed = "all"
  }).observe(document, { childList: true, subtree: true })`
beforeAll(() => page.addInitScript({ content: WATCH }))

/** In its first half second nothing on the sheet answers. */
const settled = () => page.locator("html[data-asked='long ago']").waitFor()

/** What the page tells the server by this. */
const decisionsOf = async (act: () => Promise<void>): Promise<ReadonlyArray<{ readonly decision: string }>> => {
  await settled()
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.method() === "POST" && sent.url().endsWith("/approvals")),
    act(),
  ])
  return (request.postDataJSON() as { decisions: ReadonlyArray<{ decision: string }> }).decisions
}
const over = () => stopButton().waitFor({ state: "detached" })
const press = (name: string) => sheet().getByRole("button", { name }).click()
const rulesOf = async (chat: string) =>
  (await client.expect(ToolPolicyConfig, 200, "GET", `/chats/${chat}/tool-policy`)).rules

describe("the sheet", () => {
  it("approves, and the focus goes on to the message box", async () => {
    await ask("/run echo yes")
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "approval-one")
    expect(await decisionsOf(() => press("Approve 1"))).toEqual([{ id: expect.any(String), decision: "approve" }])
    await over()
    await conversationOf(page)
      .getByRole("button", { name: /^Ran echo yes/ })
      .waitFor()
    expect(await composerOf(page).evaluate((field) => field.matches(":focus"))).toBe(true)
  })

  it("denies with a reason, in which letters are letters and Enter is no answer", async () => {
    await ask("/run echo no")
    await press("Deny with a reason")
    const reason = sheet().getByLabel("Reason")
    await settled()
    await reason.pressSequentially("aAdD: read it first.")
    await reason.press("Enter")
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "approval-reason")
    expect(await decisionsOf(() => press("Deny 1"))).toEqual([
      { id: expect.any(String), decision: "deny", reason: "aAdD: read it first." },
    ])
    await over()
    await conversationOf(page).getByText("Denied", { exact: true }).waitFor()
  })

  it("shows the command that runs, whatever characters are in it", async () => {
    await ask("/run echo safe #\u202e txt.nim eteled ; fr- mr\u202c\u200b done")
    const written = "echo safe #\\u202e txt.nim eteled ; fr- mr\\u202c\\u200b done"
    await conversationOf(page).getByText(`Run ${written}`, { exact: true }).waitFor()
    await sheet().getByRole("checkbox", { name: written }).waitFor()
    await press("Show all arguments")
    await sheet().getByRole("group", { name: "Input" }).getByText(written).waitFor()
    await browser.picture(page, "approval-unseen-characters")
    expect(/[\u202e\u202c\u200b]/.test(await sheet().innerText())).toBe(false)
    await decisionsOf(() => press("Deny 1"))
    await over()
  })

  it("goes away with a turn that was stopped, whose call did not happen", async () => {
    await ask("/write never.txt hello")
    await stopButton().click()
    await over()
    await sheet().waitFor({ state: "detached" })
    await conversationOf(page).getByText("Write never.txt", { exact: true }).waitFor()
    await conversationOf(page).getByText("Stopped", { exact: true }).waitFor()
    await expect.poll(() => conversationOf(page).getByText("Wrote never.txt").count()).toBe(0)
  })

  it("answers several at once: those that are ticked, and the rest waits on", async () => {
    const chat = await ask("/run echo one\n/write two.txt x\n/run echo three")
    await waitsFor("3 calls wait for you").waitFor()
    await sheet().getByRole("group", { name: "Write" }).waitFor()
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "approval-several")
    await sheet().getByRole("checkbox", { name: "two.txt" }).uncheck()
    expect(await decisionsOf(() => press("Approve 2"))).toHaveLength(2)
    await waitsFor("1 call waits for you").waitFor()
    await sheet().getByRole("checkbox", { name: "two.txt" }).check()
    expect(await sheet().evaluate((shown) => shown.matches(":focus-within"))).toBe(true)
    expect(await decisionsOf(() => page.keyboard.press("d"))).toMatchObject([{ decision: "deny" }])
    await over()
    const { messages } = await client.messages(chat)
    const parts = messages.flatMap(({ content }) => content.filter((part) => part.type === "tool-result"))
    expect(parts.map(({ is_error }) => is_error).toSorted()).toEqual([false, false, true])
  })
})

describe("its keys", () => {
  it("are letters in the message box, where who writes goes on writing", async () => {
    await ask("/run echo keys")
    await composerOf(page).focus()
    await settled()
    await page.keyboard.type("aAd")
    await expect.poll(() => composerOf(page).inputValue()).toBe("aAd")
    await composerOf(page).fill("")
    await page.keyboard.press("Shift+Tab")
    expect(await sheet().evaluate((shown) => shown.matches(":focus-within"))).toBe(true)
    expect(await decisionsOf(() => page.keyboard.press("d"))).toMatchObject([{ decision: "deny" }])
    await over()
  })

  it("do nothing in the first half second, nor do the buttons, nor keys of the browser", async () => {
    const asked: Array<string> = []
    page.on("request", (sent) => void (sent.method() === "POST" && asked.push(new URL(sent.url()).pathname)))
    await ask("/run echo soon")
    await page.locator("html[data-pressed=all]").waitFor()
    await settled()
    await sheet().focus()
    await page.keyboard.press("Control+d")
    await page.keyboard.press("Alt+a")
    expect(asked.filter((path) => path.endsWith("/approvals"))).toEqual([])
    expect(await decisionsOf(() => page.keyboard.press("a"))).toMatchObject([{ decision: "approve" }])
    await over()
  })
})

it("fifty calls are one sheet and one request, and on a phone it takes the place of the message box", async () => {
  const chat = await ask(Array.from({ length: 50 }, (_, index) => `/run echo ${index + 1}`).join("\n"))
  await waitsFor("50 calls wait for you").waitFor()
  await browser.picture(page, "approval-fifty")
  await page.setViewportSize({ width: 390, height: 844 })
  await composerOf(page).waitFor({ state: "hidden" })
  expect(await axeFaults(page)).toEqual([])
  await browser.picture(page, "approval-fifty-phone")
  await sheet().getByRole("checkbox", { name: "echo 7", exact: true }).uncheck()
  await sheet().focus()
  expect(await decisionsOf(() => page.keyboard.press("Shift+A"))).toHaveLength(50)
  await sheet().waitFor({ state: "detached" })
  await composerOf(page).waitFor()
  await page.setViewportSize({ width: 1280, height: 800 })
  expect((await client.call("GET", `/chats/${chat}/approvals`)).body).toEqual({ approvals: [] })
  await over()
}, 60_000)

describe("a command may be allowed for the rest of a chat", () => {
  const allowed = { pattern: "execute", args: { command_prefix: ["git", "status"] }, action: "auto" }

  it("on its row, for all calls like it, and it is taken back from the notice", async () => {
    const chat = await ask("/run git status\n/run git status -s\n/run git status; ls")
    const offer = sheet().getByRole("checkbox", { name: "Allow git status … for the rest of this chat" })
    await expect.poll(() => offer.count()).toBe(1)
    await expect.poll(() => offer.isChecked()).toBe(false)
    await offer.check()
    await sheet().getByRole("checkbox", { name: "git status; ls" }).uncheck()
    await sheet().getByRole("checkbox", { name: "git status -s", exact: true }).uncheck()
    await browser.picture(page, "approval-allow")
    await settled()
    await press("Approve 1")
    // The rule lets both run. What only begins like it still asks.
    await waitsFor("1 call waits for you").waitFor()
    await page.getByText("git status is allowed for the rest of this chat").waitFor()
    await browser.picture(page, "approval-allowed")
    expect(await rulesOf(chat)).toEqual([allowed, ...asksFirst])
    await page.getByRole("button", { name: "Undo" }).click()
    await expect.poll(() => rulesOf(chat)).toEqual(asksFirst)
    await sheet().getByRole("checkbox", { name: "git status; ls" }).check()
    await decisionsOf(() => press("Deny 1"))
    await over()
  })

  it("and the rules of a chat are listed, and removed one by one", async () => {
    const chat = await ask("/run git status")
    await sheet()
      .getByRole("checkbox", { name: /^Allow git status/ })
      .check()
    await settled()
    await press("Approve 1")
    await over()
    await send(page, "/run git status -sb")
    await conversationOf(page)
      .getByRole("button", { name: /git status -sb/ })
      .waitFor()
    await over()
    await expect.poll(() => sheet().count()).toBe(0)
    await page.getByRole("button", { name: "More about this chat" }).click()
    await page.getByRole("menuitem", { name: /^Rules for tools/ }).click()
    const dialog = page.getByRole("dialog", { name: "Rules for tools" })
    await dialog.getByText("git status …").waitFor()
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "approval-rules")
    await dialog.getByRole("button", { name: "Remove the rule about git status …" }).click()
    await dialog.getByText("git status …").waitFor({ state: "detached" })
    expect(await rulesOf(chat)).toEqual(asksFirst)
    await page.keyboard.press("Escape")
    await dialog.waitFor({ state: "detached" })
  })

  it("not where the deployment asks", async () => {
    await client.call("PUT", "/chats/config/tool-policy", { body: { rules: asksFirst } })
    await ask("/run git status")
    await sheet()
      .getByText(/of this deployment asks/)
      .waitFor()
    await expect.poll(() => sheet().getByRole("checkbox").count()).toBe(1)
    await client.call("PUT", "/chats/config/tool-policy", { body: { rules: [] } })
    await decisionsOf(() => press("Deny 1"))
    await over()
  })
})
