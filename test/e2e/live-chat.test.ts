import { setTimeout as pause } from "node:timers/promises"
import type { Locator, Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect, it } from "vitest"
import {
  axeFaults,
  composerOf,
  conversationOf,
  expectText,
  LOST_SERVER,
  send,
  signIn,
  useBrowser,
} from "../support/browser.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person with a chat while a model answers, token by token under the test's control. */

const server = useServerProcess()
const provider = await ScriptedProvider.start()
const browser = useBrowser(LOST_SERVER)
let page: Page

beforeAll(async () => {
  page = await browser.open(server.url)
  await signIn(page, OWNER)
})
afterAll(() => provider.close())
afterEach(() => {
  const { left } = provider
  provider.reset()
  expect(left).toBe(0)
  expect(provider.refusals).toEqual([])
})

/** The words of the agent in the last answer, shown as they come. */
const answer = () => conversationOf(page).locator(".markdown").last()

const newChat = async (text: string) => {
  await page.getByRole("link", { name: "New chat" }).click()
  await page.getByRole("heading", { name: "What should be done?" }).waitFor()
  await send(page, text)
  await conversationOf(page).getByRole("article", { name: "You" }).getByText(text, { exact: true }).waitFor()
}

/** Words that the test lets go one by one. */
const wordByWord = (words: ReadonlyArray<string>) => {
  const gates = words.map(() => openGate())
  return {
    items: words.flatMap((text, index) => [{ gate: gates[index]?.wait ?? Promise.resolve() }, { text }]),
    /** Lets the next words go, up to this many in all, and sees each of them. */
    show: async (from: number, to: number) => {
      for (let count = from + 1; count <= to; count += 1) {
        gates[count - 1]?.open()
        await expectText(answer(), words.slice(0, count).join(""))
      }
    },
  }
}

const stopButton = () => page.getByRole("button", { name: "Stop", exact: true })
const untilIdle = () => stopButton().waitFor({ state: "detached" })

it("a provider and a model are added in the settings", async () => {
  await page.getByRole("link", { name: "Settings" }).click()
  await page.getByRole("link", { name: "Models" }).click()
  await page.getByRole("button", { name: "Add provider" }).click()
  const providerForm = page.getByRole("form", { name: "Add a provider" })
  await providerForm.getByLabel("Type").selectOption("openai-compat")
  await providerForm.getByLabel("Display name").fill("Scripted")
  await providerForm.getByLabel("Base URL").fill(`${provider.url}/v1`)
  await providerForm.getByLabel("API key").fill(provider.apiKey)
  await providerForm.getByRole("button", { name: "Add provider" }).click()
  await page.getByRole("listitem").filter({ hasText: provider.url }).getByText("Key set").waitFor()

  await page.getByRole("button", { name: "Add model" }).click()
  const modelForm = page.getByRole("form", { name: "Add a model" })
  await modelForm.getByLabel("Provider").selectOption("Scripted")
  await modelForm.getByLabel("Model").fill("scripted-1")
  await modelForm.getByLabel("Use it for new chats by default").check()
  await modelForm.getByRole("button", { name: "Add model" }).click()
  await page
    .getByRole("region", { name: "Models", exact: true })
    .getByRole("rowheader", { name: /scripted-1/ })
    .waitFor()
  await browser.picture(page, "settings-filled")
  expect(await page.content()).not.toContain(provider.apiKey)

  await page.getByRole("link", { name: "New chat" }).click()
  await page.getByRole("button", { name: "Model: scripted-1" }).waitFor()
})

it("tokens arrive one by one, and a reload in the middle loses and repeats nothing", async () => {
  const words = ["One ", "two ", "three ", "four ", "five."]
  const { items, show } = wordByWord(words)
  provider.script({ items })
  await newChat("Count to five")
  await show(0, 3)
  await browser.picture(page, "streaming")
  await page.reload()
  await expectText(answer(), words.slice(0, 3).join(""))
  await show(3, 5)
  await untilIdle()
  await expect
    .poll(() => conversationOf(page).getByRole("article").allInnerTexts())
    .toEqual(["Count to five", words.join("")])
  // And again, when it is long a message.
  await page.reload()
  await expectText(answer(), words.join(""))
  await expect
    .poll(() => conversationOf(page).getByRole("article").allInnerTexts())
    .toEqual(["Count to five", words.join("")])
})

