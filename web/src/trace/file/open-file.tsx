import { useNavigate } from "@tanstack/react-router"
import { FileDown } from "lucide-react"
import { useEffect, useEffectEvent, useState } from "react"
import { keepDropped } from "./dropped-file.ts"

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") === true

/** Tells of a file that is dropped anywhere onto the page, and whether one is held above it. */
export const useDroppedFile = (onFile: (file: File) => void): boolean => {
  const [above, setAbove] = useState(false)
  const drop = useEffectEvent((event: DragEvent) => {
    if (!hasFiles(event)) return
    event.preventDefault()
    setAbove(false)
    const [file] = event.dataTransfer?.files ?? []
    if (file !== undefined) onFile(file)
  })
  useEffect(() => {
    const over = (event: DragEvent) => {
      if (!hasFiles(event)) return
      // Without it the browser would leave the page for the file.
      event.preventDefault()
      setAbove(true)
    }
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setAbove(false)
    }
    const onDrop = (event: DragEvent) => drop(event)
    window.addEventListener("dragover", over)
    window.addEventListener("dragleave", leave)
    window.addEventListener("drop", onDrop)
    return () => {
      window.removeEventListener("dragover", over)
      window.removeEventListener("dragleave", leave)
      window.removeEventListener("drop", onDrop)
    }
  }, [])
  return above
}

/** What is said while a file is held above the page. */
export const DropHint = () => (
  <div
    aria-hidden
    className="pointer-events-none fixed inset-3 z-50 flex items-center justify-center gap-2 rounded-composer border-2 border-dashed border-accent bg-overlay/85 text-md text-ink"
  >
    <FileDown className="size-5 text-accent" />
    Drop a Trace file to look at it
  </div>
)

/** On the Trace of a chat: a file that is dropped onto it is looked at in the page for files. */
export const OpenDroppedFile = () => {
  const navigate = useNavigate()
  const above = useDroppedFile((file) => {
    keepDropped(file)
    void navigate({ to: "/trace-file" })
  })
  return above ? <DropHint /> : null
}
