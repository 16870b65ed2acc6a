-- The chats of an owner that are at work or wait for a person are few among many: the head of every list asks for them.
create index chats_by_status on chats (owner_id, archived, status) where parent_chat_id is null;
