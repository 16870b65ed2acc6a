import { createHighlighterCore, type HighlighterCore, type LanguageRegistration, type ThemedToken } from "shiki/core"
import { createJavaScriptRegexEngine } from "shiki/engine/javascript"

/** Grammars that are loaded when a block asks for them, by the names people give languages. */
const grammars: Readonly<Record<string, () => Promise<{ readonly default: Array<LanguageRegistration> }>>> = {
  bash: () => import("shiki/langs/bash.mjs"),
  c: () => import("shiki/langs/c.mjs"),
  cpp: () => import("shiki/langs/cpp.mjs"),
  css: () => import("shiki/langs/css.mjs"),
  diff: () => import("shiki/langs/diff.mjs"),
  dockerfile: () => import("shiki/langs/dockerfile.mjs"),
  go: () => import("shiki/langs/go.mjs"),
  html: () => import("shiki/langs/html.mjs"),
  java: () => import("shiki/langs/java.mjs"),
  json: () => import("shiki/langs/json.mjs"),
  python: () => import("shiki/langs/python.mjs"),
  ruby: () => import("shiki/langs/ruby.mjs"),
  rust: () => import("shiki/langs/rust.mjs"),
  sql: () => import("shiki/langs/sql.mjs"),
  toml: () => import("shiki/langs/toml.mjs"),
  tsx: () => import("shiki/langs/tsx.mjs"),
  yaml: () => import("shiki/langs/yaml.mjs"),
}

const aliases: Readonly<Record<string, string>> = {
  js: "tsx",
  javascript: "tsx",
  jsonc: "json",
  jsx: "tsx",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  ts: "tsx",
  typescript: "tsx",
  yml: "yaml",
  zsh: "bash",
}

/** Themes whose every colour meets WCAG AA on the surface that code stands on. */
const themes = { light: "github-light-high-contrast", dark: "github-dark-high-contrast" }

let started: Promise<HighlighterCore> | undefined

const start = (): Promise<HighlighterCore> =>
  createHighlighterCore({
    engine: createJavaScriptRegexEngine({ forgiving: true }),
    themes: [
      import("shiki/themes/github-light-high-contrast.mjs"),
      import("shiki/themes/github-dark-high-contrast.mjs"),
    ],
  })

export type HighlightedLine = ReadonlyArray<ThemedToken>

/** Lines of coloured tokens, for both themes at once; undefined for a language without a grammar here. */
export const highlight = async (
  code: string,
  language: string,
): Promise<ReadonlyArray<HighlightedLine> | undefined> => {
  const name = aliases[language.toLowerCase()] ?? language.toLowerCase()
  const grammar = Object.hasOwn(grammars, name) ? grammars[name] : undefined
  if (grammar === undefined) return undefined
  started ??= start()
  const highlighter = await started
  if (!highlighter.getLoadedLanguages().includes(name)) await highlighter.loadLanguage(grammar())
  return highlighter.codeToTokens(code, { lang: name, themes, defaultColor: "light-dark()" }).tokens
}
