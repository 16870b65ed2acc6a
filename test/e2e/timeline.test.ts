import { fileURLToPath } from "node:url"
import type { Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect, it } from "vitest"
import { Chat } from "../../src/contract/chats.ts"
import { ModelConfig, Provider } from "../../src/contract/models.ts"
import { axeFaults, composerOf, conversationOf, expectText, send, signIn, useBrowser } from "../support/browser.ts"
import { Client, textContent } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** What a person sees of the turns of a chat: while they go on, when they are over, when they fail. */

const server = useServerProcess()
const provider = await ScriptedProvider.start()
const browser = useBrowser()
let page: Page
let client: Client

/** A model that nobody answers for. */
const addDeadModel = async (): Promise<string> => {
  const added = await client.expect(Provider, 201, "POST", "/chats/providers", {
    body: { provider: "openai-compat", display_name: "Nobody", base_url: "http://127.0.0.1:9/v1", api_key: "key" },
  })
  const model = await client.expect(ModelConfig, 201, "POST", "/chats/model-configs", {
    body: { ai_provider_id: added.id, model: "nobody-listens", context_limit: 100_000, is_default: false },
  })
  return model.id
}

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
  page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.getByRole("button", { name: "Model: scripted" }).waitFor()
})
afterAll(() => provider.close())
afterEach(() => {
  const { left } = provider
  provider.reset()
  expect(left).toBe(0)
})

const chatIdOf = () => new URL(page.url()).pathname.split("/").at(-1) ?? ""
const stopButton = () => page.getByRole("button", { name: "Stop", exact: true })
const untilIdle = () => stopButton().waitFor({ state: "detached" })
const prompts = () => conversationOf(page).getByRole("article", { name: "You" })
const answers = (of = page) => conversationOf(of).getByRole("article", { name: "Agent" })
/** What the browser bench measures with. */
const inPage = fileURLToPath(new URL("../../bench/in-page.js", import.meta.url))

const newChat = async (text: string) => {
  await page.getByRole("link", { name: "New chat" }).click()
  await page.getByRole("heading", { name: "What should be done?" }).waitFor()
  await send(page, text)
  await prompts().getByText(text, { exact: true }).waitFor()
}

const run = (command: string) => ({ tool: "execute", args: { command } })

it("a finished turn is one line of facts and its answer, for who watched it and for who comes later", async () => {
  const end = openGate()
  provider.script(
    { items: [{ text: "I look first." }, { calls: [run("echo one")] }] },
    { items: [{ calls: [run("echo two && exit 3")] }] },
    { items: [{ text: "Two commands" }, { gate: end.wait }, { text: " have run." }] },
  )
  await newChat("Run two commands")
  await expectText(answers().last(), "Two commands")
  // While it goes on, all of it is open.
  await conversationOf(page)
    .getByRole("button", { name: /^Ran echo one/, expanded: true })
    .waitFor()
  await conversationOf(page).getByText("Writing the answer", { exact: true }).waitFor()
  await browser.picture(page, "turn-running")
  end.open()
  const fold = conversationOf(page).getByRole("button", { name: /3 steps, 1 failed$/ })
  for (const look of ["watched", "loaded"]) {
    await fold.waitFor()
    expect([look, await answers().allInnerTexts()]).toEqual([look, ["Two commands have run."]])
    await expect.poll(() => conversationOf(page).getByText("Writing the answer").count()).toBe(0)
    await fold.click()
    await conversationOf(page)
      .getByRole("button", { name: /^Ran echo one/, expanded: false })
      .waitFor()
    await conversationOf(page)
      .getByRole("button", { name: /^Ran echo two/, expanded: false })
      .waitFor()
    await conversationOf(page).getByText("I look first.").waitFor()
    await browser.picture(page, `turn-unfolded-${look}`)
    expect(await axeFaults(page)).toEqual([])
    await fold.click()
    if (look === "watched") await page.reload()
  }
  // One bar of actions for all of the turn.
  await expect.poll(() => conversationOf(page).getByRole("button", { name: "Copy as Markdown" }).count()).toBe(1)
})

