import type { FootnoteDefinition, List, ListItem, Nodes, Parents, Root, Table } from "mdast"
import { createElement, Fragment, type ReactNode } from "react"
import { CodeBlock } from "./code-block.tsx"
import { type Definitions, definitionsOf, isSafeLink, isTooDeep, readMarkdown, sourceOf } from "./markdown-tree.ts"
import { ScrollHint } from "./scroll-hint.tsx"

/**
 * Elements of what a model wrote. Only these come of it, whatever is in the text: HTML is shown as it was written, and a
 * picture is a link, since its address can carry what the model has read to a stranger's server.
 */

interface Place {
  readonly text: string
  readonly definitions: Definitions
  /** Names of the notes, in the order in which they are numbered. */
  readonly notes: ReadonlyArray<string>
  /** The last code in the text is still being written. */
  readonly writing: boolean
  readonly depth: number
}

const Children = ({ of, place }: { readonly of: Parents; readonly place: Place }): ReactNode =>
  of.children.map((child, index) => <Node key={index} node={child} place={{ ...place, depth: place.depth + 1 }} />)

const ModelLink = ({ href, children }: { readonly href: string | undefined; readonly children: ReactNode }) =>
  isSafeLink(href) ? (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ) : (
    <span>{children}</span>
  )

interface ItemProps {
  readonly item: ListItem
  /** Its items stand apart from one another. */
  readonly loose: boolean
  readonly place: Place
}

const Item = ({ item, loose, place }: ItemProps) => (
  <li>
    {typeof item.checked === "boolean" && (
      <span role="img" aria-label={item.checked ? "Done" : "To do"} className="task-state">
        {item.checked ? "☑" : "☐"}
      </span>
    )}
    {item.children.map((child, index) => {
      const below = { ...place, depth: place.depth + 1 }
      return child.type === "paragraph" && !loose ? (
        <Children key={index} of={child} place={below} />
      ) : (
        <Node key={index} node={child} place={below} />
      )
    })}
  </li>
)

const isLoose = ({ spread, children }: List): boolean =>
  spread === true || children.some((item) => item.spread === true)

const ModelList = ({ list, place }: { readonly list: List; readonly place: Place }) => {
  const items = list.children.map((item, index) => (
    <Item key={index} item={item} loose={isLoose(list)} place={{ ...place, depth: place.depth + 1 }} />
  ))
  return list.ordered === true ? <ol start={list.start ?? 1}>{items}</ol> : <ul>{items}</ul>
}

const ModelTable = ({ table, place }: { readonly table: Table; readonly place: Place }) => {
  const [head, ...rows] = table.children
  const cells = (row: Table["children"][number], tag: "th" | "td") =>
    row.children.map((cell, index) =>
      createElement(
        tag,
        {
          key: index,
          style: { textAlign: table.align?.[index] ?? undefined },
          ...(tag === "th" && { scope: "col" }),
        },
        <Children of={cell} place={place} />,
      ),
    )
  return (
    <ScrollHint label="Table" className="markdown-table">
      <table>
        <thead>{head !== undefined && <tr>{cells(head, "th")}</tr>}</thead>
        {rows.length > 0 && (
          <tbody>
            {rows.map((row, index) => (
              <tr key={index}>{cells(row, "td")}</tr>
            ))}
          </tbody>
        )}
      </table>
    </ScrollHint>
  )
}

const Node = ({ node, place }: { readonly node: Nodes; readonly place: Place }): ReactNode => {
  if (isTooDeep(place.depth)) return sourceOf(node, place.text)
  const children = "children" in node && <Children of={node} place={place} />
  switch (node.type) {
    case "text":
      return node.value
    case "html":
      return <span className="written-html">{node.value}</span>
    case "break":
      return <br />
    case "thematicBreak":
      return <hr />
    case "inlineCode":
      return <code>{node.value}</code>
    case "code":
      return (
        <CodeBlock
          code={node.value}
          language={node.lang ?? undefined}
          writing={place.writing && node.position?.end.offset === place.text.length}
        />
      )
    case "paragraph":
      return <p>{children}</p>
    case "heading":
      return createElement(`h${node.depth}`, null, children)
    case "blockquote":
      return <blockquote>{children}</blockquote>
    case "emphasis":
      return <em>{children}</em>
    case "strong":
      return <strong>{children}</strong>
    case "delete":
      return <del>{children}</del>
    case "list":
      return <ModelList list={node} place={place} />
    case "table":
      return <ModelTable table={node} place={place} />
    case "link":
      return <ModelLink href={node.url}>{children}</ModelLink>
    case "linkReference":
      return <ModelLink href={place.definitions.get(node.identifier)}>{children}</ModelLink>
    case "image":
      return <ModelLink href={node.url}>{node.alt || "Image"}</ModelLink>
    case "imageReference":
      return <ModelLink href={place.definitions.get(node.identifier)}>{node.alt || "Image"}</ModelLink>
    case "footnoteReference":
      return <sup>{place.notes.indexOf(node.identifier) + 1 || node.label}</sup>
    // Notes stand at the end; a definition shows nothing.
    case "footnoteDefinition":
    case "definition":
      return null
    default:
      return <Fragment>{children || sourceOf(node, place.text)}</Fragment>
  }
}

const notesOf = (tree: Root): ReadonlyArray<FootnoteDefinition> =>
  tree.children.filter((node) => node.type === "footnoteDefinition")

interface MarkdownNodesProps {
  readonly text: string
  readonly writing: boolean
}

export const MarkdownNodes = ({ text, writing }: MarkdownNodesProps) => {
  const tree = readMarkdown(text)
  const notes = notesOf(tree)
  const place: Place = {
    text,
    definitions: definitionsOf(tree),
    notes: notes.map(({ identifier }) => identifier),
    writing,
    depth: 0,
  }
  return (
    <>
      <Children of={tree} place={place} />
      {notes.length > 0 && (
        <section aria-label="Notes" className="notes">
          <ol>
            {notes.map((note) => (
              <li key={note.identifier}>
                <Children of={note} place={place} />
              </li>
            ))}
          </ol>
        </section>
      )}
    </>
  )
}
