/** A sentence in which names stand between backticks. */
export const Words = ({ text }: { readonly text: string }) => (
  <>
    {text.split("`").map((piece, index) =>
      index % 2 === 0 ? (
        piece
      ) : (
        <code key={index} className="rounded-small bg-selected px-1 font-mono text-[0.92em] [overflow-wrap:anywhere]">
          {piece}
        </code>
      ),
    )}
  </>
)
