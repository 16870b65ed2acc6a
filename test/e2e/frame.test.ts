import type { Locator, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { axeFaults, composerOf, conversationOf, send, signIn, useBrowser } from "../support/browser.ts"
import { Client, textContent } from "../support/client.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** What stands around every page: sections, the chat list, the palette, keys; and how a page begins and ends. */

const server = useServerProcess()
/** With the session go the reads and the connections that were due. */
const browser = useBrowser(/status of 401|HTTP Authentication failed/)
let page: Page
let client: Client

const titles = ["Alpha build", "Bravo tests", "Beta docs", "Charlie notes"]
const ids: Array<string> = []

beforeAll(async () => {
  client = await Client.signIn(server.url)
  for (const title of titles) {
    const { id } = await client.createChat("/help")
    ids.push(id)
    await client.call("PATCH", `/chats/${id}`, { body: { title } })
  }
  page = await browser.open(server.url)
  await signIn(page, OWNER)
})
afterAll(() => page.context().close())

const isFocused = (shown: Locator) => shown.evaluate((element) => element.matches(":focus"))
const chatList = () => page.getByRole("navigation", { name: "Chats" })
const rows = () => chatList().getByRole("link")
const palette = () => page.getByRole("dialog", { name: "Search and commands" })
const focused = () => page.locator(":focus")
const toList = async () => {
  await page.getByRole("link", { name: "Chats", exact: true }).click()
  await rows().first().waitFor()
}

/** In the page: a socket opens late, after what was read beside it. */
const SLOW_SOCKETS = `
  const add = WebSocket.prototype.addEventListener
  WebSocket.prototype.addEventListener = function (type, listener) {
    const late = (event) => setTimeout(() => listener.call(this, event), 500)
    add.call(this, type, type === "open" ? late : listener)
  }
`

it("each list is read once when the app is opened, however late its socket is", async () => {
  const asked: Array<string> = []
  const opened = await page.context().newPage()
  await opened.addInitScript(SLOW_SOCKETS)
  opened.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url())
    const ofOthers = searchParams.get("q")?.includes("shared") === true
    asked.push(`${request.method()} ${pathname}${ofOthers ? " of others" : ""}`)
  })
  const watching = opened.waitForEvent("websocket")
  await opened.goto(`${server.url}/chats`)
  await watching
  await opened.getByRole("navigation", { name: "Chats" }).getByRole("link", { name: "Alpha build" }).waitFor()
  await opened.getByRole("link", { name: "Stage", exact: true }).click()
  await opened.getByRole("button", { name: /^Model:/ }).waitFor()
  // Longer than the socket takes: what its opening would ask for has been asked by then.
  await opened.waitForTimeout(700)
  const lists = asked.filter((path) => /\/api\/.*\/(chats|model-configs|me)( of others)?$/.test(path)).sort()
  expect(lists).toEqual([
    "GET /api/v2/chats",
    "GET /api/v2/chats of others",
    "GET /api/v2/chats/model-configs",
    "GET /api/v2/users/me",
  ])
  await opened.close()
})

it("the frame is painted before any script has run, in the theme that was chosen", async () => {
  const bare = await page.context().newPage()
  await bare.route(/\/assets\/(?!first-paint).*\.js/, () => undefined)
  await bare.addInitScript(() => localStorage.setItem("troupe.theme", "dark"))
  await bare.goto(`${server.url}/chats`, { waitUntil: "commit" })
  await bare.locator("#root .skeleton").first().waitFor()
  await expect.poll(() => bare.locator("html").getAttribute("data-theme")).toBe("dark")
  await browser.picture(bare, "static-shell")
  await bare.evaluate(() => localStorage.removeItem("troupe.theme"))
  await bare.close()
})

it("scripts and long answers come packed", async () => {
  const opened = await page.context().newPage()
  const packed = new Map<string, string | undefined>()
  opened.on("response", (response) => {
    const { pathname, searchParams } = new URL(response.url())
    // Nobody shares a chat here: that list is as short as can be, and comes as it is.
    if (searchParams.get("q")?.includes("shared") === true) return
    void response.allHeaders().then((headers) => packed.set(pathname, headers["content-encoding"]))
  })
  await opened.goto(`${server.url}/chats`)
  await opened.getByRole("navigation", { name: "Chats" }).getByRole("link", { name: "Alpha build" }).waitFor()
  const kinds = [...packed].filter(([path]) => path === "/api/v2/chats" || /assets\/index.*\.(js|css)$/.test(path))
  expect(kinds.map(([, encoding]) => encoding)).toEqual(["br", "br", "br"])
  await opened.close()
})

