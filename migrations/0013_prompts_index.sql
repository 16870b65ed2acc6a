-- The texts that people wrote, newest first: exactly the rows that `prompts` lists (`src/db/chats/message-reads.ts`), so that neither
-- answers and tool results between them are looked at, nor what was typed and is blank. A message in a form of another version is
-- among them: it is not to be passed over in silence. What is no array has no parts, and is none of them.
create index chat_messages_prompts on chat_messages (chat_id, id)
  where role = 'user' and removed_version is null and visibility in ('user', 'both')
    and (content_version <> 1
      or jsonb_path_exists(content, 'strict $[*] ? (@.type == "text" && @.text like_regex "\\S")', '{}', true));
