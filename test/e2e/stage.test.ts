import type { Page } from "playwright-core"
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest"
import type { CreateChatRequest } from "../../src/contract/chats.ts"
import type { ToolPolicyRule } from "../../src/contract/tool-policy.ts"
import { axeFaults, composerOf, conversationOf, type PageOptions, signIn, useBrowser } from "../support/browser.ts"
import { Client } from "../support/client.ts"
import { openGate, ScriptedProvider } from "../support/scripted-provider.ts"
import type { Item } from "../support/scripted-provider/script.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person with many chats: what each does, and what can be done about it without going there. */

const server = useServerProcess()
const provider = await ScriptedProvider.start()
// A stop is refused on purpose.
const browser = useBrowser(/status of 409 .*\/interrupt$/)
let client: Client
let page: Page

const asksFirst: ReadonlyArray<ToolPolicyRule> = [{ pattern: "execute", action: "ask" }]
const run = (command: string) => ({ tool: "execute", args: { command } })

/** A chat of this name, of which this is the reply, in this state. */
const begin = async (
  title: string,
  items: ReadonlyArray<Item>,
  activity: string,
  more: Partial<CreateChatRequest> = {},
): Promise<string> => {
  provider.script({ when: title, items })
  const { id } = await client.createChat(title, more)
  await reached(id, activity)
  return id
}

const reached = async (id: string, activity: string) => {
  const reader = await client.stream(id)
  await reader.until(() => reader.events.some((event) => event.type === "status" && event.status.activity === activity))
  await reader.close()
}

const writes = (title: string) =>
  begin(title, [{ text: "The first line.\nThe second line" }, { silence: true }], "running.generating")
const asks = (title: string, ...commands: ReadonlyArray<string>) =>
  begin(title, [{ calls: commands.map(run) }], "requires_action.approval", { tool_policy: asksFirst })

const column = (name: string, of = page) => of.getByRole("region", { name, exact: true })
const card = (title: string, of = page) => of.getByRole("article", { name: title, exact: true })
/** In its first half second nothing on a card answers by key. */
const settled = () => page.waitForTimeout(600)

const fillers: Array<string> = []

beforeAll(async () => {
  client = await Client.signIn(server.url)
  await client.addScriptedModel(provider)
  page = await browser.open(server.url, { viewport: { width: 1440, height: 900 } })
  await signIn(page, OWNER)
})
afterAll(() => provider.close())
afterEach(() => {
  expect(provider.refusals).toEqual([])
})

it("with five live chats it is a list, with six a board, and what was chosen is remembered", async () => {
  for (let count = 1; count <= 5; count += 1) fillers.push(await writes(`Explain part ${count}`))
  await page.getByRole("link", { name: /Explain part 5/ }).waitFor()
  await expect.poll(() => page.locator("[data-column]").count()).toBe(0)
  expect(await page.getByRole("group", { name: "View" }).count()).toBe(0)
  fillers.push(await writes("Explain part 6"))
  await card("Explain part 6").waitFor()
  await expect.poll(() => column("Running").getByRole("article").count()).toBe(6)
  await card("Explain part 6").getByText("The second line", { exact: true }).waitFor()
  await page.getByRole("button", { name: "List", exact: true }).click()
  await expect.poll(() => page.locator("[data-column]").count()).toBe(0)
  await page.reload()
  await page.getByRole("button", { name: "List", exact: true, pressed: true }).waitFor()
  await page.getByRole("button", { name: "Board", exact: true }).click()
  await card("Explain part 1").waitFor()
})

