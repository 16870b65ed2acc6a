import type { Page } from "playwright-core"
import { afterEach, beforeEach, expect, it } from "vitest"
import { axeFaults, composerOf, conversationOf, LOST_SERVER, send, signIn, useBrowser } from "../support/browser.ts"
import { OWNER, useServerProcess } from "../support/server-process.ts"

/** A person whose network or server goes away. */

const server = useServerProcess()
const browser = useBrowser(LOST_SERVER, /dynamically imported module/)
let page: Page

beforeEach(async () => {
  page = await browser.open(server.url)
  await signIn(page, OWNER)
  await page.getByRole("button", { name: /^Model:/ }).waitFor()
})
afterEach(() => page.context().close())

const offline = (on: boolean) => page.context().setOffline(on)
const banner = () => page.getByRole("status", { name: "Connection" })
const waits = () => page.getByRole("status").filter({ hasText: "Your message waits for the network" })

it("a chat that is started offline waits in sight, starts when the network is back, and takes nobody away", async () => {
  await offline(true)
  await banner().getByText("You are offline.").waitFor()
  await send(page, "/help")
  await waits().waitFor()
  await browser.picture(page, "offline-waits")
  expect(await axeFaults(page)).toEqual([])
  await page.getByRole("link", { name: "Chats", exact: true }).click()
  await page.getByRole("heading", { name: "Choose a chat" }).waitFor()
  await offline(false)
  await page.getByText("Your chat was started").waitFor()
  expect(new URL(page.url()).pathname).toBe("/chats")
  await page.getByRole("navigation", { name: "Chats" }).getByRole("link", { name: "/help" }).waitFor()
  await expect.poll(() => banner().innerText()).toBe("")
  await page.getByRole("button", { name: "Open" }).click()
  await conversationOf(page).getByRole("article", { name: "You" }).waitFor()
})

it("what waits can be taken back, and is a draft again", async () => {
  await offline(true)
  await banner().getByText("You are offline.").waitFor()
  await send(page, "Do not send me")
  await waits().getByRole("button", { name: "Do not send it" }).click()
  await waits().waitFor({ state: "detached" })
  await expect.poll(() => composerOf(page).inputValue()).toBe("Do not send me")
  await composerOf(page).fill("Do not send me either")
  const sent: Array<string> = []
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()))
  await offline(false)
  await expect.poll(() => banner().innerText()).toBe("")
  expect([sent, new URL(page.url()).pathname]).toEqual([[], "/agents"])
  await composerOf(page).fill("")
})

it("a message in a chat waits as well, and goes", async () => {
  await send(page, "/slow 3 0")
  await conversationOf(page).getByRole("article", { name: "Agent" }).waitFor()
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor({ state: "detached" })
  await offline(true)
  await banner().getByText("You are offline.").waitFor()
  await send(page, "/slow 4 0")
  await waits().waitFor()
  await offline(false)
  await waits().waitFor({ state: "detached" })
  await expect.poll(() => conversationOf(page).getByRole("article", { name: "Agent" }).count()).toBe(2)
})

it("a page that cannot be loaded says so in its place, and is loaded when asked again", async () => {
  await page.route(/library-page/, (route) => route.abort("connectionrefused"))
  await page.getByRole("link", { name: "Library" }).click()
  const failure = page.getByRole("alert").filter({ hasText: "The library could not be loaded" })
  await failure.waitFor()
  await browser.picture(page, "page-failed")
  await expect.poll(() => page.getByRole("navigation", { name: "Main" }).count()).toBe(1)
  await page.unroute(/library-page/)
  await failure.getByRole("button", { name: "Try again" }).click()
  await page.getByRole("region", { name: "Models" }).waitFor()
})

it("an answer whose Markdown cannot be rendered is there as plain text, says so, and is set when asked again", async () => {
  await page.route(/markdown-renderer/, (route) => route.abort("connectionrefused"))
  await page.reload()
  await send(page, "/help")
  const answer = conversationOf(page).getByRole("article", { name: "Agent" })
  await answer.getByText("- /help: show this list").waitFor()
  await answer.getByText("As it was written: what sets the text could not be loaded.").waitFor()
  await browser.picture(page, "plain-answer")
  expect(await axeFaults(page)).toEqual([])
  await page.unroute(/markdown-renderer/)
  await answer.getByRole("button", { name: "Try again" }).click()
  await answer.getByRole("listitem").filter({ hasText: "/help: show this list" }).waitFor()
})

it("a message that was refused for want of a server is no news once there is one", async () => {
  await send(page, "/slow 3 0")
  await conversationOf(page).getByRole("article", { name: "Agent" }).waitFor()
  await page.getByRole("button", { name: "Stop", exact: true }).waitFor({ state: "detached" })
  await server.kill9()
  await send(page, "Lost")
  const failure = page.getByRole("alert").filter({ hasText: "The message was not sent" })
  await failure.waitFor()
  await banner().getByText("The server cannot be reached.").waitFor()
  await browser.picture(page, "server-away")
  expect(await axeFaults(page)).toEqual([])
  await server.start()
  await failure.waitFor({ state: "detached" })
  await expect.poll(() => banner().innerText(), { timeout: 15_000 }).toBe("")
  await expect.poll(() => composerOf(page).inputValue()).toBe("Lost")
})
