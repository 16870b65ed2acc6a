import { Dialog } from "../ui/dialog.tsx"
import { KeyGroups } from "./key-groups.tsx"

/** Every key that means something, over whatever page is open. */
export const KeyMap = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog open onClose={onClose} title="Keys" className="top-[10vh] max-h-[80vh] w-170 overflow-y-auto p-5">
    <div className="mt-4">
      <KeyGroups />
    </div>
  </Dialog>
)