describe("what waits for a person", () => {
  it("is approved and denied from the card, and counted in the title, on the icon and on the rail", async () => {
    const first = await asks("Cap webhook retries", "npm test -- deliveries", "git push origin webhook-retry-cap")
    const second = await asks("Clean the build folder", "rm -rf build")
    await card("Clean the build folder").waitFor()
    expect(await page.title()).toBe("(2) Stage · Troupe")
    const icon = page.locator('link[rel="icon"]')
    await expect.poll(() => icon.getAttribute("href")).toMatch(/^data:image\/svg\+xml,.*%3E2%3C/)
    await page.getByRole("link", { name: /Stage 2 chats need you/ }).waitFor()
    const asking = card("Cap webhook retries")
    await asking.getByText("Asks for 2 commands").waitFor()
    await asking.getByText("git push origin webhook-retry-cap", { exact: true }).waitFor()
    await browser.picture(page, "stage-needs-you-light")
    expect(await axeFaults(page)).toEqual([])
    await settled()
    provider.script({ when: "Cap webhook retries", items: [{ text: "Both have run." }] })
    await asking.getByRole("button", { name: "Approve 2" }).click()
    await reached(first, "waiting")
    await asking.waitFor({ state: "detached" })
    provider.script({ when: "Clean the build folder", items: [{ text: "Then I leave it." }] })
    await card("Clean the build folder").getByRole("button", { name: "Deny" }).click()
    await reached(second, "waiting")
    await expect.poll(() => page.title()).toBe("Stage · Troupe")
    await expect.poll(() => icon.getAttribute("href")).toMatch(/favicon/)
    const { messages } = await client.messages(second)
    expect(JSON.stringify(messages)).toMatch(/denied/i)
  })

  it("is answered by keys on the card that has the focus, not in its first half second, and the focus goes on", async () => {
    const one = await asks("Run the first command", "echo one")
    const two = await asks("Run the second command", "echo two")
    await card("Run the second command").waitFor()
    await settled()
    // In one moment of the page: a machine that is slow gives no half second in between.
    await page.evaluate(`{
      const card = document.querySelector('article[aria-label="Run the first command"]')
      card.focus()
      card.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true, cancelable: true }))
    }`)
    await page.keyboard.press("j")
    await expect.poll(() => card("Run the second command").evaluate((shown) => shown.matches(":focus"))).toBe(true)
    expect((await client.chat(one)).status).toBe("requires_action")
    await browser.picture(page, "stage-focused-card")
    await page.keyboard.press("k")
    await expect.poll(() => card("Run the first command").evaluate((shown) => shown.matches(":focus"))).toBe(true)
    await settled()
    provider.script({ when: "Run the first command", items: [{ text: "One." }] })
    await page.keyboard.press("a")
    await reached(one, "waiting")
    await card("Run the first command").waitFor({ state: "detached" })
    await expect.poll(() => card("Run the second command").evaluate((shown) => shown.matches(":focus"))).toBe(true)
    await settled()
    provider.script({ when: "Run the second command", items: [{ text: "Not two." }] })
    await page.keyboard.press("d")
    await reached(two, "waiting")
  })

  it("and is more than a card shows is decided about on the sheet, over the board", async () => {
    const commands = Array.from({ length: 6 }, (_, n) => `echo number ${n}`)
    const chat = await asks("Run six commands", ...commands)
    await card("Run six commands").getByRole("button", { name: "Review 6" }).click()
    const dialog = page.getByRole("dialog", { name: "What “Run six commands” asks" })
    await dialog.getByText("echo number 5", { exact: true }).waitFor()
    await settled()
    await browser.picture(page, "stage-sheet")
    expect(await axeFaults(page)).toEqual([])
    provider.script({ when: "Run six commands", items: [{ text: "All six." }] })
    await dialog.getByRole("button", { name: "Approve 6" }).click()
    await dialog.waitFor({ state: "detached" })
    await reached(chat, "waiting")
  })

  it("is a question with answers by number, or in one's own words", async () => {
    const tool = { name: "ask_user_question", input_schema: { type: "object" } }
    const question = (text: string) => ({
      tool: "ask_user_question",
      args: { questions: [{ question: text, options: [{ label: "Keep the one in use" }, { label: "Temporal" }] }] },
    })
    const title = "Choose a date library"
    const chat = await begin(title, [{ calls: [question("Which one?")] }], "requires_action.client_tools", {
      unsafe_dynamic_tools: [tool],
    })
    const asking = card(title)
    await asking.getByText("Asks you: Which one?").waitFor()
    await browser.picture(page, "stage-question")
    await settled()
    await asking.focus()
    await settled()
    provider.script({ when: title, items: [{ calls: [question("And for zones?")] }] })
    await page.keyboard.press("2")
    await asking.getByText("Asks you: And for zones?").waitFor()
    await settled()
    await asking.getByRole("button", { name: "Answer in own words" }).click()
    provider.script({ when: title, items: [{ text: "Good." }] })
    await asking.getByRole("textbox", { name: "Your answer" }).fill("a1: none at all")
    await page.keyboard.press("Enter")
    await reached(chat, "waiting")
    const { messages } = await client.messages(chat)
    expect(
      messages
        .toReversed()
        .flatMap(({ content }) => content.flatMap((part) => (part.type === "tool-result" ? [part.result] : []))),
    ).toEqual(["Temporal", "a1: none at all"])
  })
})

