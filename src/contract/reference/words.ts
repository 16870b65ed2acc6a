/** When any call about a chat is refused, in the same words everywhere. */

export const NO_SUCH_CHAT = "There is no such chat, or you may not see it."
export const OWNER_ONLY = "You may see the chat but not spend its owner's credit."
export const OTHER_SITE = "The request came from a page of another site."
export const NO_SUCH_USER = "There is no such user, or you may not see it."
export const NO_SUCH_ORGANIZATION = "There is no such organization, or you may not see it."
export const NO_SUCH_GROUP = "There is no such group, or you may not see it."