it.each([
  ["the stop button", () => stopButton().click()],
  ["Esc", () => composerOf(page).press("Escape")],
])("%s ends an answer, which keeps what was shown", async (_, stop) => {
  const { items, show } = wordByWord(["Half ", "a ", "sentence"])
  provider.script({ items: [...items, { silence: true }] })
  const number = provider.requests.length + 1
  await newChat("Say something long")
  await show(0, 3)
  await stop()
  await untilIdle()
  // The model is no longer listened to.
  expect(await (await provider.requestArrived(number)).closed).toBe(false)
  await expectText(conversationOf(page).getByRole("article", { name: "Agent" }), "Half a sentence")
})

it("what is sent while a turn runs is shown as queued, and then goes", async () => {
  const first = wordByWord(["Busy", " no more"])
  // Held back: the answer to what was queued may else be there before the end of the first has been looked at.
  const second = openGate()
  provider.script({ items: first.items }, { items: [{ gate: second.wait }, { text: "The second answer" }] })
  await newChat("Be busy")
  await first.show(0, 1)
  await send(page, "And then this")
  const queue = page.getByRole("region", { name: "Queued messages" })
  await queue.getByText("And then this").waitFor()
  await browser.picture(page, "queued")
  // The answer to the request may come after the news of the stream.
  await expect.poll(() => composerOf(page).inputValue(), { timeout: 10_000 }).toBe("")
  await first.show(1, 2)
  second.open()
  await queue.waitFor({ state: "detached" })
  await expectText(conversationOf(page).getByRole("article"), "Be busy Busy no more And then this The second answer")
})

it("a server that is killed and comes back: the page says so, keeps what it shows, and goes on", async () => {
  const first = wordByWord(["These ", "words ", "were ", "shown"])
  const second = openGate()
  provider.script(
    { items: [...first.items, { silence: true }], when: "Survive" },
    { items: [{ gate: second.wait }, { text: "A new answer" }], when: "Survive" },
  )
  await newChat("Survive")
  await first.show(0, 4)
  // What is promised is a span of time: older than this, nothing may be lost.
  await pause(150)
  await server.kill9()
  await conversationOf(page).getByText("The connection is lost", { exact: true }).waitFor()
  await expectText(answer(), "These words were shown")
  await browser.picture(page, "reconnecting")

  await server.start()
  await conversationOf(page).getByText("The connection is lost", { exact: true }).waitFor({ state: "detached" })
  // The last one stands where it was written, and is marked.
  await conversationOf(page)
    .getByRole("button", { name: /^Cut off by a restart, try 1/, expanded: true })
    .waitFor()
  await conversationOf(page).getByText("These words were shown").waitFor()
  await browser.picture(page, "lost-attempt")
  second.open()
  await untilIdle()
  await expectText(conversationOf(page).getByRole("article", { name: "Agent" }), "A new answer")
})

it("a provider that fails is shown with what to do, and the next message goes", async () => {
  provider.script({ status: 401, message: "Incorrect API key provided." }, { items: [{ text: "It works again" }] })
  await newChat("Fail")
  await conversationOf(page).getByText("The provider refused the credentials", { exact: true }).waitFor()
  await browser.picture(page, "failed")
  await send(page, "Once more")
  await expectText(conversationOf(page).getByRole("article", { name: "Agent" }), "It works again")
})