it("what is opened stays under the pointer, at the end of the chat too, and is followed again once it is closed", async () => {
  const lines = (name: string) => run(`for i in $(seq 1 60); do echo ${name} $i; done`)
  provider.script(
    { items: [{ calls: [lines("first"), lines("second"), lines("third")] }] },
    { items: [{ text: `All is done.\n\n${"More words. ".repeat(500)}` }] },
  )
  await newChat("Write lines")
  await untilIdle()
  const fold = conversationOf(page).getByRole("button", { name: /2 steps$/ })
  await fold.scrollIntoViewIfNeeded()
  await page.getByRole("button", { name: "To the end" }).click()
  provider.script({ items: [{ calls: [lines("fourth"), lines("fifth")] }] }, { items: [{ text: "Done again." }] })
  await send(page, "Again")
  await expectText(answers().last(), "Done again.")
  await untilIdle()
  const last = fold.last()
  const place = async () => Math.round((await last.boundingBox())?.y ?? Number.NaN)
  const before = await place()
  // By key: the pointer would have the page moved to where it can click.
  await last.press("Enter")
  const row = conversationOf(page)
    .getByRole("button", { name: /^Ran for i in/ })
    .last()
  await row.press("Enter")
  await conversationOf(page)
    .getByText(/fifth 1\n/)
    .waitFor()
  expect(await place()).toBe(before)
  await row.press("Enter")
  await last.press("Enter")
  await row.waitFor({ state: "detached" })
  const toTheEnd = page.getByRole("button", { name: "To the end" })
  await toTheEnd.waitFor({ state: "detached" })
  provider.script({ items: [{ text: "Followed.\n\n".repeat(40) }] })
  await client.send(chatIdOf(), "And now?")
  await prompts().getByText("And now?", { exact: true }).waitFor()
  await untilIdle()
  await conversationOf(page).getByText("Followed.", { exact: true }).last().waitFor()
  await expect.poll(() => toTheEnd.count()).toBe(0)
})

it("in the dark and on a phone all of it fits and is accessible", async () => {
  const edits = [{ search: "one", replace: `const ${"very ".repeat(40)}long = 1` }]
  provider.script(
    {
      items: [
        { reasoning: "I should look." },
        { calls: [{ tool: "write_file", args: { path: "a.ts", content: "one\n" } }] },
      ],
    },
    { items: [{ calls: [{ tool: "edit_files", args: { files: [{ path: "a.ts", edits }] } }, run("exit 1")] }] },
    { items: [{ text: `Done.\n\n| a | b |\n| - | - |\n| ${"wide".repeat(40)} | c |` }] },
  )
  const phone = await browser.open(server.url, { colorScheme: "dark", viewport: { width: 390, height: 844 } })
  await signIn(phone, OWNER)
  await phone.getByRole("button", { name: "Model: scripted" }).waitFor()
  await send(phone, "Change it")
  await conversationOf(phone)
    .getByRole("button", { name: /1 failed$/ })
    .click({ timeout: 25_000 })
  await conversationOf(phone)
    .getByRole("button", { name: /^Edited a\.ts/ })
    .click()
  const diff = conversationOf(phone).getByRole("group", { name: "Changes in a.ts" })
  // More of the line is to the right: the box says so, until one has gone there.
  await expect.poll(() => diff.getAttribute("data-hidden")).toBe("end")
  await diff.evaluate((box) => {
    box.scrollLeft = box.scrollWidth
  })
  await expect.poll(() => diff.getAttribute("data-hidden")).toBe("start")
  await browser.picture(phone, "turn-phone-dark")
  expect(await axeFaults(phone)).toEqual([])
  expect(await phone.locator("html").evaluate((root) => root.scrollWidth)).toBe(390)
  await phone.context().close()
})

it("the text that was written is the text of the message: nothing is drawn anew at the end", async () => {
  const end = openGate()
  provider.script({ items: [{ text: "# A title\n\nSome words" }, { gate: end.wait }, { text: " and more." }] })
  await newChat("Write")
  await expectText(answers(), "A title Some words")
  await answers()
    .last()
    .evaluate((article) => {
      for (const element of article.querySelectorAll(".markdown *")) Object.assign(element, { seen: true })
    })
  end.open()
  await untilIdle()
  await expectText(answers(), "A title Some words and more.")
  const stayed = await answers()
    .last()
    .evaluate((article) => [...article.querySelectorAll("h1, p")].map((element) => "seen" in element))
  expect(stayed).toEqual([true, true])
})

