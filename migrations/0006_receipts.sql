-- A call that is no command of a chat keeps its answer, with status and headers, to give it again. Null where the answer held
-- a secret, and for commands of a chat, whose answer is made from `result`. json, not jsonb: the same answer to the byte.
alter table command_receipts add column answer json;

-- Who signs out once more has no session by then: his receipt is found by its key, and known by the session's token.
create index command_receipts_key on command_receipts (key) where chat_id is null;
