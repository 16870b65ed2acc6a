import { renderToStaticMarkup } from "react-dom/server"
import { expect, it } from "vitest"
import { MarkdownNodes } from "./markdown-nodes.tsx"
import { asIfWhole } from "./markdown-tree.ts"

const htmlOf = (text: string): string => renderToStaticMarkup(<MarkdownNodes text={text} writing={false} />)
const link = (href: string, words: string): string =>
  `<a href="${href}" target="_blank" rel="noopener noreferrer nofollow">${words}</a>`

it.each([
  ["paragraphs", "one\n\ntwo", "<p>one</p><p>two</p>"],
  ["a heading", "### a *b*", "<h3>a <em>b</em></h3>"],
  ["emphasis", "**a** _b_ ~~c~~ `d`", "<p><strong>a</strong> <em>b</em> <del>c</del> <code>d</code></p>"],
  ["a tight list", "- a\n- b\n  1. c", '<ul><li>a</li><li>b<ol start="1"><li>c</li></ol></li></ul>'],
  ["a loose list", "4. a\n\n5. b", '<ol start="4"><li><p>a</p></li><li><p>b</p></li></ol>'],
  ["a quote", "> a\n> b", "<blockquote><p>a\nb</p></blockquote>"],
  ["a break and a line", "a  \nb\n\n---", "<p>a<br/>b</p><hr/>"],
  ["a link", "[a](https://example.com/b)", `<p>${link("https://example.com/b", "a")}</p>`],
  ["a bare link", "see www.example.com", `<p>see ${link("http://www.example.com", "www.example.com")}</p>`],
  ["a link by name", "[a][b]\n\n[b]: https://example.com", `<p>${link("https://example.com", "a")}</p>`],
  ["a picture", "![plan](https://example.com/a.png)", `<p>${link("https://example.com/a.png", "plan")}</p>`],
])("shows %s", (_, text, html) => {
  expect(htmlOf(text)).toBe(html)
})

it("shows the state of tasks in words", () => {
  expect(htmlOf("- [x] a\n- [ ] b")).toMatch(/aria-label="Done".*a<\/li>.*aria-label="To do".*b<\/li>/)
})

it("shows a table with the sides of its columns, in a box that scrolls", () => {
  expect(htmlOf("|a|b|\n|-|-:|\n|1|2|")).toMatch(
    /aria-label="Table".*<th scope="col">a<\/th><th style="text-align:right" scope="col">b.*<td>1<\/td><td style="text-align:right">2/,
  )
})

it("numbers notes in their order and shows them at the end", () => {
  expect(htmlOf("a[^x]\n\n[^x]: why")).toBe(
    '<p>a<sup>1</sup></p><section aria-label="Notes" class="notes"><ol><li><p>why</p></li></ol></section>',
  )
})

it.each([
  "<script>alert(1)</script>",
  "a <img src=x onerror=alert(1)> b",
  "[a](javascript:alert(1))",
  "[a](JaVaScRiPt:alert(1))",
  "[a](data:text/html,<script>alert(1)</script>)",
  "[a](vbscript:x)",
  "[a](//example.com)",
  "[a](/api/v2/users/logout)",
  "![a](javascript:alert(1))",
  "[a][b]\n\n[b]: javascript:alert(1)",
  "<javascript:alert(1)>",
  "<a href='https://example.com'>a</a>",
  "<style>*{display:none}</style>",
  "<!-- hidden -->",
  "| <iframe src=x> |\n|-|\n| <svg onload=alert(1)> |",
])("nothing in %j becomes an element of its own or leads where it should not", (text) => {
  const html = htmlOf(text)
  expect(html).not.toMatch(/<(?:script|img|iframe|svg|style|a)[\s>]/i)
  expect(html).not.toContain("<!--")
})

it("what lies too deep stays as it was written", () => {
  const html = htmlOf(`${"> ".repeat(200)}deep`)
  expect(html).toContain("deep")
  expect(html.split("<blockquote>").length).toBeLessThan(60)
})

it.each([
  ["an emphasis that is open", "a **b", "<p>a <strong>b</strong></p>"],
  ["a link whose address is not whole", "a [b](https://exam", "<p>a b</p>"],
  ["code in a line that is open", "a `b", "<p>a <code>b</code></p>"],
])("shows %s as if it were whole", (_, text, html) => {
  expect(htmlOf(asIfWhole(text))).toBe(html)
})