describe("what runs, waits or has failed", () => {
  it("is steered and stopped from the card, and rests then", async () => {
    const gate = openGate()
    const title = "Fix the flaky upload test"
    const chat = await begin(title, [{ calls: [run("echo first && sleep 600")] }], "running.executing")
    const working = card(title)
    await working.getByText("Runs echo first && sleep 600").waitFor()
    await working.getByText("first", { exact: true }).waitFor()
    await working.focus()
    await working.getByRole("button", { name: "Steer" }).click()
    await working.getByRole("textbox", { name: "Steer this turn" }).fill("Only the upload")
    await browser.picture(page, "stage-steer")
    await page.keyboard.press("Enter")
    await working.getByRole("textbox").waitFor({ state: "detached" })
    const { queued_messages } = await client.messages(chat)
    expect(queued_messages.map(({ kind, content }) => [kind, content])).toEqual([
      ["steer", [{ type: "text", text: "Only the upload" }]],
    ])
    provider.script({ when: "Only the upload", items: [{ text: "So be it" }, { gate: gate.wait }] })
    await working.getByRole("button", { name: "Stop" }).click()
    await expect.poll(async () => (await client.chat(chat)).status).not.toBe("requires_action")
    gate.open()
    await expect.poll(() => column("Resting").getByRole("link", { name: title }).count(), { timeout: 15_000 }).toBe(1)
  })

  it("has its place in the line, and is canceled there", async () => {
    const { status } = await client.call("PUT", "/chats/config/capacity", {
      body: { deployment: 6, per_user: null, per_organization: null },
    })
    expect(status).toBe(204)
    const { id } = await client.createChat("Add a dark theme")
    await reached(id, "pending")
    const waiting = column("Queued").getByRole("article", { name: "Add a dark theme" })
    await waiting.getByText("Place 1. Waits for a free slot").waitFor()
    await browser.picture(page, "stage-queued")
    await waiting.getByRole("button", { name: "Cancel" }).click()
    await waiting.waitFor({ state: "detached" })
    await client.call("PUT", "/chats/config/capacity", {
      body: { deployment: null, per_user: null, per_organization: null },
    })
    await expect.poll(async () => (await client.chat(id)).status).toBe("waiting")
  })

  it("says why it failed, leads to the reason, and is tried again", async () => {
    const title = "Rebuild the search index"
    provider.script({ when: title, status: 403, message: "No such project." })
    const { id } = await client.createChat(title)
    await reached(id, "error")
    const failed = column("Failed").getByRole("article", { name: title })
    await failed.waitFor()
    await expect.poll(() => failed.getByRole("link", { name: "Why?" }).getAttribute("href")).toBe(`/agents/${id}/trace`)
    await browser.picture(page, "stage-failed")
    provider.script({ when: title, items: [{ text: "Now it works." }] })
    await failed.getByRole("button", { name: "Retry" }).click()
    await reached(id, "waiting")
    await failed.waitFor({ state: "detached" })
  })

  it("and is refused says so on its card; one that is archived meanwhile says that", async () => {
    const chat = await writes("Ends at the same moment")
    const ending = card("Ends at the same moment")
    await ending.waitFor()
    await page.route("**/interrupt", (route) =>
      route.fulfill({ status: 409, json: { message: "The chat does nothing that could be stopped." } }),
    )
    await ending.getByRole("button", { name: "Stop" }).click()
    await ending.getByRole("alert").getByText("Not stopped: The chat does nothing that could be stopped.").waitFor()
    await page.unroute("**/interrupt")
    await ending.getByRole("button", { name: "Stop" }).click()
    await reached(chat, "waiting")
    const failing = "Archived under the card"
    provider.script({ when: failing, status: 403, message: "No." })
    const { id } = await client.createChat(failing)
    await column("Failed").getByRole("article", { name: failing }).waitFor()
    expect((await client.call("PATCH", `/chats/${id}`, { body: { archived: true } })).status).toBe(204)
    await card(failing).getByText("Archived meanwhile. Nothing of it runs.").waitFor()
    await browser.picture(page, "stage-archived")
  })
})

