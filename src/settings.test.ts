import { Effect, Redacted } from "effect"
import { homedir } from "node:os"
import path from "node:path"
import { describe, expect, it } from "vitest"
import {
  defaultTimings,
  type Environment,
  isLoopback,
  readSettings,
  retiredSettings,
  urlOfAddress,
} from "./settings.ts"

const read = (environment: Environment) => Effect.runSync(readSettings({ HOME: "/home/ada", ...environment }))
const fails = (environment: Environment) =>
  Effect.runSync(Effect.flip(readSettings({ HOME: "/home/ada", ...environment })))
const key = Buffer.alloc(32, 7).toString("base64")

describe("readSettings", () => {
  it("needs nothing", () => {
    const settings = read({})
    expect(settings).toMatchObject({
      httpAddress: { host: "127.0.0.1", port: 7080 },
      accessUrl: undefined,
      databaseUrl: undefined,
      databasePoolSize: 20,
      firstUser: undefined,
      encryptionKeys: undefined,
      presets: { openai: undefined, anthropic: undefined },
      clusterAddress: undefined,
      timings: defaultTimings,
    })
    expect(Object.isFrozen(settings)).toBe(true)
  })

  it("takes empty and blank variables for unset ones", () => {
    const blank = { TROUPE_HTTP_ADDRESS: "", TROUPE_DATABASE_URL: " ", OPENAI_API_KEY: "", TROUPE_SWEEP_MS: "" }
    expect(read({ ...blank, TROUPE_FIRST_USER_EMAIL: "" })).toEqual(read({}))
  })

  it.runIf(process.platform === "linux")("keeps data in the XDG data folder", () => {
    expect(read({}).dataDir).toBe("/home/ada/.local/share/troupe")
    expect(read({ XDG_DATA_HOME: "/data/ada" }).dataDir).toBe("/data/ada/troupe")
    expect(read({ XDG_DATA_HOME: "data" }).dataDir).toBe("/home/ada/.local/share/troupe")
    expect(read({ HOME: "" }).dataDir).toBe(path.join(homedir(), ".local/share/troupe"))
  })

  it("makes TROUPE_DATA_DIR absolute", () => {
    expect(read({ TROUPE_DATA_DIR: "data" }).dataDir).toBe(path.resolve("data"))
  })

  it("reads addresses, IPv6 in brackets", () => {
    expect(read({ TROUPE_HTTP_ADDRESS: "0.0.0.0:80" }).httpAddress).toEqual({ host: "0.0.0.0", port: 80 })
    expect(read({ TROUPE_HTTP_ADDRESS: "[::1]:0" }).httpAddress).toEqual({ host: "::1", port: 0 })
    for (const address of [
      "7080",
      "localhost",
      "localhost:port",
      "::1:7080",
      "localhost:70800",
      "http://localhost:80",
    ]) {
      expect(fails({ TROUPE_HTTP_ADDRESS: address }).message).toContain("TROUPE_HTTP_ADDRESS must be host:port")
    }
  })

  it("reads the first user whole or not at all", () => {
    const whole = {
      TROUPE_FIRST_USER_EMAIL: "a@b.c",
      TROUPE_FIRST_USER_USERNAME: "ada",
      TROUPE_FIRST_USER_PASSWORD: "pass",
    }
    const user = read(whole).firstUser
    expect(user).toMatchObject({ email: "a@b.c", username: "ada" })
    expect(user && Redacted.value(user.password)).toBe("pass")
    for (const variable of Object.keys(whole)) expect(fails({ ...whole, [variable]: "" }).variable).toBe(variable)
  })

  it("reads the key ring, newest first, and refuses keys of another length", () => {
    const other = Buffer.alloc(32, 9).toString("base64")
    const { encryptionKeys } = read({ TROUPE_ENCRYPTION_KEYS: `${key}, ${other}` })
    expect(encryptionKeys && Redacted.value(encryptionKeys).map((bytes) => bytes[0])).toEqual([7, 9])
    for (const keys of [key.slice(8), `${key},`, "secret"]) {
      const { variable, message } = fails({ TROUPE_ENCRYPTION_KEYS: keys })
      expect(variable).toBe("TROUPE_ENCRYPTION_KEYS")
      expect(message).not.toContain(keys)
    }
  })

  it("reads presets of providers, with a key or a base URL", () => {
    const { presets } = read({ OPENAI_API_KEY: "sk-1", ANTHROPIC_BASE_URL: "http://127.0.0.1:1/v1" })
    expect(presets.openai?.apiKey && Redacted.value(presets.openai.apiKey)).toBe("sk-1")
    expect(presets.anthropic).toEqual({ apiKey: undefined, baseUrl: "http://127.0.0.1:1/v1" })
    expect(fails({ OPENAI_BASE_URL: "ftp://example.com" }).variable).toBe("OPENAI_BASE_URL")
  })

  it("never repeats a secret", () => {
    const { message } = fails({ TROUPE_DATABASE_URL: "mysql://ada:hunter2@db/troupe" })
    expect(message).toBe("TROUPE_DATABASE_URL must be a URL that starts with postgres:// or postgresql://.")
    const settings = read({ TROUPE_DATABASE_URL: "postgres://ada:hunter2@db/troupe", OPENAI_API_KEY: "hunter2" })
    expect(JSON.stringify(settings)).not.toContain("hunter2")
  })

  it("refuses a replica without the shared database and key ring", () => {
    const replica = {
      TROUPE_CLUSTER_ADDRESS: "10.0.0.1:7081",
      TROUPE_DATABASE_URL: "postgres://db/troupe",
      TROUPE_ENCRYPTION_KEYS: key,
    }
    expect(read(replica).clusterAddress).toEqual({ host: "10.0.0.1", port: 7081 })
    expect(fails({ ...replica, TROUPE_DATABASE_URL: "" }).variable).toBe("TROUPE_DATABASE_URL")
    expect(fails({ ...replica, TROUPE_ENCRYPTION_KEYS: "" }).variable).toBe("TROUPE_ENCRYPTION_KEYS")
  })

  it("reads each timing from the variable of its name", () => {
    expect(read({ TROUPE_PART_FLUSH_MS: "5", TROUPE_RECOVERY_ATTEMPTS: "2" }).timings).toEqual({
      ...defaultTimings,
      partFlushMs: 5,
      recoveryAttempts: 2,
    })
    for (const value of ["-1", "1.5", "1s", "99999999999"]) {
      expect(fails({ TROUPE_PART_FLUSH_MS: value }).message).toContain("TROUPE_PART_FLUSH_MS must be a whole number")
    }
  })

  it("drops the trailing slash of the access URL", () => {
    expect(read({ TROUPE_ACCESS_URL: "https://troupe.example.com/" }).accessUrl).toBe("https://troupe.example.com")
    expect(fails({ TROUPE_ACCESS_URL: "troupe.example.com" }).variable).toBe("TROUPE_ACCESS_URL")
  })
})

