/** What a session was opened with, as people call it, from what it said of itself. */
export interface Device {
  /** "Firefox on Windows" */
  readonly name: string
  readonly kind: "computer" | "phone" | "program"
}

type Rules = ReadonlyArray<readonly [pattern: RegExp, name: string]>

/** Most call themselves by the names of others as well, so the order counts. */
const browsers: Rules = [
  [/\bEdg(e|A|iOS)?\//, "Edge"],
  [/\bOPR\/|\bOpera\b/, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bVivaldi\//, "Vivaldi"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\bHeadlessChrome\//, "Chrome without a window"],
  [/\b(Chrome|CriOS)\//, "Chrome"],
  [/\bChromium\//, "Chromium"],
  [/\bSafari\//, "Safari"],
]

const systems: Rules = [
  [/\biPad\b/, "iPad"],
  [/\biPhone\b/, "iPhone"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b|\bX11\b/, "Linux"],
]

const programs: Rules = [
  [/^curl\//, "curl"],
  [/^Wget\//, "Wget"],
  [/^troupe\b/i, "Troupe’s command line"],
  [/^(node|undici)\b/i, "A Node program"],
  [/^(python|aiohttp|httpx)/i, "A Python program"],
  [/^Go-http-client\//, "A Go program"],
]

const first = (rules: Rules, text: string): string | undefined => rules.find(([pattern]) => pattern.test(text))?.[1]

/** What nothing is known of is called by its own first word, which may be anything. */
const MOST = 40

export const deviceOf = (userAgent: string | undefined): Device => {
  const text = userAgent?.trim() ?? ""
  if (text === "") return { name: "Unknown program", kind: "program" }
  const browser = first(browsers, text)
  const system = first(systems, text)
  if (browser !== undefined) {
    const kind = /\b(Mobile|iPhone|iPad|Android)\b/.test(text) ? "phone" : "computer"
    return { name: system === undefined ? browser : `${browser} on ${system}`, kind }
  }
  return { name: first(programs, text) ?? (text.split(/[\s/]/, 1)[0] ?? "").slice(0, MOST), kind: "program" }
}