it("text that comes fast is shown as it comes on a machine that is four times slower", async () => {
  // One paragraph: each word that comes makes the block longer that has to be read anew.
  const words = Array.from({ length: 3500 }, (_, index) => `w${index} `)
  const whole = words.join("").trim()
  const begin = openGate()
  const items = Array.from({ length: words.length / 10 }, (_, index) => [
    { text: words.slice(index * 10, index * 10 + 10).join("") },
    { pauseMs: 20 },
  ]).flat()
  provider.script({ items: [{ gate: begin.wait }, ...items] })
  const slow = await browser.open(server.url)
  await slow.addInitScript({ path: inPage })
  await signIn(slow, OWNER)
  await slow.reload()
  await slow.getByRole("button", { name: "Model: scripted" }).waitFor()
  await send(slow, "Write fast")
  await conversationOf(slow).getByText("Thinking…", { exact: true }).waitFor()
  await (await slow.context().newCDPSession(slow)).send("Emulation.setCPUThrottlingRate", { rate: 4 })
  const followed = slow.evaluate(`probe.follow(".markdown", ${whole.length})`)
  begin.open()
  const { mostBehindMs } = (await followed) as { readonly mostBehindMs: number }
  // On a quiet machine it is within 250 ms; a text that stands still is behind for most of the seven seconds that this takes.
  expect(mostBehindMs).toBeLessThan(1500)
  await expectText(answers(slow), whole)
  await slow.context().close()
})

it("a turn that was stopped says so, where it was stopped", async () => {
  const half = openGate()
  provider.script({ items: [{ text: "Half a" }, { gate: half.wait }, { silence: true }] })
  await newChat("Say something long")
  await expectText(answers(), "Half a")
  await stopButton().click()
  await untilIdle()
  await conversationOf(page).getByText("Stopped by you", { exact: true }).waitFor()
  await page.reload()
  await conversationOf(page).getByText("Stopped by you", { exact: true }).waitFor()
  await expectText(answers(), "Half a")
  await browser.picture(page, "turn-stopped")
  half.open()
})

it("a reply that fails stays where it was, marked; trying again adds no word of the user's", async () => {
  provider.script({ items: [{ text: "Half a reply" }], finish: "content-filter" })
  await newChat("Answer me")
  const failure = conversationOf(page).getByText("The provider's content filter stepped in", { exact: true })
  await failure.waitFor()
  await conversationOf(page).getByText("Half a reply", { exact: true }).waitFor()
  await conversationOf(page).getByText("The reply broke off here.").waitFor()
  await browser.picture(page, "reply-broke-off")
  expect(await axeFaults(page)).toEqual([])

  provider.script({ items: [{ text: "A whole reply" }] })
  await conversationOf(page).getByRole("button", { name: "Try again" }).click()
  await expectText(answers().last(), "A whole reply")
  await untilIdle()
  await expect.poll(() => failure.count()).toBe(0)
  await expect.poll(() => prompts().allInnerTexts()).toEqual(["Answer me"])
  const { messages } = await client.messages(chatIdOf())
  expect(messages.map(({ role }) => role).sort()).toEqual(["assistant", "user"])
})

it("trying again keeps what waits in the queue", async () => {
  const fail = openGate()
  provider.script({ items: [{ gate: fail.wait }, { text: "No" }], finish: "content-filter" })
  await newChat("First")
  await send(page, "Then this")
  await page.getByRole("region", { name: "Queued messages" }).getByText("Then this").waitFor()
  fail.open()
  const again = conversationOf(page).getByRole("button", { name: "Try again" })
  await again.waitFor()
  provider.script({ items: [{ text: "One" }] }, { items: [{ text: "Two" }] })
  await again.click()
  await expectText(conversationOf(page).getByRole("article"), "First One Then this Two")
  await untilIdle()
})