it("what was said before a failure is shown once, where it was written, and folded when the chat goes on", async () => {
  provider.script(
    { items: [{ text: "Lost words" }, { cut: "reset" }] },
    { items: [{ text: "Half a sentence" }], finish: "content-filter" },
    { items: [{ text: "A whole one" }] },
  )
  await newChat("Fail in the middle")
  const failure = conversationOf(page).getByText("The provider's content filter stepped in", { exact: true })
  await failure.waitFor()
  await page.reload()
  // With this one, all attempts have been read.
  await conversationOf(page)
    .getByRole("button", { name: /^Cut off, try 1/ })
    .waitFor()
  const folded = conversationOf(page).getByRole("button", { name: /^Failed, try 2/ })
  await failure.waitFor()
  await expectText(answer(), "Half a sentence")
  await expect.poll(() => folded.count()).toBe(0)
  await send(page, "Once more")
  await expectText(conversationOf(page).getByRole("article", { name: "Agent" }), "A whole one")
  await folded.waitFor()
})

it("the conversation is compacted and its context cleared from the chat's menu, and stays to be read", async () => {
  const gate = openGate()
  provider.script(
    { items: [{ text: "Seven." }] },
    {
      items: [{ gate: gate.wait }, { text: "They asked for **a number** and got seven." }],
      usage: { input: 1234, output: 10 },
    },
  )
  await newChat("Name a number")
  await expectText(answer(), "Seven.")
  const menu = page.getByRole("button", { name: "More about this chat" })
  await menu.press("Enter")
  await page.getByRole("menuitem", { name: /Compact the conversation/ }).waitFor()
  await browser.picture(page, "context-menu")
  expect(await axeFaults(page)).toEqual([])
  await page.keyboard.press("Enter")
  await conversationOf(page).getByText("Compacting the conversation…").waitFor()
  gate.open()
  const compacted = conversationOf(page).getByRole("button", { name: /Conversation compacted/ })
  await compacted.click()
  await conversationOf(page).getByText("a number", { exact: true }).waitFor()
  await conversationOf(page).getByText("1,234 tokens").waitFor()
  await browser.picture(page, "compacted")

  await menu.click()
  await page.getByRole("menuitem", { name: /Clear the context/ }).click()
  await conversationOf(page).getByText("Context cleared: the model does not see what is above").waitFor()
  provider.script({ items: [{ text: "Who knows." }] })
  await send(page, "Which number?")
  await expectText(conversationOf(page).locator(".markdown").last(), "Who knows.")
  await conversationOf(page).getByText("Name a number", { exact: true }).waitFor()
  expect(JSON.stringify(provider.requests.at(-1)?.body["messages"])).not.toContain("Seven.")
  expect(await axeFaults(page)).toEqual([])
  await browser.picture(page, "cleared")
})

it("a table keeps its words whole and scrolls; text is read from its own side", async () => {
  const text = [
    "## Results",
    "",
    "A first paragraph.",
    "",
    `| Name | ${"Configuration | ".repeat(9)}`,
    `| --- | ${"--- | ".repeat(9)}`,
    `| First | ${"internationalisation | ".repeat(9)}`,
    "",
    "- one",
    "- two",
    "",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd",
    "",
    "```ts",
    "const left = 1",
    "```",
  ].join("\n")
  provider.script({ items: [{ text }] })
  await newChat("Make a table")
  await untilIdle()
  const lines = (cell: Locator) =>
    cell.evaluate((shown) => {
      const range = shown.ownerDocument.createRange()
      range.selectNodeContents(shown)
      return range.getClientRects().length
    })
  const table = conversationOf(page).getByRole("group", { name: "Table" })
  expect(await lines(table.getByRole("cell", { name: "internationalisation" }).first())).toBe(1)
  expect(await table.evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(true)
  const direction = (shown: Locator) =>
    shown.evaluate((element) => element.ownerDocument.defaultView?.getComputedStyle(element).direction)
  expect(await direction(conversationOf(page).getByText("\u05e9\u05dc\u05d5\u05dd"))).toBe("rtl")
  expect(await direction(conversationOf(page).getByText("A first paragraph."))).toBe("ltr")
  expect(await direction(conversationOf(page).getByRole("group", { name: "Code" }))).toBe("ltr")
  await browser.picture(page, "table")
})