describe("settings that mean nothing any more", () => {
  it("are named in a sentence each, and keep nothing from starting", () => {
    const environment = { CODER_EXPERIMENTS: "agents,*", TROUPE_EXPERIMENTS: " ", HOME: "/home/ada" }
    expect(retiredSettings(environment)).toEqual([
      expect.stringMatching(/^CODER_EXPERIMENTS is set and means nothing.*\.$/),
    ])
    expect(retiredSettings({})).toEqual([])
    expect(read(environment)).toEqual(read({}))
  })
})

describe("addresses", () => {
  it("tells loopback from the rest", () => {
    expect(["localhost", "127.0.0.1", "127.8.8.8", "::1"].filter((host) => !isLoopback(host))).toEqual([])
    expect(["0.0.0.0", "::", "10.0.0.1", "127.example.com", "troupe.local"].filter(isLoopback)).toEqual([])
  })

  it("gives a URL that can be opened", () => {
    expect(urlOfAddress({ host: "127.0.0.1", port: 7080 })).toBe("http://127.0.0.1:7080")
    expect(urlOfAddress({ host: "0.0.0.0", port: 80 })).toBe("http://localhost:80")
    expect(urlOfAddress({ host: "::", port: 80 })).toBe("http://localhost:80")
    expect(urlOfAddress({ host: "::1", port: 80 })).toBe("http://[::1]:80")
  })
})