it("says which attempt comes next, and what is wrong, while it waits to try again", async () => {
  const { id } = await client.expect(Chat, 201, "POST", "/chats", {
    body: {
      organization_id: await client.organizationId(),
      content: textContent("Is anybody there?"),
      model_config_id: await addDeadModel(),
    },
  })
  await page.goto(`${server.url}/agents/${id}`)
  await conversationOf(page).getByText("The provider cannot be reached", { exact: true }).waitFor()
  await conversationOf(page)
    .getByText(/^Attempt \d+ of 25\./)
    .waitFor()
  await conversationOf(page)
    .getByText(/ECONNREFUSED/)
    .waitFor()
  expect(
    await conversationOf(page)
      .getByText(/Thinking|in time/)
      .count(),
  ).toBe(0)
  await browser.picture(page, "retrying")
  expect(await axeFaults(page)).toEqual([])
  await stopButton().click()
  await untilIdle()
})

it("characters that hide or turn text around are written out, for the title, the user and the model", async () => {
  provider.script({ items: [{ text: "Open \u202egnp.exe\u202c and a\u200bb" }] })
  await newChat("Look at \u202egnp.exe\u202c".replaceAll("\u202e", "\\u202e").replaceAll("\u202c", "\\u202c"))
  await untilIdle()
  provider.script({ items: [{ text: "Yes \u202egnp.exe\u202c" }] })
  await send(page, "And \u202egnp.exe\u202c?")
  await expectText(prompts().last(), "And \\u202egnp.exe\\u202c?")
  await expectText(answers().last(), "Yes \\u202egnp.exe\\u202c")
  await untilIdle()
  await client.call("PATCH", `/chats/${chatIdOf()}`, { body: { title: "A \u202eeltit\u202c" } })
  await page.getByRole("heading", { name: "A \\u202eeltit\\u202c" }).waitFor()
  expect(await page.title()).toBe("A \\u202eeltit\\u202c · Troupe")
  expect(/[\u202e\u202c\u200b]/.test(await conversationOf(page).innerText())).toBe(false)
})

it("a changed file is shown with counts, line numbers before and after, and colours", async () => {
  const before = "export const one = 1\nexport const two = 2\nexport const three = 3\n"
  const edits = [{ search: "export const two = 2", replace: "export const two = 22\nexport const more = 4" }]
  provider.script(
    { items: [{ calls: [{ tool: "write_file", args: { path: "src.ts", content: before } }] }] },
    { items: [{ calls: [{ tool: "edit_files", args: { files: [{ path: "src.ts", edits }] } }] }] },
    { items: [{ text: "Changed." }] },
  )
  await newChat("Change a file")
  await expectText(answers().last(), "Changed.")
  await conversationOf(page)
    .getByRole("button", { name: /3 steps, 1 file \+5 −1$/ })
    .click()
  const row = conversationOf(page).getByRole("button", { name: /^Edited src\.ts/ })
  await row.getByText("+2 −1").waitFor()
  await row.click()
  const diff = conversationOf(page).getByRole("group", { name: "Changes in src.ts" })
  await diff.locator("span[style*='light-dark']").first().waitFor()
  expect((await diff.innerText()).split("\n").join(" ").replaceAll(/\s+/g, " ")).toContain(
    "2 − export const two = 2 2 + export const two = 22 3 + export const more = 4",
  )
  await browser.picture(page, "diff")
  expect(await axeFaults(page)).toEqual([])
})

it("what was asked elsewhere is there when one goes back to earlier prompts", async () => {
  provider.script({ items: [{ text: "One." }] })
  await newChat("The first")
  await untilIdle()
  await composerOf(page).press("ArrowUp")
  await expect.poll(() => composerOf(page).inputValue()).toBe("The first")
  await composerOf(page).press("Escape")
  provider.script({ items: [{ text: "Two." }] })
  await client.send(chatIdOf(), "From elsewhere")
  await expectText(answers().last(), "Two.")
  await untilIdle()
  await composerOf(page).press("ArrowUp")
  await expect.poll(() => composerOf(page).inputValue()).toBe("From elsewhere")
  await composerOf(page).press("Escape")
})
