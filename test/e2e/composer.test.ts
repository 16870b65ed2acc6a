import type { Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, expect, it } from "vitest"
import { ModelConfig, Provider } from "../../src/contract/models.ts"
import { axeFaults, composerOf, conversationOf, expectText, send, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** Writing to a chat: what waits and in which order, how a message reaches a turn, by which model, and what is tried again. */

const server = useServerProcess()
const provider = await ScriptedProvider.start()
/** Saved after its message has gone to the model. */
const browser = useBrowser(/status of 409 \(Conflict\) .*\/queue\/\d+$/)
let page: Page
let client: Client

const addModel = async (name: string): Promise<string> => {
  const { id } = await client.expect(Provider, 201, "POST", "/chats/providers", {
    body: { provider: "openai-compat", display_name: name, base_url: `${provider.url}/v1`, api_key: provider.apiKey },
  })
  const model = await client.expect(ModelConfig, 201, "POST", "/chats/model-configs", {
    body: { ai_provider_id: id, model: `${name.toLowerCase()}-1`, context_limit: 1000, is_default: false },
  })
  return model.id
}

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
  await addModel("Halden")
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

const queue = () => page.getByRole("region", { name: "Queued messages" })
const rows = () => queue().getByRole("listitem")
const rowOf = (text: string) => rows().filter({ hasText: text })
const prompts = () => conversationOf(page).getByRole("article", { name: "You" })
const answers = () => conversationOf(page).getByRole("article", { name: "Agent" })
const untilIdle = () => page.getByRole("button", { name: "Stop", exact: true }).waitFor({ state: "detached" })
const texts = async () => (await rows().locator("[dir=auto]").allInnerTexts()).map((text) => text.trim())
const untilQueued = async (...words: ReadonlyArray<string>) => {
  await expect.poll(texts, { timeout: 10_000 }).toEqual(words)
}
const hints = (text: string) => page.getByText(text, { exact: true })

const newChat = async (text: string) => {
  await page.getByRole("link", { name: "New chat" }).click()
  await page.getByRole("heading", { name: "What should be done?" }).waitFor()
  await send(page, text)
  await prompts().getByText(text, { exact: true }).waitFor()
}

/** A turn that goes no further than its first word until it is let go, with these messages behind it. */
const busy = async (...backlog: ReadonlyArray<string>) => {
  const end = openGate()
  provider.script({ items: [{ text: "Thinking about it" }, { gate: end.wait }] })
  await newChat("Begin")
  await expectText(answers(), "Thinking about it")
  for (const words of backlog) {
    await send(page, words)
    await rowOf(words).waitFor()
  }
  return end.open
}

it("what waits is rewritten, moved, turned and deleted in its place, by keyboard and pointer", async () => {
  const release = await busy("one", "two", "three")
  await untilQueued("one", "two", "three")
  await rowOf("three").getByRole("button", { name: "Move" }).focus()
  await page.keyboard.press("Alt+ArrowUp")
  await untilQueued("one", "three", "two")
  // The focus goes with the row, and the keys go on.
  await page.keyboard.press("Alt+ArrowUp")
  await untilQueued("three", "one", "two")
  const [grip, target] = [rowOf("three").getByRole("button", { name: "Move" }), rowOf("two")]
  const [from, to] = [await grip.boundingBox(), await target.boundingBox()]
  if (from === null || to === null) throw new Error("a row is not shown")
  await page.mouse.move(from.x + 8, from.y + 8)
  await page.mouse.down()
  await page.mouse.move(from.x + 8, to.y + 12, { steps: 4 })
  await page.mouse.up()
  await untilQueued("one", "two", "three")

  await rowOf("two").getByRole("button", { name: "Edit" }).click()
  await page.getByRole("textbox", { name: "Queued message" }).fill("two, and better")
  await browser.picture(page, "queue-edited")
  expect(await axeFaults(page)).toEqual([])
  await page.keyboard.press("Enter")
  await untilQueued("one", "two, and better", "three")
  await rowOf("two, and better").getByRole("button", { name: "Edit" }).click()
  await page.getByRole("textbox", { name: "Queued message" }).fill("never mind")
  await page.keyboard.press("Escape")
  await untilQueued("one", "two, and better", "three")

  await rowOf("three").getByRole("button", { name: "Queue", exact: true }).click()
  await untilQueued("three", "one", "two, and better")
  await rowOf("three").getByRole("button", { name: "Steer", exact: true }).click()
  await untilQueued("one", "two, and better", "three")

  await rowOf("two, and better").getByRole("button", { name: "Delete from the queue" }).click()
  await untilQueued("one", "three")
  await page.getByRole("button", { name: "Undo" }).click()
  await untilQueued("one", "two, and better", "three")
  await browser.picture(page, "queue")
  expect(await axeFaults(page)).toEqual([])
  provider.script({ items: [{ text: "1" }] }, { items: [{ text: "2" }] }, { items: [{ text: "3" }] })
  release()
  await expectText(answers().last(), "3")
  await untilIdle()
  await expect.poll(() => prompts().allInnerTexts()).toEqual(["Begin", "one", "two, and better", "three"])
})

it("words for a message that has gone meanwhile are not lost", async () => {
  const release = await busy("one")
  await rowOf("one").getByRole("button", { name: "Edit" }).click()
  await page.getByRole("textbox", { name: "Queued message" }).fill("one, and much better")
  const end = openGate()
  provider.script({ items: [{ text: "To one" }, { gate: end.wait }] })
  release()
  await expectText(answers().last(), "To one")
  await expect.poll(() => composerOf(page).inputValue()).toBe("one, and much better")
  await page.getByText("The message does not wait any more", { exact: true }).waitFor()
  end.open()
  await untilIdle()
  await composerOf(page).fill("")
})

it("the keys beneath the box say what they do, and do it", async () => {
  provider.script({ items: [{ text: "First" }] })
  await newChat("Hello")
  await untilIdle()
  await hints("send").waitFor()
  await expect.poll(() => hints("steer").count()).toBe(0)
  const release = await busy("waits")
  await hints("queue").waitFor()
  await hints("stop").waitFor()
  await composerOf(page).fill("steering")
  await composerOf(page).press("Control+Enter")
  await untilQueued("steering", "waits")
  await rowOf("steering").getByRole("button", { name: "Steer", exact: true }).waitFor()

  // Before all that waits, whatever steers.
  provider.script(
    { items: [{ text: "To now" }] },
    { items: [{ text: "To waits" }] },
    { items: [{ text: "To steering" }] },
  )
  await composerOf(page).fill("now")
  await page.getByRole("button", { name: "More ways to send" }).click()
  await browser.picture(page, "ways-to-send")
  await page.getByRole("menuitem", { name: /Interrupt and send/ }).click()
  await expectText(answers().last(), "To steering")
  await untilIdle()
  await expect.poll(() => prompts().allInnerTexts()).toEqual(["Begin", "now", "waits", "steering"])
  release()
})

it("a model is found by its provider's name or its own, with the keyboard alone, and kept for the next chat", async () => {
  provider.script({ items: [{ text: "Hi" }] })
  await newChat("Hello")
  await untilIdle()
  await page.getByRole("button", { name: "Model: scripted" }).focus()
  await page.keyboard.press("Enter")
  const search = page.getByRole("searchbox", { name: "Find a model" })
  await search.waitFor()
  await page.getByRole("group", { name: "Halden" }).waitFor()
  await browser.picture(page, "model-picker")
  expect(await axeFaults(page)).toEqual([])
  await page.keyboard.type("nothing like it")
  await page.getByText("No model is called so.").waitFor()
  await search.fill("hald 1")
  await page.keyboard.press("Enter")
  await page.getByRole("button", { name: "Model: halden-1" }).waitFor()
  await search.waitFor({ state: "detached" })
  await page.getByRole("link", { name: "New chat" }).click()
  await page.getByRole("heading", { name: "What should be done?" }).waitFor()
  await page.getByRole("button", { name: "Model: halden-1" }).click()
  await page.getByRole("menuitemradio", { name: /^scripted/ }).click()
  await page.getByRole("button", { name: "Model: scripted" }).waitFor()
})

it("a failed turn is asked of another model, and what was asked is asked once", async () => {
  provider.script({ status: 401, message: "bad key" })
  await newChat("Who are you?")
  await conversationOf(page).getByText("The provider refused the credentials", { exact: true }).waitFor()
  provider.script({ items: [{ text: "The other one" }] })
  await conversationOf(page).getByRole("button", { name: "Other model" }).click()
  await browser.picture(page, "other-model")
  await page.getByRole("menuitem", { name: "halden-1" }).click()
  await expectText(answers().last(), "The other one")
  await untilIdle()
  await expect.poll(() => prompts().allInnerTexts()).toEqual(["Who are you?"])
  await page.getByRole("button", { name: "Model: halden-1" }).waitFor()
})

it("the mode of a new chat is what its tools are run by, and it can be changed while a call waits", async () => {
  await page.getByRole("link", { name: "New chat" }).click()
  await page.getByRole("button", { name: /^Model: / }).waitFor()
  await page.getByRole("radio", { name: "Auto" }).focus()
  await page.keyboard.press("ArrowLeft")
  await page.getByRole("radio", { name: "Ask first", checked: true }).waitFor()
  await browser.picture(page, "new-chat-ask-first")
  provider.script({ items: [{ calls: [{ tool: "execute", args: { command: "echo hi" } }] }] })
  await send(page, "Run something")
  await page
    .getByRole("button", { name: /^(Approve|Allow)/ })
    .first()
    .waitFor()
  // What waits is judged by the new mode at once.
  provider.script({ items: [{ text: "It has run" }] })
  await page.getByRole("radio", { name: "Auto" }).click()
  await expectText(answers().last(), "It has run")
  await untilIdle()
  await page.getByRole("radio", { name: "Auto", checked: true }).waitFor()
  await page.getByRole("radio", { name: "Plan" }).click()
  await page.getByRole("radio", { name: "Plan", checked: true }).waitFor()
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? ""
  await expect.poll(async () => (await client.chat(id)).plan_mode).toBe("plan")
  await page.evaluate(() => localStorage.removeItem("troupe.mode"))
})

it("the ring tells how full the context is, and what the numbers are", async () => {
  provider.script({ items: [{ text: "Hi" }], usage: { input: 450, output: 50 } })
  await newChat("Hello")
  await untilIdle()
  const ring = page.getByRole("button", { name: /^Context: \d+ % used$/ })
  await ring.focus()
  await page
    .getByRole("tooltip")
    .getByText(/^500 of [\d,]+ tokens$/)
    .waitFor()
  await browser.picture(page, "context-ring")
  expect(await axeFaults(page)).toEqual([])
})

it("on a phone all of it fits and can be reached by a finger", async () => {
  const end = openGate()
  provider.script({ items: [{ text: "Thinking about it" }, { gate: end.wait }] })
  const phone = await browser.open(server.url, {
    viewport: { width: 390, height: 780 },
    touch: true,
    colorScheme: "dark",
  })
  await phone.getByLabel("Email").fill(OWNER.email)
  await phone.getByLabel("Password").fill(OWNER.password)
  await phone.getByRole("button", { name: "Sign in" }).tap()
  await phone.getByRole("button", { name: /^Model: / }).waitFor()
  await phone.getByRole("textbox", { name: "Message" }).fill("Begin")
  await phone.getByRole("button", { name: "Send", exact: true }).tap()
  await expectText(conversationOf(phone).getByRole("article", { name: "Agent" }), "Thinking about it")
  for (const words of ["one", "a second one that is longer than a phone is wide, by far"]) {
    await phone.getByRole("textbox", { name: "Message" }).fill(words)
    await phone.getByRole("button", { name: "Send", exact: true }).tap()
    await phone.getByRole("region", { name: "Queued messages" }).getByText(words).waitFor()
  }
  await browser.picture(phone, "phone-queue")
  expect(await axeFaults(phone)).toEqual([])
  expect(await phone.locator("html").evaluate(({ scrollWidth }) => scrollWidth)).toBe(390)
  provider.script({ items: [{ text: "1" }] }, { items: [{ text: "2" }] })
  end.open()
  await expectText(conversationOf(phone).getByRole("article", { name: "Agent" }).last(), "2")
  await phone.context().close()
})