describe("the board", () => {
  it("has one stop of the Tab key in each column; keys lead through it and open a chat", async () => {
    await page.goto(`${server.url}/agents`)
    await card("Explain part 1").waitFor()
    const stops = async (name: string) => column(name).locator("[data-card][tabindex='0']").count()
    await expect.poll(async () => [await stops("Running"), await stops("Resting")]).toEqual([1, 1])
    await column("Running").getByRole("article").first().focus()
    await page.keyboard.press("End")
    const focused = () => page.locator(":focus").getAttribute("aria-label")
    expect(await focused()).toBe("Explain part 6")
    await page.keyboard.press("k")
    expect(await focused()).toBe("Explain part 5")
    await page.keyboard.press("Home")
    await page.keyboard.press("ArrowRight")
    await expect.poll(() => column("Resting").locator(":focus").count()).toBe(1)
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Enter")
    await conversationOf(page).getByText("The second line").waitFor()
    await page.goBack()
    await card("Explain part 1").waitFor()
  })

  it("keeps what is written while it comes and goes", async () => {
    await page.getByRole("button", { name: "List", exact: true }).click()
    await composerOf(page).fill("half a thought")
    await page.getByRole("button", { name: "Board", exact: true }).click()
    await card("Explain part 1").waitFor()
    await expect
      .poll(() => page.getByRole("textbox", { name: "Message", exact: true }).inputValue())
      .toBe("half a thought")
    await page.getByRole("textbox", { name: "Message", exact: true }).fill("")
  })

  it("says what has happened while the list was shown", async () => {
    await page.getByRole("button", { name: "List", exact: true }).click()
    await expect.poll(() => page.locator("[data-column]").count()).toBe(0)
    const id = await asks("Sort the log files", "sort access.log", "sort error.log")
    await page
      .getByRole("link", { name: /Sort the log files/ })
      .first()
      .waitFor()
    await page.getByRole("button", { name: "Board", exact: true }).click()
    await card("Sort the log files").getByText("Asks for 2 commands").waitFor()
    provider.script({ when: "Sort the log files", items: [{ text: "Sorted." }] })
    await settled()
    await card("Sort the log files").getByRole("button", { name: "Approve 2" }).click()
    await reached(id, "waiting")
  })

  it("is one board from the first look at it, whatever changes on the page", async () => {
    const other = await browser.open(server.url, { viewport: { width: 1440, height: 900 } })
    const boards: Array<string> = []
    other.on("websocket", (socket) => boards.push(...(/activity=1$/.exec(socket.url()) ?? [])))
    await signIn(other, OWNER)
    await card("Explain part 1", other).waitFor()
    const id = await writes("Explain part 7")
    await card("Explain part 7", other).getByText("The second line").waitFor()
    expect(boards).toEqual(["activity=1"])
    expect((await client.call("POST", `/chats/${id}/interrupt`)).status).toBe(200)
    await reached(id, "waiting")
    await other.context().close()
  })

  const visit = async (options: PageOptions) => {
    const other = await browser.open(server.url, options)
    await other.getByLabel("Email").fill(OWNER.email)
    await other.getByLabel("Password").fill(OWNER.password)
    await other.getByRole("button", { name: "Sign in" }).click()
    await card("Cap webhook retries and add jitter", other).getByText("git push origin webhook-retry-cap").waitFor()
    const width = await other.locator("html").evaluate(({ scrollWidth }) => scrollWidth)
    return {
      other,
      faults: [...(await axeFaults(other)), ...(width === options.viewport?.width ? [] : [`${width} px`])],
    }
  }

  it("fits in the dark and on a smaller screen, and is accessible", async () => {
    await asks("Cap webhook retries and add jitter", "npm test -- deliveries", "git push origin webhook-retry-cap")
    for (const [name, options] of [
      ["stage-dark", { colorScheme: "dark", viewport: { width: 1440, height: 900 } }],
      ["stage-1280", { viewport: { width: 1280, height: 800 } }],
    ] as const) {
      const { other, faults } = await visit(options)
      expect([name, faults]).toEqual([name, []])
      await browser.picture(other, name)
      await other.context().close()
    }
  })

  it.each(["light", "dark"] as const)("has one column at a time on a phone, in the %s", async (colorScheme) => {
    const { other: phone, faults } = await visit({ colorScheme, viewport: { width: 390, height: 844 }, touch: true })
    expect(faults).toEqual([])
    await browser.picture(phone, `stage-phone-${colorScheme}`)
    await phone.getByRole("button", { name: "Running 6" }).tap()
    await card("Explain part 1", phone).waitFor()
    const bar = phone.getByRole("navigation", { name: "Main" })
    await bar.getByRole("link", { name: /Stage 1 chat needs you/ }).waitFor()
    await browser.picture(phone, `stage-phone-running-${colorScheme}`)
    expect(await axeFaults(phone)).toEqual([])
    await phone.context().close()
  })
})