describe("the chat list", () => {
  it("is one tab stop: arrows, Home, End and letters move, ArrowRight leads to the menu, Enter opens", async () => {
    await toList()
    const order = () => rows().evaluateAll((links) => links.map((link) => link.querySelector("span span")?.textContent))
    const before = await order()
    await page.getByRole("button", { name: "Find a chat" }).focus()
    await page.keyboard.press("Tab")
    expect(await isFocused(rows().first())).toBe(true)
    await page.keyboard.press("ArrowDown")
    expect(await isFocused(rows().nth(1))).toBe(true)
    await page.keyboard.press("End")
    expect(await isFocused(chatList().getByRole("button", { name: "Archived" }))).toBe(true)
    await page.keyboard.press("ArrowUp")
    expect(await isFocused(rows().last())).toBe(true)
    await page.keyboard.press("Home")
    expect(await isFocused(rows().first())).toBe(true)
    for (const title of ["Alpha build", "Charlie notes"]) {
      await page.keyboard.press(title.slice(0, 1))
      expect(await isFocused(rows().filter({ hasText: title }))).toBe(true)
    }
    await page.keyboard.press("ArrowRight")
    await expect.poll(() => focused().getAttribute("aria-label")).toBe("Menu of Charlie notes")
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Tab")
    expect(await isFocused(rows().filter({ hasText: "Charlie notes" }))).toBe(true)
    // After the list comes its edge, not another row.
    await page.keyboard.press("Tab")
    await expect.poll(() => focused().getAttribute("role")).toBe("separator")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Charlie notes" }).waitFor()
    expect(await order()).toEqual(before)
  })

  it("is made wider and narrower by pointer and keys, put away and shown again, and stays so", async () => {
    await toList()
    const edge = page.getByRole("separator", { name: "Width of the chat list" })
    const list = page.getByRole("region", { name: "Chat list" })
    const width = async () => Math.round((await list.boundingBox())?.width ?? 0)
    expect(await width()).toBe(288)
    await edge.focus()
    await page.keyboard.press("ArrowRight")
    expect(await width()).toBe(304)
    await page.keyboard.press("Home")
    expect([await width(), await edge.getAttribute("aria-valuenow")]).toEqual([216, "216"])
    const { x, y } = (await edge.boundingBox()) ?? { x: 0, y: 0 }
    await page.mouse.move(x + 4, y + 300)
    await page.mouse.down()
    await page.mouse.move(x + 104, y + 300, { steps: 4 })
    await page.mouse.up()
    expect(await width()).toBe(316)
    await page.reload()
    await rows().first().waitFor()
    expect(await width()).toBe(316)

    await page.getByRole("button", { name: "Hide the chat list" }).click()
    await expect.poll(() => list.isVisible()).toBe(false)
    await page.reload()
    await page.getByRole("button", { name: "Show the chat list" }).click()
    expect(await width()).toBe(316)
    await edge.dblclick()
    expect(await width()).toBe(288)
  })

  it("takes back an archiving by its notice", async () => {
    await toList()
    const row = rows().filter({ hasText: "Beta docs" })
    await page.getByRole("button", { name: "Menu of Beta docs" }).focus()
    await page.keyboard.press("Enter")
    await page.getByRole("menuitem", { name: "Archive" }).click()
    await row.waitFor({ state: "detached" })
    await page.getByText("“Beta docs” is archived").waitFor()
    await browser.picture(page, "undo")
    await page.getByRole("button", { name: "Undo" }).click()
    await row.waitFor()
    await expect.poll(() => rows().count()).toBe(titles.length)
  })
})

