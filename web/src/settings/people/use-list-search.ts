import { useNavigate, useSearch } from "@tanstack/react-router"
import { useEffect, useRef, useState } from "react"
import { useSettled } from "../../ui/use-settled.ts"
import type { ListSearch } from "./list-search.ts"

/**
 * The search of a list and which page of it is shown. They stand in the address, so that the way back leads to the same rows: the text
 * once it has stood still, from its first page.
 */
export const useListSearch = () => {
  const { q = "", page = 1 }: ListSearch = useSearch({ strict: false })
  const navigate = useNavigate()
  const [text, setText] = useState(q)
  const settled = useSettled(text)
  const written = useRef(q)

  useEffect(() => {
    if (settled === written.current) return
    written.current = settled
    void navigate({ to: ".", search: settled === "" ? {} : { q: settled }, replace: true })
  }, [settled, navigate])
  // The address was changed by a link, or by the way back.
  useEffect(() => {
    if (q === written.current) return
    written.current = q
    setText(q)
  }, [q])

  const toPage = (index: number) =>
    void navigate({
      to: ".",
      search: { ...(q !== "" && { q }), ...(index > 0 && { page: index + 1 }) },
    })
  return { text, setText, q, page: page - 1, toPage }
}
