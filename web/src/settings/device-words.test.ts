import { expect, it } from "vitest"
import { deviceOf } from "./device-words.ts"

const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)"

it.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${webkit} Chrome/142.0.0.0 Safari/537.36`, "Chrome on Linux", "computer"],
  [
    `Mozilla/5.0 (Windows NT 10.0; Win64) ${webkit} Chrome/142.0 Safari/537.36 Edg/142.0`,
    "Edge on Windows",
    "computer",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Firefox on macOS",
    "computer",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 (KHTML) Version/19.0 Mobile/15E148 Safari/604.1",
    "Safari on iPhone",
    "phone",
  ],
  [`Mozilla/5.0 (Linux; Android 16) ${webkit} Chrome/142.0 Mobile Safari/537.36`, "Chrome on Android", "phone"],
  ["curl/8.14.1", "curl", "program"],
  ["node", "A Node program", "program"],
  ["python-requests/2.32", "A Python program", "program"],
  ["my-script/1.0 (Linux)", "my-script", "program"],
  ["", "Unknown program", "program"],
  [undefined, "Unknown program", "program"],
  [`${"x".repeat(200)}`, "x".repeat(40), "program"],
])("%j is %s", (userAgent, name, kind) => {
  expect(deviceOf(userAgent)).toEqual({ name, kind })
})