describe("the palette", () => {
  it("opens with Ctrl+K anywhere, finds chats on the server, and goes there", async () => {
    await page.goto(`${server.url}/agents`)
    await composerOf(page).fill("/")
    await composerOf(page).press("Control+k")
    await palette()
      .getByRole("option", { name: /Alpha build/ })
      .waitFor()
    await browser.picture(page, "palette")
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.type("rAVo te")
    const found = palette().getByRole("option")
    await expect.poll(() => found.allInnerTexts()).toEqual([expect.stringMatching(/^Bravo tests/)])
    await page.keyboard.press("Enter")
    await page.getByRole("heading", { name: "Bravo tests" }).waitFor()
    await palette().waitFor({ state: "detached" })
    await page.goto(`${server.url}/agents`)
    await composerOf(page).fill("")
  })

  it("has commands and settings; the arrow keys choose; Esc closes it and nothing else", async () => {
    await page.locator("h1").first().click()
    await page.keyboard.press("/")
    await palette().waitFor()
    await page.keyboard.type("dark th")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect.poll(() => page.locator("html").getAttribute("data-theme")).toBe("dark")
    await page.keyboard.press("Control+k")
    await palette().waitFor()
    await page.keyboard.type("nothing like this")
    await palette().getByText("Nothing is called so.").waitFor()
    await page.keyboard.press("Escape")
    await palette().waitFor({ state: "detached" })
    await page.keyboard.press("Control+k")
    await palette().waitFor()
    await page.keyboard.type("theme as")
    await page.keyboard.press("Enter")
    await expect.poll(() => page.locator("html").getAttribute("data-theme")).toBeNull()
  })

  it("the map of keys opens with ?, but not while something is written", async () => {
    await composerOf(page).press("?")
    await expect.poll(() => composerOf(page).inputValue()).toBe("?")
    await composerOf(page).fill("")
    await page.locator("h1").first().click()
    await page.keyboard.press("?")
    const map = page.getByRole("dialog", { name: "Keys" })
    await map.getByRole("region", { name: "Message box" }).waitFor()
    await browser.picture(page, "key-map")
    expect(await axeFaults(page)).toEqual([])
    await page.keyboard.press("Escape")
    await map.waitFor({ state: "detached" })
  })
})

describe("Esc", () => {
  it("stops the turn from the message box only", async () => {
    await page.goto(`${server.url}/agents`)
    await send(page, "/slow 2000 20")
    const stop = page.getByRole("button", { name: "Stop", exact: true })
    await stop.waitFor()
    await conversationOf(page).focus()
    await page.keyboard.press("Escape")
    await composerOf(page).focus()
    await page.getByRole("button", { name: /^Model:/ }).click()
    // This one closes the menu.
    await page.keyboard.press("Escape")
    await page.getByRole("menuitemradio").first().waitFor({ state: "detached" })
    expect(await stop.isEnabled()).toBe(true)
    await composerOf(page).press("Escape")
    await stop.waitFor({ state: "detached" })
  })

  it("asks once while tools run", async () => {
    await page.goto(`${server.url}/agents`)
    await send(page, "/run sleep 60")
    const question = page.getByRole("alert").filter({ hasText: "A tool is running" })
    await conversationOf(page)
      .getByText(/sleep 60/)
      .last()
      .waitFor()
    await expect
      .poll(async () => {
        await composerOf(page).press("Escape")
        return question.isVisible()
      })
      .toBe(true)
    await browser.picture(page, "stop-question")
    await question.getByRole("button", { name: "Let it run" }).click()
    await question.waitFor({ state: "detached" })
    await composerOf(page).press("Escape")
    await question.waitFor()
    await composerOf(page).press("Escape")
    await page.getByRole("button", { name: "Stop", exact: true }).waitFor({ state: "detached" })
  })
})

it("a form that is not saved asks before it is left", async () => {
  await page.goto(`${server.url}/settings/models`)
  await page.getByRole("button", { name: "Add provider" }).click()
  await page.getByRole("form", { name: "Add a provider" }).getByLabel("Display name").fill("Half written")
  await page.getByRole("link", { name: "Library" }).click()
  const question = page.getByRole("dialog", { name: "Leave without saving?" })
  await question.waitFor()
  await browser.picture(page, "unsaved")
  expect(await axeFaults(page)).toEqual([])
  await page.keyboard.press("Escape")
  await question.waitFor({ state: "detached" })
  await expect.poll(() => page.getByLabel("Display name").inputValue()).toBe("Half written")
  await page.getByRole("link", { name: "Library" }).click()
  await question.getByRole("button", { name: "Discard the changes" }).click()
  await page.getByRole("heading", { name: "Library" }).waitFor()
})

