import { KeyGroups } from "../shell/key-groups.tsx"
import { SettingsPage } from "./settings-page.tsx"

/** The map of keys, as a page. */
export const KeysPage = () => (
  <SettingsPage title="Keys" note="The same map opens anywhere with ?">
    <KeyGroups />
  </SettingsPage>
)
