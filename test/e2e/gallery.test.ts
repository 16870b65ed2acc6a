import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { build, preview, type PreviewServer } from "vite"
import { axeFaults, useBrowser } from "../support/browser.ts"

/** Every component in every state, in both themes and at both widths. `TROUPE_SCREENSHOTS` keeps the pictures of all of it. */

const root = fileURLToPath(new URL("../../", import.meta.url))
const browser = useBrowser()
const outDir = mkdtempSync(path.join(tmpdir(), "troupe-gallery-"))
let vite: PreviewServer

beforeAll(async () => {
  const configFile = path.join(root, "web", "vite.config.ts")
  const input = path.join(root, "web", "gallery.html")
  await build({ configFile, logLevel: "error", build: { outDir, rolldownOptions: { input } } })
  vite = await preview({ configFile, logLevel: "error", build: { outDir }, preview: { host: "127.0.0.1", port: 0 } })
})
afterAll(async () => {
  await vite.close()
  rmSync(outDir, { recursive: true, force: true })
})

describe.each(["light", "dark"] as const)("the gallery in %s", (colorScheme) => {
  it.each([1440, 390])(
    "is accessible and fits, %i px wide",
    async (width) => {
      const [url = ""] = vite.resolvedUrls?.local ?? []
      const page = await browser.open(`${url}gallery.html`, {
        colorScheme,
        viewport: { width, height: 900 },
        touch: width === 390,
      })
      const sections = page.locator("main > section")
      await page.getByRole("region", { name: "Tool calls under way" }).waitFor({ timeout: 60_000 })
      await page.getByRole("heading", { name: "What was wrong" }).waitFor()
      await page.getByRole("button", { name: "Something done" }).click()
      await page.getByRole("button", { name: "Undo" }).waitFor()
      expect(await axeFaults(page)).toEqual([])
      expect(await page.locator("html").evaluate(({ scrollWidth }) => scrollWidth)).toBe(width)
      for (const section of await sections.all()) {
        const name = (await section.getAttribute("aria-label")) ?? ""
        await browser.pictureOf(
          section,
          `gallery-${name.toLowerCase().replaceAll(/[^a-z]+/g, "-")}-${colorScheme}-${width}`,
        )
      }
      // By keyboard: on a phone a notice may come to lie under the finger.
      await page.getByRole("button", { name: "Open a dialog" }).press("Enter")
      await page.getByRole("dialog").waitFor()
      expect(await axeFaults(page)).toEqual([])
      await browser.picture(page, `gallery-open-dialog-${colorScheme}-${width}`)
      await page.context().close()
    },
    120_000,
  )
})

it("is in no build", () => {
  const built = path.join(root, "dist", "web")
  const scripts = readdirSync(path.join(built, "assets")).filter((name) => name.endsWith(".js"))
  expect(readdirSync(built)).not.toContain("gallery.html")
  for (const name of scripts) {
    expect([
      name,
      readFileSync(path.join(built, "assets", name), "utf8").includes("Every component in every state"),
    ]).toEqual([name, false])
  }
})