it("chats that need somebody are counted on the rail and stand first on the stage", async () => {
  const asked = await client.createChat("/run echo yes")
  await client.call("PUT", "/chats/config/tool-policy", { body: { rules: [{ pattern: "execute", action: "ask" }] } })
  await client.call("POST", `/chats/${asked.id}/messages`, { body: { content: textContent("/run echo again") } })
  await page.goto(`${server.url}/agents`)
  const asks = page.getByRole("region", { name: "Needs you" })
  await asks.getByRole("link", { name: /Asks for your approval/ }).waitFor()
  await page.getByRole("link", { name: /^Stage.*1 chat needs you/ }).waitFor()
  await browser.picture(page, "stage-needs-you")
  expect(await axeFaults(page)).toEqual([])
  await client.call("PUT", "/chats/config/tool-policy", { body: { rules: [] } })
  await client.call("POST", `/chats/${asked.id}/interrupt`, { body: {} })
  await asks.waitFor({ state: "detached" })
})

describe("the session", () => {
  it("leads a signed-in user past the sign-in page, and where he was going", async () => {
    await page.goto(`${server.url}/login`)
    await page.getByRole("heading", { name: "Stage" }).waitFor()
    expect(new URL(page.url()).pathname).toBe("/agents")
    await page.goto(`${server.url}/login?return=%2Flibrary`)
    await page.getByRole("heading", { name: "Library" }).waitFor()
  })

  it("that ends elsewhere ends here at once, with the reason, and goes on where it was", async () => {
    const other = await browser.open(server.url)
    await signIn(other, OWNER)
    await other.goto(`${server.url}/agents/${ids[0]}`)
    await conversationOf(other).getByRole("article", { name: "Agent" }).waitFor()
    const cookies = await other.context().cookies()
    const token = cookies.find(({ name }) => name.endsWith("session_token"))?.value ?? ""
    const began = performance.now()
    await fetch(`${server.url}/api/v2/users/logout`, { method: "POST", headers: { "coder-session-token": token } })
    await other.getByRole("alert").getByText("Your session has ended").waitFor()
    expect(performance.now() - began).toBeLessThan(5_000)
    await browser.picture(other, "session-ended")
    expect(await axeFaults(other)).toEqual([])
    await signIn(other, OWNER)
    await other.getByRole("heading", { name: "Alpha build" }).waitFor()
    await other.context().close()
  })
})

it("Enter is not lost within the first moments of the new-chat page", async () => {
  for (let time = 0; time < 5; time += 1) {
    const fresh = await page.context().newPage()
    await fresh.goto(`${server.url}/agents`, { waitUntil: "commit" })
    await fresh.locator("textarea:focus").waitFor()
    await fresh.keyboard.type("/help")
    await fresh.keyboard.press("Enter")
    await expect.poll(() => conversationOf(fresh).getByRole("article", { name: "You" }).innerText()).toBe("/help")
    await fresh.close()
  }
})

it("on a phone there is a bar at the foot, which hides while something is written", async () => {
  const phone = await browser.open(server.url, { viewport: { width: 390, height: 844 }, touch: true })
  await phone.getByLabel("Email").fill(OWNER.email)
  await phone.getByLabel("Password").fill(OWNER.password)
  await phone.getByRole("button", { name: "Sign in" }).tap()
  const bar = phone.getByRole("navigation", { name: "Main" })
  await bar.getByRole("link", { name: /^Stage/ }).waitFor()
  await browser.picture(phone, "phone-stage")
  expect(await axeFaults(phone)).toEqual([])
  await composerOf(phone).tap()
  await bar.waitFor({ state: "hidden" })
  await phone.getByRole("heading", { name: "Stage" }).tap()
  await composerOf(phone).blur()
  await bar.getByRole("link", { name: "Chats" }).tap()
  await phone.getByRole("link", { name: "Alpha build" }).tap()
  await conversationOf(phone).getByRole("article", { name: "Agent" }).waitFor()
  // The composer stands at the foot of a chat.
  await expect.poll(() => bar.count()).toBe(0)
  await browser.picture(phone, "phone-chat")
  await phone.getByRole("link", { name: "Back to the chats" }).tap()
  await bar.getByRole("link", { name: "Settings" }).tap()
  await phone.getByRole("link", { name: "Appearance" }).tap()
  await browser.picture(phone, "phone-appearance")
  expect(await axeFaults(phone)).toEqual([])
  await phone.context().close()
})
