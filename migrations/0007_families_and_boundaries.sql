-- The chats below a chat.
create index chats_parent on chats (parent_chat_id) where parent_chat_id is not null;

-- Where the prompt of a chat begins again: the latest compressed row that the model sees.
create index chat_messages_boundary on chat_messages (chat_id, id desc)
  where compressed and removed_version is null and role = 'user';
