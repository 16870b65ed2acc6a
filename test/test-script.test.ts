import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { makeSmallProject, type SmallProject } from "./support/small-project.ts"

let project: SmallProject

const test = (body: string) => `import { expect, it } from "vitest"\n${body}`

beforeAll(async () => {
  project = await makeSmallProject()
  await project.write("src/unit.test.ts", test(`it("one", () => expect(1).toBe(1)); it.skip("two", () => {})`))
  await project.write("test/whole.test.ts", test(`it("three", () => expect(3).toBe(3))`))
  await project.write(
    "test/e2e/browser.test.ts",
    test(`it("four", () => expect(process.env.TROUPE_CHROMIUM).toBe(${JSON.stringify(process.execPath)}))`),
  )
})

afterAll(() => project.remove())

const run = async (environment: Readonly<Record<string, string>>) => {
  const { code, output } = await project.run(["scripts/test.mjs"], environment)
  return { code, output, summary: output.trimEnd().split("\n").at(-1) }
}
const withBrowser = { TROUPE_CHROMIUM: process.execPath }
const withoutBrowser = { TROUPE_CHROMIUM: "/nonexistent" }

describe("npm test", () => {
  it("runs everything and says how it went in its last line", async () => {
    expect(await run(withBrowser)).toMatchObject({ code: 0, summary: "3 passed, 0 failed, 1 skipped" })
  })

  it("says plainly that browser tests are skipped without a browser, and fails for it in CI", async () => {
    const here = await run(withoutBrowser)
    expect(here).toMatchObject({ code: 0, summary: "2 passed, 0 failed, 2 skipped" })
    expect(here.output).toContain("No Chromium was found")
    expect(await run({ ...withoutBrowser, CI: "true" })).toMatchObject({
      code: 1,
      summary: "2 passed, 1 failed, 1 skipped",
    })
  })

  it("counts tests that fail and files that cannot be loaded", async () => {
    await project.write("src/fails.test.ts", test(`it("five", () => expect(1).toBe(2))`))
    await project.write("src/broken.test.ts", `import "./missing.ts"`)
    expect(await run(withBrowser)).toMatchObject({ code: 1, summary: "3 passed, 2 failed, 1 skipped" })
  })

  it("fails when the build does", async () => {
    await project.write("src/main.ts", "import './missing.ts'")
    expect(await run(withBrowser)).toMatchObject({ code: 1, summary: "0 passed, 1 failed, 0 skipped" })
  })
})
