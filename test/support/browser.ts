import { AxeBuilder } from "@axe-core/playwright"
import path from "node:path"
import { type Browser, chromium, type Locator, type Page } from "playwright-core"
import { afterAll, beforeAll, expect } from "vitest"

/** Chromium, driven as a person would: by names and roles, waiting for what is on the page. */

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
]

const PATIENCE_MS = 12_000

export interface PageOptions {
  readonly colorScheme?: "light" | "dark"
  readonly viewport?: { readonly width: number; readonly height: number }
  /** Driven by fingers: no hover, and a keyboard that covers half the screen. */
  readonly touch?: boolean
}

export interface BrowserTest {
  /**
   * A page of a browser profile of its own. What it logs as an error or a warning fails the test file at the end, and so does
   * every answer of 400 and above but the one that says that nobody is signed in.
   */
  readonly open: (url: string, options?: PageOptions) => Promise<Page>
  /** Keeps a picture for people, in the folder that `TROUPE_SCREENSHOTS` names; without one, does nothing. */
  readonly picture: (page: Page, name: string) => Promise<void>
  /** The same of a part of a page. */
  readonly pictureOf: (part: Locator, name: string) => Promise<void>
}

/** The question whether somebody is signed in, when nobody is. */
const SESSION_PROBE = /status of 401 \(Unauthorized\) .*\/api\/v2\/users\/me$/

/** A server that is killed, or a network that is cut. */
export const LOST_SERVER = /ERR_(CONNECTION|INTERNET_DISCONNECTED|EMPTY_RESPONSE|FAILED)|WebSocket connection to/

/** One browser for the test file that calls this at its top level. `provoked` is what its tests make the page log. */
export const useBrowser = (...provoked: ReadonlyArray<RegExp>): BrowserTest => {
  const folder = process.env["TROUPE_SCREENSHOTS"]
  const problems: Array<string> = []
  let browser: Browser | undefined

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: process.env["TROUPE_CHROMIUM"] || "/usr/bin/chromium",
      args: FLAGS,
    })
  })
  afterAll(async () => {
    await browser?.close()
    expect(problems).toEqual([])
  })

  return {
    open: async (url, { colorScheme = "light", viewport = { width: 1280, height: 800 }, touch = false } = {}) => {
      if (browser === undefined) throw new Error("The browser runs from beforeAll on")
      const context = await browser.newContext({
        colorScheme,
        viewport,
        reducedMotion: "reduce",
        hasTouch: touch,
        isMobile: touch,
      })
      context.setDefaultTimeout(PATIENCE_MS)
      const page = await context.newPage()
      page.on("pageerror", (error) => problems.push(`${page.url()}: ${error.message}`))
      page.on("console", (message) => {
        const line = `${message.text()} at ${message.location().url}`
        const expected = [SESSION_PROBE, ...provoked].some((pattern) => pattern.test(line))
        if (["error", "warning"].includes(message.type()) && !expected) problems.push(line)
      })
      await page.goto(url)
      return page
    },
    picture: async (page, name) => {
      if (folder !== undefined) await page.screenshot({ path: path.join(folder, `${name}.png`) })
    },
    pictureOf: async (part, name) => {
      if (folder !== undefined) await part.screenshot({ path: path.join(folder, `${name}.png`) })
    },
  }
}

/** Accessibility faults that axe finds on the page, as lines. */
export const axeFaults = async (page: Page): Promise<ReadonlyArray<string>> => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`))
}

/** Where messages are written: the last text box of every page of a signed-in user. */
export const composerOf = (page: Page): Locator => page.getByRole("textbox").last()

export const conversationOf = (page: Page): Locator => page.getByRole("region", { name: "Conversation" })

/** Waits until the text of the element is exactly this, white space aside. */
export const expectText = async (locator: Locator, text: string): Promise<void> => {
  const squeeze = (shown: string) => shown.replace(/\s+/g, " ").trim()
  await expect
    .poll(async () => squeeze((await locator.allInnerTexts()).join(" ")), { timeout: PATIENCE_MS, interval: 20 })
    .toBe(squeeze(text))
}

export const send = async (page: Page, text: string): Promise<void> => {
  await composerOf(page).fill(text)
  await composerOf(page).press("Enter")
}

export const signIn = async (page: Page, { email, password }: { email: string; password: string }): Promise<void> => {
  await page.getByLabel("Email").fill(email)
  await page.getByLabel("Password").fill(password)
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.locator("textarea:focus").waitFor()
}
