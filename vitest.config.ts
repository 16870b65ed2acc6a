import { defineConfig } from "vitest/config"

const project = (name: string, include: ReadonlyArray<string>, exclude: ReadonlyArray<string> = []) => ({
  test: {
    name,
    include: [...include],
    exclude: ["**/node_modules/**", "**/dist/**", ...exclude],
    environment: "node",
    // Real servers and processes, on machines busy with other things: long enough to mean "it hangs".
    testTimeout: 30_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
  },
})

export default defineConfig({
  test: {
    // Here, not in the projects: once per run.
    globalSetup: ["test/support/global-setup.ts"],
    teardownTimeout: 30_000,
    maxWorkers: 2,
    projects: [
      project("unit", [
        "src/**/*.test.{ts,tsx}",
        "web/**/*.test.{ts,tsx}",
        "workspace-agent/**/*.test.ts",
        "scripts/**/*.test.ts",
      ]),
      project("integration", ["test/**/*.test.ts"], ["test/e2e/**"]),
      project("browser", ["test/e2e/**/*.test.ts"]),
    ],
  },
})
