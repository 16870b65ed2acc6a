import type { Page } from "playwright-core"
import { beforeAll, describe, expect, it } from "vitest"
import { axeFaults, composerOf, conversationOf, expectText } from "../support/browser.ts"
import type { Client } from "../support/client.ts"
import { openGate, type ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER } from "../support/server-process.ts"
import { expectShown, run, sliderOf, stepsOf, useTrace } from "../support/trace-page.ts"

/** A person who wants to know what a chat did, when, and why: beside the chat, and on the page of its own. */

const trace = useTrace()
const { browser, failedChat, server, untilIn } = trace
let page: Page
let client: Client
let provider: ScriptedProvider
beforeAll(() => {
  ;({ page, client, provider } = trace)
})

const slider = (of = page) => sliderOf(of)
const steps = (of = page) => stepsOf(of)
const banner = (words: RegExp) => page.getByText(words)
const pathOf = () => new URL(page.url()).pathname
const panel = () => page.getByRole("complementary", { name: "Trace" })

describe("the page of Trace", () => {
  it("is reached in two steps from a chat that failed, with what went wrong and when in view", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}`)
    await page.getByRole("button", { name: "Trace", exact: true }).click()
    await panel().getByRole("link", { name: "Open Trace as a page" }).click()
    await slider().waitFor()
    await expect.poll(() => pathOf()).toBe(`/agents/${chat}/trace`)
    await banner(/^You see the chat as it is now, version 11\.$/).waitFor()
    await page.getByRole("button", { name: /^Failed, version 11, \d\d:\d\d:\d\d\.\d{3}$/ }).waitFor()
    await steps()
      .getByRole("option", { name: /^Step 1, .* failed, came to nothing, version 10$/ })
      .waitFor()
    await conversationOf(page).getByText("Now the changelog").waitFor()
    for (const part of [slider(), steps(), conversationOf(page)]) {
      const box = await part.boundingBox()
      expect((box?.y ?? 0) + Math.min(box?.height ?? 0, 40)).toBeLessThan(800)
    }
    await browser.picture(page, "trace-now")
    expect(await axeFaults(page)).toEqual([])
  })

  it("is gone through by keys: one version, many, to the ends, and back to now; the address goes along", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}`)
    await conversationOf(page).getByText("All tests pass now.").waitFor()
    await page.goto(`${server.url}/agents/${chat}/trace`)
    await expectShown(11, page)
    await slider().press("ArrowLeft")
    await expectShown(10, page)
    await banner(/^You see version 10 of 11, \d\d:\d\d:\d\d\.\d{3}\./).waitFor()
    await expect.poll(() => pathOf()).toBe(`/agents/${chat}@10`)
    await slider().press("Home")
    await expectShown(1, page)
    expect(await slider().getAttribute("aria-valuetext")).toMatch(
      /^Version 1 of 11, \d\d:\d\d:\d\d\.\d{3}, Writing the answer$/,
    )
    await expectText(conversationOf(page).getByRole("article"), "Make the tests pass")
    // From anywhere on the page.
    await page.getByRole("heading", { name: "Conversation" }).click()
    await page.keyboard.press("ArrowRight")
    await expectShown(2, page)
    await slider().press("PageDown")
    await expectShown(11, page)
    await slider().press("PageUp")
    await expectShown(1, page)
    await slider().press("End")
    await banner(/^You see the chat as it is now/).waitFor()
    await slider().press("ArrowLeft")
    await page.keyboard.press("Escape")
    await banner(/^You see the chat as it is now/).waitFor()
    await expect.poll(() => pathOf()).toBe(`/agents/${chat}/trace`)
    // The versions that were gone through are not places to go back to.
    await page.goBack()
    await expect.poll(() => pathOf()).toBe(`/agents/${chat}`)
  })

  it("opens at the version of its address, and is dragged, clicked and stepped to others", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}@4`)
    await expectShown(4, page)
    await banner(/^You see version 4 of 11/).waitFor()
    await steps()
      .getByRole("option", { name: /^Step 2, try 1, / })
      .waitFor()
    await steps()
      .getByRole("option", { name: /^Back off, 2\.0 s, version 7$/ })
      .click()
    await expectShown(7, page)
    await browser.picture(page, "trace-then")
    expect(await axeFaults(page)).toEqual([])
    await page.getByRole("button", { name: /^Tried again, version 5/ }).click()
    await expectShown(5, page)
    const box = await slider().boundingBox()
    if (box === null) throw new Error("The axis is not in view")
    await page.mouse.move(box.x + box.width / 2, box.y + 20)
    await page.mouse.down()
    await page.mouse.move(box.x + 1, box.y + 20, { steps: 5 })
    await expectShown(1, page)
    await page.mouse.move(box.x + box.width + 9, box.y + 20, { steps: 5 })
    await page.mouse.up()
    await banner(/^You see the chat as it is now/).waitFor()
    // The rows by keys: the list is one stop.
    await steps().focus()
    await page.keyboard.press("Home")
    await page.keyboard.press("Enter")
    await expectShown(10, page)
    await page.getByRole("button", { name: "All", exact: true }).click()
    const all = page.getByRole("listbox", { name: "Steps of the whole chat" })
    await all.press("Home")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expectShown(2, page)
    await conversationOf(page).getByText("2 calls without an answer yet").waitFor()
    await browser.picture(page, "trace-calls")
    await page.getByRole("button", { name: "Version after" }).click()
    await expectShown(3, page)
    await page.getByRole("button", { name: "Back to now" }).click()
    await expectShown(11, page)
  })

  it("has the newest messages of a long conversation, and those before them when they are asked for", async () => {
    const turns = 24
    provider.script({ items: [{ text: "Answer 0" }] })
    const { id } = await client.createChat("Question 0")
    await untilIn(id, "waiting")
    for (let turn = 1; turn < turns; turn += 1) {
      provider.script({ items: [{ text: `Answer ${turn}` }] })
      await client.send(id, `Question ${turn}`)
      await untilIn(id, "waiting")
    }
    await page.goto(`${server.url}/agents/${id}/trace`)
    const prompts = conversationOf(page).getByRole("article", { name: "You" })
    await conversationOf(page).getByText("Question 23", { exact: true }).waitFor()
    await conversationOf(page).focus()
    await page.keyboard.press("Home")
    await conversationOf(page).getByRole("button", { name: "Earlier messages" }).click()
    await expect.poll(() => conversationOf(page).getByRole("button", { name: "Earlier messages" }).count()).toBe(0)
    await conversationOf(page).focus()
    await page.keyboard.press("Home")
    await expectText(prompts.first(), "Question 0")
    await slider().press("Home")
    await expectText(prompts, "Question 0")
  })

  it("grows while the chat goes on, and leaves alone who stands at a version", async () => {
    const [first, second, third] = [openGate(), openGate(), openGate()]
    provider.script(
      { items: [{ text: "One" }, { gate: first.wait }, { calls: [run("echo one")] }] },
      { items: [{ text: "Two" }, { gate: second.wait }, { calls: [run("echo two")] }] },
      { items: [{ gate: third.wait }, { text: "Done." }] },
    )
    const { id } = await client.createChat("Go on and on")
    await page.goto(`${server.url}/agents/${id}/trace`)
    await banner(/as it is now, version 1\.$/).waitFor()
    const rowsOf = () => steps().getByRole("option").count()
    await expect.poll(rowsOf).toBe(1)
    first.open()
    await banner(/as it is now, version 4\.$/).waitFor()
    await expectShown(4, page)
    await expect.poll(rowsOf).toBe(3)
    await slider().press("ArrowLeft")
    await slider().press("ArrowLeft")
    await expectShown(2, page)
    second.open()
    await banner(/^You see version 2 of 7/).waitFor()
    await expect.poll(() => slider().getAttribute("aria-valuenow")).toBe("2")
    await expectShown(2, page)
    await page.keyboard.press("Escape")
    await expectShown(7, page)
    third.open()
    await expectShown(8, page)
    await conversationOf(page).getByText("Done.").waitFor()
    await client.call("PATCH", `/chats/${id}`, { body: { archived: true } })
    await page.getByText("Archived", { exact: true }).waitFor()
    await expectShown(9, page)
  })

  it.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
    ["dark", 390],
  ] as const)("is accessible and fits, %s and %i px wide", async (colorScheme, width) => {
    const touch = width === 390
    const other = await browser.open(server.url, { colorScheme, viewport: { width, height: 844 }, touch })
    await other.getByLabel("Email").fill(OWNER.email)
    await other.getByLabel("Password").fill(OWNER.password)
    await other.getByRole("button", { name: "Sign in" }).click()
    await other.getByRole("button", { name: /^Model: / }).waitFor()
    await other.goto(`${server.url}/agents/${await failedChat()}@7`)
    await steps(other).waitFor()
    expect(await other.locator("html").evaluate(({ scrollWidth }) => scrollWidth)).toBe(width)
    expect(await axeFaults(other)).toEqual([])
    await browser.picture(other, `trace-${colorScheme}-${width}`)
    await other.context().close()
  })

  it("has one view at a time on a phone, and remembers which", async () => {
    const viewport = page.viewportSize()
    await page.goto(`${server.url}/agents/${await failedChat()}@7`)
    await page.setViewportSize({ width: 390, height: 844 })
    const tabs = ["Steps", "Machine", "Journal", "Context", "Chat"]
    for (const [index, name] of tabs.entries()) {
      await page.getByRole("tab", { name, selected: true }).waitFor()
      await browser.picture(page, `trace-phone-${name.toLowerCase()}`)
      if (index < tabs.length - 1) await page.getByRole("tab", { name, selected: true }).press("ArrowRight")
    }
    await expectShown(7, page)
    expect(await axeFaults(page)).toEqual([])
    await browser.picture(page, "trace-phone-chat")
    await page.reload()
    await expectShown(7, page)
    await page.getByRole("tab", { name: "Steps" }).click()
    await steps().waitFor()
    if (viewport !== null) await page.setViewportSize(viewport)
  })
})

describe("Trace beside the chat", () => {
  it("turns the conversation to a version, keeps what is being written, and leads back", async () => {
    const chat = await failedChat()
    await page.goto(`${server.url}/agents/${chat}`)
    await conversationOf(page).getByText("All tests pass now.").waitFor()
    await composerOf(page).fill("Not sent yet")
    await page.getByRole("button", { name: "Trace", exact: true }).click()
    await slider().waitFor()
    await expect.poll(() => conversationOf(page).count()).toBe(1)
    await browser.picture(page, "trace-beside")
    await slider().press("Home")
    await expectShown(1, page)
    await banner(/^You see version 1 of 11/)
      .first()
      .waitFor()
    await expect.poll(() => page.getByRole("textbox", { name: "Message", exact: true }).count()).toBe(0)
    await expectText(conversationOf(page).getByRole("article"), "Make the tests pass")
    await slider().press("ArrowRight")
    await expectShown(2, page)
    await browser.picture(page, "trace-beside-then")
    expect(await axeFaults(page)).toEqual([])
    // Esc leads back to now, and from there away.
    await page.keyboard.press("Escape")
    await conversationOf(page).getByText("All tests pass now.").waitFor()
    expect(await composerOf(page).inputValue()).toBe("Not sent yet")
    await slider().press("Escape")
    await panel().waitFor({ state: "detached" })
    expect(await page.getByRole("button", { name: "Trace", exact: true }).evaluate((it) => it.matches(":focus"))).toBe(
      true,
    )
    await composerOf(page).fill("")
  })
})
